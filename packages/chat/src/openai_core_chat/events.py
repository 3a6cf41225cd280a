"""A streamed completion told as events: what each chunk adds, and what is complete while the stream goes on.

`ChatEvents` does no I/O; `events` hands out the events of a stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, get_origin, overload

from openai_core.async_events import AsyncEvents
from openai_core.errors import StreamError
from openai_core.lenient import build
from openai_core.model import ApiModel
from openai_core.parsed_stream import AsyncParsedStream, ParsedStream
from openai_core.streaming import read_as
from openai_core_chat.accumulating import CompletionAccumulator, index_of
from openai_core_chat.choice_events import ChoiceEvents
from openai_core_chat.event_types import ChunkEvent
from openai_core_chat.types.chat import ChatCompletion
from openai_core_chat.types.chunks import ChatCompletionChunk

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Iterator

    from openai_core.structured import OutputFormat
    from openai_core_chat.answers import ParsedChatCompletion
    from openai_core_chat.event_types import ChatEvent

__all__ = ["ChatEvents", "events"]

T = TypeVar("T")
Parsed = TypeVar("Parsed")
ModelT = TypeVar("ModelT", bound="ApiModel")

_NOTHING: Final = "there is no completion, for no chunk has come"


class ChatEvents(Generic[Parsed]):
    """The events of a completion, made of its chunks, wherever these come from: a stream, a proxy, a recording.

    What is said to be done won't change. A choice's text, refusal and log-probabilities are done with its
    `finish_reason`. So is what it writes for tools; but arguments whose JSON is closed are done as soon as another call
    goes on, so that a function can be called while the model writes. Only of a server that goes on with a choice after
    it has said that it ends, something is done again at the end of the stream, then with all of it.

    It costs as much as putting the chunks together once.

    Args:
        returns: what the text of an answer is to be read as, for `parsed` of `content.done`: a type, or an
            `OutputFormat`.
    """

    @overload
    def __init__(self: ChatEvents[None]) -> None: ...
    @overload
    def __init__(self, returns: type[Parsed] | OutputFormat[Parsed], /) -> None: ...
    # What mypy misses is that it takes `ChatEvents[None]` too.
    def __init__(self, returns: Any = None, /) -> None:  # type: ignore[misc]
        self._whole = CompletionAccumulator()
        self._choices: dict[int, ChoiceEvents[Any]] = {}
        self._read: Callable[[ChatCompletion], Any] = _nothing if returns is None else _reader(returns)
        self._ended = False

    def add(self, chunk: ChatCompletionChunk | Mapping[str, Any]) -> list[ChatEvent[Parsed]]:
        """Take in the next chunk, as it was read or as plain data; gives what happens with it, the chunk itself first.

        A choice that is no object is passed over, as it is nowhere described.

        Raises:
            StreamError: after `end()`.
            TypeError: for what is no chunk.
        """
        if self._ended:
            raise StreamError("the completion has ended; make another ChatEvents for the next one")
        if not isinstance(chunk, (ChatCompletionChunk, Mapping)):
            raise TypeError(_no_chunk(chunk))
        # A copy, for the accumulator uses up what it is given.
        data = chunk.to_dict() if isinstance(chunk, ChatCompletionChunk) else deepcopy({**chunk})
        read = chunk if isinstance(chunk, ChatCompletionChunk) else _built(ChatCompletionChunk, data)
        told: list[ChatEvent[Parsed]] = [ChunkEvent(read)]
        pieces = data.pop("choices", None)
        if pieces and isinstance(pieces, list):
            for piece, typed in zip(pieces, read.choices, strict=True):
                if isinstance(piece, dict):
                    told += self._choice(index_of(piece)).add(piece, typed)
        self._whole.tell(data)
        return told

    def end(self) -> list[ChatEvent[Parsed]]:
        """Note that there are no more chunks; gives what is only known by that to be complete.

        Only call it when the stream has come to its end, and not when it broke off.
        """
        self._ended = True
        return [event for index in sorted(self._choices) for event in self._choices[index].end()]

    def snapshot(self) -> ChatCompletion:
        """The completion as far as it has come, made anew each time. A `finish_reason` that hasn't is `None`.

        Raises:
            StreamError: if nothing has.
        """
        result = self._whole.result()
        if result is None:
            raise StreamError(_NOTHING)
        return _built(ChatCompletion, result)

    def final(self) -> ChatCompletion:
        """The whole completion.

        Raises:
            StreamError: before `end()`, or if no chunk has come.
        """
        if not self._ended:
            raise StreamError("the completion isn't whole; call end() after its last chunk, or snapshot() before")
        return self.snapshot()

    def _choice(self, index: int) -> ChoiceEvents[Any]:
        if index not in self._choices:
            self._choices[index] = ChoiceEvents(index, self._whole.choices[index], partial(self._parsed, index))
        return self._choices[index]

    def _parsed(self, index: int) -> Any:
        if self._read is _nothing:
            return None
        whole = self.snapshot()
        return self._read(whole.model_copy(update={"choices": [each for each in whole.choices if each.index == index]}))


# Those of a parsed stream come first, for it is a stream of chunks as well.
@overload
def events(  # type: ignore[overload-overlap]
    stream: ParsedStream[ChatCompletionChunk, ChatCompletion, ParsedChatCompletion[T]], /
) -> Iterator[ChatEvent[T]]: ...
@overload
def events(  # type: ignore[overload-overlap]
    stream: AsyncParsedStream[ChatCompletionChunk, ChatCompletion, ParsedChatCompletion[T]], /
) -> AsyncIterator[ChatEvent[T]]: ...
@overload
def events(stream: Iterable[ChatCompletionChunk], /) -> Iterator[ChatEvent[None]]: ...
@overload
def events(stream: AsyncIterable[ChatCompletionChunk], /) -> AsyncIterator[ChatEvent[None]]: ...
def events(stream: Any, /) -> Iterator[ChatEvent[Any]] | AsyncIterator[ChatEvent[Any]]:
    """What happens in a streamed completion, as it happens.

    Args:
        stream: what `create_stream` or `parse_stream` gives, of either colour, or any other chunks.

    Returns:
        An iterator over the events, to be used as the stream would be: once, and leaving it closes the stream. Of
        `parse_stream` the event `content.done` has the answer read as the type in `parsed`. The stream's `snapshot()`
        and `final()` are there as ever; a `final()` in the loop ends it.

    Raises:
        StreamTruncatedError: when iterated, as the stream does, if it breaks off. What wasn't complete isn't done.
        APIError: if there is no good answer.
        TypeError: at once for what is no stream of a chat completion; when iterated, for what is no chunk.

    [API reference](https://platform.openai.com/docs/api-reference/chat-streaming)
    """
    _check(stream)
    state: ChatEvents[Any] = ChatEvents()
    parsing: Any = stream
    if isinstance(stream, (ParsedStream, AsyncParsedStream)):
        state._read = lambda completion: parsing.read(completion).parsed  # noqa: SLF001 - of this module
    if hasattr(parsing, "__aiter__"):
        return AsyncEvents(_events_async(parsing, state), "events")
    return _events(parsing, state)


def _check(stream: Any) -> None:
    """Refuse what events can't be made of, before anything is sent for it."""
    takes = "events() takes a stream of a chat completion, or an iterable of its chunks"
    kind = type(stream).__name__
    if isinstance(stream, ChatCompletion):
        raise TypeError(f"{takes}, not a {kind}, which is whole already; call create_stream() to have it streamed")
    if isinstance(stream, (Mapping, ChatCompletionChunk)):
        raise TypeError(f"{takes}, not a single {kind}; pass a list of chunks, or each to ChatEvents().add()")
    if isinstance(stream, (str, bytes, ApiModel)) or not (hasattr(stream, "__iter__") or hasattr(stream, "__aiter__")):
        raise TypeError(f"{takes}, not {'None' if stream is None else f'a {kind}'}; create_stream() gives one")
    reader = read_as(stream)
    if reader is not None and not _reads_chunks(reader.returns):
        raise TypeError(
            f"{takes}, and the events of this stream are each a {reader.name}; iterate the stream itself, which gives "
            "them"
        )


def _reads_chunks(returns: Any) -> bool:
    kind = get_origin(returns) or returns
    return kind is Any or (isinstance(kind, type) and issubclass(kind, (ChatCompletionChunk, Mapping)))


def _no_chunk(given: object) -> str:
    takes = f"add() takes a ChatCompletionChunk, or one as a mapping, not a {type(given).__name__}"
    if isinstance(given, (str, bytes)):
        return f"{takes}; read the data of an event with json.loads() first"
    return f"{takes}; what has the events of another API is iterated itself"


def _events(stream: Iterable[ChatCompletionChunk], state: ChatEvents[Any]) -> Iterator[ChatEvent[Any]]:
    for chunk in stream:
        yield from state.add(chunk)
    yield from _last(stream, state)


async def _events_async(stream: AsyncIterable[ChatCompletionChunk], state: ChatEvents[Any]) -> AsyncGenerator[Any]:
    chunks: Any = aiter(stream)
    try:
        async for chunk in chunks:
            for event in state.add(chunk):
                yield event
    finally:
        # Not by itself, and only later, as a generator that nobody holds is closed.
        if hasattr(chunks, "aclose"):
            await chunks.aclose()
    for event in _last(stream, state):
        yield event


def _last(stream: Any, state: ChatEvents[Any]) -> list[ChatEvent[Any]]:
    # What `final()` has read in the loop, or what was left when the stream was closed in it, isn't known here.
    left = getattr(stream, "passed_over", False) or getattr(stream, "outcome", None) == "cancelled"
    return [] if left else state.end()


def _nothing(completion: ChatCompletion) -> None:
    """What is read of an answer that is text."""


def _reader(returns: type[T] | OutputFormat[T]) -> Callable[[ChatCompletion], T]:
    from openai_core.structured import output_format
    from openai_core_chat.answers import read

    wanted = output_format(returns)
    return lambda completion: read(wanted, completion).parsed


def _built(model: type[ModelT], data: Mapping[str, Any]) -> ModelT:
    """Plain data as a model, as far as it goes, for servers differ."""
    built: ModelT = build(model, data)[0]
    return built
