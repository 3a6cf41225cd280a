"""A page with a form, whose answer is streamed into it: `python -m examples.web.responses_page`, then open the URL.

The browser talks to this server, and only this server knows the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, StreamingResponse
from starlette.routing import Route

from openai_core import AsyncClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

PAGE: Final = """<!doctype html><title>Ask</title>
<form><input name="question" value="Why is the sky blue?" size="60"><button>Ask</button></form><pre></pre>
<script>
document.querySelector("form").onsubmit = async (event) => {
  event.preventDefault();
  const answer = await fetch("/ask", { method: "POST", body: new FormData(event.target) });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  const shown = document.querySelector("pre");
  shown.textContent = "";
  for (let part; !(part = await reader.read()).done;) shown.textContent += part.value;
};
</script>"""


async def page(_: Request) -> Response:
    """The form."""
    return HTMLResponse(PAGE)


async def ask(request: Request) -> Response:
    """The answer, as it comes. What goes wrong before its first word is told as an error and not as an answer."""
    form = await request.form()
    client: AsyncClient = request.app.state.client
    stream = client.responses.create_stream(model="gpt-5-mini", input=str(form.get("question")))
    await stream

    async def text() -> AsyncIterator[str]:
        async with stream as events:
            async for event in events:
                if event.type == "response.output_text.delta":
                    yield event.delta

    return StreamingResponse(text(), media_type="text/plain")


def app() -> Starlette:
    """The application."""
    made = Starlette(routes=[Route("/", page), Route("/ask", ask, methods=["POST"])])
    made.state.client = AsyncClient()
    return made


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, factory=True, host="127.0.0.1", port=8000)
