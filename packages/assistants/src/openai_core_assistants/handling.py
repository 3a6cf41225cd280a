"""Handlers that are told what happens in the runs of an assistant, in the official library's words, and texts alone."""

from __future__ import annotations

import inspect
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias, overload

from openai_core.async_events import AsyncEvents
from openai_core.errors import APITimeoutError
from openai_core_assistants.checking import check_methods, check_run_stream, check_stream
from openai_core_assistants.progress import Progress
from openai_core_assistants.types.assistants import (
    CodeInterpreterToolCall,
    CodeInterpreterToolCallDelta,
    FileSearchToolCall,
    FileSearchToolCallDelta,
    FunctionToolCall,
    FunctionToolCallDelta,
)

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterable,
        AsyncIterator,
        Awaitable,
        Callable,
        Generator,
        Iterable,
        Iterator,
    )

    from openai_core.accumulating import AccumulatingStream, AsyncAccumulatingStream
    from openai_core_assistants.types.assistants import (
        AssistantStreamEvent,
        ImageFile,
        MessageDelta,
        Run,
        RunStep,
        RunStepDelta,
        Text,
        TextDelta,
        ThreadMessage,
    )

    Done: TypeAlias = "Awaitable[None] | None"

__all__ = ["RunHandler", "ToolCall", "ToolCallDelta", "text_deltas"]

ToolCall: TypeAlias = CodeInterpreterToolCall | FileSearchToolCall | FunctionToolCall
"""A call of a tool, as far as it has come."""
ToolCallDelta: TypeAlias = CodeInterpreterToolCallDelta | FileSearchToolCallDelta | FunctionToolCallDelta
"""What is added to a call of a tool."""

_NO_EVENT: Final = object()


class RunHandler:
    """Told what happens in a run, by methods to override; all of them do nothing.

    For an async client they may be `async`, and are awaited one after the other. What they raise ends the run's stream,
    and is raised by `run`. What has come so far is there meanwhile, the event included that is being told:
    `current_run`, `current_message`, `messages`, and so on. Messages and steps are put together when they are looked
    at: for each delta of a long answer, that is work.

    One handler can be told of several streams, one after the other, such as the one that follows on the outputs of
    functions. Then it has the messages and steps of all.
    """

    def run(self, stream: AccumulatingStream[AssistantStreamEvent, Run], /) -> Run:
        """Read a stream to its end, and tell what happens.

        Args:
            stream: what `create_stream`, `submit_tool_outputs_stream` or `create_and_run_stream` gives.

        Returns:
            The run in its last state, also one that has failed or that wants the outputs of functions.

        Raises:
            StreamTruncatedError: if the stream breaks off; `on_exception` has been told.
            APIError: if there is no good answer; `on_exception` has been told.
            TypeError: for an `async` method, the stream of an `AsyncClient`, what is no stream of a run, and a method
                that is called otherwise than here, or takes other arguments.
            Exception: what a method raises.
        """
        if hasattr(stream, "__aiter__"):
            raise TypeError(f"run() reads the stream of a Client; await run_async() for this {type(stream).__name__}")
        check_run_stream("run", stream)
        check_methods(type(self), RunHandler)
        return _walk(self._steps(iter(stream), stream))

    async def run_async(self, stream: AsyncAccumulatingStream[AssistantStreamEvent, Run], /) -> Run:
        """As `run`, for the stream of an `AsyncClient`, and for methods that may be `async`."""
        if not hasattr(stream, "__aiter__") and hasattr(stream, "__iter__") and hasattr(stream, "final"):
            raise TypeError(
                f"run_async() reads the stream of an AsyncClient; call run() for this {type(stream).__name__}"
            )
        check_run_stream("run_async", stream)
        check_methods(type(self), RunHandler)
        return await _walk_async(self._steps(aiter(stream), stream))

    @property
    def current_event(self) -> AssistantStreamEvent | None:
        """The event that was told last; `None` before the first."""
        return self._event

    @property
    def current_run(self) -> Run | None:
        """The run as it was told last; `None` before that."""
        return self._progress.run

    @property
    def current_message(self) -> ThreadMessage | None:
        """The message that was told of last, as far as it has come; `None` before the first."""
        message = self._progress.message
        return None if message is None else message.now

    @property
    def current_step(self) -> RunStep | None:
        """The step that was told of last, as far as it has come; `None` before the first."""
        step = self._progress.step
        return None if step is None else step.now

    @property
    def messages(self) -> list[ThreadMessage]:
        """The messages that were written, as far as they have come, in the order in which they began."""
        return [message.now for message in self._progress.messages.values()]

    @property
    def steps(self) -> list[RunStep]:
        """The steps that were taken, as far as they have come, in the order in which they began."""
        return [step.now for step in self._progress.steps.values()]

    def on_event(self, event: AssistantStreamEvent) -> Done:
        """Every event, before what it means is told."""

    def on_message_created(self, message: ThreadMessage) -> Done:
        """A message has begun."""

    def on_message_delta(self, delta: MessageDelta) -> Done:
        """A message goes on; `current_message` is all of it so far."""

    def on_message_done(self, message: ThreadMessage) -> Done:
        """A message is complete, or has ended without being so: its `status` tells."""

    def on_text_created(self, text: Text) -> Done:
        """A text in a message has begun. It has the first piece, which is told as a delta as well."""

    def on_text_delta(self, delta: TextDelta) -> Done:
        """A text goes on by `delta.value`, if that isn't `None`, and by `delta.annotations`."""

    def on_text_done(self, text: Text) -> Done:
        """A text is complete: its message has ended."""

    def on_image_file_done(self, image_file: ImageFile) -> Done:
        """An image in a message is complete: its message has ended."""

    def on_run_step_created(self, step: RunStep) -> Done:
        """A step has begun."""

    def on_run_step_delta(self, delta: RunStepDelta) -> Done:
        """A step goes on; `current_step` is all of it so far."""

    def on_run_step_done(self, step: RunStep) -> Done:
        """A step has ended: its `status` tells how."""

    def on_tool_call_created(self, call: ToolCall) -> Done:
        """A call of a tool has begun. It has the first piece, which is told as a delta as well."""

    def on_tool_call_delta(self, delta: ToolCallDelta) -> Done:
        """A call of a tool goes on; `current_step.step_details` has all of it so far."""

    def on_tool_call_done(self, call: ToolCall) -> Done:
        """A call of a tool is complete: its step has ended, or the run waits for what its functions give."""

    def on_exception(self, error: Exception) -> Done:
        """The stream has failed with this error, which is raised when you return. Your own errors aren't told."""

    def on_timeout(self) -> Done:
        """The server took too long; `on_exception` is told, too."""

    def on_end(self) -> Done:
        """The last that is told, however it ended; the stream is closed."""

    _event: AssistantStreamEvent | None = None

    # Made when it is first needed, so that subclasses needn't call `__init__`.
    @cached_property
    def _progress(self) -> Progress:
        return Progress()

    def _steps(self, events: Any, stream: Any) -> Generator[Callable[[], Any], Any, Run]:
        """What to do, one after the other; what comes of it is sent back, awaited if it has to be."""
        is_async = hasattr(events, "__anext__")
        try:
            while (
                event := (yield from self._reported(partial(anext if is_async else next, events, None)))
            ) is not None:
                self._event = event
                calls = self._progress.add(event)
                yield partial(self.on_event, event)
                for name, told in calls:
                    yield partial(getattr(self, name), told)
            run: Run = yield from self._reported(stream.final)
            return run
        finally:
            try:
                yield events.aclose if is_async else events.close
                yield stream.close
            finally:
                yield self.on_end

    def _reported(self, step: Callable[[], Any]) -> Generator[Callable[[], Any], Any, Any]:
        try:
            return (yield step)
        except Exception as error:
            if isinstance(error, APITimeoutError):
                yield self.on_timeout
            yield partial(self.on_exception, error)
            raise


