"""Faults of any answer over HTTP: those that are on the wire, and those that an answer says."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Final

from .exchange import HOW
from .kinds import kind

if TYPE_CHECKING:
    from .exchange import Exchange, How

_BODIES: Final = ("api", "text", "string", "error_text", "detail", "list", "html", "empty")
_WAITS: Final = ("seconds", "milliseconds", "date", "both", "nonsense", "negative", "infinite", "past", "none")
_JSON: Final = "application/json"
_MESSAGE: Final = "This is a fault that was asked for."


@kind("request")
async def refused(exchange: Exchange, *, seconds: float = 0.0) -> None:
    """Nobody listens any more, for some seconds or (0) until `up()`; every connection is reset."""
    exchange.go_down(seconds)


@kind("request", how=HOW)
async def no_answer(exchange: Exchange, *, how: How = "reset") -> None:
    """The request is read; then comes a reset, the end (`hang_up`), or nothing ever (`silence`)."""
    await exchange.connection.end(how)


@kind("request")
async def no_http(exchange: Exchange) -> None:
    """What answers isn't a server of HTTP."""
    await exchange.send(b"SSH-2.0-OpenSSH_9.7\r\n")
    await exchange.connection.end("hang_up")


@kind("request")
async def long_header(exchange: Exchange, *, size: int = 2**20) -> None:
    """A header of the answer is too long for anybody."""
    answer = await exchange.good()
    await exchange.begin(answer.status, {**answer.kept, "x-long": "x" * size, "content-length": len(answer.body)})
    await exchange.send(answer.body)


@kind("request")
async def many_headers(exchange: Exchange, *, count: int = 100_000) -> None:
    """The answer's headers don't end soon."""
    await exchange.send(b"HTTP/1.1 200 OK\r\n" + b"".join(b"x-%d: x\r\n" % number for number in range(count)))
    await exchange.send(b"content-length: 0\r\n\r\n")


@kind("request", how=HOW)
async def cut_body(exchange: Exchange, *, after: int = 10, how: How = "reset") -> None:
    """The body breaks off after some bytes."""
    answer = await exchange.good()
    await exchange.begin(answer.status, {**answer.kept, "content-length": len(answer.body)})
    await exchange.send(answer.body[: min(after, len(answer.body) - 1)])
    await exchange.connection.end(how)


@kind("request", where=("body", "headers"))
async def drip(exchange: Exchange, *, where: str = "body", seconds: float = 0.02) -> None:
    """The body, or the `headers`, come byte by byte, with a pause after each."""
    answer = await exchange.good()
    rest = answer.body
    if where == "headers":
        rest = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nx-slow: %b\r\n\r\n" % (len(rest), b"x" * 500) + rest
    else:
        await exchange.begin(answer.status, {**answer.kept, "content-length": len(rest)})
    leaving = asyncio.ensure_future(exchange.connection.gone())
    try:
        for place in range(len(rest)):
            await exchange.send(rest[place : place + 1])
            if (await asyncio.wait([leaving], timeout=seconds))[0]:
                return
    finally:
        leaving.cancel()
        exchange.connection.is_over = True


@kind("request")
async def long_length(exchange: Exchange, *, by: int = 100) -> None:
    """`Content-Length` promises more than comes before the connection ends."""
    answer = await exchange.good()
    await exchange.begin(answer.status, {**answer.kept, "content-length": len(answer.body) + by})
    await exchange.send(answer.body)
    await exchange.connection.end("hang_up")


@kind("request")
async def short_length(exchange: Exchange, *, by: int = 10, seconds: float = 0.0) -> None:
    """`Content-Length` promises less than comes; the rest comes some time later on a connection that stays open."""
    answer = await exchange.good()
    length = max(0, len(answer.body) - by)
    await exchange.begin(answer.status, {**answer.kept, "content-length": length})
    await exchange.send(answer.body[:length])
    await asyncio.sleep(seconds)
    await exchange.send(answer.body[length:])


