"""What surrounds every request: it is written down before anything else, and every answer carries the usual headers."""

from __future__ import annotations

from email.utils import formatdate
from time import perf_counter
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from .errors import Refusal
from .received import ReceivedRequest
from .sse import encode

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from .state import State

REQUESTS_A_MINUTE: Final = 10_000
TOKENS_A_MINUTE: Final = 2_000_000
_STARTS: Final = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})


class RecordRequests:
    """Read each request to its end, write it down, and pass it on.

    Args:
        app: what comes next.
        requests: the list to write to.
        max_body: how many bytes a body may have.
    """

    def __init__(self, app: ASGIApp, requests: list[ReceivedRequest], max_body: int) -> None:
        self.app = app
        self.requests = requests
        self.max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "websocket":
            self._note(scope, b"")
            await self.app(scope, receive, send)
            return
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            # What is too much is read all the same, or the client would break off instead of reading the answer.
            if len(body) <= self.max_body:
                body += message.get("body", b"")
            more = message.get("more_body", False)
        self._note(scope, bytes(body))
        if len(body) > self.max_body:
            too_large = Refusal(413, f"Maximum content size limit ({self.max_body}) exceeded.")
            await refusal_response(too_large)(scope, receive, send)
            return
        whole: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def replay() -> Message:
            return whole.pop() if whole else await receive()

        await self.app(scope, replay, send)

    def _note(self, scope: Scope, body: bytes) -> None:
        query = scope["query_string"].decode()
        # A websocket begins as a GET.
        method = scope.get("method", "GET")
        self.requests.append(ReceivedRequest(method, scope["path"], query, dict(Headers(scope=scope)), body))


class UsualHeaders:
    """Add what the API says about every request: its id, the time that it took, who asked."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self.app = app
        self.state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        began = perf_counter()
        asked = Headers(scope=scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] in _STARTS:
                headers = MutableHeaders(scope=message)
                headers.setdefault("date", formatdate(usegmt=True))
                headers.setdefault("x-request-id", self.state.new_id("req_"))
                headers.setdefault("openai-version", "2020-10-01")
                headers.setdefault("openai-processing-ms", str(round((perf_counter() - began) * 1000)))
                headers.setdefault("openai-organization", asked.get("openai-organization", "org-emulator"))
                headers.setdefault("openai-project", asked.get("openai-project", "proj_emulator"))
            await send(message)

        await self.app(scope, receive, send_with_headers)


def rate_limits(body: bytes) -> dict[str, str]:
    """The headers that tell how much may still be asked, as though the minute had begun with this request.

    Args:
        body: of the request, from whose length its tokens are guessed.
    """
    tokens = len(body) // 4
    return {
        "x-ratelimit-limit-requests": str(REQUESTS_A_MINUTE),
        "x-ratelimit-limit-tokens": str(TOKENS_A_MINUTE),
        "x-ratelimit-remaining-requests": str(REQUESTS_A_MINUTE - 1),
        "x-ratelimit-remaining-tokens": str(max(0, TOKENS_A_MINUTE - tokens)),
        "x-ratelimit-reset-requests": f"{60_000 // REQUESTS_A_MINUTE}ms",
        "x-ratelimit-reset-tokens": f"{tokens * 60_000 // TOKENS_A_MINUTE}ms",
    }


def refusal_response(refusal: Refusal) -> Response:
    """The HTTP response to a request that is refused."""
    return Response(encode(refusal.body), refusal.status, refusal.headers, "application/json")
