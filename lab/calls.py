"""The calls that things go wrong with, each once for either colour; they give how much came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from openai_core.sockets import SocketSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from openai_core import AsyncClient, Client

MESSAGES: Final[Any] = [{"role": "user", "content": "Count to three."}]
CONTENT: Final = b"what is in the file, line by line\n" * 1000
FILES: Final = 3
_ASKED: Final[Any] = {"model": "gpt-5-mini", "messages": MESSAGES}
# A server that dies after each greeting would keep a session busy for ever.
_MOST: Final = 200
_SESSION: Final = SocketSettings(open_timeout=1, close_timeout=0.2, ping_interval=0.1, ping_timeout=0.2)


class Place:
    """Where a call reads and writes.

    Args:
        folder: an empty one.
        file_id: of a file at the server, whose content is `CONTENT`.

    Attributes:
        outcome: of the stream, where the call has one.
    """

    def __init__(self, folder: Path, file_id: str) -> None:
        self.folder = folder
        self.file_id = file_id
        self.outcome: str | None = None


def chat(client: Client, _: Place) -> int:
    return len(client.chat.completions.create(**_ASKED).choices)


async def chat_async(client: AsyncClient, _: Place) -> int:
    return len((await client.chat.completions.create(**_ASKED)).choices)


def stream(client: Client, place: Place) -> int:
    chunks = client.chat.completions.create_stream(**_ASKED)
    try:
        return sum(1 for _ in chunks)
    finally:
        place.outcome = chunks.outcome


async def stream_async(client: AsyncClient, place: Place) -> int:
    chunks = client.chat.completions.create_stream(**_ASKED)
    try:
        return len([chunk async for chunk in chunks])
    finally:
        place.outcome = chunks.outcome


def response(client: Client, place: Place) -> int:
    events = client.responses.create_stream(model="gpt-5-mini", input="Count to three.")
    try:
        return sum(1 for _ in events)
    finally:
        place.outcome = events.outcome


async def response_async(client: AsyncClient, place: Place) -> int:
    events = client.responses.create_stream(model="gpt-5-mini", input="Count to three.")
    try:
        return len([event async for event in events])
    finally:
        place.outcome = events.outcome


def read(client: Client, _: Place) -> int:
    return int(client.request("GET", "/models")["object"] == "list")


async def read_async(client: AsyncClient, _: Place) -> int:
    return int((await client.request("GET", "/models"))["object"] == "list")


def pages(client: Client, _: Place) -> int:
    return sum(1 for _ in client.files.list(limit=1, purpose="evals"))


async def pages_async(client: AsyncClient, _: Place) -> int:
    return len([file async for file in client.files.list(limit=1, purpose="evals")])


def wait(client: Client, _: Place) -> int:
    done = client.responses.create_and_wait(model="gpt-5-mini", input="Say hello.")
    return int(done.status == "completed")


async def wait_async(client: AsyncClient, _: Place) -> int:
    done = await client.responses.create_and_wait(model="gpt-5-mini", input="Say hello.")
    return int(done.status == "completed")


def download(client: Client, place: Place) -> int:
    return len(client.files.content(place.file_id).read())


async def download_async(client: AsyncClient, place: Place) -> int:
    return len(await (await client.files.content(place.file_id)).read())


def save(client: Client, place: Place) -> int:
    return client.files.content(place.file_id).save(place.folder / "saved").stat().st_size


async def save_async(client: AsyncClient, place: Place) -> int:
    saved = await (await client.files.content(place.file_id)).save(place.folder / "saved")
    return saved.stat().st_size


def upload(client: Client, _: Place) -> int:
    return client.files.create(file=("a.txt", CONTENT), purpose="user_data").bytes


async def upload_async(client: AsyncClient, _: Place) -> int:
    return (await client.files.create(file=("a.txt", CONTENT), purpose="user_data")).bytes


def session(client: Client, _: Place) -> int:
    with client.realtime.connect(model="gpt-realtime", settings=_SESSION) as session:
        for count in range(1, _MOST):
            event = session.receive(timeout=1)
            if event.type == "session.created":
                session.send({"type": "response.create", "response": {"output_modalities": ["text"]}})
            if event.type == "response.done":
                return count
    return _MOST


async def session_async(client: AsyncClient, _: Place) -> int:
    async with client.realtime.connect(model="gpt-realtime", settings=_SESSION) as session:
        for count in range(1, _MOST):
            event = await session.receive(timeout=1)
            if event.type == "session.created":
                await session.send({"type": "response.create", "response": {"output_modalities": ["text"]}})
            if event.type == "response.done":
                return count
    return _MOST


CALLS: Final[dict[str, tuple[Callable[[Any, Place], int], Callable[[Any, Place], Any]]]] = {
    "chat": (chat, chat_async),
    "stream": (stream, stream_async),
    "response": (response, response_async),
    "read": (read, read_async),
    "pages": (pages, pages_async),
    "wait": (wait, wait_async),
    "download": (download, download_async),
    "save": (save, save_async),
    "upload": (upload, upload_async),
    "session": (session, session_async),
}
"""Each call by its name, sync and async."""
