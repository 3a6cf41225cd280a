from __future__ import annotations

import json
import math
import tracemalloc
import uuid
from collections import OrderedDict, UserDict, UserList, deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from enum import Enum, IntEnum, StrEnum
from io import BytesIO
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Literal, TypedDict
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field
from python_multipart import FormParser

from openai_core.encoding import Multipart, encoded_body, json_bytes, plain, query_string
from openai_core.errors import InvalidRequestError
from openai_core.files import PIECE
from openai_core.model import ApiModel
from openai_core.operation import OMIT, Endpoint, Operation

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)
CREATE: Endpoint[object] = Endpoint("POST", "/chat/completions", None)
UPLOAD: Endpoint[object] = Endpoint("POST", "/files", None, multipart=("file",))


class Model(BaseModel):
    """A user's own model."""

    kind: Literal["own"] = "own"
    size: float = 1.0
    note: str | None = None


class Wide(Model):
    extra_field: str = "x"


class Holder(BaseModel):
    inner: Model


class Aliased(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    schema_: dict[str, Any] = Field(alias="schema")


class Sender(BaseModel):
    id: str
    sender: str = Field(serialization_alias="from")


class ToolCall(ApiModel):
    id: str
    from_: str | None = Field(default=None, alias="from")


class Answer(ApiModel):
    role: Literal["assistant"]
    content: str | None = None
    refusal: str | None = None
    score: float | None = None
    tool_calls: list[ToolCall] = []
    meta: dict[str, str] = Field(default_factory=dict)


class Special(Answer):
    more: str | None = None


class Params(TypedDict, total=False):
    model: str
    n: int


@dataclass
class Point:
    x: float
    y: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Slotted:
    x: Any


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Mode(StrEnum):
    FAST = "fast"


def written(value: object) -> Any:
    return json.loads(json_bytes(value))


class TestJson:
    @given(JSON_VALUES)
    def test_plain_data_is_written_as_json_has_it(self, value):
        assert written(value) == value

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (Params(model="m", n=2), {"model": "m", "n": 2}),
            (Point(1.5, [1]), {"x": 1.5, "y": [1]}),
            (Slotted(1), {"x": 1}),
            (Model(), {"kind": "own", "size": 1.0, "note": None}),
            (Aliased(schema_={"a": 1}), {"schema": {"a": 1}}),
            (datetime(2026, 3, 1, 12, 30, tzinfo=UTC), "2026-03-01T12:30:00Z"),
            (date(2026, 3, 1), "2026-03-01"),
            (time(12, 30), "12:30:00"),
            (timedelta(minutes=1), "PT1M"),
            (Colour.RED, "red"),
            (Level.HIGH, 3),
            (Mode.FAST, "fast"),
            (Path("/tmp/x"), "/tmp/x"),
            (PurePosixPath("a/b"), "a/b"),
            (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
            (Decimal("1.50"), "1.50"),
            (b"text", "text"),
            ((1, 2), [1, 2]),
            (frozenset({1}), [1]),
            ({"a"}, ["a"]),
            (deque([1, 2]), [1, 2]),
            (range(3), [0, 1, 2]),
            (OrderedDict(a=1), {"a": 1}),
            (MappingProxyType({"a": {"b": 1}}), {"a": {"b": 1}}),
            (UserDict({"a": [1]}), {"a": [1]}),
            (UserList([1, {"a": 2}]), [1, {"a": 2}]),
            ({1: "a"}, {"1": "a"}),
            ({"a": 10**30}, {"a": 10**30}),
            ("\u2028 \U0001f600 \x00", "\u2028 \U0001f600 \x00"),
        ],
    )
    def test_values_of_python_s_own_are_written_at_any_depth(self, value, expected):
        assert written(value) == expected
        assert written({"deep": [{"er": (value,)}]}) == {"deep": [{"er": [expected]}]}

    def test_text_is_written_as_utf_8(self):
        assert json_bytes({"a": "é"}) == '{"a":"é"}'.encode()


