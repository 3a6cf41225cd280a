"""A program that does one call, over a transport that costs nothing: valgrind counts all of what it does."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Final

# When it runs depends on a few objects more or less, and once more or less is four per cent of all.
gc.disable()

from openai_core import Client  # noqa: E402
from openai_core.transport.protocol import Headers  # noqa: E402

if TYPE_CHECKING:
    from openai_core.transport.protocol import Request

TEXT: Final = "Hello!"
ANSWER: Final = (
    b'{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-5-mini","choices":[{"index":0,'
    b'"message":{"role":"assistant","content":"Hello!","refusal":null,"annotations":[]},"finish_reason":"stop"}]}'
)


class Reply:
    """See `openai_core.transport.protocol.Reply`."""

    status = 200
    headers = Headers({"content-type": "application/json"})
    deadline = None

    def read(self) -> bytes:
        return ANSWER


class Transport:
    """Answers at once."""

    def send(self, request: Request) -> Reply:
        return Reply()


client = Client(api_key="key", base_url="http://127.0.0.1/v1", transport=Transport())
answer = client.chat.completions.create(model="gpt-5-mini", messages=[{"role": "user", "content": "Hi"}])
assert answer.choices[0].message.content == TEXT
