"""Completions that are read as a type of the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from openai_core.errors import InvalidRequestError
from openai_core.method import forwards
from openai_core.operation import OMIT, AnyOperation
from openai_core.steps import send_raw
from openai_core_chat.operations import completions

if TYPE_CHECKING:
    from typing import Unpack

    from openai_core.operation import Operation
    from openai_core.options import RequestOptions
    from openai_core.parsing import StreamParsing
    from openai_core.steps import Steps
    from openai_core.structured import OutputFormat
    from openai_core_chat.answers import ParsedChatCompletion
    from openai_core_chat.params import ChatCompletionCreateParam
    from openai_core_chat.types.chat import ChatCompletion
    from openai_core_chat.types.chunks import ChatCompletionChunk

T = TypeVar("T")
OperationT = TypeVar("OperationT", bound=AnyOperation)


@forwards(completions.create, stream="parse_stream")
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
    refuse_format(request, "parse")
    refuse_many(request)
    # The request's fields are `create`'s parameters but for `stream`, which `create` refuses with a TypeError.
    ask = completions.create(options=options, **request)  # type: ignore[misc]
    return _ask_and_read(returns, ask)


@forwards(completions.create_stream)
def parse_stream(
    returns: type[T] | OutputFormat[T],
    /,
    *,
    options: RequestOptions | None = None,
    **request: Unpack[ChatCompletionCreateParam],
) -> StreamParsing[ChatCompletionChunk, ChatCompletion, ParsedChatCompletion[T]]:
    """Generate the next message of a conversation as JSON of a type, and stream it; `final()` gives it read as that.

    Args:
        returns: As in `parse`.
        options: Options of this one call.
        request: What `chat.completions.create_stream` takes: `model`, `messages` and more; but no `response_format`,
            which is made of the type, and one answer only.

    Returns:
        A stream of the same chunks. Its `final()` is what `parse` gives; `partial()` is as much of it as has come, as
        plain data, and `snapshot()` the completion so far.

    Raises:
        InvalidRequestError: for a type that strict mode can't express; it names the field. Nothing was sent.
        AnswerTruncatedError: by `final()`, as are the others, if the answer was cut off.
        AnswerRefusedError: if the model refused, or a filter held the answer back.
        AnswerValidationError: if the answer isn't of the type.
        StreamTruncatedError: if the stream broke off; `snapshot()` still has what came.

    [API reference](https://platform.openai.com/docs/api-reference/chat/create) ·
    [Guide](https://platform.openai.com/docs/guides/structured-outputs)
    """
    from openai_core.parsing import StreamParsing
    from openai_core.structured import facts_of, output_format
    from openai_core_chat.answers import read

    refuse_format(request, "parse_stream")
    refuse_many(request)
    ask = completions.create_stream(options=options, **request)  # type: ignore[misc]  # as in `parse`
    wanted = output_format(returns)
    return StreamParsing(
        _asking(ask, wanted),
        lambda completion, response: read(wanted, completion, **facts_of(response)),
        lambda completion: wanted.read_partial(_text(completion)),
    )


def refuse_format(request: Any, method: str) -> None:
    """Refuse a request that says how the answer is to be formatted.

    Raises:
        TypeError: if it is one.
    """
    if request.get("response_format", OMIT) is not OMIT:
        raise TypeError(f"{method}() makes response_format of the type; pass an OutputFormat to say more about it")


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
    response = yield from send_raw(_asking(ask, wanted))
    return read(wanted, response.parse(), **facts_of(response))


def _asking(ask: OperationT, wanted: OutputFormat[Any]) -> OperationT:
    return ask.replace(body={"response_format": wanted.for_chat()})


def _text(completion: ChatCompletion) -> str:
    """The text of an answer that may not have begun."""
    return (completion.choices[0].message.content or "") if completion.choices else ""
