from __future__ import annotations

import json
import pickle

import pytest

from openai_core import (
    APIError,
    APIResponseValidationError,
    APIStatusError,
    BadRequestError,
    ConflictError,
    DeadlineExceededError,
    InvalidRequestError,
    NotFoundError,
)
from openai_core.files import PIECE
from openai_core_batches import BatchResult, read_results
from openai_core_batches.requests import RequestFile, request_file
from openai_core_batches.results import without_answer
from openai_core_batches.types import Batch
from openai_core_chat.operations import completions
from openai_core_chat.types import ChatCompletion
from openai_core_embeddings.operations import embeddings
from openai_core_embeddings.types import CreateEmbeddingResponse
from openai_core_files.operations import files
from openai_core_responses.operations import responses
from openai_core_responses.types import Response

HOUR = {"anchor": "created_at", "seconds": 3600}


def ask(text, model="gpt-5-mini"):
    return completions.create(model=model, messages=[{"role": "user", "content": text}])


def quoted(result):
    """What the emulator has quoted in an answer."""
    return result.answer.choices[0].message.content.split("“")[1].split("”")[0]


@pytest.fixture
def questions():
    return {f"q{number}": ask(f"Question {number}") for number in range(5)}


async def test_each_call_is_sent_as_the_api_wants_it(client, settled, each, openai_emulator):
    line = ask("Hello").to_batch_line("a")
    file = await settled(client.files.create(file=("lines.jsonl", line), purpose="batch"))
    given = {
        "completion_window": "24h",
        "endpoint": "/v1/chat/completions",
        "input_file_id": file.id,
        "metadata": {"night": "1"},
        "output_expires_after": HOUR,
    }
    batch = await settled(client.batches.create(**given))
    assert isinstance(batch, Batch)
    assert (batch.status, batch.endpoint, batch.metadata) == ("validating", "/v1/chat/completions", {"night": "1"})
    assert batch.expires_at == batch.created_at + 24 * 3600
    looked = await settled(client.batches.retrieve(batch.id))
    assert isinstance(looked, Batch)
    assert (looked.id, looked.status, looked.request_counts.total) == (batch.id, "in_progress", 1)
    cancelled = await settled(client.batches.cancel(batch.id))
    assert isinstance(cancelled, Batch)
    assert cancelled.status == "cancelling"
    others = [await settled(client.batches.create(**given)) for _ in range(2)]
    listed = await each(client.batches.list(limit=2, after=others[1].id))
    assert all(isinstance(one, Batch) for one in listed)
    assert [one.id for one in listed] == [others[0].id, batch.id]
    sent = [request for request in openai_emulator.requests if request.path.startswith("/v1/batches")]
    assert [(request.method, request.path, request.query) for request in sent] == [
        ("POST", "/v1/batches", ""),
        ("GET", f"/v1/batches/{batch.id}", ""),
        ("POST", f"/v1/batches/{batch.id}/cancel", ""),
        ("POST", "/v1/batches", ""),
        ("POST", "/v1/batches", ""),
        ("GET", "/v1/batches", f"after={others[1].id}&limit=2"),
    ]
    assert sent[0].json() == given


