"""The loudspeaker and the microphone of this machine, in the form in which the API speaks and listens.

They need the library sounddevice, `openai-core[voice]`, which is imported when the first of them is made.
"""

from __future__ import annotations

from contextlib import aclosing, closing, contextmanager
from typing import TYPE_CHECKING

from openai_core_audio.devices import (
    AsyncBell,
    Bell,
    Capture,
    Device,
    MicrophoneOverflowError,
    Playback,
    sounddevice,
)
from openai_core_audio.samples import RATE, Recording, async_pieces, pieces, recording, size

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable, Iterator

    from openai_core_audio.devices import Rung
    from openai_core_audio.samples import Samples, SamplesOrEvent

__all__ = ["RATE", "Microphone", "MicrophoneOverflowError", "Player", "Recording"]


class Player:
    """The loudspeaker: plays PCM, which speech is with `response_format="pcm"`.

    Sound begins with the first piece of it. A source is read ahead, but not further than `buffer_seconds`; one that is
    slower than the sound is waited for in silence. A player may play several sources at once.

    Args:
        device: number or part of the name of the device, as `python -m sounddevice` lists them; the system's if not
            given.
        buffer_seconds: how far a source is read ahead of what is heard, more than 0.

    Raises:
        ConfigurationError: if sounddevice or PortAudio isn't installed.
    """

    def __init__(self, *, device: int | str | None = None, buffer_seconds: float = 10.0) -> None:
        self._most = size("buffer_seconds", buffer_seconds)
        self._device = Device(sounddevice(), device)
        self._playing: set[Playback] = set()

    def play(self, source: Samples | Iterable[SamplesOrEvent]) -> float:
        """Play a sound, and return when it was played to its end.

        Args:
            source: PCM as bytes; a NumPy array of shape `(samples,)` or `(samples, 1)`, int16, or float32 from -1 to 1;
                an answer of `speech.create(..., response_format="pcm")`; a stream of
                `speech.create_stream(..., response_format="pcm")`; or an iterable of any such pieces, wherever they are
                cut. Answers, streams and generators are closed, however this ends.

        Returns:
            Seconds that were played, as far as the device tells: fewer than there were if `stop` was called.

        Raises:
            ConfigurationError: if the device can't be opened.
            OpenAIError: if the device stops by itself, or the source fails.
            ValueError: if the sound is no PCM.

        [API reference](https://platform.openai.com/docs/api-reference/audio/createSpeech)
        """
        bell = Bell()
        with closing(pieces(source)) as coming, self._playback(bell) as playback:
            for piece in coming:
                playback.put(piece)
                while playback.is_full:
                    bell.wait()
                if playback.is_over:
                    break
            playback.end()
            while not playback.is_over:
                bell.wait()
        return playback.seconds

    async def play_async(self, source: Samples | AsyncIterable[SamplesOrEvent]) -> float:
        """As `play`, without holding up the event loop. Cancelling it ends the sound at once.

        Args:
            source: as for `play`, from an async client; iterables have to be async.
        """
        bell = AsyncBell()
        async with aclosing(async_pieces(source)) as coming:
            with self._playback(bell) as playback:
                async for piece in coming:
                    playback.put(piece)
                    while playback.is_full:
                        await bell.wait()
                    if playback.is_over:
                        break
                playback.end()
                while not playback.is_over:
                    await bell.wait()
        return playback.seconds

    def stop(self) -> None:
        """End all that is playing, from any thread; do nothing if nothing is.

        The sound ends at once. `play` returns then, too, unless it waits for its source: then with the next piece.
        """
        for playback in tuple(self._playing):
            playback.stop()

    @contextmanager
    def _playback(self, bell: Rung) -> Iterator[Playback]:
        playback = Playback(self._device, self._most, bell)
        self._playing.add(playback)
        try:
            yield playback
        finally:
            self._playing.discard(playback)
            playback.close()

    def __repr__(self) -> str:
        return f"<Player on {self._device}>"


