from __future__ import annotations

from base64 import b64decode

import pytest

from openai_core import BadRequestError, InvalidRequestError
from openai_core_content_provenance.types import C2PAProvenanceResult, ContentProvenanceCheck, SynthIDProvenanceResult
from openai_core_emulator.pictures import draw

FOREIGN = b"\xff\xd8\xff\xe0 a picture of somebody's"
MANIFEST = b"\x89PNG\r\n\x1a\n....caBX....jumb....c2pa....%s...."


async def test_a_picture_of_a_model_is_recognized(client, settled, openai_emulator, tmp_path):
    made = await settled(client.images.generate(model="gpt-image-1", prompt="a cat", size="1024x1024"))
    path = tmp_path / "cat.png"
    path.write_bytes(b64decode(made.data[0].b64_json))
    check = await settled(client.content_provenance_checks.create(file=path))

    request = openai_emulator.requests[-1]
    assert (request.method, request.path) == ("POST", "/v1/content_provenance_checks")
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="file"; filename="cat.png"\r\nContent-Type: image/png\r\n\r\n' + path.read_bytes() in request.body
    assert isinstance(check, ContentProvenanceCheck)
    assert check.detected
    manifest, watermark = check.results
    assert isinstance(manifest, C2PAProvenanceResult)
    assert (manifest.outcome, manifest.validation_state) == ("not_detected", "not_present")
    assert isinstance(watermark, SynthIDProvenanceResult)
    assert watermark.outcome == "detected"


@pytest.mark.parametrize(
    ("content", "outcomes"),
    [
        (FOREIGN, {"c2pa": "not_detected", "synthid": "not_detected"}),
        (MANIFEST % b"OpenAI", {"c2pa": "detected", "synthid": "not_detected"}),
        (MANIFEST % b"others", {"c2pa": "not_detected", "synthid": "not_detected"}),
        (draw(bytes(32), (64, 64), "png"), {"c2pa": "not_detected", "synthid": "detected"}),
        (b"RIFF\0\0\0\0WAVEfmt ", {"synthid": "not_detected"}),
        (b"ID3\x04 a song", {"synthid": "not_detected"}),
    ],
    ids=["photo", "manifest", "foreign manifest", "drawn", "wav", "mp3"],
)
async def test_all_signs_that_a_file_can_have_are_looked_for(client, settled, content, outcomes):
    check = await settled(client.content_provenance_checks.create(file=("file", content)))
    assert {result.type: result.outcome for result in check.results} == outcomes
    assert check.detected is ("detected" in outcomes.values())


async def test_a_manifest_names_its_issuer(client, settled):
    check = await settled(client.content_provenance_checks.create(file=("a.png", MANIFEST % b"OpenAI", "image/png")))
    assert (check.results[0].issuer, check.results[0].validation_state) == ("OpenAI", "valid")


async def test_what_is_neither_image_nor_audio_is_refused(client, settled):
    with pytest.raises(BadRequestError) as caught:
        await settled(client.content_provenance_checks.create(file=("a.txt", b"Hello")))
    assert caught.value.param == "file"


async def test_a_file_that_isn_t_there_is_told_before_anything_is_sent(client, settled, openai_emulator, tmp_path):
    with pytest.raises(InvalidRequestError, match=r"none\.png"):
        await settled(client.content_provenance_checks.create(file=tmp_path / "none.png"))
    with pytest.raises(TypeError, match="file"):
        client.content_provenance_checks.create()
    assert openai_emulator.requests == []


def test_a_check_without_results_detected_nothing():
    assert ContentProvenanceCheck.model_construct().detected is False