class TestSubmitting:
    async def test_operations_become_a_batch(self, client, settled, openai_emulator, questions):
        batch = await settled(
            client.batches.submit(
                questions, metadata={"night": "1"}, input_expires_after=HOUR, output_expires_after=HOUR
            )
        )
        assert isinstance(batch, Batch)
        upload, create = openai_emulator.requests
        assert create.json() == {
            "completion_window": "24h",
            "endpoint": "/v1/chat/completions",
            "input_file_id": batch.input_file_id,
            "metadata": {"night": "1"},
            "output_expires_after": HOUR,
        }
        file = await settled(client.files.retrieve(batch.input_file_id))
        assert (file.filename, file.purpose, file.expires_at) == ("batch.jsonl", "batch", file.created_at + 3600)
        content = await settled((await settled(client.files.content(file.id))).read())
        assert [json.loads(line) for line in content.splitlines()] == [
            {"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": dict(operation.body)}
            for name, operation in questions.items()
        ]
        assert int(upload.headers["content-length"]) > file.bytes

    async def test_pairs_do_as_well_as_a_mapping(self, client, settled):
        batch = await settled(client.batches.submit([("b", ask("B")), ("a", ask("A"))]))
        content = await settled((await settled(client.files.content(batch.input_file_id))).read())
        assert [json.loads(line)["custom_id"] for line in content.splitlines()] == ["b", "a"]

    async def test_a_generator_is_read_once(self, client, settled):
        batch = await settled(client.batches.submit((name, ask(name)) for name in ("a", "b")))
        content = await settled((await settled(client.files.content(batch.input_file_id))).read())
        assert [json.loads(line)["custom_id"] for line in content.splitlines()] == ["a", "b"]

    async def test_an_operation_of_a_client_is_one_too(self, client, settled):
        operation = client.with_options(body={"temperature": 0}).responses.create.operation(model="m", input="Hello")
        batch = await settled(client.batches.submit({"a": operation.replace(options={"body": {"top_p": 1}})}))
        content = await settled((await settled(client.files.content(batch.input_file_id))).read())
        assert json.loads(content)["url"] == batch.endpoint == "/v1/responses"
        assert json.loads(content)["body"] == {"model": "m", "input": "Hello", "top_p": 1}

    @pytest.mark.parametrize(
        ("operations", "message"),
        [
            ({}, "a batch has one operation or more; there is none"),
            ([], "there is none"),
            ([("a", ask("A")), ("a", ask("B"))], "two operations of the batch have the name 'a'"),
            (
                {"a": ask("A"), "b": embeddings.create(model="m", input="x")},
                "'a' calls POST /chat/completions and 'b' POST /embeddings; make a batch of each",
            ),
            ({"a": files.retrieve("file-1")}, "GET /files/file-1 can't be called in a batch"),
            ({"a": files.create(file=b"x", purpose="batch")}, "sends files and can't be a line of a batch"),
            ({"a": completions.create_stream(model="m", messages=[])}, "streams its answer and can't be a line"),
            ({"a": ask("A").replace(headers={"X-A": "1"})}, "would lose its header X-A"),
            ([ask("A")], "operations under names of your own, a mapping such as"),
            ({"a": {"model": "m"}}, "operations under names of your own"),
        ],
    )
    async def test_what_cannot_be_a_batch_is_refused(self, client, settled, operations, message):
        with pytest.raises(InvalidRequestError, match=message):
            await settled(client.batches.submit(operations))

    async def test_the_operation_at_fault_is_named_and_nothing_is_sent(self, client, settled, openai_emulator):
        with pytest.raises(InvalidRequestError) as caught:
            await settled(client.batches.submit({"a": ask("A"), "b": ask(float("nan"))}))
        assert caught.value.__notes__ == ["this is about the operation 'b' of the batch"]
        assert openai_emulator.requests == []

    def test_the_file_is_written_piece_by_piece_and_can_be_written_again(self):
        operations = [(f"{number}", ask("x" * 1000)) for number in range(700)]
        lines = b"".join(operation.to_batch_line(name) + b"\n" for name, operation in operations)
        file = RequestFile(operations, len(lines))
        assert file.replayable
        for _ in range(2):
            pieces = list(file.pieces())
            assert b"".join(pieces) == lines
            assert max(map(len, pieces)) == PIECE

    def test_its_size_is_known_before_and_the_event_loop_has_its_turns(self):
        operations = [(f"{number}", ask("Hello")) for number in range(200)]
        steps = request_file(operations)
        turns = 0
        try:
            while next(steps):
                turns += 1
        except StopIteration as end:
            file = end.value
        assert file.size == len(b"".join(file.pieces()))
        assert turns == 3


