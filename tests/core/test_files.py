from __future__ import annotations

import os
import tempfile
from io import BytesIO, StringIO
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_core.encoding import Multipart
from openai_core.errors import InvalidRequestError
from openai_core.files import PIECE, FileSource, file_source, guess_media_type, is_file, parts_of, tracked
from openai_core.operation import Endpoint


def content(source: FileSource) -> bytes:
    return b"".join(source.pieces())


class Recorder(BytesIO):
    """A file that notes how much it is asked for."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.asked: list[int] = []

    def read(self, size: int | None = -1) -> bytes:
        self.asked.append(-1 if size is None else size)
        return super().read(size)


class Pipe(BytesIO):
    def seekable(self) -> bool:
        return False


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "notes.md"
    path.write_bytes(b"# notes")
    return path


class TestInputs:
    def test_a_path(self, path):
        source = file_source(path, "file")
        assert (source.name, source.media_type, source.size) == ("notes.md", "text/markdown", 7)
        assert source.replayable
        assert content(source) == b"# notes"

    def test_any_path_like_object(self, path):
        class Like:
            def __fspath__(self) -> str:
                return str(path)

        assert content(file_source(Like(), "file")) == b"# notes"

    @pytest.mark.parametrize("data", [b"abc", bytearray(b"abc")])
    def test_bytes(self, data):
        source = file_source(data, "file")
        assert (source.name, source.media_type, source.size) == ("file.bin", "application/octet-stream", 3)
        assert source.replayable
        assert content(source) == content(source) == b"abc"

    def test_an_open_file_is_read_from_where_it_stands(self, path):
        with path.open("rb") as file:
            file.read(2)
            source = file_source(file, "file")
            assert (source.name, source.size) == ("notes.md", 5)
            assert content(source) == content(source) == b"notes"

    def test_an_open_file_stays_open_and_where_it_was(self, path):
        with path.open("rb") as file:
            file.read(2)
            file_source(file, "file")
            assert file.tell() == 2

    @pytest.mark.parametrize("inner", ["bytes", "path", "file"])
    def test_a_name_in_front(self, path, inner):
        with path.open("rb") as file:
            given_as: Any = {"bytes": b"# notes", "path": path, "file": file}[inner]
            source = file_source(("other.txt", given_as), "file")
            assert (source.name, source.media_type) == ("other.txt", "text/plain")
            assert content(source) == b"# notes"

    def test_a_name_in_front_and_a_media_type_behind(self, path):
        source = file_source(("other.txt", path, "application/x-mine"), "file")
        assert (source.name, source.media_type) == ("other.txt", "application/x-mine")

    @pytest.mark.parametrize("name", ["naïve 音.mp3", 'a"b.mp3', "a\nb.mp3"])
    def test_a_name_is_kept_as_it_is(self, tmp_path, name):
        """How it is written on the wire is the encoding's business."""
        path = tmp_path / name
        path.write_bytes(b"x")
        for given_as in (path, (name, b"x")):
            source = file_source(given_as, "file")
            assert (source.name, source.media_type) == (name, "audio/mpeg")

    def test_a_pipe_is_read_once(self):
        source = file_source(("x.bin", Pipe(b"abc")), "file")
        assert (source.replayable, source.size) == (False, None)
        assert content(source) == b"abc"

    def test_a_real_pipe_too(self):
        reading, writing = os.pipe()
        with os.fdopen(writing, "wb") as file:
            file.write(b"abc")
        with os.fdopen(reading, "rb") as file:
            source = file_source(file, "file")
            assert (source.name, source.replayable, source.size) == ("file.bin", False, None)
            assert content(source) == b"abc"

    def test_a_temporary_file_has_its_name(self):
        with tempfile.NamedTemporaryFile(suffix=".wav") as file:
            file.write(b"abc")
            file.seek(0)
            source = file_source(file, "file")
            assert source.media_type == "audio/wav"
            assert content(source) == b"abc"

    @pytest.mark.parametrize("value", [None, 3, object(), "notes.md", ("a", "b"), ("a",), ["x"], ("a", b"", "t", "u")])
    def test_anything_else_is_refused_by_the_parameter_s_name(self, value):
        with pytest.raises(InvalidRequestError, match=r"^image must be a path, bytes, a file") as caught:
            file_source(value, "image")
        assert caught.value.param == "image"

    def test_a_string_gets_a_hint_as_it_may_be_a_path(self):
        with pytest.raises(InvalidRequestError, match=r"not str; for a path, pass pathlib\.Path\(\.\.\.\)"):
            file_source("notes.md", "file")