class TestModels:
    def test_of_an_answer_only_what_the_server_had_set_is_sent_back(self):
        answer = Answer.model_validate_json('{"role": "assistant", "content": null, "new": 1}')
        assert written({"messages": [answer]}) == {"messages": [{"role": "assistant", "content": None, "new": 1}]}

    def test_what_the_user_has_set_is_sent_too(self):
        answer = Answer.model_validate({"role": "assistant"})
        answer.content = "changed"
        assert written(answer) == {"role": "assistant", "content": "changed"}

    def test_what_is_appended_to_a_list_that_was_there_by_default_is_sent(self):
        answer = Answer.model_validate({"role": "assistant"})
        answer.tool_calls.append(ToolCall(id="call_1"))
        answer.meta["a"] = "b"
        assert written(answer) == {"role": "assistant", "tool_calls": [{"id": "call_1"}], "meta": {"a": "b"}}

    def test_of_a_subclass_the_fields_are_sent_whatever_the_annotation(self):
        assert written(Holder(inner=Wide(extra_field="y")))["inner"]["extra_field"] == "y"
        special = Special.model_validate({"role": "assistant", "more": "m"})
        assert written({"messages": (special,)}) == {"messages": [{"role": "assistant", "more": "m"}]}

    def test_an_alias_is_the_name_on_the_wire_set_or_not(self):
        assert written(ToolCall.model_validate({"id": "1", "from": "x"})) == {"id": "1", "from": "x"}
        assert written(ToolCall.model_validate({"id": "1"})) == {"id": "1"}

    def test_an_answer_inside_a_model_of_the_user_s_own_is_no_different(self):
        class Turn(BaseModel):
            answer: Answer
            by: str = "me"

        turn = Turn(answer=Answer.model_validate({"role": "assistant"}))
        assert written(turn) == {"answer": {"role": "assistant"}, "by": "me"}

    def test_of_a_model_of_the_user_s_own_the_defaults_are_sent(self):
        """Its `type: Literal["x"] = "x"` is what the server goes by."""
        assert written(Model()) == {"kind": "own", "size": 1.0, "note": None}

    def test_a_value_of_a_wrong_type_is_written_without_a_warning(self):
        answer = Answer.model_validate({"role": "assistant"})
        answer.score = "high"
        assert written(answer)["score"] == "high"


class TestRefused:
    @pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
    @pytest.mark.parametrize(
        ("wrap", "place"),
        [
            (lambda number: {"temperature": number}, "body.temperature"),
            (lambda number: {"a": [{"b": (number,)}]}, r"body.a.0.b.0"),
            (lambda number: {"p": Point(number)}, "body.p.x"),
            (lambda number: {"p": Slotted(number)}, "body.p.x"),
            (lambda number: Answer.model_construct({"role"}, role="assistant", score=number), "body.score"),
            (lambda number: UserDict({"a": number}), "body.a"),
        ],
    )
    def test_a_number_that_json_does_not_have(self, number, wrap, place):
        value = wrap(number)
        if isinstance(value, Answer):
            value.score = number
        with pytest.raises(InvalidRequestError, match=f"{place} is -?(nan|inf), a number that JSON doesn't have"):
            json_bytes(value)

    def test_a_model_of_the_user_s_own_says_itself_how_a_nan_is_written(self):
        assert written(Model(size=math.nan))["size"] is None

    @pytest.mark.parametrize("text", ["NaN", "Infinity", '"None":', "None"])
    def test_text_that_only_looks_like_it_is_fine(self, text):
        assert written({"content": text, text: 1}) == {"content": text, text: 1}

    @pytest.mark.parametrize("value", [{None: 1}, {"a": [{None: 1}]}, Slotted({None: 1})])
    def test_none_as_a_key(self, value):
        with pytest.raises(InvalidRequestError, match="has None as a key; keys are strings"):
            json_bytes(value)

    @pytest.mark.parametrize(
        "before", ["", "N", "N" * 255, "N" * 256, "N" * 10_000, "I am None. " * 1_000, "Nan" * 300]
    )
    @pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf, {None: 1}])
    def test_what_is_impossible_is_found_whatever_stands_before_it(self, before, wrong):
        assert written({"text": before}) == {"text": before}
        with pytest.raises(InvalidRequestError, match=r"that JSON doesn't have|has None as a key"):
            json_bytes({"text": before, "wrong": wrong})

    @pytest.mark.parametrize(
        "value", [{"a": [b"\xff"]}, {"a": bytearray(b"\xff")}, Slotted(b"\xff"), UserDict(a=b"\xff")]
    )
    def test_bytes_that_are_no_text(self, value):
        with pytest.raises(InvalidRequestError, match="holds bytes that are no text; encode them with base64"):
            json_bytes(value)

    @pytest.mark.parametrize("value", [object(), lambda: 1, Slotted])
    def test_an_object_that_nothing_is_known_about(self, value):
        with pytest.raises(InvalidRequestError, match="can't be written as JSON") as caught:
            json_bytes({"deep": [value]})
        assert type(value).__name__ in str(caught.value)

    def test_half_a_character(self):
        with pytest.raises(InvalidRequestError, match="can't be written as JSON"):
            json_bytes({"a": "\ud800"})

    def test_a_circle(self):
        circle: list[Any] = []
        circle.append(circle)
        with pytest.raises(InvalidRequestError, match="can't be written as JSON"):
            json_bytes({"a": circle})

    def test_a_refusal_is_a_value_error_too(self):
        with pytest.raises(ValueError, match="JSON"):
            json_bytes({"a": object()})


