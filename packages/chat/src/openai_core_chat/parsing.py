"""Completions that are read as a type of the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from openai_core.errors import InvalidRequestError
from openai_core.operation import OMIT
from openai_core.steps import send_raw
from openai_core_chat.operations import completions

if TYPE_CHECKING:
    from typing import Unpack

    from openai_core.operation import Operation
    from openai_core.options import RequestOptions
    from openai_core.steps import Steps
    from openai_core.structured import OutputFormat
    from openai_core_chat.answers import ParsedChatCompletion
    from openai_core_chat.params import ChatCompletionCreateParam
    from openai_core_chat.types.chat import ChatCompletion

T = TypeVar("T")


def parse(
    returns: type[T] | OutputFormat[T],
    /,
    *,
    options: RequestOptions | None = None,
    **request: Unpack[ChatCompletionCreateParam],
) -> Steps[ParsedChatCompletion[T]]:
    """Generate the next message of a conversation as JSON of a type, and read it as that.

    Args:
        returns: What the answer is read as: a pydantic model, a dataclass, a `TypedDict`, `list[...]`, a `Literal`, a
            union, …; or an `OutputFormat`, which also says how it is called and whether the model is held to it.
        options: Options of this one call.
        request: What `chat.completions.create` takes: `model`, `messages` and more; but no `response_format`, which is
            made of the type, and one answer only.

    Returns:
        The answer as the type, in `parsed`, and the whole `completion`.

    Raises:
        InvalidRequestError: for a type that strict mode can't express; it names the field. Nothing was sent.
        AnswerTruncatedError: if the answer was cut off.
        AnswerRefusedError: if the model refused, or a filter held the answer back.
        AnswerValidationError: if the answer isn't of the type, which it may be where a server doesn't hold the model
            to it.

    [API reference](https://platform.openai.com/docs/api-reference/chat/create) ·
    [Guide](https://platform.openai.com/docs/guides/structured-outputs)
    """
    if request.get("response_format", OMIT) is not OMIT:
        raise TypeError("parse() makes response_format of the type; pass an OutputFormat to say more about it")
    refuse_many(request)
    # The request's fields are `create`'s parameters but for `stream`, which `create` refuses with a TypeError.
    ask = completions.create(options=options, **request)  # type: ignore[misc]
    return _ask_and_read(returns, ask)


def refuse_many(request: Any) -> None:
    """Refuse a request for several answers.

    Raises:
        InvalidRequestError: if it is one.
    """
    if request.get("n") not in {None, 1, OMIT}:
        raise InvalidRequestError(f"one answer is read, and n={request['n']} asks for more", param="n")


def _ask_and_read(returns: type[T] | OutputFormat[T], ask: Operation[ChatCompletion]) -> Steps[ParsedChatCompletion[T]]:
    from openai_core.structured import facts_of, output_format
    from openai_core_chat.answers import read

    wanted = output_format(returns)
    response = yield from send_raw(ask.replace(body={"response_format": wanted.for_chat()}))
    return read(wanted, response.parse(), **facts_of(response))
