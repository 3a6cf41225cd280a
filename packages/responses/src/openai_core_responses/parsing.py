"""Responses that are read as a type of the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from openai_core.errors import InvalidRequestError
from openai_core.method import forwards
from openai_core.operation import AnyOperation
from openai_core.steps import send_raw
from openai_core_responses.operations import responses

if TYPE_CHECKING:
    from typing import Unpack

    from openai_core.operation import Operation
    from openai_core.options import RequestOptions
    from openai_core.parsing import StreamParsing
    from openai_core.steps import Steps
    from openai_core.structured import OutputFormat
    from openai_core_responses.answers import ParsedResponse
    from openai_core_responses.params.responses import ResponseCreateParam
    from openai_core_responses.types.events import ResponseStreamEvent
    from openai_core_responses.types.responses import Response

T = TypeVar("T")
OperationT = TypeVar("OperationT", bound=AnyOperation)


@forwards(responses.create, stream="parse_stream")
def parse(
    returns: type[T] | OutputFormat[T],
    /,
    *,
    options: RequestOptions | None = None,
    **request: Unpack[ResponseCreateParam],
) -> Steps[ParsedResponse[T]]:
    """Generate a response that is JSON of a type, and read it as that.

    Args:
        returns: What the answer is read as: a pydantic model, a dataclass, a `TypedDict`, `list[...]`, a `Literal`, a
            union, …; or an `OutputFormat`, which also says how it is called and whether the model is held to it.
        options: Options of this one call.
        request: What `responses.create` takes: `model`, `input` and more; but no `format` in `text`, which is made of
            the type, and no `background`.

    Returns:
        The answer as the type, in `parsed`, and the whole `response`.

    Raises:
        InvalidRequestError: for a type that strict mode can't express; it names the field. Nothing was sent.
        AnswerTruncatedError: if the answer was cut off.
        AnswerRefusedError: if the model refused, or a filter held the answer back.
        AnswerValidationError: if the answer isn't of the type, which it may be where a server doesn't hold the model
            to it.

    [API reference](https://platform.openai.com/docs/api-reference/responses/create) ·
    [Guide](https://platform.openai.com/docs/guides/structured-outputs)
    """
    refuse_background(request)
    # The request's fields are `create`'s parameters but for `stream`, which `create` refuses with a TypeError.
    ask = responses.create(options=options, **request)  # type: ignore[misc]
    return _ask_and_read(returns, ask)


@forwards(responses.create_stream)
def parse_stream(
    returns: type[T] | OutputFormat[T],
    /,
    *,
    options: RequestOptions | None = None,
    **request: Unpack[ResponseCreateParam],
) -> StreamParsing[ResponseStreamEvent, Response, ParsedResponse[T]]:
    """Generate a response that is JSON of a type, and stream it; `final()` gives it read as that.

    Args:
        returns: As in `parse`.
        options: Options of this one call.
        request: What `responses.create_stream` takes: `model`, `input` and more; but no `format` in `text`, which is
            made of the type.

    Returns:
        A stream of the same events. Its `final()` is what `parse` gives; `partial()` is as much of it as has come, as
        plain data, and `snapshot()` the response so far.

    Raises:
        InvalidRequestError: for a type that strict mode can't express; it names the field. Nothing was sent.
        AnswerTruncatedError: by `final()`, as are the others, if the answer was cut off.
        AnswerRefusedError: if the model refused, or a filter held the answer back.
        AnswerValidationError: if the answer isn't of the type.
        StreamTruncatedError: if the stream broke off; `snapshot()` still has what came.

    [API reference](https://platform.openai.com/docs/api-reference/responses/create) ·
    [Guide](https://platform.openai.com/docs/guides/structured-outputs)
    """
    from openai_core.parsing import StreamParsing
    from openai_core.structured import facts_of, output_format
    from openai_core_responses.answers import read

    ask = responses.create_stream(options=options, **request)  # type: ignore[misc]  # as in `parse`
    wanted = output_format(returns)
    return StreamParsing(
        _asking(ask, wanted, "parse_stream"),
        lambda whole, response: read(wanted, whole, **facts_of(response)),
        lambda whole: wanted.read_partial(whole.output_text),
    )


def refuse_background(request: Any) -> None:
    """Refuse a request whose answer comes later.

    Raises:
        InvalidRequestError: if it is one.
    """
    if request.get("background"):
        raise InvalidRequestError("the answer is read at once, and background=True gives none", param="background")


def _ask_and_read(returns: type[T] | OutputFormat[T], ask: Operation[Response]) -> Steps[ParsedResponse[T]]:
    from openai_core.structured import facts_of, output_format
    from openai_core_responses.answers import read

    wanted = output_format(returns)
    response = yield from send_raw(_asking(ask, wanted, "parse"))
    return read(wanted, response.parse(), **facts_of(response))


def _asking(ask: OperationT, wanted: OutputFormat[Any], method: str) -> OperationT:
    from openai_core.encoding import fields_of

    body: Any = ask.body
    text = fields_of(body.get("text"))
    if text.get("format") is not None:
        raise TypeError(f"{method}() makes text's format of the type; pass an OutputFormat to say more about it")
    return ask.replace(body={"text": {**text, "format": wanted.for_responses()}})
