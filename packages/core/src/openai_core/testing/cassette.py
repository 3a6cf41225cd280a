"""What a server has answered once, played again."""

from __future__ import annotations

import json
import random
import time
from base64 import b64decode, b64encode
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from openai_core.client import AsyncClient, Client
from openai_core.logs import known_secrets
from openai_core.testing.replies import AsyncMemoryReply, MemoryReply, Told
from openai_core.testing.sent import SentRequest, unexpected

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, Iterator
    from types import TracebackType
    from typing import Self

    from openai_core.retrying import Deadline
    from openai_core.transport.protocol import AsyncReply, Headers, Reply, Request

_VERSION: Final = 1
_KEPT: Final = ("content-type", "retry-after", "retry-after-ms", "location", "x-should-retry", "openai-poll-after-ms")
_SECRETS: Final = ("authorization", "api-key")
_HIDDEN: Final = "***"


class Take:
    """One exchange that is being recorded.

    Attributes:
        status: of the answer; 0 as long as there is none.
    """

    def __init__(self, request: Request) -> None:
        sent = SentRequest.of(request)
        self.status = 0
        self._said = {"method": sent.method, "path": sent.path, "query": dict(sent.query), "body": sent.body}
        keys = [value.rpartition(" ")[2] for name, value in request.headers.items() if name.lower() in _SECRETS]
        self._keys = [*keys, *known_secrets()]
        self._headers: dict[str, str] = {}
        self._chunks: list[tuple[float, bytes]] = []
        self._last = time.monotonic()

    def answered(self, status: int, headers: Headers) -> None:
        """Note how an answer begins."""
        self.status = status
        self._headers = {name: value for name, value in headers.items() if name in _KEPT}

    def note(self, chunk: bytes) -> None:
        """Note a piece of an answer, and how long it was waited for."""
        now = time.monotonic()
        self._chunks.append((now - self._last, chunk))
        self._last = now

    def written(self) -> dict[str, Any]:
        """The exchange as it goes into the file."""
        whole = b"".join(chunk for _, chunk in self._chunks)
        if any(key.encode() in whole for key in self._keys):
            # A key may stand where two pieces meet.
            self._chunks = [(sum(seconds for seconds, _ in self._chunks), whole)]
        return {
            "request": json.loads(self._hidden(json.dumps(self._said))),
            "status": self.status,
            "headers": {name: self._hidden(value) for name, value in self._headers.items()},
            "chunks": [[round(seconds, 4), self._text(chunk)] for seconds, chunk in self._chunks],
        }

    def _text(self, chunk: bytes) -> str | dict[str, str]:
        try:
            return self._hidden(chunk.decode())
        except UnicodeDecodeError:
            return {"base64": b64encode(chunk).decode()}

    def _hidden(self, text: str) -> str:
        for key in self._keys:
            text = text.replace(key, _HIDDEN)
        return text


