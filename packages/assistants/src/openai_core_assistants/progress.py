"""How far the runs of an assistant are: their events put together to messages and steps. Nothing here does I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from openai_core.lenient import build
from openai_core.merging import merge, settled
from openai_core.model import ApiModel
from openai_core_assistants.types.assistants import Run, RunStep, Text, ThreadMessage, ToolCallsStepDetails

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeAlias

    Call: TypeAlias = tuple[str, object]

ModelT = TypeVar("ModelT", bound=ApiModel)

_WRITTEN: Final = "thread.message."
_STEP: Final = "thread.run.step."
_RUN: Final = "thread.run."
_ENDS: Final = frozenset({"completed", "incomplete", "failed", "cancelled", "expired"})
# What is there of a part, by its type, before any of it has been told.
_EMPTY: Final[Mapping[str, Mapping[str, Any]]] = {
    "text": {"value": "", "annotations": []},
    "function": {"name": "", "arguments": ""},
    "code_interpreter": {"input": "", "outputs": []},
    "file_search": {},
}


class Growing(Generic[ModelT]):
    """A message or a step, told as a whole at first and at last, and in deltas meanwhile.

    It is only put together when somebody looks at it.

    Args:
        model: what it is read as.
        field: the field that deltas are about.
        known: as much of it as goes without saying.
    """

    def __init__(self, model: type[ModelT], field: str, known: Mapping[str, Any]) -> None:
        self._model = model
        self._field = field
        self._now: ModelT | None = None
        self._data: dict[str, Any] = {**known}
        # Deltas are merged into this, once there is one.
        self._pieces: dict[str, Any] | None = None
        self.ended = False
        # The parts that have begun, by index, and those that are done.
        self.begun: set[int] = set()
        self.done: set[int] = set()

    @property
    def now(self) -> ModelT:
        """It as far as it has come."""
        if self._now is None:
            told = {} if self._pieces is None else {self._field: _placed(settled(self._pieces)[self._field])}
            self._now = cast("ModelT", build(self._model, {**self._data, **told})[0])
        return self._now

    def tell(self, told: ModelT, *, ended: bool) -> None:
        """Take in what the server tells as a whole. Before the end it doesn't repeat what it has told in deltas."""
        self.ended = ended
        self._data = told.to_dict()
        self._pieces = None if ended else self._pieces
        self._now = told if self._pieces is None else None

    def add(self, delta: ApiModel) -> None:
        """Take in a delta."""
        if self._pieces is None:
            self._pieces = {self._field: None}
            merge(self._pieces, _numbered({self._field: self._data.get(self._field)}))
        merge(self._pieces, delta.to_dict())
        self._now = None


class Progress:
    """What is known of the runs that a handler is told of.

    Attributes:
        run: as it was told last.
        messages: those that were written, by ID.
        steps: those that were taken, by ID.
        message: the one that was told of last.
        step: the one that was told of last.
    """

    def __init__(self) -> None:
        self.run: Run | None = None
        self.messages: dict[str, Growing[ThreadMessage]] = {}
        self.steps: dict[str, Growing[RunStep]] = {}
        self.message: Growing[ThreadMessage] | None = None
        self.step: Growing[RunStep] | None = None

    def add(self, event: Any) -> list[Call]:
        """Take in an event; gives what to call, each by its name in `RunHandler` and with what to tell it."""
        name, data = getattr(event, "event", None), getattr(event, "data", None)
        # An event that nobody knows, or one that isn't as described, is told as it is.
        if not isinstance(name, str) or not isinstance(data, ApiModel):
            return []
        if name.startswith(_WRITTEN):
            return [*self._add_to_message(name.removeprefix(_WRITTEN), data)]
        if name.startswith(_STEP):
            return [*self._add_to_step(name.removeprefix(_STEP), data)]
        if name.startswith(_RUN) and isinstance(data, Run):
            self.run = data
            if getattr(data, "status", None) not in {"queued", "in_progress", "cancelling"}:
                # Now it waits for the functions, if it isn't over.
                return [call for step in self.steps.values() if not step.ended for call in _finish_calls(step)]
        return []

    def _add_to_message(self, what: str, data: ApiModel) -> Iterator[Call]:
        place = str(getattr(data, "id", ""))
        known = place in self.messages
        if not known:
            empty: dict[str, Any] = {"id": place, "object": "thread.message", "status": "in_progress", "content": []}
            self.messages[place] = Growing(ThreadMessage, "content", empty)
        self.message = message = self.messages[place]
        if isinstance(data, ThreadMessage):
            message.tell(data, ended=what in _ENDS)
            if what == "created" or not known:
                yield "on_message_created", data
            if message.ended:
                yield from _finish_content(message)
                yield "on_message_done", data
        elif what == "delta" and isinstance(delta := getattr(data, "delta", None), ApiModel):
            message.add(delta)
            for part in _parts(delta, "content"):
                if getattr(part, "type", None) == "text" and isinstance(text := getattr(part, "text", None), ApiModel):
                    if _begins(message, part):
                        yield "on_text_created", _first(part).text
                    yield "on_text_delta", text
            yield "on_message_delta", delta

    def _add_to_step(self, what: str, data: ApiModel) -> Iterator[Call]:
        place = str(getattr(data, "id", ""))
        # Of a step that began in an earlier stream the calls were told there.
        known = place in self.steps or what not in _ENDS
        if place not in self.steps:
            empty = {"id": place, "object": "thread.run.step", "status": "in_progress"}
            self.steps[place] = Growing(RunStep, "step_details", empty)
        self.step = step = self.steps[place]
        if isinstance(data, RunStep):
            step.tell(data, ended=what in _ENDS)
            if what == "created":
                yield "on_run_step_created", data
            if step.ended:
                if known:
                    yield from _finish_calls(step)
                yield "on_run_step_done", data
        elif what == "delta" and isinstance(delta := getattr(data, "delta", None), ApiModel):
            step.add(delta)
            for call in _parts(getattr(delta, "step_details", None), "tool_calls"):
                if _begins(step, call):
                    yield "on_tool_call_created", _first(call)
                yield "on_tool_call_delta", call
            yield "on_run_step_delta", delta