class TestWaiting:
    async def test_waiting_ends_with_the_batch(self, client, settled, questions):
        batch = await settled(client.batches.submit(questions))
        told = []
        done = await settled(client.batches.wait(batch.id, interval=0, on_progress=told.append))
        assert isinstance(done, Batch)
        assert done == told[-1]
        assert [one.status for one in told] == ["in_progress", "finalizing", "completed"]
        assert [one.request_counts.completed for one in told] == [2, 5, 5]

    async def test_a_batch_that_failed_is_given_too(self, client, settled):
        file = await settled(client.files.create(file=("a.jsonl", b"oops\n"), purpose="batch"))
        batch = await settled(
            client.batches.create(completion_window="24h", endpoint="/v1/embeddings", input_file_id=file.id)
        )
        done = await settled(client.batches.wait(batch.id, interval=0))
        assert done.status == "failed"
        assert [(error.line, error.code) for error in done.errors.data] == [(1, "invalid_json_line")]

    async def test_a_batch_that_will_not_end_in_time_is_not_waited_for(self, client, settled, questions):
        batch = await settled(client.batches.submit(questions))
        with pytest.raises(DeadlineExceededError, match=r"the status is 'in_progress'.*wait again"):
            await settled(client.batches.wait(batch.id, interval=3600, deadline=60))


