from __future__ import annotations

import asyncio
import errno
import gc
import gzip
import io
import os
import threading
import tracemalloc
from pathlib import Path

import pytest

from openai_core import AsyncClient
from openai_core.errors import APIConnectionError, APITimeoutError, FileSaveError, NotFoundError, OpenAIError
from openai_core.operation import BinaryEndpoint
from openai_core.options import Timeout

CONTENT = BinaryEndpoint("GET", "/files/{file_id}/content", None)
FETCH = CONTENT.operation(path=("file-1",))

MIB = 1 << 20


def say_audio(exchange):
    exchange.answer(b"la la la", content_type="audio/mpeg", x_request_id="req_1")


def half(exchange):
    """Send half of what was announced, and no more."""
    exchange.head(content_length=8)
    exchange.send(b"half")


def hang_up_halfway(exchange):
    half(exchange)
    exchange.hang_up()


def hang_up_within_chunks(exchange):
    exchange.begin()
    exchange.chunk(b"half")
    exchange.hang_up()


def hang_up_at_once(exchange):
    exchange.head(content_length=8)
    exchange.hang_up()


def hold_halfway(exchange):
    half(exchange)
    exchange.gone()


def say_much(exchange):
    piece = bytes(MIB)
    exchange.head(content_length=32 * MIB)
    for _ in range(32):
        exchange.send(piece)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "folder"


@pytest.fixture
def on_write(monkeypatch):
    """Has something called whenever a piece has been written to a file."""

    def set_up(then):
        class File(io.FileIO):
            def write(self, data):
                written = super().write(data)
                then()
                return written

        monkeypatch.setattr(Path, "open", lambda path, *_, **__: File(path, "wb"))

    return set_up


@pytest.fixture
def full_disk(monkeypatch):
    """A disk with room for four bytes in each file."""

    class File(io.FileIO):
        room = 4

        def write(self, data):
            if not self.room:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            written = super().write(data[: self.room])
            self.room -= written
            return written

    monkeypatch.setattr(Path, "open", lambda path, *_, **__: File(path, "wb"))


class TestReading:
    def test_all_bytes(self, client, server):
        server.script(say_audio)

        binary = client.send(FETCH)

        assert (binary.media_type, binary.response.status, binary.response.request_id) == ("audio/mpeg", 200, "req_1")
        assert binary.read() == b"la la la"
        (request,) = server.requests
        assert (request.target, request.headers["accept"]) == ("/v1/files/file-1/content", "*/*")

    def test_no_bytes(self, client, server):
        server.script(lambda exchange: exchange.answer())

        assert client.send(FETCH).read() == b""

    def test_encoded_bytes_are_decoded(self, client, server):
        server.script(lambda exchange: exchange.answer(gzip.compress(b"la la la"), content_encoding="gzip"))

        assert client.send(FETCH).read() == b"la la la"

    def test_pieces_can_be_had_as_they_come_in(self, client, server):
        seen = threading.Event()

        def in_turns(exchange):
            exchange.begin()
            exchange.chunk(b"one")
            exchange.chunk(b"two" if seen.wait(10) else b"too late")
            exchange.end()

        server.script(in_turns)
        pieces = []
        for piece in client.send(FETCH):
            pieces.append(piece)
            seen.set()

        assert pieces == [b"one", b"two"]

    def test_what_was_read_leaves_the_connection_to_the_next_call(self, client, server, transport):
        server.script(say_audio)

        client.send(FETCH).read()
        assert b"".join(client.send(FETCH)) == b"la la la"
        client.send(FETCH).read()

        assert server.was_reached_over(1, transport)

    @pytest.mark.parametrize("again", [list, lambda binary: binary.read(), lambda binary: binary.save("never")])
    def test_bytes_are_read_once(self, client, server, again, folder, monkeypatch):
        folder.mkdir()
        monkeypatch.chdir(folder)
        server.script(say_audio)
        binary = client.send(FETCH)
        binary.read()

        with pytest.raises(OpenAIError, match="call the method again"):
            again(binary)

        assert list(folder.iterdir()) == []
        assert len(server.requests) == 1

    def test_an_error_shows_at_the_call(self, client, server):
        server.script(lambda exchange: exchange.json({"error": {"message": "no such file"}}, 404))

        with pytest.raises(NotFoundError, match="no such file"):
            client.send(FETCH)

    def test_a_failed_attempt_is_repeated(self, client, server):
        server.script(lambda exchange: exchange.json({}, 500), say_audio)

        binary = client.send(FETCH)

        assert [attempt.status for attempt in binary.response.attempts] == [500, 200]
        assert binary.read() == b"la la la"


