from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

import pytest

from openai_core.errors import APIResponseValidationError
from openai_core.operation import PagedEndpoint, PagedOperation
from openai_core.pagination import AsyncPages, Pages

LIST: PagedEndpoint[Any, Any] = PagedEndpoint("GET", "/files", None)
END = object()


def page(*ids: str, **more: object) -> Any:
    return SimpleNamespace(data=[SimpleNamespace(id=name) for name in ids], **more)


class Server:
    """Hands out pages in turn and notes what it is asked for."""

    def __init__(self, *pages: Any, endpoint: PagedEndpoint[Any, Any] = LIST, **given: Any) -> None:
        self.pages = list(pages)
        self.asked: list[dict[str, Any]] = []
        self.operation: PagedOperation[Any, Any] = endpoint.operation(**given)

    def send(self, operation: PagedOperation[Any, Any]) -> Any:
        assert type(operation) is PagedOperation
        self.asked.append(dict(operation.query or operation.body or {}))
        return self.pages[min(len(self.asked), len(self.pages)) - 1]

    async def send_async(self, operation: PagedOperation[Any, Any]) -> Any:
        return self.send(operation)

    def list(self) -> Pages[Any, Any]:
        return self.begin(self.operation)

    def list_async(self) -> AsyncPages[Any, Any]:
        return self.begin_async(self.operation)

    def begin(self, operation: PagedOperation[Any, Any]) -> Pages[Any, Any]:
        return Pages(self.send(operation), operation, self.send, self.begin)

    def begin_async(self, operation: PagedOperation[Any, Any]) -> AsyncPages[Any, Any]:
        return AsyncPages(operation, self.send_async, self.begin_async)


async def first(server: Server, colour: str) -> Any:
    """A list, with its first page there."""
    return server.list() if colour == "sync" else await server.list_async()


async def page_after(pages: Any) -> Any:
    got = pages.get_next_page()
    return await got if inspect.isawaitable(got) else got


async def walk(server: Server, colour: str) -> list[str]:
    """The ids of all items."""
    if colour == "sync":
        return [item.id for item in server.list()]
    return [item.id async for item in server.list_async()]


async def walk_pages(server: Server, colour: str) -> list[Any]:
    if colour == "sync":
        return list(server.list().pages())
    return [page async for page in server.list_async().pages()]


@pytest.fixture(params=["sync", "async"])
def colour(request) -> str:
    return request.param


class TestWalk:
    async def test_all_pages_are_walked_through_in_order(self, colour):
        server = Server(
            page("a", "b", has_more=True, last_id="b"),
            page("c", has_more=True, last_id="c"),
            page("d", has_more=False, last_id="d"),
        )
        assert await walk(server, colour) == ["a", "b", "c", "d"]
        assert server.asked == [{}, {"after": "b"}, {"after": "c"}]

    async def test_pages_can_be_had_whole(self, colour):
        pages = [page("a", has_more=True), page("b", has_more=False)]
        assert await walk_pages(Server(*pages), colour) == pages

    async def test_what_the_first_page_was_asked_with_goes_along(self, colour):
        server = Server(page("a", has_more=True), page("b", has_more=False), query={"limit": 1, "order": "asc"})
        await walk(server, colour)
        assert server.asked == [{"limit": 1, "order": "asc"}, {"limit": 1, "order": "asc", "after": "a"}]

    async def test_no_page_is_fetched_before_it_is_needed(self):
        server = Server(page("a", "b", has_more=True), page("c", has_more=False))
        items = iter(server.list())
        assert [next(items).id, next(items).id] == ["a", "b"]
        assert len(server.asked) == 1
        assert next(items).id == "c"
        assert len(server.asked) == 2

    async def test_a_list_can_be_walked_through_twice(self, colour):
        server = Server(page("a", has_more=True), page("b", has_more=False), page("b", has_more=False))
        if colour == "sync":
            files = server.list()
            assert [item.id for item in files] == [item.id for item in files] == ["a", "b"]
        else:
            files_async = server.list_async()
            for _ in range(2):
                assert [item.id async for item in files_async] == ["a", "b"]

    async def test_without_a_last_id_the_id_of_the_last_item_is_the_cursor(self, colour):
        server = Server(page("a", "b", has_more=True), page("c", has_more=False))
        await walk(server, colour)
        assert server.asked[1] == {"after": "b"}

    async def test_a_cursor_of_another_name(self, colour):
        endpoint: PagedEndpoint[Any, Any] = PagedEndpoint("GET", "/usage", None, cursor="page", next="next_page")
        server = Server(page("a", next_page="p2"), page("b", next_page=None), endpoint=endpoint)
        assert await walk(server, colour) == ["a", "b"]
        assert server.asked == [{}, {"page": "p2"}]

    async def test_a_list_asked_for_by_post_has_its_cursor_in_the_body(self, colour):
        endpoint: PagedEndpoint[Any, Any] = PagedEndpoint("POST", "/search", None)
        server = Server(page("a", has_more=True), page("b", has_more=False), endpoint=endpoint, body={"q": "x"})
        await walk(server, colour)
        assert server.asked == [{"q": "x"}, {"q": "x", "after": "a"}]