class TestResults:
    async def done(self, client, settled, operations):
        batch = await settled(client.batches.submit(operations))
        return await settled(client.batches.wait(batch.id, interval=0))

    async def test_answers_are_typed_and_in_the_order_of_the_operations(self, client, settled, questions):
        batch = await self.done(client, settled, questions)
        backwards = dict(reversed(questions.items()))
        for given in (questions, backwards, list(backwards.items())):
            results = await settled(client.batches.results(batch, given))
            assert [result.custom_id for result in results] == list(dict(given))
            assert all(isinstance(result, BatchResult) for result in results)
            assert all(type(result.answer) is ChatCompletion for result in results)
            assert [quoted(result) for result in results] == [f"Question {name[1:]}" for name in dict(given)]
            assert all(result.error is None and result.request_id.startswith("req_") for result in results)

    @pytest.mark.parametrize(
        ("operations", "kind"),
        [
            ({"a": embeddings.create(model="text-embedding-3-small", input="x")}, CreateEmbeddingResponse),
            ({"a": responses.create(model="gpt-5-mini", input="x")}, Response),
        ],
    )
    async def test_every_endpoint_has_answers_of_its_own_type(self, client, settled, operations, kind):
        (result,) = await settled(client.batches.run(operations, interval=0))
        assert type(result.answer) is kind

    async def test_errors_have_the_class_that_they_have_in_a_response(self, client, settled):
        operations = {
            "good": ask("Hello"),
            "hot": ask("Hello").replace(body={"temperature": 9}),
            "unknown": ask("Hello", "does-not-exist-1"),
        }
        batch = await self.done(client, settled, operations)
        assert (batch.request_counts.completed, batch.request_counts.failed) == (1, 2)
        good, hot, unknown = await settled(client.batches.results(batch, operations))
        assert good.answer.choices
        for result, kind in ((hot, BadRequestError), (unknown, NotFoundError)):
            assert type(result.error) is kind
            with pytest.raises(kind) as caught:
                await settled(client.send(operations[result.custom_id]))
            same = ("message", "status", "code", "type", "param", "body")
            assert [getattr(result.error, name) for name in same] == [getattr(caught.value, name) for name in same]
            assert result.request_id == result.error.request_id
            with pytest.raises(kind):
                _ = result.answer
        assert repr(hot) == f"<BatchResult 'hot': {hot.error!r}>"
        assert str(pickle.loads(pickle.dumps(hot)).error) == str(hot.error)

    async def test_what_a_cancelled_batch_did_not_get_to_is_told(self, client, settled, questions):
        batch = await settled(client.batches.submit(questions))
        await settled(client.batches.retrieve(batch.id))
        await settled(client.batches.cancel(batch.id))
        done = await settled(client.batches.wait(batch.id, interval=0))
        assert done.status == "cancelled"
        results = await settled(client.batches.results(done, questions))
        assert [result.error is None for result in results] == [True, True, False, False, False]
        assert quoted(results[1]) == "Question 1"
        assert type(results[2].error) is APIError
        assert results[2].error.code == "batch_cancelled"
        assert str(results[2].error).startswith(f"the batch {batch.id} is cancelled and has no answer to 'q2'")

    async def test_what_an_expired_batch_did_not_get_to_is_told(self, client, settled, openai_emulator, questions):
        batch = await settled(client.batches.submit(questions))
        await settled(client.batches.retrieve(batch.id))
        openai_emulator.advance(25 * 3600)
        results = await settled(client.batches.results(batch, questions))
        assert [result.error is None for result in results] == [True, True, False, False, False]
        assert not isinstance(results[2].error, APIStatusError)
        assert results[2].error.code == "batch_expired"
        assert "completion window" in str(results[2].error)

    async def test_why_a_batch_failed_is_told_of_each_operation(self, client, settled):
        lines = [ask("A").to_batch_line("a"), ask("B").to_batch_line("a"), ask("C").to_batch_line("c")]
        file = await settled(client.files.create(file=("a.jsonl", b"\n".join(lines)), purpose="batch"))
        batch = await settled(
            client.batches.create(completion_window="24h", endpoint="/v1/chat/completions", input_file_id=file.id)
        )
        first, second, third = await settled(
            client.batches.results(
                await settled(client.batches.wait(batch.id, interval=0)),
                {"a": ask("A"), "b": ask("B"), "c": ask("C")},
            )
        )
        assert (second.error.code, second.error.param) == ("duplicate_custom_id", "custom_id")
        for result in (first, third):
            assert result.error.code == "batch_failed"
            assert "was refused, for line 2: The custom_id 'a' is there twice" in str(result.error)
        # Without the operations it must not look like a batch of nothing.
        with pytest.raises(APIError, match="was refused, for line 2"):
            await settled(client.batches.results(batch.id, ChatCompletion))

    async def test_a_batch_can_be_read_by_its_id_and_the_type_alone(self, client, settled, questions):
        """As another process does, which hasn't got the operations."""
        broken = {**questions, "hot": ask("Hello").replace(body={"temperature": 9})}
        batch = await self.done(client, settled, broken)
        results = await settled(client.batches.results(batch.id, ChatCompletion))
        assert [result.custom_id for result in results] == list(broken)
        assert [quoted(result) for result in results[:-1]] == [f"Question {number}" for number in range(5)]
        assert type(results[-1].error) is BadRequestError
        as_dicts = await settled(client.batches.results(batch.id, dict))
        assert as_dicts[0].answer["object"] == "chat.completion"

    async def test_a_part_of_the_operations_can_be_read(self, client, settled, questions):
        batch = await self.done(client, settled, questions)
        (result,) = await settled(client.batches.results(batch, {"q3": questions["q3"]}))
        assert quoted(result) == "Question 3"

    async def test_a_batch_that_is_not_at_its_end_has_none(self, client, settled, questions):
        batch = await settled(client.batches.submit(questions))
        with pytest.raises(
            InvalidRequestError, match=f"{batch.id} is in_progress and has no results yet; client.batches"
        ):
            await settled(client.batches.results(batch, questions))

    async def test_a_batch_that_is_at_its_end_is_not_asked_for_again(self, client, settled, openai_emulator, questions):
        batch = await self.done(client, settled, questions)
        openai_emulator.requests.clear()
        await settled(client.batches.results(batch, questions))
        assert [request.path for request in openai_emulator.requests] == [f"/v1/files/{batch.output_file_id}/content"]

    async def test_a_batch_that_is_over_cannot_be_cancelled(self, client, settled, questions):
        batch = await self.done(client, settled, questions)
        with pytest.raises(ConflictError, match="completed"):
            await settled(client.batches.cancel(batch.id))


