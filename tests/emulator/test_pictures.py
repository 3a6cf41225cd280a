from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest

from openai_core_emulator.pictures import draw, format_of

image = pytest.importorskip("PIL.Image")
DIGESTS = [hashlib.sha256(bytes((number,))).digest() for number in range(6)]
EXTREMES = [b"\0" * 32, b"\xff" * 32, b"\0\0\xff" * 11, b"\xff\0\0" * 11, b"\0\xff\0" * 11]


def opened(content: bytes) -> Any:
    picture = image.open(io.BytesIO(content))
    picture.load()
    return picture


@pytest.mark.parametrize("file_format", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("digest", [*DIGESTS, *EXTREMES])
def test_an_independent_reader_opens_them(file_format: str, digest: bytes) -> None:
    for size in ((256, 256), (33, 17), (1, 1)):
        content = draw(digest, size, file_format)
        picture = opened(content)
        assert (picture.size, picture.format) == (size, file_format.upper())
        assert format_of(content) == file_format


@pytest.mark.parametrize("digest", [*DIGESTS, *EXTREMES])
@pytest.mark.parametrize("file_format", ["jpeg", "webp"])
def test_the_colour_is_the_one_meant(file_format: str, digest: bytes) -> None:
    colours = opened(draw(digest, (64, 48), file_format)).convert("RGB").getcolors()
    ((count, colour),) = colours
    assert count == 64 * 48
    assert all(abs(got - meant) <= 3 for got, meant in zip(colour, digest[:3], strict=True))


@pytest.mark.parametrize("file_format", ["png", "webp"])
def test_they_can_be_seen_through(file_format: str) -> None:
    lowest, highest = (
        opened(draw(DIGESTS[0], (64, 64), file_format, transparent=True)).convert("RGBA").getchannel("A").getextrema()
    )
    assert lowest == 0
    assert highest == (255 if file_format == "png" else 0)


def test_a_picture_in_progress_is_painted_from_the_top() -> None:
    half, whole = (opened(draw(DIGESTS[0], (64, 64), "png", done=done)).convert("RGB") for done in (0.5, 1.0))
    top, bottom = (0, 0, 64, 32), (0, 32, 64, 64)
    assert half.crop(top).tobytes() == whole.crop(top).tobytes()
    assert len(half.crop(bottom).getcolors()) == 1 < len(whole.crop(bottom).getcolors())


def test_other_bytes_have_no_format() -> None:
    assert format_of(b"GIF89a") is None
