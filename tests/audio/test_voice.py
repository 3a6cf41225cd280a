"""A sound card that isn't there plays and hears: it stands in for sounddevice's streams, with a thread for each."""

from __future__ import annotations

import asyncio
import io
import re
import runpy
import subprocess
import sys
import wave
from array import array
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from openai_core import ConfigurationError, OpenAIError
from openai_core_audio.voice import RATE, Microphone, MicrophoneOverflowError, Player, Recording

ROOT = Path(__file__).parent.parent.parent
SPOKEN = {"model": "gpt-4o-mini-tts", "input": "The quick brown fox", "voice": "coral"}
BLOCK = 480
TONE = np.arange(1, 20_001, dtype=np.int16)
"""No two samples are equal, and none is silent."""


class SoundCard:
    """What a test sets up and looks at.

    Attributes:
        played: all that was played, silence included.
        audible: how many samples of it weren't silent.
        streams: those that were opened, each with the settings it was opened with.
        blocks: how many blocks the microphone hears before it says nothing more.
        goes_on: whether it hears on after them, slowly.
        lasts: how many blocks each stream lasts until the device is gone.
        may_play: when it begins to play.
        on_block: called after each block that was played.
    """

    def __init__(self) -> None:
        self.played = bytearray()
        self.audible = 0
        self.streams: list[Stream] = []
        self.blocks = 0
        self.goes_on = False
        self.lasts = float("inf")
        self.on_block: Any = lambda out: None
        self.may_play = Event()
        self.may_play.set()
        self.lost = ()
        self.problem: Exception | None = None
        self.stopped = Event()

    @property
    def sound(self) -> list[int]:
        """The samples that were played, without silence."""
        return audible(self.played)

    def play(self, out) -> None:
        self.played += out
        self.audible += len(audible(out))
        self.on_block(out)


class Stream:
    def __init__(self, card, library, *, callback, finished_callback, blocksize=BLOCK, **settings) -> None:
        if card.problem is not None:
            raise card.problem
        self.card, self.library = card, library
        self.callback, self.finished = callback, finished_callback
        self.blocksize, self.settings = blocksize, settings
        self.closing = Event()
        self.thread = Thread(target=self.run)
        card.streams.append(self)

    def start(self) -> None:
        self.thread.start()

    def run(self) -> None:
        with suppress(self.library.CallbackStop, self.library.CallbackAbort):
            self.turn()
        self.finished()
        self.card.stopped.set()

    def close(self) -> None:
        self.closing.set()
        if self.thread.ident:
            self.thread.join()

    @property
    def is_open(self) -> bool:
        return self.thread.is_alive()


class Output(Stream):
    def turn(self) -> None:
        assert self.card.may_play.wait(30)
        turns = 0
        while not self.closing.is_set() and turns < self.card.lasts:
            turns += 1
            out = bytearray(b"\xff" * 2 * self.blocksize)
            try:
                self.callback(out, self.blocksize, None, SimpleNamespace())
            except self.library.CallbackStop:
                self.card.play(out)
                raise
            self.card.play(out)


class Input(Stream):
    def turn(self) -> None:
        for turn in range(self.card.blocks):
            self.hear(turn)
        if self.card.lasts <= self.card.blocks:
            return
        while not self.closing.wait(0.01 if self.card.goes_on else None):
            self.hear(0)

    def hear(self, turn: int) -> None:
        status = SimpleNamespace(input_overflow=turn in self.card.lost)
        self.callback(memoryview(heard(turn, self.blocksize)), self.blocksize, None, status)