class TestQuery:
    @pytest.mark.parametrize(
        ("query", "text"),
        [
            (None, ""),
            ({}, ""),
            ({"limit": 3, "order": "asc"}, "limit=3&order=asc"),
            ({"include": ["a", "b"]}, "include[]=a&include[]=b"),
            ({"include[]": ["a", "b"]}, "include[]=a&include[]=b"),
            ({"include": ("a",)}, "include[]=a"),
            ({"include": []}, ""),
            ({"effective_at": {"gt": 1, "lte": 2}}, "effective_at[gt]=1&effective_at[lte]=2"),
            ({"a": {"b": {"c": ["x"]}}}, "a[b][c][]=x"),
            ({"metadata": {"k": "v w"}}, "metadata[k]=v%20w"),
            ({"stream": True, "x": False}, "stream=true&x=false"),
            ({"a": None, "b": 1}, "b=1"),
            ({"a": "x&y=z/ü+"}, "a=x%26y%3Dz%2F%C3%BC%2B"),
            ({"a b&": 1}, "a%20b%26=1"),
            ({"since": date(2026, 3, 1)}, "since=2026-03-01"),
            ({"mode": Mode.FAST, "level": Level.HIGH}, "mode=fast&level=3"),
            ({"a": ""}, "a="),
            ({"t": 0.5}, "t=0.5"),
        ],
    )
    def test_values_as_text(self, query, text):
        assert query_string(query) == text

    @given(st.dictionaries(st.text(min_size=1), st.text(), max_size=4))
    def test_what_is_written_is_what_a_server_reads(self, query):
        assert dict(parse_qsl(query_string(query), keep_blank_values=True, strict_parsing=bool(query))) == query

    @pytest.mark.parametrize("value", [object(), math.nan, [b"\xff"], {None: 1}])
    def test_what_can_not_be_said_is_refused_by_name(self, value):
        with pytest.raises(InvalidRequestError, match="created_after"):
            query_string({"created_after": value})


@dataclass(frozen=True)
class Part:
    """One part of a multipart body, as a server sees it."""

    name: str
    filename: str | None
    media_type: str | None
    content: bytes


def parts(body: Multipart, content: bytes | None = None) -> list[Part]:
    """What Python's own mail parser makes of a body."""
    head = f"Content-Type: {body.content_type}\r\n\r\n".encode()
    message: Message = BytesParser(policy=HTTP).parsebytes(head + (b"".join(body) if content is None else content))
    assert message.is_multipart()
    assert not message.defects
    return [
        Part(
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part.get_content_type() if "content-type" in part else None,
            part.get_payload(decode=True),
        )
        for part in message.get_payload()
    ]