class Cassette:
    """Records the answers to a client's requests in a file, or, where the file exists, answers from it.

        with Cassette("tests/cassettes/greeting.json") as cassette:
            greet(cassette.client())

    Neither a header of a request nor a key is in the file, whatever it holds besides. A request is answered if the same
    one was recorded: method, path, query and body; each recorded answer once, in order. Any other raises an
    `UnexpectedRequestError`.

    Args:
        path: of the file.
        record: whether to record; if not given, when there is no such file.
        timing: whether an answer takes the time that it took when it was recorded.
        split: cut the pieces of answers anew, at places that depend on this number alone: what reads them must not
            depend on where they were cut. `None` leaves them as they came.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        record: bool | None = None,
        timing: bool = False,
        split: int | None = None,
    ) -> None:
        self.path = Path(path)
        self.recording = not self.path.exists() if record is None else record
        self._timing = timing
        self._split = split
        self._lock = Lock()
        self._takes: list[Take] = []
        self._exchanges: list[dict[str, Any]] = []
        self._played: set[int] = set()
        if not self.recording:
            self._exchanges = json.loads(self.path.read_text("utf-8"))["exchanges"]

    def client(self, **settings: Any) -> Client:
        """A client whose answers are recorded or played. To play it needs no key."""
        transport = _Recorder(self) if self.recording else _Player(self)
        return Client(**{**self._settings(), **settings, "transport": transport})

    def async_client(self, **settings: Any) -> AsyncClient:
        """As `client`, for async code."""
        transport = _AsyncRecorder(self) if self.recording else _AsyncPlayer(self)
        return AsyncClient(**{**self._settings(), **settings, "transport": transport})

    def _settings(self) -> dict[str, Any]:
        return {} if self.recording else {"api_key": "played", "admin_key": "played"}

    def save(self) -> None:
        """Write what was recorded."""
        if self.recording:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            document = {"version": _VERSION, "exchanges": [take.written() for take in self._takes if take.status]}
            self.path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.save()

    def take(self, request: Request) -> Take:
        """Begin to record the answer to a request."""
        made = Take(request)
        with self._lock:
            self._takes.append(made)
        return made

    def play(self, request: Request) -> Told:
        """The recorded answer to a request.

        Raises:
            UnexpectedRequestError: if none is left.
        """
        sent = SentRequest.of(request)
        with self._lock:
            left = [number for number in range(len(self._exchanges)) if number not in self._played]
            for number in left:
                if not sent.differences(self._request(number)):
                    self._played.add(number)
                    return self._told(number)
            raise unexpected(sent, map(self._request, left))

    def _request(self, number: int) -> SentRequest:
        said = self._exchanges[number]["request"]
        return SentRequest(said["method"], said["path"], said["query"], said["body"])

    def _told(self, number: int) -> Told:
        exchange = self._exchanges[number]
        chunks = [
            (seconds if self._timing else 0.0, text.encode() if isinstance(text, str) else b64decode(text["base64"]))
            for seconds, text in exchange["chunks"]
        ]
        if self._split is not None:
            chunks = list(_cut(b"".join(chunk for _, chunk in chunks), random.Random(f"{self._split}-{number}")))  # noqa: S311 - not for secrets
        return Told(exchange["status"], exchange["headers"], chunks)


def _cut(content: bytes, chance: random.Random) -> Iterator[tuple[float, bytes]]:
    start = 0
    while start < len(content):
        end = start + chance.randint(1, 64)
        yield 0.0, content[start:end]
        start = end


class _Player:
    def __init__(self, cassette: Cassette) -> None:
        self._cassette = cassette

    def send(self, request: Request) -> MemoryReply:
        return MemoryReply(self._cassette.play(request))

    def close(self) -> None:
        pass


class _AsyncPlayer:
    def __init__(self, cassette: Cassette) -> None:
        self._cassette = cassette

    async def send(self, request: Request) -> AsyncMemoryReply:
        return AsyncMemoryReply(self._cassette.play(request))

    async def close(self) -> None:
        pass


class _AnyRecorder:
    colour: int

    def __init__(self, cassette: Cassette) -> None:
        from openai_core.transport import httpx

        self._cassette = cassette
        self._transport: Any = httpx.make(self.colour, None)


class _Recorder(_AnyRecorder):
    colour = 0

    def send(self, request: Request) -> Reply:
        take = self._cassette.take(request)
        reply: Reply = self._transport.send(request)
        take.answered(reply.status, reply.headers)
        return _RecordedReply(reply, take)

    def close(self) -> None:
        self._transport.close()


class _AsyncRecorder(_AnyRecorder):
    colour = 1

    async def send(self, request: Request) -> AsyncReply:
        take = self._cassette.take(request)
        reply: AsyncReply = await self._transport.send(request)
        take.answered(reply.status, reply.headers)
        return _AsyncRecordedReply(reply, take)

    async def close(self) -> None:
        await self._transport.close()


class _AnyRecordedReply:
    def __init__(self, reply: Any, take: Take) -> None:
        self.status: int = reply.status
        self.headers: Headers = reply.headers
        self.deadline: Deadline | None = reply.deadline
        self._reply = reply
        self._take = take


class _RecordedReply(_AnyRecordedReply):
    def read(self) -> bytes:
        self._reply.deadline = self.deadline
        content: bytes = self._reply.read()
        self._take.note(content)
        return content

    def chunks(self) -> Iterator[bytes]:
        self._reply.deadline = self.deadline
        for chunk in self._reply.chunks():
            self._take.note(chunk)
            yield chunk
            # It may be set while the reply is read.
            self._reply.deadline = self.deadline

    def close(self) -> None:
        self._reply.close()


class _AsyncRecordedReply(_AnyRecordedReply):
    async def read(self) -> bytes:
        self._reply.deadline = self.deadline
        content: bytes = await self._reply.read()
        self._take.note(content)
        return content

    async def chunks(self) -> AsyncGenerator[bytes]:
        self._reply.deadline = self.deadline
        async for chunk in self._reply.chunks():
            self._take.note(chunk)
            yield chunk
            self._reply.deadline = self.deadline

    async def close(self) -> None:
        await self._reply.close()
