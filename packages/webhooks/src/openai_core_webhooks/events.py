"""The events that webhooks bring, told apart by `type`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from openai_core import logs
from openai_core.errors import APIResponseValidationError
from openai_core.lenient import build
from openai_core.model import OpenUnion
from openai_core_webhooks.signature import TOLERANCE, verify
from openai_core_webhooks.types.webhooks import (
    BatchCancelledWebhookEvent,
    BatchCompletedWebhookEvent,
    BatchExpiredWebhookEvent,
    BatchFailedWebhookEvent,
    EvalRunCanceledWebhookEvent,
    EvalRunFailedWebhookEvent,
    EvalRunSucceededWebhookEvent,
    FineTuningJobCancelledWebhookEvent,
    FineTuningJobFailedWebhookEvent,
    FineTuningJobSucceededWebhookEvent,
    LiveCallIncomingWebhookEvent,
    RealtimeCallIncomingWebhookEvent,
    ResponseCancelledWebhookEvent,
    ResponseCompletedWebhookEvent,
    ResponseFailedWebhookEvent,
    ResponseIncompleteWebhookEvent,
)

if TYPE_CHECKING:
    from openai_core_webhooks.signature import WebhookHeaders

WebhookEvent: TypeAlias = Annotated[
    BatchCancelledWebhookEvent
    | BatchCompletedWebhookEvent
    | BatchExpiredWebhookEvent
    | BatchFailedWebhookEvent
    | EvalRunCanceledWebhookEvent
    | EvalRunFailedWebhookEvent
    | EvalRunSucceededWebhookEvent
    | FineTuningJobCancelledWebhookEvent
    | FineTuningJobFailedWebhookEvent
    | FineTuningJobSucceededWebhookEvent
    | LiveCallIncomingWebhookEvent
    | RealtimeCallIncomingWebhookEvent
    | ResponseCancelledWebhookEvent
    | ResponseCompletedWebhookEvent
    | ResponseFailedWebhookEvent
    | ResponseIncompleteWebhookEvent,
    OpenUnion("type"),
]
"""Any event. One of a type that this version doesn't know is an `UnknownModel`, all of whose data can be read."""

_EVENT: Final[TypeAdapter[WebhookEvent]] = TypeAdapter(WebhookEvent)


def unwrap(
    payload: bytes | str,
    headers: WebhookHeaders,
    *,
    secret: str | None = None,
    tolerance: float = TOLERANCE,
    now: float | None = None,
) -> WebhookEvent:
    """Check that the API has sent a request, and read the event in it.

    Args:
        payload: The body of the request as it came, before anything has read it.
        headers: Those of the request, as a mapping or as pairs, such as ASGI has them; names in any case.
        secret: The secret of the webhook endpoint, `whsec_...`; `OPENAI_WEBHOOK_SECRET` if not given.
        tolerance: Seconds by which the time of the request may differ from the clock, either way.
        now: Seconds since 1970 to take for the time; those of the clock if not given.

    Returns:
        The event. Its `type` tells which; one that this version doesn't know is an `UnknownModel`.

    Raises:
        InvalidWebhookSignatureError: if it isn't signed by this secret, or is too old or too new.
        APIResponseValidationError: if it is signed and no event all the same.
        ConfigurationError: if there is no secret, or it can't be one.

    [Guide](https://platform.openai.com/docs/guides/webhooks)
    """
    verify(payload, headers, secret=secret, tolerance=tolerance, now=now)
    return read(payload)


def read(payload: bytes | str) -> WebhookEvent:
    """Read an event whose signature is checked already.

    Raises:
        APIResponseValidationError: if it is none.
    """
    # A str may hold what no bytes stand for.
    content = payload.encode(errors="surrogatepass") if isinstance(payload, str) else bytes(payload)
    try:
        return _EVENT.validate_json(content)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
    if problem["type"] == "json_invalid":
        reason = problem["msg"].removeprefix("Invalid JSON: ")
        raise APIResponseValidationError(f"the webhook's body is no JSON: {reason}")
    value = from_json(content)
    built, drifts = build(WebhookEvent, value)
    if built is None:
        place = ".".join(map(str, problem["loc"])) or "it"
        raise APIResponseValidationError(
            f"the webhook's body is no event: {place}: {problem['msg'].lower()}", body=value
        )
    for drift in drifts:
        logs.info("the webhook differs from the API description: %s", drift)
    event: WebhookEvent = built
    return event