def fields(body: Multipart) -> list[tuple[str, bytes]]:
    return [(part.name, part.content) for part in parts(body)]


class TestMultipart:
    def test_the_bytes_on_the_wire(self):
        body = Multipart({"purpose": "batch", "file": ("a.jsonl", b"{}")}, ("file",), boundary="b")
        assert b"".join(body) == (
            b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n'
            b"Content-Type: application/jsonl\r\n\r\n{}\r\n--b--\r\n"
        )
        assert body.content_type == "multipart/form-data; boundary=b"

    def test_a_field_may_be_one_part_with_a_media_type(self):
        kinds = {"sdp": "application/sdp", "session": "application/json"}
        body = Multipart({"sdp": "v=0\r\n", "session": {"type": "realtime"}, "other": {"a": 1}}, (), kinds)
        assert parts(body) == [
            Part("sdp", None, "application/sdp", b"v=0\r\n"),
            Part("session", None, "application/json", b'{"type":"realtime"}'),
            Part("other[a]", None, None, b"1"),
        ]

    def test_names_and_media_types_reach_the_server(self, tmp_path):
        path = tmp_path / "speech.mp3"
        path.write_bytes(b"ID3")
        files = {"file": path, "mask": ("m.bin", b"\x89PNG", "image/png"), "image": b"GIF89a"}
        assert parts(Multipart(files, tuple(files))) == [
            Part("file", "speech.mp3", "audio/mpeg", b"ID3"),
            Part("mask", "m.bin", "image/png", b"\x89PNG"),
            Part("image", "file.gif", "image/gif", b"GIF89a"),
        ]

    def test_a_second_parser_reads_the_same(self):
        body = Multipart({"a": "1", "file": ("x.bin", b"\r\n--\x00\xff"), "b": ["2", "3"]}, ("file",))
        seen: list[tuple[str, bytes]] = []
        parser = FormParser(
            "multipart/form-data",
            lambda found: seen.append((found.field_name.decode(), found.value)),
            lambda found: (
                found.file_object.seek(0),
                seen.append((found.field_name.decode(), found.file_object.read())),
            ),
            boundary=body.content_type.partition("boundary=")[2],
        )
        parser.write(b"".join(body))
        parser.finalize()
        assert seen == [("a", b"1"), ("file", b"\r\n--\x00\xff"), ("b[]", b"2"), ("b[]", b"3")]

    @given(st.binary(max_size=200), st.text(max_size=20).filter(lambda text: "\x00" not in text))
    def test_any_bytes_and_any_text_arrive_as_they_are(self, content, text):
        body = Multipart({"prompt": text, "file": ("x.bin", content)}, ("file",))
        assert fields(body) == [("prompt", text.encode()), ("file", content)]
        assert body.length == len(b"".join(body))

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("", [("f", b"")]),
            ("a\r\nb", [("f", b"a\r\nb")]),
            ("é", [("f", "é".encode())]),
            (True, [("f", b"true")]),
            (3, [("f", b"3")]),
            (0.5, [("f", b"0.5")]),
            (None, []),
            ([], []),
            (["a", "b"], [("f[]", b"a"), ("f[]", b"b")]),
            ({"type": "server_vad", "ms": 5}, [("f[type]", b"server_vad"), ("f[ms]", b"5")]),
            ({"a": ["x", "y"]}, [("f[a][]", b"x"), ("f[a][]", b"y")]),
            (date(2026, 3, 1), [("f", b"2026-03-01")]),
            (Mode.FAST, [("f", b"fast")]),
            (Point(1.5, [2]), [("f[x]", b"1.5"), ("f[y][]", b"2")]),
        ],
    )
    def test_fields_that_are_no_files(self, value, expected):
        assert fields(Multipart({"f": value, "end": "."}, ("file",))) == [*expected, ("end", b".")]

    def test_several_files_of_one_field_are_in_brackets(self):
        body = Multipart({"image": [("a.png", b"1"), ("b.png", b"2")], "file": ("c.png", b"3")}, ("image", "file"))
        assert [(part.name, part.filename) for part in parts(body)] == [
            ("image[]", "a.png"),
            ("image[]", "b.png"),
            ("file", "c.png"),
        ]

    def test_a_list_of_one_is_a_list(self):
        assert fields(Multipart({"image": [b"1"]}, ("image",))) == [("image[]", b"1")]

    def test_a_file_that_is_none_is_not_sent(self):
        assert fields(Multipart({"file": None, "a": "1"}, ("file",))) == [("a", b"1")]

    def test_a_field_for_a_file_may_hold_an_object_that_names_one(self):
        assert fields(Multipart({"image": {"file_id": "file_1"}}, ("image",))) == [("image[file_id]", b"file_1")]

    @pytest.mark.parametrize("value", ["speech.mp3", ["speech.mp3"], ("name", "text"), 3, object()])
    def test_what_is_no_file_is_refused_with_advice(self, value):
        with pytest.raises(InvalidRequestError, match="file must be a path, bytes, a file opened in binary") as caught:
            Multipart({"file": value}, ("file",))
        assert caught.value.param == "file"

    def test_the_path_as_a_string_gets_the_hint(self):
        with pytest.raises(InvalidRequestError, match=r"for a path, pass pathlib\.Path"):
            Multipart({"file": "speech.mp3"}, ("file",))

    @pytest.mark.parametrize("value", [b"\xff", object(), math.nan])
    def test_a_field_that_can_not_be_written_is_refused_by_name(self, value):
        with pytest.raises(InvalidRequestError, match="prompt"):
            Multipart({"prompt": value}, ("file",))

    @pytest.mark.parametrize(
        ("name", "sent"),
        [
            ("naïve 音.mp3", "naïve 音.mp3"),
            ('a"b.txt', "a%22b.txt"),
            ("a\r\nX-Evil: 1.txt", "a%0D%0AX-Evil: 1.txt"),
            ("folder/a.txt", "folder/a.txt"),
            ("a;b=c.txt", "a;b=c.txt"),
        ],
    )
    def test_any_name_stays_within_its_quotes(self, name, sent):
        """As browsers write it: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html."""
        body = Multipart({"file": (name, b"x")}, ("file",), boundary="b")
        head = b"".join(body).partition(b"\r\n\r\n")[0].split(b"\r\n")
        assert head[1] == f'Content-Disposition: form-data; name="file"; filename="{sent}"'.encode()
        assert len(head) == 3

    def test_a_field_s_name_stays_within_its_quotes_too(self):
        body = Multipart({'metadata"\r\nX-Evil: 1': "x"}, (), boundary="b")
        assert b'name="metadata%22%0D%0AX-Evil: 1"\r\n\r\nx' in b"".join(body)

    def test_a_media_type_of_two_lines_is_refused(self):
        with pytest.raises(InvalidRequestError, match="a media type is one line"):
            Multipart({"file": ("x", b"", "text/plain\r\nX-Evil: 1")}, ("file",))

    def test_it_can_be_sent_again_with_the_same_bytes(self, tmp_path):
        path = tmp_path / "a.txt"
        path.write_bytes(b"one")
        with path.open("rb") as file:
            file.read(1)
            body = Multipart({"a": path, "b": b"two", "c": file, "d": "text"}, ("a", "b", "c"))
            assert body.replayable
            first = b"".join(body)
            assert b"".join(body) == first
        assert [content for _, content in fields(Multipart({"x": "y"}, ()))] == [b"y"]
        assert [part.content for part in parts(body, first)] == [b"one", b"two", b"ne", b"text"]
        assert body.length == len(first)

    def test_a_file_that_can_not_go_back_is_sent_once_and_its_size_is_unknown(self):
        body = Multipart({"file": ("x.bin", Pipe(b"abc"))}, ("file",))
        assert not body.replayable
        assert body.length is None
        assert fields(body) == [("file", b"abc")]

    def test_boundaries_differ(self):
        assert Multipart({}, ()).content_type != Multipart({}, ()).content_type


