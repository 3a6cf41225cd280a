from __future__ import annotations

import json

import pytest

from openai_core import BadRequestError, NotFoundError
from openai_core_realtime import types

OFFER = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
SESSION = {
    "type": "realtime",
    "model": "gpt-realtime",
    "instructions": "Be brief.",
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "turn_detection": {"type": "server_vad", "threshold": 0.6},
        },
        "output": {"voice": "marin", "speed": 1.2},
    },
    "output_modalities": ["audio"],
    "max_output_tokens": "inf",
    "tools": [{"type": "function", "name": "add", "parameters": {"type": "object", "properties": {}}}],
    "tool_choice": {"type": "function", "name": "add"},
    "tracing": "auto",
    "truncation": {"type": "retention_ratio", "retention_ratio": 0.5},
}


async def test_the_offer_of_a_peer_is_answered(client, settled, openai_emulator):
    response = await settled(client.realtime.calls.create.raw(sdp=OFFER, session=SESSION))
    assert response.parse().startswith("v=0")
    assert response.headers["location"].startswith("/v1/realtime/calls/rtc_")
    (sent,) = openai_emulator.requests
    assert (sent.method, sent.path) == ("POST", "/v1/realtime/calls")
    head = b'Content-Disposition: form-data; name="%s"\r\nContent-Type: %s\r\n\r\n'
    assert head % (b"sdp", b"application/sdp") + OFFER.encode() in sent.body
    _, _, session = sent.body.partition(head % (b"session", b"application/json"))
    assert json.loads(session.partition(b"\r\n--")[0]) == SESSION

    answer = await settled(client.realtime.calls.create(sdp=OFFER))
    assert isinstance(answer, str)
    assert answer.startswith("v=0")
    assert b'name="session"' not in openai_emulator.requests[1].body


async def test_a_call_over_webrtc_is_hung_up_by_what_location_names(client, settled, openai_emulator):
    response = await settled(client.realtime.calls.create.raw(sdp=OFFER))
    call_id = response.headers["location"].rpartition("/")[2]
    assert await settled(client.realtime.calls.hangup(call_id)) is None
    sent = openai_emulator.requests[-1]
    assert (sent.method, sent.path, sent.body) == ("POST", f"/v1/realtime/calls/{call_id}/hangup", b"")
    with pytest.raises(NotFoundError, match=call_id):
        await settled(client.realtime.calls.hangup(call_id))


async def test_a_call_over_sip_is_taken_and_passed_on(client, settled, openai_emulator):
    calls = client.realtime.calls
    assert await settled(calls.accept("rtc_1", **SESSION)) is None
    assert await settled(calls.refer("rtc_1", target_uri="tel:+15550100")) is None
    accept, refer = openai_emulator.requests
    assert (accept.method, accept.path) == ("POST", "/v1/realtime/calls/rtc_1/accept")
    # The session itself is the body, not a field of it.
    assert accept.json() == SESSION
    assert (refer.method, refer.path) == ("POST", "/v1/realtime/calls/rtc_1/refer")
    assert refer.json() == {"target_uri": "tel:+15550100"}


async def test_a_call_over_sip_is_turned_down(client, settled, openai_emulator):
    assert await settled(client.realtime.calls.reject("rtc_1", status_code=486)) is None
    assert await settled(client.realtime.calls.reject("rtc_2")) is None
    busy, declined = openai_emulator.requests
    assert (busy.method, busy.path, busy.json()) == ("POST", "/v1/realtime/calls/rtc_1/reject", {"status_code": 486})
    assert declined.json() == {}
    with pytest.raises(NotFoundError, match="rtc_1"):
        await settled(client.realtime.calls.accept("rtc_1", type="realtime"))


async def test_a_short_lived_key_is_made(client, settled, openai_emulator):
    life = {"anchor": "created_at", "seconds": 60}
    secret = await settled(client.realtime.client_secrets.create(session=SESSION, expires_after=life))
    assert isinstance(secret, types.RealtimeClientSecret)
    assert secret.value.startswith("ek_")
    session = secret.session
    assert isinstance(session, types.RealtimeSession)
    assert (session.object, session.model, session.instructions) == ("realtime.session", "gpt-realtime", "Be brief.")
    assert isinstance(session.audio.input.format, types.RealtimeAudioPCM)
    assert isinstance(session.audio.input.turn_detection, types.RealtimeTurnDetectionServerVAD)
    assert (session.audio.output.voice, session.audio.output.speed) == ("marin", 1.2)
    assert (session.tools[0].name, session.tool_choice.name) == ("add", "add")
    assert (session.max_output_tokens, session.tracing, session.truncation.retention_ratio) == ("inf", "auto", 0.5)

    later = await settled(client.realtime.client_secrets.create())
    assert isinstance(later.session, types.RealtimeSession)
    assert later.expires_at > secret.expires_at + 500
    first, second = openai_emulator.requests
    assert (first.method, first.path) == ("POST", "/v1/realtime/client_secrets")
    assert first.json() == {"session": SESSION, "expires_after": life}
    assert second.json() == {}


