"""A receiver of webhooks in Starlette: `OPENAI_WEBHOOK_SECRET=whsec_... python -m examples.webhooks_starlette`.

The API calls `POST /webhooks` when a batch is done, a response finished in the background, and so on. It tries again
until it gets a 2xx, so that one event may come several times: what was handled once is only confirmed.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from openai_core_webhooks import InvalidWebhookSignatureError, unwrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from openai_core_webhooks import WebhookEvent


def show(event: WebhookEvent) -> None:
    """Do what an event asks for; here it is only shown."""
    match event.type:
        case "response.completed":
            print(f"response {event.data.id} is complete")
        case "batch.completed":
            print(f"batch {event.data.id} is complete")
        case other:
            print(f"nothing to do for {other}")


def receiver(handle: Callable[[WebhookEvent], None] = show, *, secret: str | None = None) -> Starlette:
    """The application.

    Args:
        handle: is called with each event, once.
        secret: the secret of the webhook endpoint; `OPENAI_WEBHOOK_SECRET` if not given.
    """
    # A program with several processes keeps them in its database.
    handled: set[str] = set()

    async def receive(request: Request) -> Response:
        try:
            event = unwrap(await request.body(), request.headers, secret=secret)
        except InvalidWebhookSignatureError as error:
            return Response(str(error), HTTPStatus.BAD_REQUEST)
        delivery = request.headers["webhook-id"]
        if delivery not in handled:
            handle(event)
            handled.add(delivery)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return Starlette(routes=[Route("/webhooks", receive, methods=["POST"])])


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(receiver(), port=8000)
