"""Waiting for a response that is made in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openai_core.method import forwards
from openai_core.operation import OMIT
from openai_core.steps import send, tell, until, within
from openai_core_responses_beta.operations import responses_beta

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Unpack

    from openai_core.operation import Omit, Operation
    from openai_core.options import RequestOptions
    from openai_core.steps import Steps
    from openai_core_responses_beta.params import BetaIncludeEnum, BetaResponseCreateParam
    from openai_core_responses_beta.types import BetaResponse

_GOING_ON: Final = frozenset({"queued", "in_progress"})


def wait(
    response_id: str,
    *,
    betas: Sequence[str] | Omit = OMIT,
    include: Sequence[BetaIncludeEnum] | Omit = OMIT,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[BetaResponse], None] | None = None,
    options: RequestOptions | None = None,
) -> Steps[BetaResponse]:
    """Wait until a response that is made in the background has come to its end.

    Args:
        response_id: ID of the response.
        betas: Names of the features to try out; `["responses_multi_agent=v1"]` if not given.
        include: Further data that the response shall hold, such as `message.output_text.logprobs`.
        interval: Seconds between two looks. By default they grow from half a second to ten, unless the server says
            how long to wait.
        deadline: Seconds after which to give up; the response goes on being made.
        on_progress: Called with the response after each look.
        options: Options of each look.

    Returns:
        The response. Its `status` is `completed`, `incomplete`, `failed` or `cancelled`.

    Raises:
        DeadlineExceededError: if it still goes on when the time is over.
        APIError: if a look fails.

    [API reference](https://platform.openai.com/docs/api-reference/responses/get)
    """
    look = responses_beta.retrieve(response_id, betas=betas, include=include, options=options)
    return until(look, _rests, interval=interval, deadline=deadline, on_progress=on_progress)


@forwards(responses_beta.create)
def create_and_wait(
    *,
    betas: Sequence[str] | Omit = OMIT,
    interval: float | None = None,
    deadline: float | None = None,
    on_progress: Callable[[BetaResponse], None] | None = None,
    options: RequestOptions | None = None,
    **response: Unpack[BetaResponseCreateParam],
) -> Steps[BetaResponse]:
    """Generate a response in the background, and wait until it has come to its end.

    No connection has to last for the minutes that it may take.

    Args:
        betas: Names of the features to try out; `["responses_multi_agent=v1"]` if not given.
        interval: Seconds between two looks. By default they grow from half a second to ten, unless the server says
            how long to wait.
        deadline: Seconds for all of it; after that, the response goes on being made.
        on_progress: Called with the response as it was begun, which tells its `id`, and after each look.
        options: Options of each call.
        response: What `responses_beta.create` takes; `background` is true if not given.

    Returns:
        The response, as `responses_beta.wait` gives it.

    Raises:
        DeadlineExceededError: if it still goes on when the time is over.
        APIError: if a call fails.

    [Guide](https://platform.openai.com/docs/guides/background)
    """
    # The request's fields are `create`'s parameters but for those of streams, which `create` refuses with a TypeError.
    begin = responses_beta.create(**{"background": True, **response}, betas=betas, options=options)  # type: ignore[arg-type]
    return _send_and_wait(
        begin,
        betas=betas,
        include=response.get("include") or OMIT,
        interval=interval,
        deadline=deadline,
        on_progress=on_progress,
        options=options,
    )


def _send_and_wait(
    begin: Operation[BetaResponse],
    *,
    betas: Sequence[str] | Omit,
    include: Sequence[BetaIncludeEnum] | Omit,
    interval: float | None,
    deadline: float | None,
    on_progress: Callable[[BetaResponse], None] | None,
    options: RequestOptions | None,
) -> Steps[BetaResponse]:
    yield from within(deadline)
    begun = yield from send(begin)
    yield from tell(on_progress, begun)
    if _rests(begun):
        return begun
    look = wait(begun.id, betas=betas, include=include, interval=interval, on_progress=on_progress, options=options)
    return (yield from look)


def _rests(response: BetaResponse) -> bool:
    return response.status not in _GOING_ON
