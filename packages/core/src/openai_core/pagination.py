"""Lists that come in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from openai_core.errors import APIResponseValidationError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator

    from openai_core.operation import PagedEndpoint, PagedOperation

PageT = TypeVar("PageT")
Item = TypeVar("Item")


class Walk(Generic[PageT, Item]):
    """Where a walk through pages is. Pure."""

    def __init__(self, operation: PagedOperation[PageT, Item]) -> None:
        self._operation = operation
        self._seen: set[object] = set()

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
        if cursor in self._seen:
            raise APIResponseValidationError(
                f"the server hands out the cursor {cursor!r} again, which would list the same page for ever; "
                "the items up to here are good"
            )
        self._seen.add(cursor)
        if endpoint.method == "GET":
            return self._operation.replace(query={endpoint.cursor: cursor})
        return self._operation.replace(body={endpoint.cursor: cursor})


class Pages(Generic[PageT, Item]):
    """A list. Iterate it for all items, whose pages are fetched on the way; `.data` are those of the first page.

    Attributes:
        page: the first page.
    """

    def __init__(
        self, page: PageT, operation: PagedOperation[PageT, Item], send: Callable[[PagedOperation[PageT, Item]], PageT]
    ) -> None:
        self.page = page
        self._operation = operation
        self._send = send

    @property
    def data(self) -> list[Item]:
        """The items of the first page."""
        return getattr(self.page, "data", None) or []

    def pages(self) -> Iterator[PageT]:
        """All pages, the first one included."""
        walk = Walk(self._operation)
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


class AsyncPages(Generic[PageT, Item]):
    """A list. `async for` gives all items, whose pages are fetched on the way; awaited, it has its first page."""

    def __init__(
        self,
        operation: PagedOperation[PageT, Item],
        send: Callable[[PagedOperation[PageT, Item]], Coroutine[Any, Any, PageT]],
    ) -> None:
        self._operation = operation
        self._send = send
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

    @property
    def data(self) -> list[Item]:
        """The items of the first page, once this is awaited."""
        return getattr(self.page, "data", None) or []

    async def pages(self) -> AsyncIterator[PageT]:
        """All pages, the first one included."""
        await self._first()
        walk = Walk(self._operation)
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
