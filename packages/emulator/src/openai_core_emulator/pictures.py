"""Pictures that open in every viewer, written without a library: patterns as PNG, one colour as JPEG and WebP."""

from __future__ import annotations

import struct
import zlib
from typing import Final

_GRID: Final = 8
_BLANK: Final = 0
_COLOURS: Final = 4


def draw(
    digest: bytes, size: tuple[int, int], file_format: str, *, transparent: bool = False, done: float = 1.0
) -> bytes:
    """A picture in one of the formats of the API.

    Args:
        digest: 32 bytes that decide what it looks like.
        size: width and height in pixels.
        file_format: `png`, `jpeg` or `webp`.
        transparent: whether one can see through parts of it (through all of a WebP).
        done: how much of it is painted, from the top, between 0 and 1; PNG alone shows it.
    """
    if file_format == "jpeg":
        return _jpeg(digest[:3], size)
    if file_format == "webp":
        return _webp(digest[:3], size, alpha=0 if transparent else 255)
    return _png(digest, size, transparent=transparent, done=done)


def format_of(content: bytes) -> str | None:
    """The format of a picture's bytes, if it is one that the API reads."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return None


def _png(digest: bytes, size: tuple[int, int], *, transparent: bool, done: float) -> bytes:
    """A grid in four colours, its right half the mirror of its left: https://www.w3.org/TR/png-3/."""
    width, height = size
    rows = bytearray()
    for block in range(_GRID):
        half = [1 + byte % _COLOURS for byte in digest[block * 4 : block * 4 + 4]]
        cells = [*half, *reversed(half)] if block < done * _GRID else [_BLANK] * _GRID
        if transparent:
            cells[0] = cells[-1] = _BLANK
        row = b"\0" + _packed(cells, width)
        top, bottom = (height * edge // _GRID for edge in (block, block + 1))
        rows += row * (bottom - top)
    palette = b"\xf0\xf0\xf0" + b"".join(digest[start : start + 3] for start in range(0, 3 * _COLOURS, 3))
    chunks = [_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 4, 3, 0, 0, 0)), _chunk(b"PLTE", palette)]
    if transparent:
        chunks.append(_chunk(b"tRNS", b"\0"))
    chunks += [_chunk(b"IDAT", zlib.compress(bytes(rows), 6)), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _packed(cells: list[int], width: int) -> bytes:
    """A row of pixels, two to a byte."""
    pixels = [cells[x * _GRID // width] for x in range(width)] + [_BLANK]
    return bytes(pixels[x] << 4 | pixels[x + 1] for x in range(0, width, 2))


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _webp(colour: bytes, size: tuple[int, int], *, alpha: int) -> bytes:
    """Lossless WebP, in which a single colour takes no bits per pixel.

    https://developers.google.com/speed/webp/docs/webp_lossless_bitstream_specification
    """
    width, height = size
    red, green, blue = colour
    fields = [(width - 1, 14), (height - 1, 14), (int(alpha == 0), 1), (0, 3)]
    fields += [(0, 1), (0, 1), (0, 1)]  # no transform, no colour cache, one group of codes
    for symbol in (green, red, blue, alpha, 0):
        fields += [(1, 1), (0, 1), (1, 1), (symbol, 8)]  # a simple code of one symbol of eight bits
    value = position = 0
    for field, bits in fields:
        value |= field << position
        position += bits
    content = b"\x2f" + value.to_bytes((position + 7) // 8, "little")
    content_size = len(content)
    content += b"\0" * (content_size % 2)
    body = b"WEBPVP8L" + struct.pack("<I", content_size) + content
    return b"RIFF" + struct.pack("<I", len(body)) + body


_DC_CODES: Final = (
    "00", "010", "011", "100", "101", "110", "1110", "11110", "111110", "1111110", "11111110", "111111110",
)  # fmt: skip
_DC_LENGTHS: Final = bytes((0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0))


def _jpeg(colour: bytes, size: tuple[int, int]) -> bytes:
    """Baseline JPEG, in which every block but the first says "no difference".

    https://www.w3.org/Graphics/JPEG/itu-t81.pdf
    """
    width, height = size
    red, green, blue = colour
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    components = (luma, 128 + (blue - luma) / 1.772, 128 + (red - luma) / 1.402)
    bits = "".join(_dc(round((component - 128) * 8)) + "0" for component in components)
    blocks = -(-width // 8) * -(-height // 8)
    bits += "000" * 3 * (blocks - 1)
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8).replace(b"\xff", b"\xff\0")
    frame = struct.pack(">BHHB", 8, height, width, 3) + b"".join(bytes((number, 0x11, 0)) for number in (1, 2, 3))
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
            _segment(0xDB, b"\0" + b"\1" * 64),
            _segment(0xC0, frame),
            _segment(0xC4, b"\x00" + _DC_LENGTHS + bytes(range(12))),
            _segment(0xC4, b"\x10" + b"\1" + b"\0" * 15 + b"\0"),
            _segment(0xDA, b"\3\1\0\2\0\3\0\0\x3f\0"),
            scan,
            b"\xff\xd9",
        )
    )


def _dc(value: int) -> str:
    length = abs(value).bit_length()
    if length == 0:
        return _DC_CODES[0]
    return _DC_CODES[length] + format(value if value > 0 else value + (1 << length) - 1, f"0{length}b")


def _segment(marker: int, content: bytes) -> bytes:
    return b"\xff" + bytes((marker,)) + struct.pack(">H", len(content) + 2) + content
