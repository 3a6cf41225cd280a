"""Whether a stream is one of a run, and whether a handler's methods can be called with what there is to tell."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from openai_core.model import ApiModel
from openai_core.streaming import read_as
from openai_core_assistants.types.assistants import AssistantStreamEvent

if TYPE_CHECKING:
    from collections.abc import Callable

_STREAMS: Final = "create_stream, submit_tool_outputs_stream or create_and_run_stream"

_SO_FAR: Final = {
    "on_message_delta": "current_message",
    "on_text_delta": "current_message",
    "on_run_step_delta": "current_step",
    "on_tool_call_delta": "current_step",
}
"""Where what has come so far is, which another library hands to these as well."""


_checked: WeakSet[type] = WeakSet()


def check_stream(name: str, stream: Any) -> None:
    """Refuse what no run is told by, before anything is sent for it.

    Args:
        name: of the function that was given it, for messages.
        stream: what it was given.

    Raises:
        TypeError: if it is no stream of a run, or of its events.
    """
    takes = f"{name}() takes the stream of an assistant's run, as {_STREAMS} gives it"
    if isinstance(stream, (str, bytes, Mapping, ApiModel)) or not (
        hasattr(stream, "__iter__") or hasattr(stream, "__aiter__")
    ):
        raise TypeError(f"{takes}, not {'None' if stream is None else f'a {type(stream).__name__}'}")
    reader = read_as(stream)
    if reader is not None and reader.returns != AssistantStreamEvent:
        raise TypeError(f"{takes}; the events of this one are each a {reader.name}")


def check_run_stream(name: str, stream: Any) -> None:
    """As `check_stream`, for what is asked for the run at its end."""
    check_stream(name, stream)
    if inspect.isgenerator(stream) or inspect.isasyncgen(stream) or not hasattr(stream, "close"):
        raise TypeError(
            f"{name}() takes the stream of an assistant's run itself, as {_STREAMS} gives it, not a "
            f"{type(stream).__name__}: at its end it asks the stream for the run"
        )


def check_methods(handler: type, known: type) -> None:
    """Look at the methods of a class of handlers; at each class once.

    Args:
        handler: the class.
        known: the class that has all methods there are.

    Raises:
        TypeError: for a method `on_...` that there isn't, and for one that can't be called with what is told.
    """
    if handler in _checked:
        return
    names = [name for name in dir(known) if name.startswith("on_")]
    for name in dir(handler):
        if not name.startswith("on_") or not callable(getattr(handler, name)):
            continue
        if name not in names:
            from openai_core.advice import alike

            meant = alike(name, names)
            hint = f"did you mean {meant}?" if meant else f"there are {', '.join(names)}"
            raise TypeError(f"{handler.__name__} has a method {name}(), which no handler is told by; {hint}")
        method = inspect.getattr_static(handler, name)
        if inspect.isfunction(method):
            _check_parameters(f"{handler.__name__}.{name}", method, getattr(known, name))
    _checked.add(handler)


def _check_parameters(place: str, method: Callable[..., Any], known: Callable[..., Any]) -> None:
    told = list(inspect.signature(known).parameters)
    signature = inspect.signature(method)
    try:
        signature.bind(*told)
    except TypeError:
        # It is called by position, so that names may be others.
        extra = [each.name for each in signature.parameters.values() if each.default is each.empty][len(told) :]
        so_far = _SO_FAR.get(known.__name__)
        drop = f"; drop {', '.join(extra)}" if extra else ""
        instead = f", self.{so_far} is what has come so far" if extra and so_far else ""
        raise TypeError(
            f"{place}() is called as {known.__name__}({', '.join(told[1:])}), which it doesn't take{drop}{instead}"
        ) from None