def heard(turn: int, samples: int = RATE // 10) -> bytes:
    """A chunk that says which one it is."""
    return array("h", [turn + 1] * samples).tobytes()


def audible(pcm) -> list[int]:
    samples = np.frombuffer(bytes(pcm), dtype="<i2")
    return samples[samples != 0].tolist()


@pytest.fixture
def card(monkeypatch) -> SoundCard:
    made = SoundCard()
    library: Any = ModuleType("sounddevice")
    for name in ("PortAudioError", "CallbackStop", "CallbackAbort"):
        setattr(library, name, type(name, (Exception,), {}))
    library.RawOutputStream = lambda **settings: Output(made, library, **settings)
    library.RawInputStream = lambda **settings: Input(made, library, **settings)
    monkeypatch.setitem(sys.modules, "sounddevice", library)
    yield made
    assert not any(stream.is_open for stream in made.streams)


@pytest.fixture(params=["sync", "async"])
def colour(request) -> str:
    return request.param


@pytest.fixture
def play(colour):
    """Plays a source in either colour; what is iterated is iterated in that colour."""

    async def played(player, source):
        if colour == "sync":
            # In a thread, so that tests can do something else at the same time.
            return await asyncio.to_thread(player.play, source)
        if isinstance(source, (bytes, bytearray, memoryview, np.ndarray)) or hasattr(source, "__aiter__"):
            return await player.play_async(source)

        async def pieces():
            for piece in source:
                yield piece

        return await player.play_async(pieces())

    return played


@pytest.fixture
def record(colour):
    """Records in either colour."""

    async def recorded(microphone, **settings):
        if colour == "sync":
            return await asyncio.to_thread(microphone.record, **settings)
        return await microphone.record_async(**settings)

    return recorded


def cut(pcm: bytes, *sizes: int) -> list[bytes]:
    """Bytes in pieces of these sizes, again and again."""
    pieces, start = [], 0
    while start < len(pcm):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(pcm[start : start + size])
        start += size
    return pieces


PCM = TONE.tobytes()
SOURCES = {
    "bytes": PCM,
    "bytearray": bytearray(PCM),
    "memoryview of samples": memoryview(array("h", TONE.tolist())),
    "int16": TONE,
    "int16 in one channel": TONE.reshape(-1, 1),
    "big-endian int16": TONE.astype(">i2"),
    "float32": TONE.astype(np.float32) / 32_767,
    "pieces": cut(PCM, 1000),
    "pieces that end within a sample": cut(PCM, 333, 1, 0, 2),
    "arrays": np.array_split(TONE, 7),
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
async def test_a_sound_is_played_to_its_end(card, play, source):
    seconds = await play(Player(), source)
    assert card.sound == TONE.tolist()
    assert seconds == len(TONE) / RATE
    (stream,) = card.streams
    assert stream.settings == {"samplerate": 24_000, "channels": 1, "dtype": "int16", "device": None}


@pytest.mark.parametrize("buffer_seconds", [0.001, 0.1, 60])
async def test_how_far_a_source_is_read_ahead_makes_no_difference_to_what_is_heard(card, play, buffer_seconds):
    await play(Player(buffer_seconds=buffer_seconds), PCM)
    assert card.sound == TONE.tolist()


async def test_what_is_louder_than_loud_is_as_loud_as_can_be(card, play):
    await play(Player(), np.array([2.0, -2.0, 0.5], dtype=np.float32))
    assert card.sound == [32_767, -32_767, 16_384]


@pytest.mark.parametrize("source", [b"", b"\x01", []], ids=["empty", "half a sample", "no pieces"])
async def test_what_makes_no_sound_opens_no_device(card, play, source):
    assert await play(Player(), source) == 0
    assert card.streams == []


async def test_speech_is_heard_as_it_comes(card, client, settled):
    player = Player()
    play = player.play_async if hasattr(client, "__aenter__") else player.play
    speech = await settled(client.audio.speech.create(**SPOKEN, response_format="pcm"))
    spoken = audible(await settled(speech.read()))
    await settled(play(await settled(client.audio.speech.create(**SPOKEN, response_format="pcm"))))
    assert card.sound == spoken
    card.played.clear()
    stream = client.audio.speech.create_stream(**SPOKEN, response_format="pcm")
    await settled(play(stream))
    assert card.sound == spoken
    assert stream.outcome == "complete"


@pytest.mark.parametrize("file_format", ["mp3", "wav", "opus"])
async def test_speech_in_another_format_is_no_noise_but_an_error(card, client, settled, file_format):
    player = Player()
    play = player.play_async if hasattr(client, "__aenter__") else player.play
    speech = await settled(client.audio.speech.create(**SPOKEN, response_format=file_format))
    with pytest.raises(ValueError, match='response_format="pcm"'):
        await settled(play(speech))
    with pytest.raises(OpenAIError, match="have been read, or closed"):
        await settled(speech.read())
    assert card.streams == []


async def test_an_error_of_the_source_ends_the_sound(card, play):
    def pieces():
        yield PCM
        raise OpenAIError("the connection broke")

    with pytest.raises(OpenAIError, match="the connection broke"):
        await play(Player(), pieces())
    assert len(card.streams) == 1


class Source:
    """A sound without end, in pieces of a tenth of a second.

    Attributes:
        furthest: samples that it was ahead of what was heard, at most.
        on_piece: called with the number of pieces that were given before.
    """

    def __init__(self, card) -> None:
        self.card = card
        self.furthest = 0
        self.closed = False
        self.on_piece: Any = lambda given: None

    def __iter__(self):
        given = 0
        try:
            while True:
                self.on_piece(given)
                self.furthest = max(self.furthest, given * 2_400 - self.card.audible)
                yield heard(0)
                given += 1
        finally:
            self.closed = True


def after(card, seconds, action):
    """Does something when so much was heard."""
    return lambda out: action() if card.audible > seconds * RATE else None


async def test_a_sound_without_end_is_stopped(card, play):
    player, source = Player(buffer_seconds=0.1), Source(card)
    card.on_block = after(card, 0.5, player.stop)
    seconds = await play(player, source)
    assert seconds == len(card.sound) / RATE > 0.5
    assert source.closed
    player.stop()
    # Not for good.
    card.on_block = lambda out: None
    card.played.clear()
    await play(player, PCM)
    assert card.sound == TONE.tolist()


async def test_a_source_is_not_read_further_ahead_than_was_said(card, play):
    player, source = Player(buffer_seconds=0.5), Source(card)
    card.may_play.clear()
    source.on_piece = lambda given: card.may_play.set() if given == 4 else None
    card.on_block = after(card, 2, player.stop)
    await play(player, source)
    # It asks for another piece as long as there is less; one block may be on its way to the loudspeaker.
    assert 0.4 * RATE <= source.furthest < 0.5 * RATE + BLOCK


async def test_a_slow_source_is_waited_for_in_silence(card, play):
    silent = Event()
    card.on_block = lambda out: None if any(out) else silent.set()

    def pieces():
        for piece in cut(PCM, 10_000):
            yield piece
            silent.clear()
            assert silent.wait(30)

    await play(Player(), pieces())
    assert card.sound == TONE.tolist()
    assert len(card.played) > len(PCM)


async def test_cancelling_ends_the_sound_and_its_source(card):
    closed = []
    begun = asyncio.Event()

    async def pieces():
        try:
            yield PCM
            begun.set()
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    task = asyncio.create_task(Player().play_async(pieces()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed == [True]
    assert len(card.streams) == 1


async def test_two_sounds_at_once_are_stopped_together(card):
    player = Player()
    card.on_block = lambda out: player.stop() if len(card.streams) == 2 else None
    await asyncio.gather(*[asyncio.to_thread(player.play, Source(card)) for _ in range(2)])
    assert len(card.streams) == 2


async def test_a_device_that_goes_away_is_an_error_and_no_end(card, play, record):
    card.lasts = 3
    with pytest.raises(OpenAIError, match="stopped playing by itself"):
        await play(Player(), Source(card))
    card.blocks = 3
    with pytest.raises(OpenAIError, match="stopped recording by itself"):
        await record(Microphone(), seconds=1)


@pytest.mark.parametrize("problem", ["PortAudioError", "ValueError"])
async def test_a_device_that_cannot_be_opened_is_named(card, play, record, problem):
    kind = ValueError if problem == "ValueError" else sys.modules["sounddevice"].PortAudioError
    card.problem = kind("no such thing")
    with pytest.raises(ConfigurationError, match=r"can't open device 'Headset'.*no such thing.*device="):
        await play(Player(device="Headset"), PCM)
    with pytest.raises(ConfigurationError, match="can't open the system's device"):
        await record(Microphone(), seconds=1)


async def test_a_device_that_does_not_start_is_given_back(card, play, monkeypatch):
    closed = []

    def start(stream):
        raise sys.modules["sounddevice"].PortAudioError("busy")

    monkeypatch.setattr(Output, "start", start)
    monkeypatch.setattr(Output, "close", lambda stream: closed.extend([stream]))
    with pytest.raises(ConfigurationError, match="busy"):
        await play(Player(), PCM)
    assert closed == card.streams


@pytest.mark.parametrize(
    ("source", "error", "said"),
    [
        (b"RIFF\x00\x00\x00\x00WAVE", ValueError, "begins with b'RIFF'"),
        ([b"ID3\x04"], ValueError, 'response_format="pcm"'),
        (np.zeros(4), ValueError, "float64"),
        (np.zeros((4, 2), dtype=np.int16), ValueError, r"\(4, 2\)"),
        (["text"], TypeError, "not of str"),
    ],
    ids=["wav", "mp3", "float64", "stereo", "text"],
)
async def test_what_is_no_pcm_is_refused(card, play, source, error, said):
    with pytest.raises(error, match=said):
        await play(Player(), source)
    assert card.streams == []


async def test_a_source_of_the_other_colour_is_refused(card):
    async def pieces():
        yield PCM

    source = pieces()
    with pytest.raises(TypeError, match=r"await play_async"):
        Player().play(source)
    await source.aclose()
    with pytest.raises(TypeError, match=r"is for play\(...\)"):
        await Player().play_async([PCM])
    with pytest.raises(TypeError, match="not NoneType"):
        Player().play(None)


async def test_a_recording_is_as_long_as_was_said(card, record):
    card.blocks = 5
    recording = await record(Microphone(), seconds=0.25)
    assert isinstance(recording, Recording)
    with wave.open(io.BytesIO(recording.content)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 24_000)
        assert sound.readframes(RATE) == recording.pcm == b"".join(map(heard, range(3)))[: RATE // 2]
    assert repr(recording) == "<recording.wav, 0.2 seconds>"
    (stream,) = card.streams
    assert stream.blocksize == 2_400
    assert stream.settings == {"samplerate": 24_000, "channels": 1, "dtype": "int16", "device": None}


async def test_a_recording_ends_when_somebody_says_so(card, record):
    card.blocks = 9
    asked = []
    recording = await record(Microphone(chunk_seconds=0.02), until=lambda: asked.append(1) or len(asked) == 4)
    assert recording.pcm == b"".join(heard(turn, 480) for turn in range(4))


async def test_a_recording_that_would_never_end_is_refused(card, record):
    with pytest.raises(ValueError, match="pass seconds, until, or both"):
        await record(Microphone())
    assert card.streams == []


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"chunk_seconds": 0}, "chunk_seconds"), ({"chunk_seconds": 2, "buffer_seconds": 1}, "doesn't fit")],
)
def test_a_buffer_without_room_is_refused(card, settings, said):
    with pytest.raises(ValueError, match=said):
        Microphone(**settings)


async def test_a_recording_is_transcribed_as_it_is_and_again(card, client, settled, openai_emulator):
    card.blocks = 5
    recording = Microphone().record(seconds=0.5)
    for _ in range(2):
        heard_by = await settled(client.audio.transcriptions.create(model="gpt-4o-transcribe", file=recording))
        assert "recording.wav" in heard_by.text
        assert recording.content in openai_emulator.requests[-1].body


async def test_a_recording_is_played_back(card, play, record):
    card.blocks = 5
    await play(Player(), (await record(Microphone(), seconds=0.5)).pcm)
    assert card.sound == [turn + 1 for turn in range(5) for _ in range(2_400)]


@pytest.fixture
def listen(colour):
    """Takes chunks in either colour until it has so many."""

    async def listened(microphone, count, on_chunk=lambda chunk: None):
        chunks = []

        def enough(chunk) -> bool:
            on_chunk(chunk)
            chunks.append(chunk)
            return len(chunks) == count

        if colour == "sync":
            for chunk in microphone:
                if enough(chunk):
                    break
        else:
            async for chunk in microphone:
                if enough(chunk):
                    break
        return chunks

    return listened


async def test_what_is_heard_comes_in_chunks_and_leaving_closes_the_device(card, listen):
    card.blocks = 5
    microphone = Microphone()
    assert await listen(microphone, 4) == [heard(turn) for turn in range(4)]
    # A bare `async for` closes a few turns of the event loop later.
    assert await asyncio.to_thread(card.stopped.wait, 30)
    card.streams.clear()
    assert await listen(microphone, 1) == [heard(0)]
    await asyncio.to_thread(card.streams[0].thread.join)


async def test_who_reads_too_slowly_is_told_and_has_no_gap(card, listen):
    card.blocks = 50
    chunks = []

    def wait_and_keep(chunk) -> None:
        assert card.stopped.wait(30)
        chunks.append(chunk)

    with pytest.raises(MicrophoneOverflowError, match=r"^3 chunks from the system's device.*buffer_seconds"):
        await listen(Microphone(buffer_seconds=0.35), 50, wait_and_keep)
    assert len(chunks) >= 3
    assert chunks == [heard(turn) for turn in range(len(chunks))]


async def test_what_the_system_loses_is_logged_once(card, listen, caplog):
    card.blocks = card.lasts = 5
    card.lost = (1, 3)
    await listen(Microphone(device=2), 5, lambda chunk: card.stopped.wait(30))
    (entry,) = caplog.records
    assert entry.getMessage() == "device 2 lost some of the sound before it could be recorded"


def test_an_event_loop_that_is_closed_disturbs_no_device(card):
    card.blocks = 1

    async def begin():
        chunks = aiter(Microphone())
        await anext(chunks)
        return chunks

    loop = asyncio.new_event_loop()
    chunks = loop.run_until_complete(begin())
    loop.close()
    card.streams[0].close()

    async def end():
        await chunks.aclose()

    asyncio.run(end())


@pytest.mark.parametrize("make", [Player, Microphone])
def test_without_sounddevice_it_says_what_to_install(make, monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(ConfigurationError, match=r'pip install "sounddevice>='):
        make()


@pytest.mark.parametrize("make", [Player, Microphone])
def test_without_portaudio_it_says_what_to_install(make, monkeypatch, tmp_path):
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n", "utf-8")
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigurationError, match=r"PortAudio library not found.*libportaudio2"):
        make()


def test_nothing_of_it_is_loaded_before_it_is_needed():
    code = (
        "import sys, openai_core_audio; print('openai_core_audio.voice' in sys.modules); "
        "import openai_core_audio.voice; print(*{'sounddevice', 'numpy', 'httpx', 'pydantic'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]


def test_reprs_name_the_device(card):
    assert repr(Player()) == "<Player on the system's device>"
    assert repr(Microphone(device="Headset")) == "<Microphone on device 'Headset'>"


def test_the_readme_s_snippets_run(card, surroundings):
    card.goes_on = True
    text = (ROOT / "packages" / "audio" / "README.md").read_text("utf-8")
    snippets = re.findall(r"^```python elsewhere\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert snippets
    for snippet in snippets:
        exec(compile(snippet, "README.md", "exec"), {"__name__": "readme"})  # noqa: S102 - our own README
    assert card.sound


def test_the_example_hears_thinks_and_speaks(card, surroundings, monkeypatch, capsys):
    card.goes_on = True
    # Enter begins a question and ends it; two of them.
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n" * 4))
    runpy.run_path(str(ROOT / "examples" / "audio" / "voice_chat.py"), run_name="__main__")
    assert [request.path for request in surroundings.requests] == [
        "/v1/audio/transcriptions",
        "/v1/chat/completions",
        "/v1/audio/speech",
    ] * 2
    assert len(surroundings.requests[-2].json()["messages"]) == 4
    assert card.sound
    assert "recording.wav" in capsys.readouterr().out