class TestText:
    def test_a_file_in_text_mode_is_refused_before_anything_is_sent(self, path):
        with path.open(encoding="utf-8") as file, pytest.raises(InvalidRequestError, match="open it with mode 'rb'"):
            file_source(file, "file")
        with pytest.raises(InvalidRequestError, match="open it with mode 'rb'"):
            file_source(StringIO("x"), "file")
        with (
            tempfile.NamedTemporaryFile("w+", encoding="utf-8") as file,
            pytest.raises(InvalidRequestError, match="open it with mode 'rb'"),
        ):
            file_source(file, "file")

    def test_one_that_hides_it_is_found_out_while_it_is_read(self):
        class Hidden:
            def read(self, size: int = -1) -> str:
                return "text"

            def seekable(self) -> bool:
                return False

        with pytest.raises(InvalidRequestError, match="open in text mode"):
            content(file_source(("x.txt", Hidden()), "file"))


class TestPieces:
    @pytest.mark.parametrize("kind", ["bytes", "path", "file", "pipe"])
    @pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7])
    def test_a_file_comes_in_pieces_of_limited_size(self, tmp_path, kind, size):
        data = os.urandom(size)
        path = tmp_path / "x.bin"
        path.write_bytes(data)
        given_as: Any = {"bytes": data, "path": path, "file": BytesIO(data), "pipe": Pipe(data)}[kind]
        pieces = list(file_source(given_as, "file").pieces())
        assert b"".join(pieces) == data
        assert all(0 < len(piece) <= PIECE for piece in pieces)

    def test_an_open_file_is_never_asked_for_all_of_it(self):
        file = Recorder(b"x" * (5 * 1024 * 1024))
        source = file_source(file, "file")
        assert sum(map(len, source.pieces())) == source.size == 5 * 1024 * 1024
        assert file.asked
        assert all(0 < size <= PIECE for size in file.asked)


class TestDisk:
    def test_a_file_that_is_not_there_is_an_error_before_anything_is_sent(self, tmp_path):
        with pytest.raises(InvalidRequestError, match=r"can't read the file '.*missing\.txt': No such file"):
            file_source(tmp_path / "missing.txt", "file")

    def test_a_folder_is_no_file(self, tmp_path):
        with pytest.raises(InvalidRequestError, match="Is a directory"):
            file_source(tmp_path, "file")

    def test_a_file_that_grows_is_sent_as_long_as_it_was(self, path):
        """Its length is in a header that has gone out by then."""
        source = file_source(path, "file")
        with path.open("ab") as file:
            file.write(b" and more")
        assert content(source) == b"# notes"

    def test_an_open_file_that_grows_is_too(self, path):
        with path.open("rb") as file:
            source = file_source(file, "file")
            with path.open("ab") as other:
                other.write(b" and more")
            assert content(source) == b"# notes"

    def test_a_file_that_shrinks_is_an_error(self, path):
        source = file_source(path, "file")
        path.write_bytes(b"#")
        with pytest.raises(InvalidRequestError, match="became 6 bytes shorter while it was sent"):
            content(source)

    def test_an_open_file_that_shrinks_is_too(self, path):
        with path.open("rb") as file:
            source = file_source(file, "file")
            path.write_bytes(b"#")
            with pytest.raises(InvalidRequestError, match="became 6 bytes shorter while it was sent"):
                content(source)

    def test_a_file_that_is_gone_is_an_error(self, path):
        source = file_source(path, "file")
        path.unlink()
        with pytest.raises(InvalidRequestError, match="can't be read any more: No such file"):
            content(source)


