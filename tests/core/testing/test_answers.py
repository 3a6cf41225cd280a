"""Answers of a test's own, for clients of both colours."""

from __future__ import annotations

import inspect

import pytest
from pydantic import BaseModel

from openai_core import APIConnectionError, NotFoundError, RateLimitError, StreamTruncatedError
from openai_core.testing import Answers, Events, Refusal, UnexpectedRequestError, build
from openai_core_chat.types import ChatCompletion, ChatCompletionChunk
from openai_core_responses.types import Response

ASKED = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture(params=["sync", "async"])
def client(request, answers):
    return answers.client() if request.param == "sync" else answers.async_client()


async def test_a_model_is_answered_as_the_api_would(client, settled, answers):
    answers.on(client.chat.completions.create, build(ChatCompletion, choices=[{"message": {"content": "Hello!"}}]))
    completion = await settled(client.chat.completions.create(**ASKED))
    assert type(completion) is ChatCompletion
    assert completion.choices[0].message.content == "Hello!"
    (sent,) = answers.requests
    assert (sent.method, sent.path, sent.body) == ("POST", "/v1/chat/completions", ASKED)


async def test_a_call_is_named_in_many_ways(client, settled, answers):
    answers.on("GET /models/{model}", {"id": "any"})
    answers.on(client.models.retrieve.operation("one"), {"id": "this"})
    answers.on(client.models.list, {"object": "list", "data": []})
    assert (await settled(client.models.retrieve("one"))).id == "this"
    assert (await settled(client.models.retrieve("two"))).id == "any"
    assert (await settled(client.models.list())).data == []
    with pytest.raises(TypeError, match="a method, an operation, or 'GET /path'"):
        answers.on(42, {})


async def test_a_stream_is_answered_event_by_event(client, each, answers):
    chunks = [build(ChatCompletionChunk, choices=[{"delta": {"content": text}}]) for text in ("Hel", "lo")]
    answers.on(client.chat.completions.create_stream, Events(*chunks))
    found = await each(client.chat.completions.create_stream(**ASKED))
    assert "".join(chunk.choices[0].delta.content for chunk in found) == "Hello"


async def test_a_stream_that_breaks_is_truncated(client, each, answers):
    answers.on(client.chat.completions.create_stream, Events(build(ChatCompletionChunk), breaks=True))
    with pytest.raises(StreamTruncatedError):
        await each(client.chat.completions.create_stream(**ASKED))


async def test_errors_are_answered_and_retried(client, settled, answers):
    answers.on(client.models.retrieve, {"id": "m"})
    answers.on(client.models.retrieve, Refusal(429, "slow down", code="rate_limit_exceeded"), times=2)
    assert (await settled(client.models.retrieve("m"))).id == "m"
    assert len(answers.requests) == 3


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (Refusal(429, "slow down", headers={"x-should-retry": "false"}), RateLimitError),
        (Refusal(404, "no such model"), NotFoundError),
    ],
)
async def test_a_refusal_is_the_error_that_the_api_s_would_be(client, settled, answers, refusal, error):
    answers.on(client.models.retrieve, refusal)
    with pytest.raises(error, match=refusal.message):
        await settled(client.models.retrieve("m"))
    assert len(answers.requests) == 1


async def test_a_connection_fails(client, settled, answers):
    answers.on(client.models.list, OSError("no route to host"))
    with pytest.raises(APIConnectionError, match="no route to host"):
        await settled(client.models.list())


async def test_bytes_and_functions_answer_too(client, settled, answers):
    answers.on(client.files.content, b"abc")
    binary = client.files.content("f")
    binary = await binary if inspect.isawaitable(binary) else binary
    assert await settled(binary.read()) == b"abc"
    answers.on(client.models.retrieve, lambda sent: {"id": sent.path.rpartition("/")[2]})
    assert (await settled(client.models.retrieve("x"))).id == "x"


async def test_fields_of_the_body_choose_the_answer(client, settled, answers):
    for name in ("a", "b"):
        completion = build(ChatCompletion, model=name)
        answers.on(client.chat.completions.create, completion, body={"model": name})
    assert (await settled(client.chat.completions.create(**{**ASKED, "model": "b"}))).model == "b"
    assert (await settled(client.chat.completions.create(**{**ASKED, "model": "a"}))).model == "a"


async def test_what_isn_t_expected_says_what_comes_closest(client, settled, answers):
    with pytest.raises(UnexpectedRequestError, match=r"GET /v1/models isn't expected\nnothing is"):
        await settled(client.models.list())
    answers.on(client.chat.completions.create, {}, body={"model": "other", "seed": 1})
    answers.on(client.files.list, {})
    with pytest.raises(UnexpectedRequestError) as error:
        await settled(client.chat.completions.create(**ASKED))
    assert str(error.value).splitlines() == [
        "POST /v1/chat/completions isn't expected",
        "what comes closest is POST /v1/chat/completions, but",
        "  body.model is 'm', and not 'other'",
        "  body.seed is absent, and not 1",
    ]