@kind("request")
async def surplus(exchange: Exchange) -> None:
    """With the body comes another answer, which was never asked for, on a connection that stays open."""
    answer = await exchange.good()
    await exchange.begin(answer.status, {**answer.kept, "content-length": len(answer.body)})
    await exchange.send(answer.body + b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")


@kind("request")
async def bad_chunk(exchange: Exchange, *, seconds: float = 0.0) -> None:
    """After half of a chunked body comes a chunk of no size, some time later."""
    answer = await exchange.good()
    await exchange.begin(answer.status, {**answer.kept, "transfer-encoding": "chunked"})
    await exchange.chunk(answer.body[: len(answer.body) // 2])
    await asyncio.sleep(seconds)
    await exchange.send(b"zz\r\nnonsense\r\n")
    await exchange.connection.end("hang_up")


@kind("request")
async def cut_gzip(exchange: Exchange, *, by: int = 12) -> None:
    """A compressed body lacks its last bytes; HTTP itself is in order."""
    answer = await exchange.good()
    packed = gzip.compress(answer.body)
    body = packed[: max(1, len(packed) - by)]
    await exchange.begin(answer.status, {**answer.kept, "content-encoding": "gzip", "content-length": len(body)})
    await exchange.send(body)


@kind("request")
async def bad_gzip(exchange: Exchange) -> None:
    """A body that calls itself compressed and isn't."""
    answer = await exchange.good()
    await exchange.begin(answer.status, {**answer.kept, "content-encoding": "gzip", "content-length": len(answer.body)})
    await exchange.send(answer.body)


@kind("request", form=_BODIES)
async def status(
    exchange: Exchange,
    *,
    status: int = 500,
    form: str = "api",
    code: str | None = None,
    message: str = _MESSAGE,
    should_retry: bool | None = None,
) -> None:
    """An answer of some status, with a body of some form."""
    error = {"message": message, "type": None, "param": None, "code": code}
    forms: dict[str, tuple[str, object]] = {
        "api": (_JSON, {"error": error}),
        "text": ("text/plain", message),
        "string": (_JSON, json.dumps(message)),
        "error_text": (_JSON, {"error": message}),
        "detail": (_JSON, {"detail": message}),
        "list": (_JSON, [{"error": error}]),
        "html": ("text/html", f"<!doctype html><title>{status}</title><h1>{message}</h1>"),
        "empty": ("text/plain", ""),
    }
    media_type, body = forms[form]
    text = body if isinstance(body, str) else json.dumps(body)
    more = {} if should_retry is None else {"x_should_retry": json.dumps(should_retry)}
    await exchange.answer(text.encode(), status, content_type=media_type, **more)


@kind("request", form=_WAITS)
async def rate_limit(exchange: Exchange, *, form: str = "seconds", seconds: float = 0.0, status: int = 429) -> None:
    """Too much at once, with some form of `Retry-After`."""
    forms: dict[str, dict[str, Any]] = {
        "seconds": {"retry_after": f"{seconds:g}"},
        "milliseconds": {"retry_after_ms": f"{seconds * 1000:g}"},
        "date": {"retry_after": formatdate(time.time() + seconds, usegmt=True)},
        "both": {"retry_after_ms": f"{seconds * 1000:g}", "retry_after": "3600"},
        "nonsense": {"retry_after": "soon"},
        "negative": {"retry_after": "-5"},
        "infinite": {"retry_after": "inf"},
        "past": {"retry_after": "Sun, 01 Mar 2020 12:00:30 GMT"},
        "none": {},
    }
    error = {"message": "Rate limit reached.", "type": "requests", "param": None, "code": "rate_limit_exceeded"}
    await exchange.answer(json.dumps({"error": error}).encode(), status, content_type=_JSON, **forms[form])


@kind("request")
async def quota(exchange: Exchange) -> None:
    """The quota is used up, for which waiting doesn't help."""
    error = {
        "message": "You exceeded your current quota.",
        "type": "insufficient_quota",
        "param": None,
        "code": "insufficient_quota",
    }
    await exchange.answer(json.dumps({"error": error}).encode(), 429, content_type=_JSON, retry_after="0")


@kind("request")
async def html(exchange: Exchange, *, status: int = 200) -> None:
    """A page for people, as whoever stands in between sends one."""
    page = b"<!doctype html><html><head><title>Welcome</title></head><body>Please log in.</body></html>"
    await exchange.answer(page, status, content_type="text/html; charset=utf-8")


@kind("request")
async def empty(exchange: Exchange) -> None:
    """A good answer without a body."""
    await exchange.answer(b"", content_type=_JSON)


@kind("request")
async def error_in_answer(exchange: Exchange, *, code: str = "server_error") -> None:
    """An error with the status 200."""
    error = {"message": _MESSAGE, "type": None, "param": None, "code": code}
    await exchange.answer(json.dumps({"error": error}).encode(), content_type=_JSON)


@kind("request")
async def deep_json(exchange: Exchange, *, depth: int = 100_000) -> None:
    """JSON of great depth."""
    await exchange.answer(b'{"a":' * depth + b"1" + b"}" * depth, content_type=_JSON)


@kind("request")
async def redirect(exchange: Exchange, *, to: str = "http://127.0.0.1:9/v1/moved", status: int = 307) -> None:
    """What was asked for is somewhere else."""
    await exchange.answer(b"", status, location=to)


@kind("request")
async def proxy_denied(exchange: Exchange) -> None:
    """A proxy wants to know who asks."""
    await exchange.answer(b"", 407, proxy_authenticate='Basic realm="proxy"')


@kind("request")
async def bad_name(exchange: Exchange, *, name: str = "../../../escaped.txt") -> None:
    """A good answer that calls itself by the name of a file somewhere else."""
    answer = await exchange.good()
    headers = {**answer.kept, "content-disposition": f'attachment; filename="{name}"'}
    await exchange.begin(answer.status, {**headers, "content-length": len(answer.body)})
    await exchange.send(answer.body)
