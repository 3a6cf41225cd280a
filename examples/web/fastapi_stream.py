"""An endpoint of FastAPI that streams an answer as server-sent events.

    python -m examples.web.fastapi_stream
    curl -N -H "Content-Type: application/json" -d '{"question": "Why is the sky blue?"}' http://127.0.0.1:8000/answers

One client serves all requests for as long as the application runs. What the API refuses gets a status of its own, as
nothing is answered before the API has. Callers that leave end the call to the API.
"""

from __future__ import annotations

import json
import logging
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, TypedDict, cast

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field

from openai_core import APIError, APITimeoutError, AsyncClient, BadRequestError, RateLimitError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Receive, Scope, Send

    from openai_core.streaming import AsyncStream
    from openai_core_responses.types import ResponseStreamEvent

logger = logging.getLogger(__name__)


class State(TypedDict):
    """What all requests share."""

    client: AsyncClient


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[State]:
    """Keep one client, and with it its connections, for as long as the application runs."""
    async with AsyncClient() as client:
        yield {"client": client}


def openai_client(request: Request) -> AsyncClient:
    """The client; tests put another one in its place with `app.dependency_overrides`."""
    return cast("AsyncClient", request.state.client)


class Question(BaseModel):
    """What is asked."""

    question: str = Field(min_length=1, max_length=4000)


class AnswerResponse(StreamingResponse):
    """Server-sent events: `{"text": "..."}` again and again, then `done`, or `error` if the answer breaks off.

    However it ends, and even if it never begins because the caller has left, the stream is closed.
    """

    media_type = "text/event-stream"

    def __init__(self, stream: AsyncStream[ResponseStreamEvent]) -> None:
        # Proxies would collect the pieces, and hand them on all at once.
        super().__init__(self._events(), headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; servers call this."""
        async with self._stream:
            await super().__call__(scope, receive, send)

    async def _events(self) -> AsyncIterator[str]:
        try:
            async for event in self._stream:
                if event.type == "response.output_text.delta":
                    yield f"data: {json.dumps({'text': event.delta})}\n\n"
        except APIError as error:
            # The status is gone; all that can be said is said in the stream.
            yield f"event: error\ndata: {json.dumps({'message': error.message})}\n\n"
        else:
            yield "event: done\ndata: {}\n\n"


app = FastAPI(lifespan=lifespan)


@app.post("/answers", response_class=StreamingResponse)
async def answer(asked: Question, client: Annotated[AsyncClient, Depends(openai_client)]) -> AnswerResponse:
    """Answer a question, word by word."""
    stream = client.responses.create_stream(model="gpt-5-mini", input=asked.question)
    # Here the request goes out; what is wrong with it is raised before anything is answered.
    await stream
    return AnswerResponse(stream)


@app.exception_handler(APIError)
async def refused(_: Request, error: APIError) -> JSONResponse:
    """Tell callers what they can do something about; the rest goes into the log."""
    logger.warning("the API: %s", error)
    match error:
        case RateLimitError():
            later = {name: value for name, value in (error.headers or {}).items() if name.lower() == "retry-after"}
            return JSONResponse({"detail": "too many questions; try later"}, HTTPStatus.TOO_MANY_REQUESTS, later)
        case BadRequestError():
            return JSONResponse({"detail": error.message}, HTTPStatus.BAD_REQUEST)
        case APITimeoutError():
            return JSONResponse({"detail": "the model takes too long"}, HTTPStatus.GATEWAY_TIMEOUT)
        case _:
            # A wrong key, for one, is this server's fault and not the caller's.
            return JSONResponse({"detail": "the model can't be asked"}, HTTPStatus.BAD_GATEWAY)


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)