class TestBreaking:
    @pytest.mark.parametrize("breaking", [hang_up_halfway, hang_up_within_chunks, hang_up_at_once])
    @pytest.mark.parametrize("read", [list, lambda binary: binary.read()])
    def test_a_break_is_an_error(self, client, server, breaking, read):
        server.script(breaking)
        binary = client.send(FETCH)

        with pytest.raises(APIConnectionError) as caught:
            read(binary)

        assert [attempt.status for attempt in caught.value.attempts] == [200]
        assert len(server.requests) == 1

    @pytest.mark.parametrize("breaking", [hang_up_halfway, hang_up_within_chunks])
    def test_a_break_is_not_a_short_file(self, client, server, breaking, folder):
        server.script(breaking)
        binary = client.send(FETCH)

        with pytest.raises(FileSaveError) as caught:
            binary.save(folder / "song.mp3")

        assert isinstance(caught.value.__cause__, APIConnectionError)
        (left,) = folder.iterdir()
        assert str(left) == caught.value.partial != str(folder / "song.mp3")
        assert left.read_bytes() == b"half"
        assert str(left) in str(caught.value)

    def test_a_break_before_the_first_byte_leaves_nothing(self, client, server, folder):
        folder.mkdir()
        server.script(hang_up_at_once)
        binary = client.send(FETCH)

        with pytest.raises(FileSaveError) as caught:
            binary.save(folder / "song.mp3")

        assert caught.value.partial is None
        assert list(folder.iterdir()) == []

    def test_a_file_that_was_there_survives_a_break(self, client, server, folder):
        folder.mkdir()
        (folder / "song.mp3").write_bytes(b"the old song")
        server.script(hang_up_halfway)
        binary = client.send(FETCH)

        with pytest.raises(FileSaveError):
            binary.save(folder / "song.mp3")

        assert (folder / "song.mp3").read_bytes() == b"the old song"

    def test_a_pause_is_a_timeout(self, make_client, server):
        server.script(hold_halfway)
        binary = make_client(timeout=Timeout(idle=0.2)).send(FETCH)

        with pytest.raises(APITimeoutError):
            binary.read()

        assert server.has_open(0)


