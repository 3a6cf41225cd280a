"""What goes wrong in practice: each error says what to do, and what had already been received isn't lost."""

from __future__ import annotations

import socket
from contextlib import contextmanager

import pytest

from openai_core import Client
from openai_core.errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    ConfigurationError,
    FileSaveError,
    InvalidRequestError,
    NotFoundError,
    StreamTruncatedError,
)
from openai_core.model import UnknownModel
from openai_core_chat.types import ChatCompletion
from openai_core_files.types import FileObject

MESSAGES = [{"role": "user", "content": "Hello"}]
QUESTION = {"model": "gpt-x", "messages": MESSAGES}

HTML = b"<!DOCTYPE html><html><body>Welcome to the intranet</body></html>"

FILE = {
    "id": "file-1",
    "object": "file",
    "bytes": 4,
    "created_at": 1,
    "filename": "data.jsonl",
    "purpose": "batch",
    "status": "processed",
}


def completion(**changes):
    message = {"role": "assistant", "content": "Hello, too", **changes.pop("message", {})}
    choice = {"index": 0, "finish_reason": "stop", "message": message, **changes.pop("choice", {})}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "gpt-x",
        "choices": [choice],
        **changes,
    }


def chunk(text):
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-x", "choices": [choice]}


def say_html(status):
    return lambda exchange: exchange.answer(HTML, status, content_type="text/html; charset=utf-8")


@contextmanager
def full_disk(room):
    """No file can get longer than `room` bytes."""
    resource = pytest.importorskip("resource", reason="only where a process can limit itself")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


class TestArguments:
    def test_an_unknown_argument(self, client, server):
        meant = r"create\(\) got .* argument 'temprature'[;.] [dD]id you mean 'temperature'\?$"
        with pytest.raises(TypeError, match=meant):
            client.chat.completions.create(**QUESTION, temprature=1)

        assert server.requests == []

    @pytest.mark.parametrize(
        ("name", "option"), [("timeout", "timeout"), ("extra_headers", "headers"), ("extra_body", "body")]
    )
    def test_an_option_that_is_passed_as_an_argument(self, client, name, option):
        with pytest.raises(TypeError, match=rf"pass options=\{{'{option}': \.\.\.\}}"):
            client.chat.completions.create(**QUESTION, **{name: None})

    def test_an_argument_of_the_client_that_there_isnt(self):
        with pytest.raises(TypeError, match="neither Client nor the provider 'openai' takes timout"):
            Client(api_key="sk-test", timout=3)

    def test_a_missing_argument(self, client, server):
        with pytest.raises(TypeError, match=r"create\(\) missing 1 required keyword-only argument: 'messages'"):
            client.chat.completions.create(model="gpt-x")

        assert server.requests == []

    def test_an_argument_of_the_streaming_method(self, client, server):
        with pytest.raises(TypeError, match=r"create\(\) doesn't stream; call create_stream\(\) instead"):
            client.chat.completions.create(**QUESTION, stream=True)

        assert server.requests == []

    @pytest.mark.parametrize("name", ["../x", "..", "a/b", "a\\b"])
    def test_an_id_that_would_leave_its_place_in_the_path(self, client, server, name):
        with pytest.raises(InvalidRequestError, match="file_id is one segment of a path and can't be") as caught:
            client.files.retrieve(name)

        assert caught.value.param == "file_id"
        assert server.requests == []

    @pytest.mark.parametrize("key", ["sk-test\n", "sk-test\r\nx-injected: 1", "\nsk-test"])
    def test_a_key_with_a_newline(self, make_client, server, key):
        with pytest.raises(ConfigurationError, match="strip what a file or a shell added") as caught:
            make_client(api_key=key)

        assert "api_key" in str(caught.value)
        assert "sk-test" not in str(caught.value)
        assert server.requests == []

    def test_a_key_with_a_newline_from_a_function(self, make_client, server):
        with pytest.raises(ConfigurationError, match="strip what a file or a shell added") as caught:
            make_client(api_key=lambda: "sk-test\n").chat.completions.create(**QUESTION)

        assert "sk-test" not in str(caught.value)
        assert server.requests == []