async def test_an_answer_is_used_up(client, settled, answers):
    answers.on(client.models.list, {"object": "list", "data": []}, times=1)
    await settled(client.models.list())
    with pytest.raises(UnexpectedRequestError, match="what there was for it is used up: 1 answer"):
        await settled(client.models.list())


async def test_rules_name_paths_as_requests_do(client, settled, answers):
    answers.on(client.responses.create, {})
    answers.on("GET /v1/files", {})
    with pytest.raises(UnexpectedRequestError) as error:
        await settled(client.models.list())
    assert str(error.value).splitlines()[1] == "what is expected is GET /v1/files, POST /v1/responses"


@pytest.mark.parametrize("order", [1, -1])
async def test_a_stream_and_an_answer_of_one_path_are_told_apart(client, settled, each, answers, order):
    chat = client.chat.completions
    rules = [
        (chat.create, build(ChatCompletion, choices=[{"message": {"content": "whole"}}])),
        (chat.create_stream, Events(build(ChatCompletionChunk, choices=[{"delta": {"content": "piece"}}]))),
    ]
    for what, answer in rules[::order]:
        answers.on(what, answer)
    assert (await settled(chat.create(**ASKED))).choices[0].message.content == "whole"
    (chunk,) = await each(chat.create_stream(**ASKED))
    assert chunk.choices[0].delta.content == "piece"


async def test_forms_and_queries_are_told_apart_too(client, settled, each, answers):
    audio = client.audio.transcriptions
    asked = {"file": ("a.wav", b"RIFF"), "model": "whisper-1"}
    answers.on(audio.create, {"text": "whole"})
    answers.on(audio.create_verbose, {"text": "verbose", "duration": 1.0, "language": "en"})
    answers.on(audio.create_stream, Events({"type": "transcript.text.done", "text": "streamed"}))
    assert (await settled(audio.create(**asked))).text == "whole"
    assert (await settled(audio.create_verbose(**asked))).text == "verbose"
    assert [event.text for event in await each(audio.create_stream(**asked))] == ["streamed"]
    assert answers.requests[0].fields["model"] == "whisper-1"
    answers.on(client.responses.retrieve_stream, Events({"type": "response.in_progress", "sequence_number": 1}))
    answers.on(client.responses.retrieve, {"id": "resp_1"})
    assert (await settled(client.responses.retrieve("resp_1"))).id == "resp_1"
    assert [event.type for event in await each(client.responses.retrieve_stream("resp_1"))] == ["response.in_progress"]
    answers.on(audio.create, {}, body={"model": "other"})
    with pytest.raises(UnexpectedRequestError, match=r"fields\.model is 'x', and not 'other'"):
        await settled(answers_of(audio.create, client).create(**{**asked, "model": "x"}))


def add(one: int, other: int) -> int:
    """Add two numbers."""
    return one + other


def answers_of(what, client):
    """The same call by a client that knows that answer alone."""
    answers = Answers().on(what, {}, body={"model": "other"})
    kind = answers.client if type(client).__name__ == "Client" else answers.async_client
    return kind().audio.transcriptions


async def test_a_stream_that_nobody_answers_differs_from_the_answer(client, each, answers):
    answers.on(client.chat.completions.create, {})
    with pytest.raises(UnexpectedRequestError, match=r"body\.stream is True, and not absent"):
        await each(client.chat.completions.create_stream(**ASKED))


async def test_events_are_for_the_method_that_streams(client, answers):
    with pytest.raises(TypeError, match="name create_stream to answer events"):
        answers.on(client.chat.completions.create, Events())


async def test_of_a_method_of_several_calls_the_first_is_answered(client, settled, answers):
    text = {"type": "message", "content": [{"type": "output_text", "text": "5"}]}
    answers.on(client.responses.parse, build(Response, status="completed", output=[text]))
    assert (await settled(client.responses.parse(int, model="m", input="2 + 3"))).parsed == 5
    answers.on(client.chat.completions.run_tools, build(ChatCompletion, choices=[{"message": {"content": "Hi"}}]))
    done = await settled(client.chat.completions.run_tools([add], **ASKED))
    assert done.completion.choices[0].message.content == "Hi"
    with pytest.raises(TypeError, match=r"upload_file\(\) takes several calls; answer each of those"):
        answers.on(client.uploads.upload_file, {})


async def test_a_request_that_was_swallowed_is_told_at_the_end(client, settled, answers):
    said = r"something caught the error that says:\nGET /v1/models isn't expected"
    with pytest.raises(UnexpectedRequestError, match=said), answers:
        await swallowed(settled, client)
    with pytest.raises(KeyError) as error, answers:
        raise KeyError
    assert "GET /v1/models isn't expected" in error.value.__notes__[0]
    with pytest.raises(UnexpectedRequestError, match=r"^GET /v1/models isn't expected"), Answers() as other:
        await settled((other.client() if type(client).__name__ == "Client" else other.async_client()).models.list())