class TestTracking:
    def test_each_piece_is_told_once_it_is_on_its_way(self):
        data, told = os.urandom(2 * PIECE + 7), []
        source = tracked(data, lambda sent, total: told.append((sent, total)))
        assert content(source) == data
        assert told == [(sent, len(data)) for sent in (0, PIECE, 2 * PIECE, len(data))]

    def test_a_repeated_attempt_begins_anew(self, path):
        told: list[int] = []
        source = tracked(path, lambda sent, total: told.append(sent))
        assert content(source) == content(source) == b"# notes"
        assert told == [0, 7, 0, 7]

    @pytest.mark.parametrize("kind", ["bytes", "path", "file", "pipe", "named"])
    def test_a_tracked_file_is_otherwise_the_same(self, path, kind):
        with path.open("rb") as file:
            given_as: Any = {
                "bytes": b"# notes",
                "path": path,
                "file": file,
                "pipe": Pipe(b"# notes"),
                "named": ("other.txt", b"# notes", "text/x-mine"),
            }[kind]
            plain, same = file_source(given_as, "file"), tracked(given_as, lambda sent, total: None)
            names = ("name", "media_type", "size", "replayable")
            assert [getattr(same, name) for name in names] == [getattr(plain, name) for name in names]
            assert content(same) == b"# notes"

    def test_it_can_be_sent_like_any_other_file(self, path):
        told = []
        form = Multipart({"file": tracked(path, lambda sent, total: told.append((sent, total)))}, ("file",))
        assert len(b"".join(form)) == form.length
        assert told == [(0, 7), (7, 7)]

    def test_where_the_size_is_unknown_the_total_is_too(self):
        told = []
        content(tracked(Pipe(b"abc"), lambda sent, total: told.append((sent, total))))
        assert told == [(0, None), (3, None)]

    def test_a_file_that_is_not_there_is_an_error_at_once(self, tmp_path):
        with pytest.raises(InvalidRequestError, match=r"can't read the file '.*missing\.txt'"):
            tracked(tmp_path / "missing.txt", lambda sent, total: None)


UPLOAD = Endpoint("POST", "/files", "builtins:dict", multipart=("file",))


class TestProgressOfACall:
    def test_progress_begins_anew_with_each_attempt(self, client, server, path):
        server.script(lambda exchange: exchange.json({}, 500), lambda exchange: exchange.json({}))
        told = []
        client.send(UPLOAD.operation(body={"file": tracked(path, lambda *progress: told.append(progress))}))
        assert told == [(0, 7), (7, 7), (0, 7), (7, 7)]
        first, second = server.requests
        assert first.body == second.body
        assert b"# notes" in second.body