class TestWrongBaseUrl:
    @pytest.mark.parametrize(("path", "hint"), [("", True), ("/v1", False)])
    def test_a_404_in_json_is_told_where_v1_is_missing(self, make_client, server, path, hint):
        server.script(lambda exchange: exchange.json({"error": {"message": "Invalid URL"}}, 404))
        client = make_client(base_url=server.url.removesuffix("/v1") + path)

        with pytest.raises(NotFoundError, match="Invalid URL") as caught:
            client.chat.completions.create(**QUESTION)

        assert ("Does the base URL need /v1 at its end?" in str(caught.value)) is hint

    def test_a_page_with_status_404(self, client, server):
        server.script(say_html(404))

        with pytest.raises(NotFoundError, match=r"Is the base URL right, does it need /v1 at its end\?") as caught:
            client.chat.completions.create(**QUESTION)

        assert f"POST {server.url}/chat/completions" in str(caught.value)
        assert "Welcome to the intranet" in str(caught.value)
        assert caught.value.body == HTML.decode()
        assert len(server.requests) == 1

    def test_a_page_with_status_200(self, client, server):
        server.script(say_html(200))

        with pytest.raises(APIResponseValidationError, match=r"Is the base URL right, does it need /v1") as caught:
            client.chat.completions.create(**QUESTION)

        assert "text/html" in str(caught.value)
        assert caught.value.body == HTML.decode()
        assert caught.value.status == 200

    def test_a_page_in_the_place_of_a_stream(self, client, server):
        server.script(say_html(200))

        with (
            pytest.raises(APIError, match=r"Is the base URL right, does it need /v1"),
            client.responses.create_stream(model="gpt-x", input="Hello") as stream,
        ):
            list(stream)

    def test_a_host_that_doesnt_listen(self, make_client):
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            address = f"http://127.0.0.1:{nobody.getsockname()[1]}"

            with pytest.raises(APIConnectionError, match=f"connection to {address} failed") as caught:
                make_client(base_url=f"{address}/v1").chat.completions.create(**QUESTION)

        assert "Is the base URL right, and can this machine reach it (proxy, firewall)?" in str(caught.value)


class TestBrokenAnswers:
    def test_an_empty_body(self, client, server):
        server.script(lambda exchange: exchange.answer(b"", x_request_id="req_1"))

        with pytest.raises(APIResponseValidationError, match=r"is empty.*Is the base URL right") as caught:
            client.chat.completions.create(**QUESTION)

        assert caught.value.request_id == "req_1"

    def test_json_that_breaks_off(self, client, server):
        server.script(
            lambda exchange: exchange.answer(
                b'{"id": "chatcmpl-1", "choices": [{"mess', content_type="application/json"
            )
        )

        with pytest.raises(APIResponseValidationError, match="is no complete JSON") as caught:
            client.chat.completions.create(**QUESTION)

        assert caught.value.body == '{"id": "chatcmpl-1", "choices": [{"mess'
        assert client.chat.completions.create.raw(**QUESTION).content == caught.value.body.encode()

    def test_a_stream_that_breaks_off(self, client, server):
        def break_off(exchange):
            exchange.begin(x_request_id="req_1")
            exchange.event(chunk("Hello, "))
            exchange.event(chunk("I am"))
            exchange.hang_up()

        server.script(break_off)
        seen = []

        with client.chat.completions.create_stream(**QUESTION) as stream:
            with pytest.raises(StreamTruncatedError, match=r"broke off after 2 events.*call again") as caught:
                seen.extend(event.choices[0].delta.content for event in stream)
            assert stream.outcome == "truncated"

        assert [event.choices[0].delta.content for event in caught.value.partial] == ["Hello, ", "I am"]
        assert caught.value.request_id == "req_1"
        assert len(server.requests) == 1

    def test_a_stream_that_ends_without_its_end(self, client, server):
        def end_early(exchange):
            exchange.begin()
            exchange.event(chunk("Hello, "))
            exchange.end()

        server.script(end_early)

        with (
            client.chat.completions.create_stream(**QUESTION) as stream,
            pytest.raises(StreamTruncatedError, match=r"after 1 events.*call again.*provider='compatible'") as caught,
        ):
            list(stream)

        assert [event.choices[0].delta.content for event in caught.value.partial] == ["Hello, "]