class TestSaving:
    @pytest.mark.parametrize("kind", [str, Path])
    def test_the_file_is_where_it_was_wanted_and_nothing_else_is(self, client, server, folder, kind):
        server.script(
            lambda exchange: exchange.answer(b"la la la", content_disposition='attachment; filename="../evil.mp3"')
        )

        path = client.send(FETCH).save(kind(folder / "new" / "song.mp3"))

        assert path == folder / "new" / "song.mp3"
        assert path.read_bytes() == b"la la la"
        assert sorted(folder.parent.rglob("*")) == [folder, folder / "new", path]

    def test_progress_is_told_piece_by_piece(self, client, server, folder):
        def in_pieces(exchange):
            half(exchange)
            exchange.send(b"full")

        server.script(in_pieces)
        told = []

        client.send(FETCH).save(folder / "song.mp3", on_progress=lambda *progress: told.append(progress))

        assert told[-1] == (8, 8)
        assert [written for written, _ in told] == sorted({written for written, _ in told})

    @pytest.mark.parametrize("known", [True, False])
    def test_the_total_is_what_the_server_says_of_the_bytes_themselves(self, client, server, folder, known):
        content = b"la la la"
        headers = {} if known else {"content_encoding": "gzip"}
        server.script(lambda exchange: exchange.answer(content if known else gzip.compress(content), **headers))
        told = []
        binary = client.send(FETCH)

        assert binary.size == (8 if known else None)
        binary.save(folder / "song.mp3", on_progress=lambda *progress: told.append(progress))

        assert told[-1] == (8, binary.size)

    def test_who_breaks_off_while_progress_is_told_leaves_nothing(self, client, server, folder):
        server.script(say_audio)

        def break_off(written, total):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            client.send(FETCH).save(folder / "song.mp3", on_progress=break_off)

        assert list(folder.iterdir()) == []

    def test_a_file_appears_when_it_is_complete(self, client, server, folder, on_write):
        written = threading.Event()
        seen = []

        def in_turns(exchange):
            half(exchange)
            assert written.wait(10)
            seen.extend(path.name for path in folder.iterdir())
            exchange.send(b"full")

        server.script(in_turns)
        on_write(written.set)
        client.send(FETCH).save(folder / "song.mp3")

        assert len(seen) == 1
        assert seen != ["song.mp3"] == [path.name for path in folder.iterdir()]

    def test_a_file_is_replaced(self, client, server, folder):
        folder.mkdir()
        (folder / "song.mp3").write_bytes(b"the old and much longer song")
        server.script(say_audio)

        client.send(FETCH).save(folder / "song.mp3")

        assert (folder / "song.mp3").read_bytes() == b"la la la"

    def test_no_bytes_are_an_empty_file(self, client, server, folder):
        server.script(lambda exchange: exchange.answer())

        assert client.send(FETCH).save(folder / "song.mp3").read_bytes() == b""

    def test_a_full_disk_is_an_error_that_tells_what_is_left(self, client, server, folder, full_disk):
        server.script(say_audio)
        binary = client.send(FETCH)

        with pytest.raises(FileSaveError, match="No space left on device") as caught:
            binary.save(folder / "song.mp3")

        (left,) = folder.iterdir()
        assert caught.value.partial == str(left)
        assert left.stat().st_size == 4

    def test_a_full_disk_ends_the_connection(self, client, server, folder, full_disk):
        def more_than_fits(exchange):
            exchange.head(content_length=100)
            exchange.send(b"more than fits")
            exchange.gone()

        server.script(more_than_fits)
        binary = client.send(FETCH)

        with pytest.raises(FileSaveError, match="No space left on device"):
            binary.save(folder / "song.mp3")

        assert server.has_open(0)

    @pytest.mark.parametrize("where", ["", ".", "there", "there/song.mp3/below.mp3"])
    def test_a_place_that_cant_be_written_is_an_error(self, client, server, folder, monkeypatch, where):
        (folder / "there").mkdir(parents=True)
        (folder / "there" / "song.mp3").touch()
        monkeypatch.chdir(folder)
        server.script(say_audio)
        binary = client.send(FETCH)

        with pytest.raises(FileSaveError, match="can't save") as caught:
            binary.save(where)

        left = {str(path) for path in folder.rglob("*.part")}
        assert left == ({str(folder / caught.value.partial)} if caught.value.partial else set())

    def test_an_interrupted_save_leaves_nothing(self, client, server, folder, on_write):
        def interrupt():
            raise KeyboardInterrupt

        server.script(say_audio)
        on_write(interrupt)
        binary = client.send(FETCH)

        with pytest.raises(KeyboardInterrupt):
            binary.save(folder / "song.mp3")

        assert list(folder.iterdir()) == []

    async def test_a_cancelled_save_leaves_nothing(self, server, transport, folder, on_write):
        written = asyncio.Event()
        server.script(hold_halfway)
        on_write(written.set)

        async with AsyncClient(api_key="sk-test", base_url=server.url, transport=transport) as client:
            binary = await client.send(FETCH)
            saving = asyncio.create_task(binary.save(folder / "song.mp3"))
            await written.wait()
            saving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await saving
            assert await asyncio.to_thread(server.has_open, 0)

        assert list(folder.iterdir()) == []


class TestMemory:
    @pytest.mark.parametrize("saved", [True, False])
    def test_the_whole_is_never_in_memory(self, client, server, folder, saved):
        server.script(say_much)
        binary = client.send(FETCH)

        tracemalloc.start()
        try:
            size = binary.save(folder / "much").stat().st_size if saved else sum(map(len, binary))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert size == 32 * MIB
        assert peak < 8 * MIB


class TestLeaving:
    def test_closing_gives_up_what_isnt_read(self, client, server):
        server.script(hold_halfway)
        binary = client.send(FETCH)

        binary.close()
        binary.close()

        assert server.has_open(0)
        with pytest.raises(OpenAIError, match="closed"):
            binary.read()

    def test_leaving_the_block_closes(self, client, server):
        server.script(hold_halfway)

        with client.send(FETCH):
            pass

        assert server.has_open(0)

    def test_leaving_the_loop_closes(self, client, server):
        server.script(hold_halfway)

        for piece in client.send(FETCH):
            assert piece == b"half"
            break

        assert server.has_open(0)

    def test_bytes_that_nobody_read_are_a_warning(self, client, server):
        server.script(say_audio)

        with pytest.warns(ResourceWarning, match="never read"):  # noqa: PT031 - the collector warns
            client.send(FETCH)
            gc.collect()

    def test_bytes_that_were_read_or_closed_are_none(self, client, server, recwarn):
        server.script(say_audio)

        client.send(FETCH).read()
        client.send(FETCH).close()
        list(client.send(FETCH))
        gc.collect()

        assert recwarn.list == []
