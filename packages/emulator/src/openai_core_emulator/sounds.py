"""Sounds that players take, written without a library: tones in WAV and PCM, silence in the compressed formats."""

from __future__ import annotations

import io
import struct
import wave
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

RATE: Final = 24_000
"""Samples a second, as in all that the API says; each has 16 bits, in one channel."""

MEDIA_TYPES: Final[Mapping[str, str]] = {
    "mp3": "audio/mpeg",
    "opus": "audio/opus",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
_LOUDNESS: Final = 6_000
_GUESSED_BYTES_A_SECOND: Final = 4_000
_PACKETS_A_PAGE: Final = 255


def tones(pitches: Iterable[int], seconds: float) -> bytes:
    """Samples of one tone after the other.

    Args:
        pitches: of the tones, in Hz.
        seconds: how long each of them is.
    """
    return b"".join(_tone(pitch, round(seconds * RATE)) for pitch in pitches)


def _tone(pitch: int, samples: int) -> bytes:
    half = RATE // pitch // 2
    # A triangle sounds softer than a square.
    rising = [_LOUDNESS * (2 * step - half) // half for step in range(half)]
    period = struct.pack(f"<{2 * half}h", *rising, *reversed(rising))
    return (period * (samples // (2 * half) + 1))[: 2 * samples]


def packed(samples: bytes, file_format: str) -> bytes:
    """A file in one of the formats of `MEDIA_TYPES`, about as long as the sound.

    WAV and PCM hold the sound itself, the others silence.
    """
    number = len(samples) // 2
    match file_format:
        case "pcm":
            return samples
        case "wav":
            return _wav(samples)
        case "mp3":
            # Frames of MPEG-2 layer III with 32 kbit/s and 576 samples; an empty one is silent.
            return (b"\xff\xf3\x44\xc0" + bytes(92)) * -(-number // 576)
        case "aac":
            # ADTS frames of AAC-LC with 1024 samples: a head of seven bytes, then the shortest silence there is.
            return (b"\xff\xf1\x58\x40\x01\xbf\xfc" + b"\x00\xc8\x00\x80\x23\x80") * -(-number // 1024)
        case "flac":
            return _flac(-(-number // 4096))
        case _:
            return _opus(-(-number // 480))


def seconds_of(content: bytes) -> float:
    """How long a recording is: told by WAV, guessed from the size of all others."""
    if content[:4] == b"RIFF":
        try:
            with wave.open(io.BytesIO(content)) as read:
                return float(read.getnframes() / read.getframerate())
        except (wave.Error, EOFError, ZeroDivisionError):
            pass
    return len(content) / _GUESSED_BYTES_A_SECOND


def _wav(samples: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(samples)
    return file.getvalue()


def _flac(frames: int) -> bytes:
    """Frames of 4096 samples, each the constant 0: https://www.rfc-editor.org/rfc/rfc9639.html."""
    sizes = struct.pack(">HH6x", 4096, 4096)
    described = (RATE << 44 | 15 << 36 | frames * 4096).to_bytes(8)
    written = bytearray(b"fLaC\x80\x00\x00\x22" + sizes + described + bytes(16))
    for number in range(frames):
        head = b"\xff\xf8\xc7\x08" + chr(number).encode()
        frame = head + _check(head, 0x07, 8) + b"\x00\x00\x00"
        written += frame + _check(frame, 0x8005, 16)
    return bytes(written)


def _opus(packets: int) -> bytes:
    """Packets of 20 ms in pages of Ogg: https://www.rfc-editor.org/rfc/rfc7845.html."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, RATE, 0, 0)
    tags = b"OpusTags" + struct.pack("<I8sI", 8, b"emulator", 0)
    return b"".join(_pages([[head], [tags], *_in_pages([b"\xf8\xff\xfe"] * packets)]))


def _in_pages(packets: list[bytes]) -> Iterator[list[bytes]]:
    for start in range(0, len(packets), _PACKETS_A_PAGE):
        yield packets[start : start + _PACKETS_A_PAGE]


def _pages(pages: list[list[bytes]]) -> Iterator[bytes]:
    """Pages of Ogg, the first two of which are no sound: https://www.rfc-editor.org/rfc/rfc3533.html."""
    position = 0
    for number, packets in enumerate(pages):
        position += 960 * len(packets) if number > 1 else 0
        flags = 2 * (number == 0) | 4 * (number == len(pages) - 1)
        head = b"OggS" + struct.pack("<BBqII", 0, flags, position, 1, number)
        body = bytes((len(packets), *map(len, packets))) + b"".join(packets)
        yield head + _check(head + bytes(4) + body, 0x04C11DB7, 32)[::-1] + body


def _check(content: bytes, polynomial: int, bits: int) -> bytes:
    """A cyclic redundancy check that begins with 0, highest bit first."""
    value, top = 0, 1 << bits
    for byte in content:
        value ^= byte << (bits - 8)
        for _ in range(8):
            value <<= 1
            if value & top:
                value ^= polynomial | top
    return value.to_bytes(bits // 8)