def _finish_content(message: Growing[ThreadMessage]) -> Iterator[Call]:
    for index, part in enumerate(_parts(message.now, "content")):
        kind = getattr(part, "type", None)
        if kind == "text":
            if index not in message.begun:
                yield "on_text_created", part.text
            yield "on_text_done", part.text
        elif kind == "image_file":
            yield "on_image_file_done", part.image_file


def _finish_calls(step: Growing[RunStep]) -> Iterator[Call]:
    for index, call in enumerate(_parts(getattr(step.now, "step_details", None), "tool_calls")):
        if index not in step.begun:
            step.begun.add(index)
            yield "on_tool_call_created", call
        if index not in step.done:
            step.done.add(index)
            yield "on_tool_call_done", call


def _parts(holder: Any, field: str) -> list[Any]:
    found = getattr(holder, field, None)
    return [part for part in found if isinstance(part, ApiModel)] if isinstance(found, list) else []


def _begins(whole: Growing[Any], part: Any) -> bool:
    index = _index(part, 0)
    if index in whole.begun:
        return False
    whole.begun.add(index)
    return True


def _first(delta: ApiModel) -> Any:
    """A part as its first delta tells it."""
    (data,) = _placed([delta.to_dict()])
    if data.get("type") == "text":
        return build(_TextPart, data)[0]
    return build(ToolCallsStepDetails, {"type": "tool_calls", "tool_calls": [data]})[0].tool_calls[0]


class _TextPart(ApiModel):
    text: Text


def _numbered(value: Any) -> Any:
    """What was told as a whole, as deltas would tell it, which say where in a list something is."""
    if isinstance(value, dict):
        return {name: _numbered(each) for name, each in value.items()}
    if isinstance(value, list):
        return [{**_numbered(each), "index": at} if isinstance(each, dict) else each for at, each in enumerate(value)]
    return value


def _placed(value: Any) -> Any:
    """What deltas came to, as it is told as a whole: each item of a list at its place."""
    if isinstance(value, dict):
        return {name: _placed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_complete(each) for each in sorted(value, key=lambda each: _index(each, len(value)))]
    return value


def _index(item: Any, otherwise: int) -> int:
    index = item.get("index") if isinstance(item, dict) else getattr(item, "index", None)
    return index if isinstance(index, int) else otherwise


def _complete(item: Any) -> Any:
    if not isinstance(item, dict) or "index" not in item:
        return _placed(item)
    made = {name: _placed(each) for name, each in item.items() if name != "index"}
    kind = str(made.get("type"))
    if kind in _EMPTY and isinstance(given := made.get(kind) or {}, dict):
        made[kind] = {**_EMPTY[kind], **given}
    return made