class Pipe(BytesIO):
    def seekable(self) -> bool:
        return False


class TestLargeFile:
    SIZE = 5 * 1024 * 1024

    @pytest.fixture
    def path(self, tmp_path) -> Path:
        path = tmp_path / "large.bin"
        path.write_bytes(bytes(range(256)) * (self.SIZE // 256))
        return path

    @pytest.mark.parametrize("kind", ["path", "file", "pipe"])
    def test_it_is_never_in_memory_as_a_whole(self, path, kind):
        with path.open("rb") as file:
            given_as = {"path": path, "file": file, "pipe": ("x.bin", Unseekable(file))}[kind]
            tracemalloc.start()
            try:
                body = Multipart({"file": given_as}, ("file",))
                sizes = [len(piece) for piece in body]
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
        assert sum(sizes) > self.SIZE
        assert max(sizes) <= PIECE
        assert peak < 4 * PIECE

    def test_its_bytes_arrive(self, path):
        (part,) = parts(Multipart({"file": path}, ("file",)))
        assert part.content == path.read_bytes()
        assert part.filename == "large.bin"


class Unseekable:
    """What a socket or a pipe is: something to read from, and nothing else."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def seekable(self) -> bool:
        return False


class TestBody:
    def test_a_body_is_json(self):
        assert encoded_body(CREATE.operation(body={"a": 1, "b": OMIT}), None) == b'{"a":1}'

    def test_no_body_is_none_and_an_empty_one_is_empty(self):
        assert encoded_body(CREATE.operation(), None) is None
        assert encoded_body(CREATE.operation(body={}), None) == b"{}"

    def test_an_endpoint_that_takes_files_is_sent_a_form(self):
        body = encoded_body(UPLOAD.operation(body={"file": b"x", "purpose": "batch"}), {"expires": "1"})
        assert isinstance(body, Multipart)
        assert fields(body) == [("file", b"x"), ("purpose", b"batch"), ("expires", b"1")]

    def test_files_inside_a_model_stay_files(self):
        @dataclass
        class Upload:
            file: bytes
            purpose: str

        operation: Operation[object] = Operation(UPLOAD, (), None, Upload(b"\xff", "batch"))
        body = encoded_body(operation, None)
        assert isinstance(body, Multipart)
        assert fields(body) == [("file", b"\xff"), ("purpose", b"batch")]

    @pytest.mark.parametrize(
        "body",
        [
            {"id": "1", "from": "x"},
            MappingProxyType({"id": "1", "from": "x"}),
            ToolCall.model_validate({"id": "1", "from": "x"}),
            Sender(id="1", sender="x"),
        ],
    )
    def test_more_fields_are_put_into_a_body_of_any_kind(self, body):
        operation: Operation[object] = Operation(CREATE, (), None, body)
        assert json.loads(encoded_body(operation, {"top_k": 3}) or b"") == {"id": "1", "from": "x", "top_k": 3}

    def test_of_an_answer_only_what_was_set_is_among_them(self):
        operation: Operation[object] = Operation(CREATE, (), None, ToolCall.model_validate({"id": "1", "new": 2}))
        assert json.loads(encoded_body(operation, {"top_k": 3}) or b"") == {"id": "1", "new": 2, "top_k": 3}

    def test_a_dataclass_has_fields_too(self):
        operation: Operation[object] = Operation(CREATE, (), None, Slotted(1))
        assert json.loads(encoded_body(operation, {"top_k": 3}) or b"") == {"x": 1, "top_k": 3}

    def test_a_body_without_fields_takes_none(self):
        operation: Operation[object] = Operation(CREATE, (), None, [1, 2])
        assert encoded_body(operation, None) == b"[1,2]"
        with pytest.raises(InvalidRequestError, match="a list has none"):
            encoded_body(operation, {"top_k": 3})


def test_plain_data_is_what_json_has():
    """`into` merges such a body with the fields that an endpoint always sends."""
    assert plain({"at": date(2026, 3, 1), "p": Point(1.5), "c": Colour.RED, "n": None}) == {
        "at": "2026-03-01",
        "p": {"x": 1.5, "y": []},
        "c": "red",
        "n": None,
    }