class TestParts:
    @pytest.mark.parametrize("kind", ["bytes", "path", "file"])
    @given(size=st.integers(0, 3 * PIECE), part=st.integers(PIECE // 3, 4 * PIECE))
    def test_the_parts_are_the_whole(self, tmp_path_factory, kind, size, part):
        data = os.urandom(size)
        path = tmp_path_factory.mktemp("parts") / "x.bin"
        path.write_bytes(data)
        with path.open("rb") as file:
            given_as: Any = {"bytes": data, "path": path, "file": file}[kind]
            parts = parts_of(given_as, part)
            assert [each.size for each in parts] == [min(part, size - start) for start in range(0, size, part)]
            assert b"".join(map(content, parts)) == data
            assert all(0 < len(piece) <= PIECE for each in parts for piece in each.pieces())

    def test_parts_have_the_name_of_the_whole_and_can_be_read_again(self, path):
        first, last = parts_of(("b.jsonl", path), 5)
        assert (first.name, last.media_type, last.replayable) == ("b.jsonl", "application/jsonl", True)
        assert content(last) == content(last) == b"es"
        assert content(first) == b"# not"
        assert repr(last) == "<2 bytes of 'b.jsonl' from byte 5 on>"

    def test_parts_of_an_open_file_can_be_read_at_the_same_time(self):
        data = os.urandom(8 * PIECE)
        file = BytesIO(b"head" + data)
        file.seek(4)
        reading = [part.pieces() for part in parts_of(file, 2 * PIECE)]
        rows = list(zip(*reading, strict=True))
        assert b"".join(piece for column in zip(*rows, strict=True) for piece in column) == data

    def test_a_part_is_sent_like_any_other_file(self, path):
        (_, part) = parts_of(path, 4)
        form = Multipart({"data": part}, ("data",))
        assert form.replayable
        assert b"tes" in b"".join(form)
        assert len(b"".join(form)) == form.length

    def test_a_file_that_shrinks_is_an_error(self, path):
        (_, part) = parts_of(path, 4)
        path.write_bytes(b"# not")
        with pytest.raises(InvalidRequestError, match="became 2 bytes shorter while it was sent"):
            content(part)

    @pytest.mark.parametrize("file", [Pipe(b"abc"), tracked(b"abc", lambda sent, total: None)])
    def test_what_cannot_be_read_from_the_middle_is_refused(self, file):
        with pytest.raises(InvalidRequestError, match="can't be read from the middle; pass a path"):
            parts_of(file, 2)


class TestNames:
    @pytest.mark.parametrize(
        ("beginning", "name", "media_type"),
        [
            (b"\x89PNG\r\n\x1a\n", "file.png", "image/png"),
            (b"\xff\xd8\xff\xe0", "file.jpg", "image/jpeg"),
            (b"GIF89a", "file.gif", "image/gif"),
            (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "file.webp", "image/webp"),
            (b"RIFF\x00\x00\x00\x00WAVEfmt ", "file.wav", "audio/wav"),
            (b"RIFF\x00\x00\x00\x00what", "file.bin", "application/octet-stream"),
            (b"%PDF-1.7", "file.pdf", "application/pdf"),
            (b"ID3\x04", "file.mp3", "audio/mpeg"),
            (b"\xff\xfb\x90", "file.mp3", "audio/mpeg"),
            (b"\xff\xf3\x90", "file.mp3", "audio/mpeg"),
            (b"\xff\xf1\x50", "file.aac", "audio/aac"),
            (b"fLaC", "file.flac", "audio/flac"),
            (b"OggS", "file.ogg", "audio/ogg"),
            (b"\x1aE\xdf\xa3", "file.webm", "video/webm"),
            (b"\x00\x00\x00\x20ftypM4A ", "file.m4a", "audio/mp4"),
            (b"\x00\x00\x00\x20ftypisom", "file.mp4", "video/mp4"),
            (b"PK\x03\x04", "file.zip", "application/zip"),
            (b"", "file.bin", "application/octet-stream"),
            (b"{}", "file.bin", "application/octet-stream"),
        ],
    )
    def test_without_a_name_the_extension_comes_from_how_the_bytes_begin(self, beginning, name, media_type):
        for given_as in (beginning + b"rest", BytesIO(beginning + b"rest")) if beginning else (b"", BytesIO()):
            source = file_source(given_as, "file")
            assert (source.name, source.media_type) == (name, media_type)
            assert content(source) == (beginning + b"rest" if beginning else b"")

    def test_a_given_name_wins(self):
        assert file_source(("x.txt", b"\x89PNG\r\n\x1a\n"), "file").media_type == "text/plain"

    @pytest.mark.parametrize(
        ("name", "media_type"),
        [
            ("a.jsonl", "application/jsonl"),
            ("A.PNG", "image/png"),
            ("a.tar.gz", "application/x-tar"),
            ("a.txt", "text/plain"),
            ("noextension", "application/octet-stream"),
            ("a.neverheardof", "application/octet-stream"),
            ("", "application/octet-stream"),
        ],
    )
    def test_media_types_go_with_names(self, name, media_type):
        assert guess_media_type(name) == media_type

    @given(st.text())
    def test_any_name_has_a_media_type(self, name):
        assert "/" in guess_media_type(name)


@pytest.mark.parametrize(
    ("value", "one"),
    [
        (b"x", True),
        (bytearray(b"x"), True),
        (Path("x"), True),
        (PurePosixPath("x"), True),
        (BytesIO(), True),
        (("a.txt", b"x"), True),
        (("a.txt", b"x", "text/plain"), True),
        ([b"x"], False),
        ((b"x", b"y"), False),
        ((), False),
        (tracked(b"x", lambda sent, total: None), True),
        ("x", False),
        (None, False),
    ],
)
def test_one_file_is_told_from_several(value, one):
    assert is_file(value) is one