class TestUnknownData:
    """The lenient client hands out all that came; the strict one says where the answer isn't as described."""

    @pytest.fixture
    def strict(self, make_client):
        return make_client(validation="strict")

    def test_an_unknown_value_of_an_enumeration(self, client, strict, server):
        data = completion(message={"role": "narrator"})
        server.script(lambda exchange: exchange.json(data))

        answer = client.chat.completions.create(**QUESTION)

        assert isinstance(answer, ChatCompletion)
        assert (answer.choices[0].message.role, answer.choices[0].message.content) == ("narrator", "Hello, too")
        assert answer.to_dict() == data
        with pytest.raises(APIResponseValidationError, match=r"role.*Read it as it is with \.raw") as caught:
            strict.chat.completions.create(**QUESTION)
        assert caught.value.body == data

    def test_a_new_value_of_an_open_enumeration(self, client, strict, server):
        """The description says that there may be more, so that this is no error for anybody."""
        data = completion(choice={"finish_reason": "bored"})
        server.script(lambda exchange: exchange.json(data))

        for either in (client, strict):
            answer = either.chat.completions.create(**QUESTION)
            assert answer.choices[0].finish_reason == "bored"
            assert answer.to_dict() == data

    def test_an_unknown_member_of_a_union(self, client, strict, server):
        """Unions are open to members that came after this version, so that this is no error for anybody."""
        call = {"id": "call_1", "type": "rocket", "rocket": {"stages": [1, 2]}}
        data = completion(message={"tool_calls": [call]})
        server.script(lambda exchange: exchange.json(data))

        for either in (client, strict):
            answer = either.chat.completions.create(**QUESTION)
            (member,) = answer.choices[0].message.tool_calls
            assert isinstance(member, UnknownModel)
            assert (member.type, member.rocket) == ("rocket", {"stages": [1, 2]})
            assert answer.to_dict() == data

    def test_a_known_member_of_a_union_that_isnt_as_described(self, client, strict, server):
        call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": {"a": 1}}}
        data = completion(message={"tool_calls": [call]})
        server.script(lambda exchange: exchange.json(data))

        answer = client.chat.completions.create(**QUESTION)

        assert answer.choices[0].message.tool_calls[0].function.arguments == {"a": 1}
        assert answer.to_dict() == data
        with pytest.raises(APIResponseValidationError, match="tool_calls") as caught:
            strict.chat.completions.create(**QUESTION)
        assert caught.value.body == data

    def test_a_missing_field(self, client, strict, server):
        data = {name: value for name, value in FILE.items() if name != "created_at"} | {"more": [1]}
        server.script(lambda exchange: exchange.json(data))

        answer = client.files.retrieve("file-1")

        assert isinstance(answer, FileObject)
        assert (answer.filename, answer.more) == ("data.jsonl", [1])
        assert answer.to_dict() == data
        with pytest.raises(AttributeError, match=r"left out 'created_at'.*look at model_fields_set"):
            _ = answer.created_at
        with pytest.raises(APIResponseValidationError, match=r"created_at: .*Read it as it is with \.raw") as caught:
            strict.files.retrieve("file-1")
        assert caught.value.body == data

    def test_a_strict_client_takes_what_is_as_described(self, strict, server):
        server.script(lambda exchange: exchange.json(completion()), lambda exchange: exchange.json(FILE))

        assert strict.chat.completions.create(**QUESTION).to_dict() == completion()
        assert strict.files.retrieve("file-1").to_dict() == FILE


class TestFiles:
    def test_a_file_that_isnt_there(self, client, server, tmp_path):
        with pytest.raises(InvalidRequestError, match=r"can't read the file '.*data\.jsonl': No such file"):
            client.files.create(file=tmp_path / "data.jsonl", purpose="batch")

        assert server.requests == []

    def test_a_file_that_vanishes_before_it_is_read(self, make_client, server, tmp_path):
        path = tmp_path / "data.jsonl"
        path.write_bytes(b"{}\n")

        def vanish(request):
            path.unlink()
            return (yield request)

        server.script(lambda exchange: exchange.json(FILE))
        client = make_client(attempt_middleware=[vanish])

        with pytest.raises(
            InvalidRequestError, match=r"can't be read any more.*keep it in place until the call is over"
        ):
            client.files.create(file=path, purpose="batch")

        assert server.requests == []

    def test_a_file_that_vanishes_before_it_is_sent_again(self, client, server, tmp_path):
        path = tmp_path / "data.jsonl"
        path.write_bytes(b"{}\n")

        def vanish(exchange):
            path.unlink()
            exchange.json({}, 500)

        server.script(vanish, lambda exchange: exchange.json(FILE))

        with pytest.raises(
            InvalidRequestError, match=r"can't be read any more.*keep it in place until the call is over"
        ):
            client.files.create(file=path, purpose="batch")

        assert len(server.requests) == 1

    def test_a_file_that_becomes_shorter_while_it_is_sent(self, make_client, server, tmp_path):
        path = tmp_path / "data.jsonl"
        path.write_bytes(b"{}\n" * 1000)

        def cut(request):
            path.write_bytes(b"{}\n")
            return (yield request)

        server.script(lambda exchange: exchange.json(FILE))

        with pytest.raises(InvalidRequestError, match="2997 bytes shorter while it was sent; call again"):
            make_client(attempt_middleware=[cut]).files.create(file=path, purpose="batch")

        assert server.requests == []

    def test_a_full_disk(self, client, server, tmp_path):
        content = bytes(range(256)) * 1024
        server.script(lambda exchange: exchange.answer(content))
        path = tmp_path / "folder" / "data.bin"
        download = client.files.content("file-1")

        with full_disk(100_000), pytest.raises(FileSaveError, match="the 100000 bytes that came are in") as caught:
            download.save(path)

        assert "File too large" in str(caught.value)
        assert not path.exists()
        (left,) = path.parent.iterdir()
        assert str(left) == caught.value.partial
        assert left.read_bytes() == content[:100_000]

    def test_a_download_that_breaks_off(self, client, server, tmp_path):
        def half(exchange):
            exchange.head(content_length=10)
            exchange.send(b"half ")
            exchange.hang_up()

        server.script(half)
        path = tmp_path / "data.bin"

        with pytest.raises(FileSaveError, match="the 5 bytes that came are in") as caught:
            client.files.content("file-1").save(path)

        assert isinstance(caught.value.__cause__, APIConnectionError)
        assert not path.exists()
        (left,) = tmp_path.iterdir()
        assert str(left) == caught.value.partial
        assert left.read_bytes() == b"half "
