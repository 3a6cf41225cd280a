from __future__ import annotations

import pytest

from openai_core import BadRequestError, NotFoundError
from openai_core_audio.types import Voice, VoiceConsent, VoiceConsentDeleted
from tests.forms import files, texts

YES = ("yes.mp3", b"\xff\xf3" + bytes(100), "audio/mpeg")


async def consented(client, settled, name="Yes"):
    return await settled(client.audio.voice_consents.create(language="en-US", name=name, recording=YES))


async def test_a_consent_is_recorded_renamed_and_deleted(client, settled, openai_emulator):
    consent = await consented(client, settled)
    assert isinstance(consent, VoiceConsent)
    assert (consent.name, consent.language) == ("Yes", "en-US")
    assert texts(openai_emulator.requests[-1]) == [("language", "en-US"), ("name", "Yes")]
    assert files(openai_emulator.requests[-1]) == [("recording", "yes.mp3", YES[1])]
    renamed = await settled(client.audio.voice_consents.update(consent.id, name="Of course"))
    assert openai_emulator.requests[-1].json() == {"name": "Of course"}
    assert await settled(client.audio.voice_consents.retrieve(consent.id)) == renamed
    assert renamed.name == "Of course"
    deleted = await settled(client.audio.voice_consents.delete(consent.id))
    assert isinstance(deleted, VoiceConsentDeleted)
    assert (deleted.id, deleted.deleted) == (consent.id, True)
    with pytest.raises(NotFoundError):
        await settled(client.audio.voice_consents.retrieve(consent.id))
    asked = [(request.method, request.path) for request in openai_emulator.requests]
    one = f"/v1/audio/voice_consents/{consent.id}"
    assert asked == [("POST", "/v1/audio/voice_consents"), ("POST", one), ("GET", one), ("DELETE", one), ("GET", one)]


async def test_the_consents_are_listed_page_by_page(client, settled, each, openai_emulator):
    made = [await consented(client, settled, name) for name in ("a", "b", "c")]
    listed = await each(client.audio.voice_consents.list(limit=2))
    assert sorted(listed, key=lambda consent: consent.name) == made
    queries = [request.query for request in openai_emulator.requests[-2:]]
    assert queries == ["limit=2", f"limit=2&after={listed[1].id}"]
    rest = await each(client.audio.voice_consents.list(after=listed[0].id))
    assert rest == listed[1:]


async def test_a_voice_is_made_of_a_sample_and_a_consent(client, settled, openai_emulator):
    consent = await consented(client, settled)
    sample = ("me.wav", b"RIFF" + bytes(100))
    voice = await settled(client.audio.voices.create(audio_sample=sample, consent=consent.id, name="Mine"))
    assert isinstance(voice, Voice)
    assert voice.name == "Mine"
    request = openai_emulator.requests[-1]
    assert (request.method, request.path) == ("POST", "/v1/audio/voices")
    assert texts(request) == [("consent", consent.id), ("name", "Mine")]
    assert files(request) == [("audio_sample", *sample)]


async def test_a_voice_needs_a_consent_that_exists_and_a_recording(client, settled):
    with pytest.raises(NotFoundError, match="cons_none"):
        await settled(client.audio.voices.create(audio_sample=YES, consent="cons_none", name="Mine"))
    with pytest.raises(BadRequestError, match="Unrecognized file format"):
        await settled(client.audio.voice_consents.create(language="en", name="No", recording=("no.txt", b"No")))
