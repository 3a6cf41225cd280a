"""Sound as the API has it when it calls it PCM: out of answers, streams and arrays, and into a file. Pure."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy import float32, int16
    from numpy.typing import NDArray

    from openai_core_audio.types import SpeechAudioDeltaEvent, SpeechAudioDoneEvent

    Samples: TypeAlias = bytes | bytearray | memoryview | NDArray[int16] | NDArray[float32]
    SamplesOrEvent: TypeAlias = Samples | SpeechAudioDeltaEvent | SpeechAudioDoneEvent

RATE: Final = 24_000
"""Samples a second; each has 16 bits, little-endian, in one channel."""
WIDTH: Final = 2
"""Bytes of a sample."""
SECOND: Final = RATE * WIDTH
"""Bytes of a second."""

_LOUDEST: Final = 32_767
_WAV_HEADER: Final = 44
# How files begin. MP3 without tags is missing: samples may begin like that.
_FILES: Final = (b"RIFF", b"fLaC", b"OggS", b"ID3")
_ADVICE: Final = 'Ask for speech with response_format="pcm"; of a Recording, play .pcm'


class Recording(NamedTuple):
    """A recording as a WAV file in memory. It is what `file=` takes: `transcriptions.create(file=recording, ...)`.

    Attributes:
        name: what the file is called.
        content: the file: 24,000 samples a second, 16 bits each, one channel.
        media_type: `audio/wav`.
    """

    name: str
    content: bytes
    media_type: str

    @property
    def pcm(self) -> bytes:
        """The samples alone, for `Player.play` or a realtime session."""
        return self.content[_WAV_HEADER:]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.pcm) / SECOND

    def __repr__(self) -> str:
        return f"<{self.name}, {self.seconds:.1f} seconds>"


def recording(pcm: bytes | bytearray) -> Recording:
    """Samples as a file."""
    import wave
    from io import BytesIO

    file = BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(WIDTH)
        written.setframerate(RATE)
        written.writeframes(pcm)
    return Recording("recording.wav", file.getvalue(), "audio/wav")


def size(name: str, seconds: float) -> int:
    """Bytes of so many seconds, in whole samples.

    Raises:
        ValueError: if there are none; it says that it is about `name`.
    """
    found = round(seconds * RATE) * WIDTH
    if found <= 0:
        raise ValueError(f"{name} must be more than 0, not {seconds}")
    return found


def refuse_file(beginning: bytes | bytearray) -> None:
    """Refuse what is no bare samples: played nevertheless, it would be a loud noise.

    Raises:
        ValueError: if something begins as audio files do.
    """
    if beginning.startswith(_FILES):
        raise ValueError(f"this is a file that begins with {bytes(beginning[:4])!r}, and no PCM. {_ADVICE}")


def pieces(source: Any) -> Generator[memoryview]:
    """The samples of a source, as they come, at most a second of them at a time.

    Raises:
        TypeError: if the source can't be iterated here.
        ValueError: if it is no PCM.
    """
    if _is_sound(source):
        yield from _cut(source)
        return
    if not isinstance(source, Iterable):
        hint = "; await play_async(...) for this one" if isinstance(source, AsyncIterable) else ""
        raise TypeError(f"play takes bytes, an array, or an iterable of them, not {type(source).__name__}{hint}")
    if (wrong := _wrong_answer(source)) is not None:
        wrong.close()
        raise _wrong_format(wrong)
    parts = iter(source)
    try:
        for part in parts:
            yield from _cut(part)
    finally:
        if isinstance(parts, Generator):
            parts.close()


async def async_pieces(source: Any) -> AsyncGenerator[memoryview]:
    """As `pieces`."""
    if _is_sound(source):
        for piece in _cut(source):
            yield piece
        return
    if not isinstance(source, AsyncIterable):
        raise TypeError(
            f"play_async takes bytes, an array, or an async iterable of them, not {type(source).__name__}; "
            "what comes from a sync client is for play(...)"
        )
    if (wrong := _wrong_answer(source)) is not None:
        await wrong.close()
        raise _wrong_format(wrong)
    parts = aiter(source)
    try:
        async for part in parts:
            for piece in _cut(part):
                yield piece
    finally:
        if isinstance(parts, AsyncGenerator):
            await parts.aclose()


def _is_sound(value: Any) -> bool:
    return isinstance(value, (bytes, bytearray, memoryview)) or hasattr(value, "dtype")


def _cut(part: Any) -> Iterator[memoryview]:
    pcm = memoryview(_pcm(part)).cast("B")
    for start in range(0, len(pcm), SECOND):
        yield pcm[start : start + SECOND]


def _pcm(part: Any) -> bytes | bytearray | memoryview:
    """The samples of a part: of bytes, an array, or an event of streamed speech."""
    if isinstance(part, (bytes, bytearray, memoryview)):
        return part
    if hasattr(part, "dtype"):
        return _array_pcm(part)
    kind = getattr(part, "type", None)
    if kind == "speech.audio.delta":
        return b64decode(part.audio)
    if isinstance(kind, str) and kind.startswith("speech."):
        return b""
    raise TypeError(f"a sound is made of bytes, arrays, or events of streamed speech, not of {type(part).__name__}")


def _array_pcm(array: Any) -> bytes:
    # An array brings all that is needed, so that NumPy needn't be there for those who have no array.
    if array.ndim not in {1, 2} or (array.ndim == 2 and array.shape[1] != 1):  # noqa: PLR2004
        raise ValueError(f"an array of sound has the shape (samples,) or (samples, 1), not {array.shape}")
    kind = array.dtype.str[1:]
    if kind == "f4":
        array = (array.clip(-1, 1) * _LOUDEST).round()
    elif kind != "i2":
        raise ValueError(f"an array of sound is of int16, or of float32 from -1 to 1, not of {array.dtype}")
    pcm: bytes = array.astype("<i2").tobytes()
    return pcm


def _wrong_answer(source: Any) -> Any:
    """The source itself, if it is an answer that says that it is no PCM."""
    media_type = getattr(source, "media_type", None)
    kind = media_type.lower() if isinstance(media_type, str) else ""
    return source if kind.startswith("audio/") and not kind.startswith(("audio/pcm", "audio/l16")) else None


def _wrong_format(answer: Any) -> ValueError:
    return ValueError(f"this speech is {answer.media_type}, and no PCM. {_ADVICE}")
