"""What passes between the audio thread, which must never wait, and those who wait for it."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from importlib import import_module
from threading import Event, Lock
from typing import Any, Final, Protocol

from openai_core import logs
from openai_core.errors import ConfigurationError, OpenAIError
from openai_core_audio.samples import RATE, SECOND, WIDTH, refuse_file

# Seconds. On Windows nothing interrupts a thread that waits without end, not even Ctrl-C.
_PATIENCE: Final = 1.0


class MicrophoneOverflowError(OpenAIError):
    """What the microphone heard wasn't read in time. The reader has got all that came before it, without a gap."""


class Rung(Protocol):
    """What wakes the one that waits. It rings after something has changed."""

    def set(self) -> None:
        """Ring; from any thread."""
        ...


class Bell:
    """For a thread that waits."""

    def __init__(self) -> None:
        self._event = Event()
        self.set = self._event.set

    def wait(self) -> None:
        """Wait until it has rung since the last wait; it may come back for nothing."""
        self._event.wait(_PATIENCE)
        self._event.clear()


class AsyncBell:
    """For a task of the running event loop that waits."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def set(self) -> None:
        """Ring; from any thread."""
        # A loop that is closed has nobody who waits.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self) -> None:
        """As `Bell.wait`."""
        await self._event.wait()
        self._event.clear()


class Device:
    """A device of one kind, not open yet.

    Args:
        library: sounddevice.
        name: its number or a part of its name; `None` for the system's.
    """

    def __init__(self, library: Any, name: int | str | None) -> None:
        self.library = library
        self._name = name

    def opened(self, kind: str, **settings: Any) -> Any:
        """A stream of sounddevice that runs.

        Raises:
            ConfigurationError: if there is no such device, or it can't do what is needed.
        """
        try:
            stream = getattr(self.library, kind)(
                samplerate=RATE, channels=1, dtype="int16", device=self._name, **settings
            )
            try:
                stream.start()
            except BaseException:
                stream.close()
                raise
        # A name that no device has is a ValueError.
        except (self.library.PortAudioError, ValueError) as error:
            raise ConfigurationError(
                f"can't open {self} for 16-bit sound at {RATE} Hz: {error}. `python -m sounddevice` lists what there "
                "is; pass one as device="
            ) from error
        return stream

    def __str__(self) -> str:
        return "the system's device" if self._name is None else f"device {self._name!r}"


class Playback:
    """One sound on its way to a device: put in by the reader of its source, taken out by the audio thread.

    Args:
        device: where to.
        most: bytes that may wait before the source has to.
        bell: rings when there is room again, and when it is over.
    """

    def __init__(self, device: Device, most: int, bell: Rung) -> None:
        self._device = device
        self._most = most
        self._bell = bell
        self._lock = Lock()
        self._waiting = bytearray()
        self._played = 0
        self._ended = self._stopped = self._finished = False
        self._stream: Any = None

    @property
    def is_full(self) -> bool:
        """Whether the source has to wait."""
        return len(self._waiting) >= self._most and not self.is_over

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to wait for.

        Raises:
            OpenAIError: if that is the device's doing.
        """
        meant = self._ended or self._stopped
        if self._finished and not meant:
            raise OpenAIError(f"{self._device} stopped playing by itself; is it still connected?")
        return self._finished or (meant and self._stream is None)

    @property
    def seconds(self) -> float:
        """How much was played."""
        return self._played / SECOND

    def put(self, pcm: memoryview) -> None:
        """Take more of the sound; the first sample of it has the device opened.

        Raises:
            ConfigurationError: if the device can't be opened.
            ValueError: if the sound is no PCM.
        """
        with self._lock:
            self._waiting += pcm
        if self._stream is None and len(self._waiting) >= WIDTH and not self._stopped:
            refuse_file(self._waiting)
            self._stream = self._device.opened("RawOutputStream", callback=self._fill, finished_callback=self._finish)

    def end(self) -> None:
        """Note that this was all."""
        with self._lock:
            self._ended = True

    def stop(self) -> None:
        """Leave out the rest; from any thread."""
        self._stopped = True
        self._bell.set()

    def close(self) -> None:
        """Give the device back, whether or not it is playing."""
        self._stopped = True
        if self._stream is not None:
            self._stream.close()

    def _fill(self, out: Any, _frames: int, _time: Any, _status: Any) -> None:
        if self._stopped:
            raise self._device.library.CallbackAbort
        with self._lock:
            was_full = len(self._waiting) >= self._most
            size = min(len(out), len(self._waiting)) // WIDTH * WIDTH
            out[:size] = bytes(self._waiting[:size])
            del self._waiting[:size]
            self._played += size
            has_room = was_full and len(self._waiting) < self._most
            is_last = self._ended and len(self._waiting) < WIDTH
        out[size:] = bytes(len(out) - size)
        if is_last:
            # The device still plays what it was given, and then says that it has finished.
            raise self._device.library.CallbackStop
        if has_room:
            self._bell.set()

    def _finish(self) -> None:
        self._finished = True
        self._bell.set()


class Capture:
    """What is heard, on its way from the audio thread to the reader. Making one opens the device.

    Args:
        device: where from.
        chunk: bytes of each chunk.
        most: chunks that may wait to be read.
        bell: rings when there is one, and when there won't be any more.

    Raises:
        ConfigurationError: if the device can't be opened.
    """

    def __init__(self, device: Device, chunk: int, most: int, bell: Rung) -> None:
        self._device = device
        self._most = most
        self._bell = bell
        self._waiting: deque[bytes] = deque()
        self._overflowed = self._finished = self._lost = self._told = False
        self._stream = device.opened(
            "RawInputStream", blocksize=chunk // WIDTH, callback=self._hear, finished_callback=self._finish
        )

    @property
    def is_empty(self) -> bool:
        """Whether the reader has to wait."""
        return not self._waiting and not self._finished

    def take(self) -> bytes:
        """The next chunk.

        Raises:
            MicrophoneOverflowError: if it got lost for want of room.
            OpenAIError: if the device stopped by itself.
        """
        if self._lost and not self._told:
            self._told = True
            logs.warning("%s lost some of the sound before it could be recorded", self._device)
        if self._waiting:
            return self._waiting.popleft()
        if self._overflowed:
            raise MicrophoneOverflowError(
                f"{self._most} chunks from {self._device} waited to be read, and there was no room for the next. "
                "Do slow work elsewhere than in the loop, or set buffer_seconds higher"
            )
        raise OpenAIError(f"{self._device} stopped recording by itself; is it still connected?")

    def close(self) -> None:
        """Give the device back."""
        self._stream.close()

    def _hear(self, heard: Any, _frames: int, _time: Any, status: Any) -> None:
        if len(self._waiting) >= self._most:
            self._overflowed = True
            raise self._device.library.CallbackStop
        self._lost = self._lost or bool(status.input_overflow)
        self._waiting.append(bytes(heard))
        self._bell.set()

    def _finish(self) -> None:
        self._finished = True
        self._bell.set()


def sounddevice() -> Any:
    """The library.

    Raises:
        ConfigurationError: if it isn't installed, or PortAudio isn't, which it calls.
    """
    try:
        return import_module("sounddevice")
    except ImportError as error:
        raise ConfigurationError(
            f"sound needs the library sounddevice, which this Python doesn't have ({error}): "
            'pip install "sounddevice>=0.5"'
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"sound needs PortAudio, which this machine doesn't have ({error}): install libportaudio2 (Debian, Ubuntu) "
            "or portaudio (Fedora, Homebrew, conda)"
        ) from error