class TestRunning:
    async def test_from_operations_to_answers_in_one_call(self, client, settled, questions):
        told = []
        results = await settled(client.batches.run(questions, interval=0, on_progress=told.append))
        assert [quoted(result) for result in results] == [f"Question {number}" for number in range(5)]
        assert [batch.status for batch in told] == ["validating", "in_progress", "finalizing", "completed"]

    async def test_a_deadline_tells_which_batch_goes_on(self, client, settled, each, questions):
        with pytest.raises(DeadlineExceededError) as caught:
            await settled(client.batches.run(questions, interval=3600, deadline=60))
        (batch,) = await each(client.batches.list())
        assert caught.value.__notes__ == [f"the batch is {batch.id}"]
        await settled(client.batches.wait(batch.id, interval=0))
        assert len(await settled(client.batches.results(batch, questions))) == 5


def line(custom_id="a", **response):
    response = {"status_code": 200, "request_id": "req_1", "body": {}, **response}
    return json.dumps({"id": "batch_req_1", "custom_id": custom_id, "response": response, "error": None}).encode()


class TestLines:
    def test_lines_are_read_one_at_a_time(self, tmp_path):
        path = tmp_path / "output.jsonl"
        path.write_bytes(b"\n".join([line("a"), b"", line("b"), b""]))
        with path.open("rb") as lines:
            reading = read_results(lines, dict)
            assert next(reading).custom_id == "a"
            assert [result.custom_id for result in reading] == ["b"]

    def test_an_answer_that_is_not_as_described_is_built_as_far_as_it_goes(self, caplog):
        caplog.set_level("INFO", "openai_core")
        first, second = read_results([line("a", body={"id": "x"}), line("b", body={"id": "y"})], ChatCompletion)
        assert (first.answer.id, second.answer.id) == ("x", "y")
        assert caplog.text.count("ChatCompletion.choices is missing") == 1

    def test_an_answer_that_cannot_be_read_spoils_no_other(self):
        bad, good = read_results([line("a", body="text"), line("b", body={"id": "x"})], ChatCompletion)
        assert isinstance(bad.error, APIResponseValidationError)
        assert "'a' in the batch" in str(bad.error)
        assert good.answer.id == "x"

    @pytest.mark.parametrize("body", [None, "", {}, {"error": None}, [], "gateway timeout"])
    def test_an_error_without_a_message_has_one(self, body):
        (result,) = read_results([line(status_code=504, body=body)], ChatCompletion)
        assert result.error.status == 504
        assert result.error.message

    @pytest.mark.parametrize("told", [{}, {"response": None}, {"response": None, "error": None}, {"response": 1}])
    def test_a_line_that_says_nothing_is_an_error_of_its_operation(self, told):
        (result,) = read_results([json.dumps({"custom_id": "a", **told})], ChatCompletion)
        assert type(result.error) is APIError

    def test_what_is_wrong_with_the_whole_file_is_told_of_each_operation(self):
        batch = Batch(
            id="batch_1",
            object="batch",
            endpoint="/v1/embeddings",
            input_file_id="file-1",
            completion_window="24h",
            status="failed",
            created_at=1,
            errors={"object": "list", "data": [{"code": "empty_file", "message": "The file is empty."}]},
        )
        result = without_answer(batch, "a", 1)
        assert (result.custom_id, result.error.code, result.error.message) == ("a", "empty_file", "The file is empty.")

    @pytest.mark.parametrize("text", ["oops", "[]", "{}", '{"custom_id": 5}'])
    def test_a_file_of_something_else_is_refused(self, text):
        with pytest.raises(APIResponseValidationError, match="line 2 of the batch's file"):
            list(read_results([line(), text], ChatCompletion))