class TestEnd:
    async def test_has_more_false_ends_it(self, colour):
        server = Server(page("a", has_more=False, last_id="a"))
        assert await walk(server, colour) == ["a"]
        assert len(server.asked) == 1

    async def test_an_empty_page_ends_it_whatever_it_says(self, colour):
        """A server that still promises more would be asked the same for ever."""
        server = Server(page("a", has_more=True), page(has_more=True, last_id=None))
        assert await walk(server, colour) == ["a"]
        assert len(server.asked) == 2

    async def test_without_has_more_it_goes_on_to_an_empty_page(self, colour):
        server = Server(page("a"), page("b"), page())
        assert await walk(server, colour) == ["a", "b"]

    async def test_an_endpoint_without_a_cursor_has_one_page(self, colour):
        server = Server(page("a", has_more=True), endpoint=PagedEndpoint("GET", "/models", None, cursor=None))
        assert await walk(server, colour) == ["a"]
        assert len(server.asked) == 1

    async def test_items_without_an_id_end_it(self, colour):
        server = Server(SimpleNamespace(data=[SimpleNamespace(name="x", id=None)]))
        assert await walk(server, colour) == [None]

    @pytest.mark.parametrize("first", [SimpleNamespace(data=None), SimpleNamespace(data=[]), SimpleNamespace()])
    async def test_a_page_without_items_is_an_empty_list(self, colour, first):
        assert await walk(Server(first), colour) == []
        assert await walk_pages(Server(first), colour) == [first]


class TestByHand:
    async def test_page_after_page_until_there_is_none(self, colour):
        server = Server(page("a", "b", has_more=True), page("c", has_more=True), page("d", has_more=False))
        pages = await first(server, colour)
        found = [pages.data]
        while pages.has_next_page():
            pages = await page_after(pages)
            found.append(pages.data)
        assert [[item.id for item in items] for items in found] == [["a", "b"], ["c"], ["d"]]
        assert server.asked == [{}, {"after": "b"}, {"after": "c"}]

    async def test_after_the_last_one_it_is_an_error_that_says_what_to_ask(self, colour):
        pages = await first(Server(page("a", has_more=False)), colour)
        assert pages.next_operation is None
        with pytest.raises(RuntimeError, match=r"no page after this one; ask has_next_page\(\) before"):
            await page_after(pages)

    async def test_to_ask_whether_there_is_one_sends_nothing(self, colour):
        server = Server(page("a", has_more=True))
        pages = await first(server, colour)
        assert pages.has_next_page()
        assert pages.has_next_page()
        assert len(server.asked) == 1

    async def test_what_asks_for_the_next_page_is_a_value(self, colour):
        server = Server(page("a", has_more=True), page("b"), query={"limit": 1})
        pages = await first(server, colour)
        assert pages.next_operation == server.operation.replace(query={"after": "a"})
        assert [item.id for item in server.begin(pages.next_operation).data] == ["b"]

    async def test_the_same_page_can_be_asked_for_again(self, colour):
        server = Server(page("a", has_more=True), page("b", has_more=False))
        pages = await first(server, colour)
        for _ in range(2):
            assert [item.id for item in (await page_after(pages)).data] == ["b"]

    async def test_a_walk_may_begin_at_any_page(self, colour):
        server = Server(page("a", has_more=True), page("b", has_more=True), page("c", has_more=False))
        second = await page_after(await first(server, colour))
        if colour == "sync":
            assert [item.id for item in second] == ["b", "c"]
        else:
            assert [item.id async for item in second] == ["b", "c"]

    async def test_a_cursor_that_has_led_here_is_an_error(self, colour):
        server = Server(page("a", has_more=True))
        second = await page_after(await first(server, colour))
        with pytest.raises(APIResponseValidationError, match="cursor 'a' again"):
            second.has_next_page()
        with pytest.raises(APIResponseValidationError, match="cursor 'a' again"):  # noqa: PT012
            if colour == "sync":
                list(second)
            else:
                [item async for item in second]

    async def test_an_async_list_is_awaited_before(self):
        with pytest.raises(RuntimeError, match="await the list before"):
            Server(page("a")).list_async().has_next_page()


class TestRepeatedCursor:
    async def test_it_is_an_error_and_no_item_comes_twice(self, colour):
        """A server that ignores the cursor answers every call with its first page."""
        server = Server(page("a", "b", has_more=True))
        found = []
        with pytest.raises(APIResponseValidationError, match=r"cursor 'b' again.* the items up to here are good"):  # noqa: PT012
            if colour == "sync":
                for item in server.list():
                    found.append(item.id)  # noqa: PERF401 - what comes before the error counts
            else:
                async for item in server.list_async():
                    found.append(item.id)  # noqa: PERF401
        assert found == ["a", "b"]
        assert len(server.asked) == 2

    async def test_a_longer_circle_ends_too(self, colour):
        server = Server(page("a"), page("b"), page("c"), page("a"))
        with pytest.raises(APIResponseValidationError, match="cursor 'a' again"):
            await walk(server, colour)
        assert len(server.asked) == 4


class TestFirstPage:
    def test_a_list_has_the_items_of_its_first_page(self):
        first = page("a", has_more=True)
        files = Server(first, page("b", has_more=False)).list()
        assert files.page is first
        assert files.data == first.data
        assert repr(files) == "<Pages of PagedEndpoint(GET /files), 1 on the first>"

    async def test_an_awaited_list_has_them_too_and_is_asked_for_once(self):
        server = Server(page("a", has_more=False))
        files = await server.list_async()
        assert [item.id for item in files.data] == ["a"]
        assert [item.id async for item in await files] == ["a"]
        assert len(server.asked) == 1

    async def test_an_async_list_says_that_it_wants_to_be_awaited(self):
        files = Server(page("a")).list_async()
        with pytest.raises(RuntimeError, match="await the list before"):
            _ = files.data
        assert repr(files) == "<AsyncPages of PagedEndpoint(GET /files)>"
