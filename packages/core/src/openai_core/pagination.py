"""Lists that come in pages."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from openai_core.errors import APIResponseValidationError
from openai_core.lazy import elsewhere

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator

    from openai_core.operation import PagedEndpoint, PagedOperation

PageT = TypeVar("PageT")
Item = TypeVar("Item")
ListT = TypeVar("ListT", bound="_AnyPages[Any, Any]")


class Walk(Generic[PageT, Item]):
    """Where a walk through pages is. Pure.

    Args:
        operation: asks for its first page.
        seen: cursors that have led there.
    """

    def __init__(self, operation: PagedOperation[PageT, Item], seen: frozenset[object] = frozenset()) -> None:
        self._operation = operation
        self.seen = seen

    def next(self, page: Any) -> PagedOperation[PageT, Item] | None:
        """The operation that asks for the page after this one, `None` after the last.

        Raises:
            APIResponseValidationError: if the server hands out a cursor for the second time.
        """
        endpoint: PagedEndpoint[PageT, Item] = self._operation.endpoint  # type: ignore[assignment]
        items = getattr(page, "data", None)
        if endpoint.cursor is None or not items or getattr(page, "has_more", None) is False:
            return None
        cursor = getattr(page, endpoint.next, None) if endpoint.next else None
        if cursor is None and endpoint.next in {"", "last_id"}:
            cursor = getattr(items[-1], "id", None)
        if cursor is None:
            return None
        if cursor in self.seen:
            raise APIResponseValidationError(
                f"the server hands out the cursor {cursor!r} again, which would list the same page for ever; "
                "the items up to here are good"
            )
        self.seen |= {cursor}
        if endpoint.method == "GET":
            return self._operation.replace(query={endpoint.cursor: cursor})
        return self._operation.replace(body={endpoint.cursor: cursor})


@elsewhere(iter_pages="pages()", next_page_info="next_operation", has_more="has_next_page()")
class _AnyPages(Generic[PageT, Item]):
    """What the lists of both colours have in common: the first page, and what asks for the second."""

    page: Any

    def __init__(self, operation: PagedOperation[PageT, Item]) -> None:
        self._operation = operation
        self._seen: frozenset[object] = frozenset()

    @property
    def data(self) -> list[Item]:
        """The items of the first page, once an async list is awaited."""
        return getattr(self.page, "data", None) or []

    @property
    def _request_id(self) -> str | None:
        """As that of an answer: of the first page."""
        return getattr(self.page, "_request_id", None)

    def has_next_page(self) -> bool:
        """Whether the first page isn't the last one, as far as it tells: the next one may be empty."""
        return self.next_operation is not None

    @property
    def next_operation(self) -> PagedOperation[PageT, Item] | None:
        """What asks for the page after the first one, at any time and by any client; `None` if there is none.

        Raises:
            APIResponseValidationError: if the server hands out a cursor for the second time.
        """
        return self._next[0]

    @cached_property
    def _next(self) -> tuple[PagedOperation[PageT, Item] | None, frozenset[object]]:
        walk = self._walk()
        return walk.next(self.page), walk.seen

    def _walk(self) -> Walk[PageT, Item]:
        return Walk(self._operation, self._seen)

    def _begun(self, begin: Callable[[PagedOperation[PageT, Item]], ListT]) -> ListT:
        """The list that begins with the next page, and notices a cursor that has led there."""
        operation, seen = self._next
        if operation is None:
            raise RuntimeError("there is no page after this one; ask has_next_page() before")
        pages = begin(operation)
        pages._seen = seen  # noqa: SLF001 - its own kind
        return pages


class Pages(_AnyPages[PageT, Item]):
    """A list. Iterate it for all items, whose pages are fetched on the way; `.data` are those of the first page.

    Attributes:
        page: the first page.
    """

    def __init__(
        self,
        page: PageT,
        operation: PagedOperation[PageT, Item],
        send: Callable[[PagedOperation[PageT, Item]], PageT],
        begin: Callable[[PagedOperation[PageT, Item]], Pages[PageT, Item]],
    ) -> None:
        super().__init__(operation)
        self.page = page
        self._send = send
        self._begin = begin

    def get_next_page(self) -> Pages[PageT, Item]:
        """The list from the next page on. It is a call of its own, with a deadline of its own.

        Raises:
            RuntimeError: if there is no next page.
            APIError: if there is no good answer.
        """
        return self._begun(self._begin)

    def pages(self) -> Iterator[PageT]:
        """All pages, the first one included."""
        walk = self._walk()
        page = self.page
        while True:
            operation = walk.next(page)
            yield page
            if operation is None:
                return
            page = self._send(operation)

    def __iter__(self) -> Iterator[Item]:
        for page in self.pages():
            yield from getattr(page, "data", None) or []

    def __repr__(self) -> str:
        return f"<Pages of {self._operation.endpoint!r}, {len(self.data)} on the first>"


class AsyncPages(_AnyPages[PageT, Item]):
    """A list. `async for` gives all items, whose pages are fetched on the way; awaited, it has its first page."""

    def __init__(
        self,
        operation: PagedOperation[PageT, Item],
        send: Callable[[PagedOperation[PageT, Item]], Coroutine[Any, Any, PageT]],
        begin: Callable[[PagedOperation[PageT, Item]], AsyncPages[PageT, Item]],
    ) -> None:
        super().__init__(operation)
        self._send = send
        self._begin = begin
        self._page: PageT | None = None

    async def _first(self) -> AsyncPages[PageT, Item]:
        if self._page is None:
            self._page = await self._send(self._operation)
        return self

    def __await__(self) -> Generator[Any, Any, AsyncPages[PageT, Item]]:
        return self._first().__await__()

    @property
    def page(self) -> PageT:
        """The first page, once this is awaited."""
        if self._page is None:
            raise RuntimeError("await the list before you read its first page, or iterate it with `async for`")
        return self._page

    async def get_next_page(self) -> AsyncPages[PageT, Item]:
        """As `Pages.get_next_page`."""
        return await self._begun(self._begin)

    async def pages(self) -> AsyncIterator[PageT]:
        """All pages, the first one included."""
        await self._first()
        walk = self._walk()
        page = self.page
        while True:
            operation = walk.next(page)
            yield page
            if operation is None:
                return
            page = await self._send(operation)

    async def __aiter__(self) -> AsyncIterator[Item]:
        async for page in self.pages():
            for item in getattr(page, "data", None) or []:
                yield item

    def __repr__(self) -> str:
        return f"<AsyncPages of {self._operation.endpoint!r}>"