async def test_a_key_for_transcription_is_made(client, settled):
    session = {
        "type": "transcription",
        "audio": {
            "input": {"transcription": {"model": "gpt-4o-transcribe"}, "noise_reduction": {"type": "near_field"}}
        },
        "include": ["item.input_audio_transcription.logprobs"],
    }
    secret = await settled(client.realtime.client_secrets.create(session=session))
    assert isinstance(secret.session, types.RealtimeTranscriptionSession)
    assert secret.session.audio.input.transcription.model == "gpt-4o-transcribe"
    assert secret.session.include == ["item.input_audio_transcription.logprobs"]


async def test_a_key_for_translation_is_made(client, settled, openai_emulator):
    wanted = {
        "session": {"model": "gpt-realtime-translate", "audio": {"output": {"language": "fr"}}},
        "expires_after": {"anchor": "created_at", "seconds": 10},
    }
    secret = await settled(client.realtime.translations.create_client_secret(**wanted))
    assert isinstance(secret, types.RealtimeTranslationClientSecret)
    assert isinstance(secret.session, types.RealtimeTranslationSession)
    assert (secret.session.model, secret.session.audio.output.language) == ("gpt-realtime-translate", "fr")
    (sent,) = openai_emulator.requests
    assert (sent.method, sent.path) == ("POST", "/v1/realtime/translations/client_secrets")
    assert sent.json() == wanted


async def test_a_session_of_the_beta_is_made(client, settled, openai_emulator):
    wanted = {
        "client_secret": {"expires_after": {"anchor": "created_at", "seconds": 60}},
        "input_audio_format": "pcm16",
        "input_audio_transcription": {"model": "whisper-1"},
        "instructions": "Be brief.",
        "max_response_output_tokens": 100,
        "modalities": ["text"],
        "model": "gpt-4o-realtime-preview",
        "output_audio_format": "pcm16",
        "speed": 1.1,
        "temperature": 0.7,
        "tool_choice": "none",
        "tools": [{"type": "function", "name": "add"}],
        "tracing": "auto",
        "truncation": "auto",
        "turn_detection": {"type": "server_vad", "threshold": 0.5},
        "voice": "alloy",
    }
    session = await settled(client.realtime.sessions.create(**wanted))
    assert isinstance(session, types.RealtimeBetaSession)
    assert session.client_secret.value.startswith("ek_")
    assert (session.model, session.instructions, session.tools[0].name) == (wanted["model"], "Be brief.", "add")
    assert session.modalities == ["text"]
    (sent,) = openai_emulator.requests
    assert (sent.method, sent.path) == ("POST", "/v1/realtime/sessions")
    assert sent.json() == wanted
    assert sent.headers["openai-beta"] == "assistants=v2"
    assert (
        await settled(client.realtime.sessions.create())
    ).client_secret.expires_at > session.client_secret.expires_at


async def test_a_transcription_session_of_the_beta_is_made(client, settled, openai_emulator):
    wanted = {
        "include": ["item.input_audio_transcription.logprobs"],
        "input_audio_format": "g711_ulaw",
        "input_audio_noise_reduction": {"type": "far_field"},
        "input_audio_transcription": {"model": "whisper-1", "language": "en"},
        "turn_detection": {"type": "server_vad", "silence_duration_ms": 200},
    }
    session = await settled(client.realtime.transcription_sessions.create(**wanted))
    assert isinstance(session, types.RealtimeBetaTranscriptionSession)
    assert session.client_secret.value.startswith("ek_")
    assert (session.input_audio_format, session.input_audio_transcription.language) == ("g711_ulaw", "en")
    (sent,) = openai_emulator.requests
    assert (sent.method, sent.path) == ("POST", "/v1/realtime/transcription_sessions")
    assert sent.json() == wanted
    assert sent.headers["openai-beta"] == "assistants=v2"


async def test_what_is_no_beta_sends_no_beta_header(client, settled, openai_emulator):
    await settled(client.realtime.client_secrets.create())
    await settled(client.realtime.calls.create(sdp=OFFER))
    assert not any("openai-beta" in request.headers for request in openai_emulator.requests)


async def test_what_cannot_be_is_refused(client, settled, openai_emulator):
    with pytest.raises(BadRequestError, match="SDP"):
        await settled(client.realtime.calls.create(sdp="hello"))
    with pytest.raises(BadRequestError) as refused:
        await settled(client.realtime.client_secrets.create(session={"type": "transcription", "model": "whisper-1"}))
    assert refused.value.param == "session.model"
    with pytest.raises(BadRequestError) as refused:
        await settled(client.realtime.client_secrets.create(expires_after={"anchor": "created_at", "seconds": 7201}))
    assert refused.value.param == "expires_after.seconds"
    with pytest.raises(BadRequestError) as refused:
        await settled(client.realtime.calls.create(sdp=OFFER, session={"type": "realtime", "colour": "red"}))
    assert refused.value.param == "session.colour"
    with pytest.raises(NotFoundError, match="call_1"):
        await settled(client.realtime.calls.refer("call_1", target_uri="tel:+15550100"))
    openai_emulator.requests.clear()
    with pytest.raises(TypeError, match="target_uri"):
        await settled(client.realtime.calls.refer("rtc_1"))
    assert openai_emulator.requests == []
