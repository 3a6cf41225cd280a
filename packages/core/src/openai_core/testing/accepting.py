"""What a request can be answered with: a mistake is told where it is made, and not where it is noticed."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from openai_core.decoding import decoder
from openai_core.model import ApiModel, members
from openai_core.operation import BinaryEndpoint, StreamEndpoint

if TYPE_CHECKING:
    from openai_core.operation import Endpoint
    from openai_core.testing.rules import Rule

_TAKES: Final = "a model, a mapping, a list, text, bytes, Events, a Refusal, an exception, or a function that gives one"


_KINDS: Final = (Mapping, list, tuple, str, bytes, bytearray, BaseModel)


def check_event(event: object) -> None:
    """Refuse what no event can be made of."""
    if isinstance(event, (list, tuple, set)):
        raise TypeError("the events are passed one by one, not as a list: Events(*events)")
    if isinstance(event, type) or not (isinstance(event, (str, Mapping, BaseModel)) or is_dataclass(event)):
        raise TypeError(f"an event is a model, a mapping, or its data as text, not {event!r:.80}")


def check_answer(rule: Rule, answer: object) -> None:
    """Refuse what a rule's request can't be answered with.

    Raises:
        TypeError: if it can't be.
    """
    from openai_core.testing.answers import Events, Refusal

    if isinstance(answer, (Refusal, BaseException)) or _is_exception(answer):
        return
    if isinstance(answer, type) or callable(answer):
        _check_function(answer)
    elif rule.session:
        if not isinstance(answer, Events):
            kind = type(answer).__name__
            raise TypeError(f"a session is answered with Events, a Refusal or an exception, not with {kind}")
    elif rule.twin and isinstance(answer, Events):
        raise TypeError(f"{rule.method} {rule.path} is answered as a whole here; name {rule.twin} to answer events")
    elif not (isinstance(answer, (*_KINDS, Events)) or is_dataclass(answer)):
        if answer is not None or (rule.endpoint is not None and rule.endpoint.returns is not None):
            raise TypeError(f"an answer is {_TAKES}, not {answer!r:.80}")
    elif rule.endpoint is not None:
        _check_kind(f"{rule.method} {rule.path}", rule.endpoint, answer)


def _check_function(answer: Any) -> None:
    if isinstance(answer, type):
        name = answer.__name__
        raise TypeError(f"an answer is an object, and {name} is a type; build({name}, ...) makes one")
    if inspect.iscoroutinefunction(answer) or inspect.iscoroutinefunction(type(answer).__call__):
        raise TypeError(
            "the function that gives an answer is a plain one for clients of both colours, not an async one"
        )


def _check_kind(place: str, endpoint: Endpoint[Any], answer: object) -> None:
    from openai_core.testing.answers import Events

    if isinstance(answer, (str, bytes, bytearray)):
        return
    if isinstance(endpoint, StreamEndpoint):
        if not isinstance(answer, Events):
            raise TypeError(
                f"{place} is asked for a stream here, which is answered with Events(...), not with a whole "
                f"{type(answer).__name__}; name the method that doesn't stream to answer that"
            )
        for event in answer.events:
            _check_model(f"an event of {place}", endpoint.returns, event)
    elif isinstance(answer, Events):
        raise TypeError(f"{place} is answered as a whole, not with Events")
    elif not isinstance(endpoint, BinaryEndpoint):
        _check_model(f"the answer of {place}", endpoint.returns, answer)


def _check_model(what: str, returns: Any, answer: object) -> None:
    # Models of the caller's own stand for what they are read as by `into`.
    if not isinstance(answer, ApiModel) or not isinstance(returns, str):
        return
    reader = decoder(returns)
    kinds = tuple(each for each in members(reader.returns) if isinstance(each, type) and issubclass(each, ApiModel))
    if kinds and not isinstance(answer, kinds):
        raise TypeError(
            f"{what} is a {reader.name}, not a {type(answer).__name__}; "
            "to answer that nevertheless pass answer.to_dict()"
        )


def _is_exception(answer: object) -> bool:
    return isinstance(answer, type) and issubclass(answer, BaseException)
