"""Answers that are bytes: a file, audio, an archive. They are read or saved piece by piece."""

from __future__ import annotations

import warnings
from contextlib import aclosing, suppress
from errno import EISDIR
from pathlib import Path
from secrets import token_hex
from typing import IO, TYPE_CHECKING, Any

from openai_core.errors import FileSaveError, OpenAIError
from openai_core.lazy import elsewhere

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, Callable, Iterator
    from types import TracebackType
    from typing import Self

    from openai_core.response import OpenResponse, ResponseInfo
    from openai_core.transport.protocol import AsyncReply, Reply

_UNUSED = "bytes were fetched and never read; read, save or close them"


class _Target:
    """The file that is being written: beside its final place until it is complete."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        total: int | None = None,
        on_progress: Callable[[int, int | None], None] | None = None,
    ) -> None:
        self.path = Path(path)
        self.part = self.path.parent / f"{self.path.name}.{token_hex(4)}.part"
        self.written = 0
        self._file: IO[bytes] | None = None
        self._total = total
        self._on_progress = on_progress

    def write(self, chunk: bytes) -> None:
        self._put(chunk)
        if self._on_progress:
            self._on_progress(self.written, self._total)

    def _put(self, chunk: bytes) -> None:
        try:
            if self._file is None:
                if self.path.is_dir():
                    raise IsADirectoryError(EISDIR, "it is a folder; name a file in it")
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self.part.open("wb", buffering=0)
            view = memoryview(chunk)
            while view:
                count = self._file.write(view) or 0
                self.written += count
                view = view[count:]
        except OSError as error:
            raise self._failure(f"{error.strerror}") from error

    def finish(self) -> Path:
        try:
            if not self.written:
                self._put(b"")
            self.close()
            Path(self.part).replace(self.path)
        except OSError as error:
            raise self._failure(f"{error.strerror}") from error
        return self.path

    def interrupted(self, error: OpenAIError) -> FileSaveError:
        return self._failure(str(error))

    def _failure(self, reason: str) -> FileSaveError:
        self.close()
        partial = str(self.part) if self.written else None
        if partial is None:
            self._remove()
        kept = f"; the {self.written} bytes that came are in {partial!r}" if partial else ""
        return FileSaveError(f"can't save {str(self.path)!r}: {reason}{kept}", partial=partial)

    def give_up(self) -> None:
        self.close()
        self._remove()

    def _remove(self) -> None:
        # What can't be written may be impossible to remove too; the error to report is the first one.
        with suppress(OSError):
            self.part.unlink()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


@elsewhere(
    write_to_file="save(path)",
    stream_to_file="save(path)",
    content="read()",
    aread="read()",
    text="read().decode()",
    json="json.loads(...) of what read() gives",
    iter_bytes="a loop over it",
    aiter_bytes="a loop over it",
    status_code="response.status",
    headers="response.headers",
)
class _AnyBinary:
    def __init__(self, response: OpenResponse) -> None:
        self.response: ResponseInfo = response
        """Status, headers and attempts of the answer."""
        self._reply: Any = response.reply

    @property
    def _request_id(self) -> str | None:
        """As that of an answer."""
        return self.response.request_id

    @property
    def media_type(self) -> str | None:
        """What the server says the bytes are, such as `audio/mpeg`."""
        return self.response.headers.get("content-type")

    @property
    def size(self) -> int | None:
        """How many bytes the server says there are, `None` if it doesn't."""
        headers = self.response.headers
        said = headers.get("content-length") or ""
        # Of what is compressed, only the compressed length is known.
        return int(said) if said.isdecimal() and not headers.get("content-encoding") else None

    def _take(self) -> Any:
        if self._reply is None:
            raise OpenAIError("the bytes have been read, or closed; call the method again to fetch them again")
        reply, self._reply = self._reply, None
        return reply

    def __del__(self) -> None:
        if self._reply is not None:
            warnings.warn(_UNUSED, ResourceWarning, stacklevel=2, source=self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.media_type}, {self.response.headers.get('content-length', '?')} bytes>"


class Binary(_AnyBinary):
    """Bytes that are on their way: `read()` them, `save()` them, or iterate over them as they come in. Once."""

    def read(self) -> bytes:
        """All bytes, in memory.

        Raises:
            APIConnectionError: if the connection breaks.
        """
        reply: Reply = self._take()
        return reply.read()

    def __iter__(self) -> Iterator[bytes]:
        reply: Reply = self._take()
        try:
            yield from reply.chunks()
        finally:
            reply.close()

    def save(
        self, path: str | os.PathLike[str], *, on_progress: Callable[[int, int | None], None] | None = None
    ) -> Path:
        """Write the bytes to a file as they come in, and return its path.

        The file appears when it is complete. Missing folders are made.

        Args:
            path: where to.
            on_progress: called with how many bytes are written, and how many there are (`None` if the server doesn't
                say).

        Raises:
            FileSaveError: if the file can't be written or the connection breaks; `.partial` names what came.
        """
        target = _Target(path, self.size, on_progress)
        try:
            for chunk in self:
                target.write(chunk)
        except FileSaveError:
            raise
        except OpenAIError as error:
            raise target.interrupted(error) from error
        except BaseException:
            # Nobody would learn the name of what is left.
            target.give_up()
            raise
        return target.finish()

    def close(self) -> None:
        """Give up what isn't read."""
        if self._reply is not None:
            self._take().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncBinary(_AnyBinary):
    """As `Binary`, for an async client."""

    async def read(self) -> bytes:
        """As `Binary.read`."""
        reply: AsyncReply = self._take()
        return await reply.read()

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        reply: AsyncReply = self._take()
        try:
            async with aclosing(reply.chunks()) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            await reply.close()

    async def save(
        self, path: str | os.PathLike[str], *, on_progress: Callable[[int, int | None], None] | None = None
    ) -> Path:
        """As `Binary.save`. Pieces are written as they come in; a piece is small enough not to hold up the loop."""
        target = _Target(path, self.size, on_progress)
        try:
            async with aclosing(self.__aiter__()) as chunks:
                async for chunk in chunks:
                    target.write(chunk)
        except FileSaveError:
            raise
        except OpenAIError as error:
            raise target.interrupted(error) from error
        except BaseException:
            # Nobody would learn the name of what is left.
            target.give_up()
            raise
        return target.finish()

    async def close(self) -> None:
        """As `Binary.close`."""
        if self._reply is not None:
            await self._take().close()

    aclose = close

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