async def swallowed(settled, client):
    """What careless code does."""
    try:
        await settled(client.models.list())
    except Exception:  # noqa: BLE001
        return


def named(client, path):
    for name in path.split("."):
        client = getattr(client, name)
    return client


def an_async_answer():
    async def answer(sent):
        return {}

    return answer


COMPLETION = build(ChatCompletion)
CHUNK = build(ChatCompletionChunk)


class TestMistakes:
    @pytest.mark.parametrize(
        ("call", "answer", "said"),
        [
            (
                "responses.create",
                COMPLETION,
                r"the answer of POST /responses is a Response, not a ChatCompletion; .* pass answer\.to_dict\(\)",
            ),
            ("responses.parse", COMPLETION, "is a Response, not a ChatCompletion"),
            (
                "chat.completions.create",
                ChatCompletion,
                r"ChatCompletion is a type; build\(ChatCompletion, \.\.\.\) makes one",
            ),
            ("chat.completions.create", 5, "an answer is a model, a mapping, .* not 5"),
            ("chat.completions.create", None, "not None"),
            (
                "chat.completions.create",
                an_async_answer(),
                "is a plain one for clients of both colours, not an async one",
            ),
            ("chat.completions.create", Events(CHUNK), "name create_stream to answer events"),
            ("models.list", Events({"data": []}), "GET /models is answered as a whole, not with Events"),
            (
                "chat.completions.create_stream",
                COMPLETION,
                r"answered with Events\(\.\.\.\), not with a whole ChatCompletion",
            ),
            ("chat.completions.create_stream", {"id": "x"}, r"answered with Events\(\.\.\.\), not with a whole dict"),
            (
                "responses.create_stream",
                Events(CHUNK),
                "an event of POST /responses is a ResponseStreamEvent, not a ChatCompletionChunk",
            ),
        ],
    )
    def test_an_answer_that_can_not_be_one(self, client, answers, call, answer, said):
        with pytest.raises(TypeError, match=said):
            answers.on(named(client, call), answer)

    async def test_what_a_function_gives_is_looked_at_as_well(self, client, settled, answers):
        answers.on(client.responses.create, lambda sent: COMPLETION)
        with pytest.raises(TypeError, match="is a Response, not a ChatCompletion"):
            await settled(client.responses.create(model="m", input="Hi"))

    async def test_what_is_answered_nevertheless(self, client, settled, each, answers):
        class Own(BaseModel):
            id: str

        answers.on(client.chat.completions.create, Own(id="mine"))
        assert (await settled(client.chat.completions.create.into(Own, {}))).id == "mine"
        answers.on(client.chat.completions.create, build(Response, id="other").to_dict())
        assert (await settled(client.chat.completions.create(**ASKED))).id == "other"
        answers.on("POST /chat/completions", build(Response, id="another"))
        assert (await settled(client.chat.completions.create(**ASKED))).id == "another"
        answers.on(client.chat.completions.create_stream, f"data: {CHUNK.model_dump_json()}\n\ndata: [DONE]\n\n")
        assert len(await each(client.chat.completions.create_stream(**ASKED))) == 1

    @pytest.mark.parametrize("what", ["responses.create", "GET models", "/models", "", "FETCH /models"])
    def test_a_request_that_is_named_otherwise(self, answers, what):
        with pytest.raises(
            TypeError, match=r"is named as 'POST /responses'.*; or name the method .* client\.responses\.create"
        ):
            answers.on(what, {})

    async def test_a_request_in_other_letters(self, client, settled, answers):
        answers.on("get /models", {"object": "list", "data": []})
        assert (await settled(client.models.list())).data == []

    @pytest.mark.parametrize("times", [-1, 0, "2", 1.5])
    def test_a_number_of_times_that_makes_no_sense(self, client, answers, times):
        with pytest.raises(ValueError, match="times is how often to answer, 1 or more, not"):
            answers.on(client.models.list, {}, times=times)

    def test_a_body_that_is_none(self, client, answers):
        with pytest.raises(TypeError, match="body is a mapping of fields"):
            answers.on(client.responses.create, {}, body="Hi")

    @pytest.mark.parametrize("status", [200, 0, 99, 600, "429", None])
    def test_a_refusal_that_is_none(self, status):
        with pytest.raises(ValueError, match="a refusal has a status from 300 to 599, such as 429"):
            Refusal(status)

    @pytest.mark.parametrize(
        ("event", "said"),
        [
            (5, "an event is a model, a mapping, or its data as text, not 5"),
            ([CHUNK], r"Events\(\*events\)"),
            (None, "not None"),
        ],
    )
    def test_an_event_that_is_none(self, event, said):
        with pytest.raises(TypeError, match=said):
            Events(event)
