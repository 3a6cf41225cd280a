"""What realtime sessions need beside websockets: https://platform.openai.com/docs/api-reference/realtime.

Nobody speaks. A call over WebRTC gets an answer that no peer can connect with; over SIP, every call whose id begins
with `rtc_` and isn't known yet is taken for one that comes in.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from .call import Answer, Call, Content, Operation
from .errors import bad, not_found
from .fields import BOOLEAN, OBJECT, REQUIRED_STRING, STRING, Field, Fields, check, one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_MODEL: Final = "gpt-realtime"
_SECONDS: Final = 600
_BETA_SECONDS: Final = 60
_SESSION_SECONDS: Final = 3600
_MOST_TOKENS: Final = 4096

_AUDIO: Final = Field(("object",), properties={"input": OBJECT, "output": OBJECT})
_INCLUDE: Final = Field(("array",), items=one_of("item.input_audio_transcription.logprobs"))
_MODALITIES: Final = Field(("array",), items=one_of("text", "audio"))
_NAME_OR_OBJECT: Final = Field(("string", "object"))
_TOKENS: Final = Field(("string", "integer"), choices=("inf",), minimum=1, maximum=_MOST_TOKENS)
_TOOLS: Final = Field(("array",), items=OBJECT)

REALTIME: Final[Fields] = {
    "type": one_of("realtime", required=True),
    "audio": _AUDIO,
    "include": _INCLUDE,
    "instructions": STRING,
    "max_output_tokens": _TOKENS,
    "model": STRING,
    "output_modalities": _MODALITIES,
    "parallel_tool_calls": BOOLEAN,
    "prompt": OBJECT,
    "reasoning": OBJECT,
    "tool_choice": _NAME_OR_OBJECT,
    "tools": _TOOLS,
    "tracing": _NAME_OR_OBJECT,
    "truncation": _NAME_OR_OBJECT,
}
TRANSCRIPTION: Final[Fields] = {"type": one_of("transcription", required=True), "audio": _AUDIO, "include": _INCLUDE}
_BETA: Final[Fields] = {
    **{name: field for name, field in REALTIME.items() if name in {"instructions", "model", "prompt", "tools"}},
    "client_secret": OBJECT,
    "input_audio_format": STRING,
    "input_audio_transcription": OBJECT,
    "max_response_output_tokens": _TOKENS,
    "modalities": _MODALITIES,
    "output_audio_format": STRING,
    "speed": Field(("number",), minimum=0.25, maximum=1.5),
    "temperature": Field(("number",), minimum=0.6, maximum=1.2),
    "tool_choice": STRING,
    "tracing": _NAME_OR_OBJECT,
    "truncation": _NAME_OR_OBJECT,
    "turn_detection": OBJECT,
    "voice": _NAME_OR_OBJECT,
}
_BETA_TRANSCRIPTION: Final[Fields] = {
    "include": _INCLUDE,
    "input_audio_format": one_of("pcm16", "g711_ulaw", "g711_alaw"),
    "input_audio_noise_reduction": OBJECT,
    "input_audio_transcription": OBJECT,
    "turn_detection": OBJECT,
}
_LIFE: Final[Fields] = {
    "anchor": one_of("created_at"),
    "seconds": Field(("integer",), minimum=10, maximum=7200),
}
_SECRET: Final[Fields] = {
    "expires_after": Field(("object",), properties=_LIFE),
    "session": Field(("object",), properties={"type": one_of("realtime", "transcription", required=True)}),
}
_TRANSLATION_SECRET: Final[Fields] = {
    "expires_after": Field(("object",), properties=_LIFE),
    "session": Field(("object",), required=True, properties={"model": REQUIRED_STRING, "audio": _AUDIO}),
}


def _secret(call: Call, life: Mapping[str, Any] | None, usual: int) -> dict[str, Any]:
    seconds = (life or {}).get("seconds", usual)
    return {"value": call.state.new_id("ek_"), "expires_at": call.state.now() + seconds}


def _session(call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
    """A session as the API shows it; gives what is given and what is usual."""
    kind = given["type"]
    usual: dict[str, Any] = {} if kind == "transcription" else {"model": _MODEL, "output_modalities": ["audio"]}
    return {
        **usual,
        **{name: value for name, value in given.items() if value is not None},
        "id": call.state.new_id("sess_", 21),
        "object": "realtime.session" if kind == "realtime" else f"realtime.{kind}_session",
        "expires_at": call.state.now() + _SESSION_SECONDS,
    }


def _create_secret(call: Call) -> Answer:
    given = call.body.get("session") or {"type": "realtime"}
    check(given, REALTIME if given["type"] == "realtime" else TRANSCRIPTION, within="session.")
    return {**_secret(call, call.body.get("expires_after"), _SECONDS), "session": _session(call, given)}


def _create_translation_secret(call: Call) -> Answer:
    session = _session(call, {"audio": {}, **call.body["session"], "type": "translation"})
    del session["object"], session["output_modalities"]
    return {**_secret(call, call.body.get("expires_after"), _SECONDS), "session": session}


def _create_beta_session(call: Call) -> Answer:
    given = {name: value for name, value in call.body.items() if name != "client_secret"}
    session = _session(call, {"type": "realtime", "modalities": ["audio", "text"], **given})
    del session["type"], session["output_modalities"]
    life = (call.body.get("client_secret") or {}).get("expires_after")
    return {**session, "client_secret": _secret(call, life, _BETA_SECONDS)}


def _create_beta_transcription_session(call: Call) -> Answer:
    usual = {"modalities": ["audio", "text"], "input_audio_format": "pcm16"}
    session = _session(call, {"type": "transcription", **usual, **call.body})
    del session["type"]
    return {**session, "client_secret": _secret(call, None, _BETA_SECONDS)}


def _create_call(call: Call) -> Answer:
    if not call.body["sdp"].startswith("v=0"):
        raise bad("Failed to parse the SDP offer.", param="sdp", code="invalid_offer")
    if "session" in call.body:
        check(_json(call.body["session"]), REALTIME, within="session.")
    call_id = call.state.new_id("rtc_")
    _calls(call)[call_id] = {"status": "active"}
    lines = (
        "v=0",
        f"o=- {call.state.chance(10**18, call_id)} 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0",
        "a=rtpmap:111 opus/48000/2",
        "a=inactive",
    )
    answer = "".join(f"{line}\r\n" for line in lines)
    return Content(answer.encode(), "application/sdp", {"location": f"/v1/realtime/calls/{call_id}"})


def _json(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise bad("The part 'session' is no JSON object.", param="session")
    return document


def _calls(call: Call) -> dict[str, dict[str, Any]]:
    return call.state.shelf("realtime calls")


def _no_call(call: Call, state: str) -> Exception:
    return not_found(f"No {state} call found with id '{call.path['call_id']}'.", param="call_id")


def _coming_in(call: Call) -> str:
    call_id = call.path["call_id"]
    if not call_id.startswith("rtc_") or call_id in _calls(call):
        raise _no_call(call, "incoming")
    return call_id


def _active(call: Call) -> dict[str, Any]:
    found = _calls(call).get(call.path["call_id"])
    if found is None or found["status"] != "active":
        raise _no_call(call, "active")
    return found


_NOTHING: Final = Content(b"", "text/plain")


def _accept(call: Call) -> Answer:
    _calls(call)[_coming_in(call)] = {"status": "active"}
    return _NOTHING


def _reject(call: Call) -> Answer:
    _calls(call)[_coming_in(call)] = {"status": "rejected"}
    return _NOTHING


def _refer(call: Call) -> Answer:
    _active(call)["status"] = "referred"
    return _NOTHING


def _hang_up(call: Call) -> Answer:
    _active(call)["status"] = "ended"
    return _NOTHING


OPERATIONS: Final = (
    Operation("POST", "/realtime/calls", _create_call, form={"sdp": REQUIRED_STRING, "session": STRING}, status=201),
    Operation("POST", "/realtime/calls/{call_id}/accept", _accept, body=REALTIME),
    Operation("POST", "/realtime/calls/{call_id}/hangup", _hang_up),
    Operation("POST", "/realtime/calls/{call_id}/refer", _refer, body={"target_uri": REQUIRED_STRING}),
    Operation(
        "POST",
        "/realtime/calls/{call_id}/reject",
        _reject,
        body={"status_code": Field(("integer",), minimum=300, maximum=699)},
    ),
    Operation("POST", "/realtime/client_secrets", _create_secret, body=_SECRET),
    Operation("POST", "/realtime/sessions", _create_beta_session, body=_BETA),
    Operation(
        "POST",
        "/realtime/transcription_sessions",
        _create_beta_transcription_session,
        body=_BETA_TRANSCRIPTION,
    ),
    Operation(
        "POST",
        "/realtime/translations/client_secrets",
        _create_translation_secret,
        body=_TRANSLATION_SECRET,
    ),
)
