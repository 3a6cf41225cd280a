"""Streams whose answer is read as a type of the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from openai_core.accumulating import _Accumulating, _AsyncAccumulating, _SyncAccumulating

if TYPE_CHECKING:
    from openai_core.parsing import StreamParsing

Event = TypeVar("Event")
Whole = TypeVar("Whole")
Parsed = TypeVar("Parsed")


class _Parsing(_Accumulating[Event, Whole], Generic[Event, Whole, Parsed]):
    """What the parsed streams have in common."""

    _parsing: StreamParsing[Event, Whole, Parsed]
    _parsed: Parsed | None = None

    def partial(self) -> Any:
        """The answer as far as it has come, as plain data; `None` before there is any of it.

        An object has the fields that have come. What is last may be unfinished: a text, a list, the digits of a number.
        Nothing of it has been checked. It costs what `snapshot()` does, and reading the text from its beginning.

        Raises:
            StreamError: as `snapshot`.
        """
        return self._parsing.read_partial(self.snapshot())

    def read(self, whole: Whole) -> Parsed:
        """Read an answer of this stream as the type: a `snapshot()`, say, that has all of it but the token counts.

        Raises:
            AnswerError: as `final`.
        """
        return self._parsing.read(whole, self.response)

    def _read_once(self, whole: Whole) -> Parsed:
        if self._parsed is None:
            self._parsed = self.read(whole)
        return self._parsed


class ParsedStream(_Parsing[Event, Whole, Parsed], _SyncAccumulating[Event, Whole]):
    """The events of an answer, one by one as they come in, and `final()`, the answer read as a type.

    It is used as any other `Stream`. Before its end, `snapshot()` is the answer as far as it has come, and `partial()`
    what there is of the data that it is to be read from.
    """

    def __init__(self, client: Any, parsing: StreamParsing[Event, Whole, Parsed]) -> None:
        super().__init__(*client._accumulating(parsing.operation))  # noqa: SLF001 - of this package
        self._parsing = parsing

    def final(self) -> Parsed:
        """The answer read as a type, and all of it: what `parse` would have returned.

        As in `AccumulatingStream.final`, events that haven't been read yet are read, and passed over.

        Raises:
            AnswerError: as `parse`.
            StreamTruncatedError: if the stream breaks off; `.partial` holds the events that came.
            StreamError: if the stream was left before its end.
            APIError: if there is no good answer.
        """
        return self._read_once(self._read_whole())


class AsyncParsedStream(_Parsing[Event, Whole, Parsed], _AsyncAccumulating[Event, Whole]):
    """As `ParsedStream`, for an event loop; `snapshot()` and `partial()` aren't awaited."""

    def __init__(self, client: Any, parsing: StreamParsing[Event, Whole, Parsed]) -> None:
        super().__init__(*client._accumulating(parsing.operation))  # noqa: SLF001 - of this package
        self._parsing = parsing

    async def final(self) -> Parsed:
        """As `ParsedStream.final`."""
        return self._read_once(await self._read_whole())
