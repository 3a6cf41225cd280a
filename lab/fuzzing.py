"""Nonsense for all that reads or writes what others have made: no crash, no hang, no error outside our tree."""

from __future__ import annotations

import json
from contextlib import suppress
from email.parser import BytesParser
from typing import TYPE_CHECKING, Any, Final

from hypothesis import given
from hypothesis import strategies as st

from lab.figures import Figure
from lab.often import often
from lab.rechunking import cut
from openai_core import OpenAIError
from openai_core.decoding import decoder
from openai_core.encoding import Multipart, json_bytes
from openai_core.response import ResponseInfo
from openai_core.retrying import retry_after
from openai_core.streaming import EventReader
from openai_core.transport.protocol import Headers
from openai_core_chat.types import ChatCompletion, ChatCompletionChunk
from openai_core_responses.types import ResponseStreamEvent
from openai_core_webhooks import sign, unwrap, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_RESPONSE: Final = ResponseInfo(200, "http://lab", Headers({"content-type": "text/event-stream"}), ())
_SECRET: Final = "whsec_c2VjcmV0"  # noqa: S105 - of nobody
_NAMES: Final = (
    "id", "object", "type", "choices", "delta", "message", "content", "role", "error", "code", "usage", "data",
    "response", "output", "tool_calls", "index", "event", "param", "status", "item", "text", "logprobs",
)  # fmt: skip
_JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(_NAMES), inner),
    max_leaves=8,
)
_DOCUMENTS: Final = _JSON.map(lambda value: json.dumps(value).encode())
_DEEP: Final = st.integers(1, 5000).map(lambda depth: b'{"choices":[' * depth + b"]}" * depth)
_BODIES: Final = st.one_of(st.binary(max_size=400), _DOCUMENTS, _DEEP)
_LINES: Final = st.one_of(
    st.binary(max_size=60),
    _DOCUMENTS.map(lambda document: b"data: " + document),
    st.sampled_from([b"event: error", b"data: [DONE]", b"retry: 1", b":", b"", b"data", b"event: response.completed"]),
)
_STREAMS: Final = st.lists(st.tuples(_LINES, st.sampled_from([b"\n", b"\n\n", b"\r", b"\r\n\r\n"])), max_size=12).map(
    lambda lines: b"".join(line + end for line, end in lines)
)


def _read_stream(data: bytes, places: list[int]) -> None:
    for returns in (dict, ChatCompletionChunk, ResponseStreamEvent):
        reader: EventReader[Any] = EventReader(
            decoder(returns),
            ("response.completed",), end_required=True, accumulating=True, on_drift=lambda _: None,
        )  # fmt: skip
        with suppress(OpenAIError):
            for chunk in cut(data, places):
                for _ in reader.read(_RESPONSE, chunk):
                    pass
            reader.finish(_RESPONSE)


def _read_json(data: bytes) -> None:
    for returns in (dict, ChatCompletion, ResponseStreamEvent):
        for on_drift in (None, lambda _: None):
            with suppress(OpenAIError):
                reader: Any = decoder(returns)
                found = reader.read(_RESPONSE, data, on_drift)
                repr(found)


def _verify(payload: bytes, headers: dict[str, str], secret: str) -> None:
    with suppress(OpenAIError):
        verify(payload, headers, secret=secret)
    with suppress(OpenAIError):
        unwrap(payload, sign(payload, secret=_SECRET), secret=_SECRET)
    with suppress(OpenAIError):
        unwrap(payload, {**sign(payload, secret=_SECRET), **headers}, secret=_SECRET)


def _write_form(body: dict[str, Any], name: str, content: bytes) -> None:
    # One of that name would keep its place, and the file would not be the last part.
    others = {field: value for field, value in body.items() if field != "file"}
    with suppress(OpenAIError):
        form = Multipart({**others, "file": (name, content)}, ("file",))
        written = b"".join(form)
        assert form.length == len(written)  # noqa: S101 - hypothesis asks for it
        read = BytesParser().parsebytes(b"content-type: " + form.content_type.encode() + b"\r\n\r\n" + written)
        # Whatever is in it, it has no more parts than were put in.
        last = read.get_payload()[-1]  # type: ignore[index]  # it has parts
        assert "file" in str(last["content-disposition"])  # type: ignore[index]  # noqa: S101


def _write_json(value: object) -> None:
    with suppress(OpenAIError):
        json.loads(json_bytes(value))


def _read_waits(header: str) -> None:
    for name in ("retry-after", "retry-after-ms"):
        seconds = retry_after(Headers({name: header}))
        assert seconds is None or 0 <= seconds < float("inf")  # noqa: S101


def _wrapped(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = {"a": [value]}
    return value


_HEADERS: Final = st.dictionaries(
    st.sampled_from(["webhook-id", "Webhook-Timestamp", "webhook-signature", "x"]) | st.text(max_size=8),
    st.text(max_size=40) | st.sampled_from(["v1,", "v1,AAAA", "0", "-1", "9" * 400, "1e9"]),
)
_DEEP_VALUES: Final = st.integers(1, 5000).map(_wrapped)
_SECRETS: Final = st.text() | st.sampled_from([_SECRET, "whsec_", "whsec_!"])
_FORMS: Final = st.dictionaries(st.text(), _JSON, max_size=4)
_VALUES: Final = st.one_of(_JSON, st.binary(), st.dictionaries(st.none() | st.text(), _JSON), _DEEP_VALUES)
_WAITS: Final = st.text() | st.sampled_from(["1e400", "-0", "nan", "Mon, 01 Jan 0001 00:00:00 GMT"])
_TARGETS: Final[dict[str, tuple[Callable[..., None], tuple[Any, ...]]]] = {
    "stream reader": (_read_stream, (_STREAMS, st.lists(st.integers(0, 1000), max_size=10))),
    "JSON reader": (_read_json, (_BODIES,)),
    "webhook verifier": (_verify, (_BODIES, _HEADERS, _SECRETS)),
    "multipart writer": (_write_form, (_FORMS, st.text(), st.binary(max_size=99))),
    "JSON writer": (_write_json, (_VALUES,)),
    "Retry-After": (_read_waits, (_WAITS,)),
}


def fuzz(times: int) -> Iterator[Figure]:
    """Feed each of them so many times."""
    for name, (function, strategies) in _TARGETS.items():
        yield _fuzzed(name, function, strategies, times)


def _fuzzed(name: str, function: Callable[..., None], strategies: tuple[Any, ...], times: int) -> Figure:
    counted = 0

    @often(times)
    @given(st.tuples(*strategies))
    def check(arguments: tuple[Any, ...]) -> None:
        nonlocal counted
        counted += 1
        function(*arguments)

    problems = []
    try:
        check()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        notes = " ".join(getattr(error, "__notes__", ()))
        problems.append(f"{type(error).__name__}: {error} {notes}"[:400])
    return Figure(f"fuzzing: {name}", counted, "no error but ours", problems)