def _walk(steps: Generator[Callable[[], Any], Any, Run]) -> Run:
    resume: Callable[[], Callable[[], Any]] = partial(next, steps)
    while True:
        try:
            step = resume()
        except StopIteration as end:
            run: Run = end.value
            return run
        try:
            outcome = _plain(step)
        except BaseException as error:  # noqa: BLE001 - the steps close the stream and raise it
            resume = partial(steps.throw, error)
        else:
            resume = partial(steps.send, outcome)


async def _walk_async(steps: Generator[Callable[[], Any], Any, Run]) -> Run:
    resume: Callable[[], Callable[[], Any]] = partial(next, steps)
    while True:
        try:
            step = resume()
        except StopIteration as end:
            run: Run = end.value
            return run
        try:
            outcome = step()
            if inspect.isawaitable(outcome):
                outcome = await outcome
        except BaseException as error:  # noqa: BLE001 - as above
            resume = partial(steps.throw, error)
        else:
            resume = partial(steps.send, outcome)


def _plain(step: Callable[[], Any]) -> Any:
    outcome = step()
    if inspect.isawaitable(outcome):
        if inspect.iscoroutine(outcome):
            outcome.close()
        name = getattr(step.func if isinstance(step, partial) else step, "__qualname__", "a method")
        raise TypeError(f"{name} is async, which run() can't await; make it a plain method, or use run_async()")
    return outcome


@overload
def text_deltas(stream: Iterable[AssistantStreamEvent], /) -> Iterator[str]: ...
@overload
def text_deltas(stream: AsyncIterable[AssistantStreamEvent], /) -> AsyncIterator[str]: ...
def text_deltas(stream: Any, /) -> Iterator[str] | AsyncIterator[str]:
    """What an assistant says, piece by piece, and nothing else of what happens in its run.

    Args:
        stream: what `create_stream` and the other calls that stream a run give, of either colour.

    Returns:
        An iterator over pieces of text, none of them empty. Leaving it closes the stream; its `final()` gives the run.

    Raises:
        StreamTruncatedError: when iterated, as the stream does, if it breaks off.
        APIError: if there is no good answer.
        TypeError: at once for what is no stream of a run; when iterated, for what is no event of one.
    """
    check_stream("text_deltas", stream)
    return AsyncEvents(_texts_async(stream), "text_deltas") if hasattr(stream, "__aiter__") else _texts(stream)


def _texts(stream: Iterable[AssistantStreamEvent]) -> Iterator[str]:
    for event in stream:
        if text := _text(event):
            yield text


async def _texts_async(stream: AsyncIterable[AssistantStreamEvent]) -> AsyncGenerator[str]:
    events: Any = aiter(stream)
    try:
        async for event in events:
            if text := _text(event):
                yield text
    finally:
        # Not by itself, and only later, as a generator that nobody holds is closed.
        if hasattr(events, "aclose"):
            await events.aclose()


def _text(event: AssistantStreamEvent) -> str:
    kind = getattr(event, "event", _NO_EVENT)
    if kind is _NO_EVENT:
        raise TypeError(f"text_deltas() takes the events of an assistant's run, and a {type(event).__name__} is none")
    if kind != "thread.message.delta":
        return ""
    return str(getattr(getattr(event.data, "delta", None), "text", ""))