class Microphone:
    """The microphone: records files for `transcriptions.create`, and gives PCM to realtime sessions as it is heard.

        for chunk in microphone:
            session.send({"type": "input_audio_buffer.append", "audio": b64encode(chunk).decode()})

    Iterating (`for`, `async for`) opens the device, and leaving the loop closes it. What is heard waits to be read. If
    it would have to wait for longer than `buffer_seconds`, recording ends: the reader gets all that waits, and then a
    `MicrophoneOverflowError`, so that there are no gaps in what it has. Gaps that the system leaves, before the sound
    gets here, can't be filled; a warning is logged.

    Args:
        device: number or part of the name of the device, as `python -m sounddevice` lists them; the system's if not
            given.
        chunk_seconds: how long a chunk is, more than 0.
        buffer_seconds: how far a reader may stay behind, `chunk_seconds` or more.

    Raises:
        ConfigurationError: if sounddevice or PortAudio isn't installed.
    """

    def __init__(
        self, *, device: int | str | None = None, chunk_seconds: float = 0.1, buffer_seconds: float = 10.0
    ) -> None:
        self._chunk = size("chunk_seconds", chunk_seconds)
        self._most = size("buffer_seconds", buffer_seconds) // self._chunk
        if not self._most:
            raise ValueError(f"a chunk of {chunk_seconds} seconds doesn't fit into a buffer of {buffer_seconds}")
        self._device = Device(sounddevice(), device)

    def __iter__(self) -> Generator[bytes]:
        """What is heard from now on, in chunks of PCM.

        Raises:
            ConfigurationError: if the device can't be opened.
            MicrophoneOverflowError: if the reader is too slow.
            OpenAIError: if the device stops by itself.
        """
        bell = Bell()
        with closing(Capture(self._device, self._chunk, self._most, bell)) as capture:
            while True:
                while capture.is_empty:
                    bell.wait()
                yield capture.take()

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        """As in a plain `for`."""
        bell = AsyncBell()
        with closing(Capture(self._device, self._chunk, self._most, bell)) as capture:
            while True:
                while capture.is_empty:
                    await bell.wait()
                yield capture.take()

    def record(self, *, seconds: float | None = None, until: Callable[[], bool] | None = None) -> Recording:
        """Record into memory, until the time is over or somebody says so; whatever comes first.

        A second takes 48,000 bytes, and the API files of 25 MB, which are more than eight minutes.

        Args:
            seconds: how long, more than 0.
            until: asked after each chunk whether that is enough: the `is_set` of a `threading.Event`, for example. One
                chunk there always is.

        Returns:
            A WAV file in memory, to hand on: `client.audio.transcriptions.create(file=recording, ...)`.

        Raises:
            ConfigurationError: if the device can't be opened.
            MicrophoneOverflowError: if `until` takes its time.
            OpenAIError: if the device stops by itself.
            ValueError: if nothing says when it ends.

        [API reference](https://platform.openai.com/docs/api-reference/audio/createTranscription)
        """
        take = _Take(seconds, until)
        with closing(iter(self)) as chunks:
            for chunk in chunks:
                if take.add(chunk):
                    break
        return take.recording()

    async def record_async(self, *, seconds: float | None = None, until: Callable[[], bool] | None = None) -> Recording:
        """As `record`, without holding up the event loop. Cancelling it closes the device.

        Args:
            seconds: as for `record`.
            until: as for `record`: a plain function, which is called in the event loop.
        """
        take = _Take(seconds, until)
        async with aclosing(self.__aiter__()) as chunks:
            async for chunk in chunks:
                if take.add(chunk):
                    break
        return take.recording()

    def __repr__(self) -> str:
        return f"<Microphone on {self._device}>"


class _Take:
    """A recording that is being made."""

    def __init__(self, seconds: float | None, until: Callable[[], bool] | None) -> None:
        if seconds is None and until is None:
            raise ValueError("say when the recording ends: pass seconds, until, or both")
        self._most = None if seconds is None else size("seconds", seconds)
        self._until = until
        self._pcm = bytearray()

    def add(self, chunk: bytes) -> bool:
        """Take a chunk, and tell whether that is enough."""
        self._pcm += chunk
        is_long = self._most is not None and len(self._pcm) >= self._most
        return is_long or (self._until is not None and self._until())

    def recording(self) -> Recording:
        """What was taken."""
        return recording(self._pcm[: self._most])
