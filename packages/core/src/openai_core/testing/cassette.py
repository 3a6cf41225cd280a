"""What a server has answered once, played again."""

from __future__ import annotations

import json
import random
from base64 import b64decode
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from openai_core.client import AsyncClient, Client
from openai_core.logs import known_keys
from openai_core.testing.cassette_file import VERSION, read
from openai_core.testing.comparing import UnexpectedRequestError, tell_again, unexpected
from openai_core.testing.recording import AsyncRecorder, Recorder, Take
from openai_core.testing.redacting import Redactor
from openai_core.testing.replies import AsyncMemoryReply, MemoryReply, Told
from openai_core.testing.sent import SentRequest, redacted
from openai_core.testing.sessions import library

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from types import TracebackType
    from typing import NoReturn, Self

    from openai_core.operation import AnyOperation
    from openai_core.transport.protocol import Request
    from openai_core.websocket_library import Library

_SESSION: Final = (
    "it opens a session, which a cassette neither records nor plays: use the emulator, openai-core[emulator], or "
    "Answers().on(client.realtime.connect, Events(...))"
)


class Cassette:
    """Records the answers to a client's requests in a file, or, where the file exists, answers from it.

        with Cassette("tests/cassettes/greeting.json") as cassette:
            greet(cassette.client())

    Neither a header of a request nor a key is in the file, whatever it holds besides: what is sent as a secret, what
    has the name of one or looks like one is `***` there. Only a key that may be meant as a word stays in texts: a
    single word, a common placeholder, one of fewer than four characters, a number of fewer than eight.

    A request is answered if the same one was recorded: method, path, query and body; each recorded answer once, in
    order. Any other raises an `UnexpectedRequestError`, at the end of the block once more, should the code under test
    have caught it. If the block ends with an error, nothing is written.

    Sessions over websockets are neither recorded nor played: they are refused, and nothing is sent. What isn't done by
    a client isn't recorded either: `save` of images that have a URL fetches them from there.

    Args:
        path: of the file.
        record: whether to record; if not given, when there is no such file.
        timing: whether an answer takes the time that it took when it was recorded.
        split: cut the pieces of answers anew, at places that depend on this number alone: what reads them must not
            depend on where they were cut. `None` leaves them as they came.

    Raises:
        FileNotFoundError: if there is no such file, and it isn't to be recorded.
        ValueError: if the file is no cassette.
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
        self._missed: list[UnexpectedRequestError] = []
        if not self.recording:
            self._exchanges = read(self.path)

    def client(self, **settings: Any) -> Client:
        """A client whose answers are recorded or played. To play it needs no key."""
        transport = Recorder(self.take, self._no_session) if self.recording else _Player(self)
        return Client(**{**self._settings(), **settings, "transport": transport})

    def async_client(self, **settings: Any) -> AsyncClient:
        """As `client`, for async code."""
        transport = AsyncRecorder(self.take, self._no_session) if self.recording else _AsyncPlayer(self)
        return AsyncClient(**{**self._settings(), **settings, "transport": transport})

    def _settings(self) -> dict[str, Any]:
        return {} if self.recording else {"api_key": "played", "admin_key": "played"}

    def save(self) -> None:
        """Write what was recorded. A `with` block does it at its end, if it ends without an error."""
        if not self.recording:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock:
            takes = [take for take in self._takes if take.status]
        document = {"version": VERSION, "exchanges": [take.written() for take in takes]}
        part = self.path.with_name(f"{self.path.name}.{token_hex(4)}.part")
        try:
            part.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
            part.replace(self.path)
        finally:
            part.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tell_again(self._missed, error)
        if error is None:
            self.save()
        elif self.recording:
            error.add_note(f"{self.path} isn't written, as what was to be recorded there ended with this error")

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
        redactor = Redactor(known_keys())
        sent = redacted(SentRequest.of(request), redactor)
        with self._lock:
            left = [number for number in range(len(self._exchanges)) if number not in self._played]
            for number in left:
                if not sent.differences(self._request(number, redactor)):
                    self._played.add(number)
                    return self._told(number)
            known = [self._request(number, redactor) for number in left]
            used = [self._request(number, redactor) for number in sorted(self._played)]
            raise self._noted(unexpected(sent, known, used, f"record {self.path} anew if this is right (record=True)"))

    def _request(self, number: int, redactor: Redactor) -> SentRequest:
        said = self._exchanges[number]["request"]
        # What is known as a secret now may not have been when this was recorded.
        return redacted(SentRequest(said["method"], said["path"], said["query"], said["body"]), redactor)

    def _no_session(self, operation: AnyOperation, colour: int) -> Library:
        def refuse(address: str) -> NoReturn:
            raise self._noted(unexpected(SentRequest.to(operation.method, address, None), (), advice=_SESSION))

        return library(refuse, colour)

    def _noted(self, error: UnexpectedRequestError) -> UnexpectedRequestError:
        self._missed.append(error)
        return error

    def _told(self, number: int) -> Told:
        exchange = self._exchanges[number]
        chunks = [
            (seconds if self._timing else 0.0, text.encode() if isinstance(text, str) else b64decode(text["base64"]))
            for seconds, text in exchange["chunks"]
            if text
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

    def websockets(self, operation: AnyOperation) -> Library:
        return self._cassette._no_session(operation, 0)  # noqa: SLF001 - of this module


class _AsyncPlayer:
    def __init__(self, cassette: Cassette) -> None:
        self._cassette = cassette

    async def send(self, request: Request) -> AsyncMemoryReply:
        return AsyncMemoryReply(self._cassette.play(request))

    async def close(self) -> None:
        pass

    def websockets(self, operation: AnyOperation) -> Library:
        return self._cassette._no_session(operation, 1)  # noqa: SLF001 - of this module
