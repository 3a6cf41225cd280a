from __future__ import annotations

import asyncio
import hashlib
import json
import pickle
import threading
from contextlib import AsyncExitStack
from dataclasses import asdict
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_core import (
    APIConnectionError,
    AsyncClient,
    BadRequestError,
    DeadlineExceededError,
    InvalidRequestError,
    NotFoundError,
    OpenAIError,
)
from openai_core.files import PIECE, parts_of, tracked
from openai_core_uploads import UploadInterruptedError, UploadState
from openai_core_uploads.types import Upload, UploadPart
from tests.forms import files, parts

LINES = b"".join(b'{"number": %d}\n' % number for number in range(100))
PART = 300
NUMBER = len(range(0, len(LINES), PART))
MD5 = hashlib.md5(LINES, usedforsecurity=False).hexdigest()


@pytest.fixture
async def through(client, openai_emulator):
    """Makes a client of the same colour that sends through some middleware."""
    async with AsyncExitStack() as stack:

        async def make(middleware):
            made = type(client)(
                api_key=openai_emulator.api_key,
                base_url=openai_emulator.base_url,
                max_retries=0,
                middleware=[middleware],
            )
            if isinstance(made, AsyncClient):
                return await stack.enter_async_context(made)
            return stack.enter_context(made)

        yield make


def breaking(*numbers, error=APIConnectionError):
    """Middleware that breaks the connection of some parts, counted in the order in which they are begun, from 0 on."""
    count = iter(range(10_000))
    lock = threading.Lock()

    def middleware(operation):
        if operation.path.endswith("/parts"):
            with lock:
                number = next(count)
            if number in numbers:
                raise error("the connection broke")
        return (yield operation)

    return middleware


def sent_parts(emulator):
    return [request for request in emulator.requests if request.path.endswith("/parts")]


async def content_of(client, settled, upload):
    return await settled((await settled(client.files.content(upload.file.id))).read())


async def test_an_upload_is_made_of_parts_by_hand(client, settled, openai_emulator):
    upload = await settled(
        client.uploads.create(
            bytes=len(LINES),
            filename="lines.jsonl",
            mime_type="application/jsonl",
            purpose="batch",
            expires_after={"anchor": "created_at", "seconds": 3600},
        )
    )
    assert isinstance(upload, Upload)
    assert (upload.status, upload.bytes, upload.file) == ("pending", len(LINES), None)
    assert upload.expires_at == upload.created_at + 3600
    second = await settled(client.uploads.parts.create(upload.id, data=LINES[700:]))
    first = await settled(client.uploads.parts.create(upload.id, data=("first", BytesIO(LINES[:700]))))
    assert isinstance(first, UploadPart)
    assert first.upload_id == upload.id
    done = await settled(client.uploads.complete(upload.id, part_ids=[first.id, second.id], md5=MD5))
    assert (done.id, done.status) == (upload.id, "completed")
    assert (done.file.filename, done.file.purpose, done.file.bytes) == ("lines.jsonl", "batch", len(LINES))
    assert done.file.expires_at == done.file.created_at + 3600
    assert await content_of(client, settled, done) == LINES

    create, one, other, complete, _ = openai_emulator.requests
    path = f"/v1/uploads/{upload.id}"
    assert [(request.method, request.path) for request in openai_emulator.requests[:4]] == [
        ("POST", "/v1/uploads"),
        ("POST", f"{path}/parts"),
        ("POST", f"{path}/parts"),
        ("POST", f"{path}/complete"),
    ]
    assert create.json() == {
        "bytes": len(LINES),
        "filename": "lines.jsonl",
        "mime_type": "application/jsonl",
        "purpose": "batch",
        "expires_after": {"anchor": "created_at", "seconds": 3600},
    }
    assert [[(part.name, part.content) for part in parts(request)] for request in (one, other)] == [
        [("data", LINES[700:])],
        [("data", LINES[:700])],
    ]
    assert complete.json() == {"part_ids": [first.id, second.id], "md5": MD5}


async def test_a_cancelled_upload_takes_no_part(client, settled, openai_emulator):
    upload = await settled(
        client.uploads.create(bytes=3, filename="a.txt", mime_type="text/plain", purpose="assistants")
    )
    cancelled = await settled(client.uploads.cancel(upload.id))
    assert isinstance(cancelled, Upload)
    assert cancelled.status == "cancelled"
    assert openai_emulator.requests[-1].path == f"/v1/uploads/{upload.id}/cancel"
    with pytest.raises(BadRequestError, match="is cancelled"):
        await settled(client.uploads.parts.create(upload.id, data=b"abc"))


@given(st.integers(1, 200), st.integers(1, 300), st.data())
def test_what_has_arrived_is_counted_in_bytes(size, part_size, data):
    sizes = [min(part_size, size - start) for start in range(0, size, part_size)]
    arrived = data.draw(st.lists(st.booleans(), min_size=len(sizes), max_size=len(sizes)))
    ids = ["part_1" if here else None for here in arrived]
    state = UploadState("upload_1", size, part_size, ids, 0)
    assert state.sent == sum(part for part, here in zip(sizes, arrived, strict=True) if here)


class TestWholeFiles:
    @pytest.mark.parametrize("kind", ["path", "bytes", "file", "named"])
    async def test_a_file_is_uploaded_in_parts(self, client, settled, openai_emulator, tmp_path, kind):
        path = tmp_path / "lines.jsonl"
        path.write_bytes(LINES)
        with path.open("rb") as file:
            given = {"path": path, "bytes": LINES, "file": file, "named": ("b.jsonl", LINES)}[kind]
            upload = await settled(client.uploads.upload_file(given, purpose="batch", part_size=PART, limit=3))
        assert isinstance(upload, Upload)
        assert upload.status == "completed"
        assert upload.filename == {"bytes": "file.bin", "named": "b.jsonl"}.get(kind, "lines.jsonl")
        assert await content_of(client, settled, upload) == LINES
        create, *added, complete, _ = openai_emulator.requests
        assert create.json()["bytes"] == len(LINES)
        assert create.json()["mime_type"] == ("application/octet-stream" if kind == "bytes" else "application/jsonl")
        sizes = sorted(len(file.content) for request in added for file in files(request))
        assert sizes == sorted([PART] * (NUMBER - 1) + [len(LINES) % PART])
        assert len(complete.json()["part_ids"]) == NUMBER
        assert "md5" not in complete.json()

    async def test_a_small_file_is_a_single_part(self, client, settled, openai_emulator):
        upload = await settled(client.uploads.upload_file(("a.txt", b"abc"), purpose="assistants"))
        assert upload.file.bytes == 3
        assert len(openai_emulator.requests) == 3

    @pytest.mark.parametrize("md5", [True, MD5])
    async def test_the_server_can_compare_a_checksum(self, client, settled, openai_emulator, md5):
        await settled(client.uploads.upload_file(LINES, purpose="batch", part_size=PART, md5=md5))
        assert openai_emulator.requests[-1].json()["md5"] == MD5

    async def test_when_the_file_expires_is_handed_on(self, client, settled):
        upload = await settled(
            client.uploads.upload_file(LINES, purpose="batch", expires_after={"anchor": "created_at", "seconds": 7200})
        )
        assert upload.file.expires_at == upload.file.created_at + 7200

    async def test_progress_is_told_when_it_begins_and_after_each_part(self, client, settled):
        told = []
        upload = await settled(
            client.uploads.upload_file(LINES, purpose="batch", part_size=PART, on_progress=told.append)
        )
        assert all(isinstance(state, UploadState) for state in told)
        assert {state.upload_id for state in told} == {upload.id}
        assert len(told) == NUMBER + 1
        assert (told[0].sent, told[-1].sent, told[-1].size) == (0, len(LINES), len(LINES))
        assert [state.sent for state in told] == sorted(state.sent for state in told)
        assert sorted(sum(id_ is not None for id_ in state.part_ids) for state in told) == list(range(NUMBER + 1))

    async def test_no_more_parts_are_on_their_way_than_allowed(self, through, settled):
        lock, running, most = threading.Lock(), 0, 0

        def counting(operation):
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            try:
                return (yield operation)
            finally:
                with lock:
                    running -= 1

        client = await through(counting)
        await settled(client.uploads.upload_file(LINES, purpose="batch", part_size=100, limit=2))
        assert most <= 2

    async def test_a_file_is_read_piece_by_piece(self, client, settled):
        asked = []

        class Recorder(BytesIO):
            def read(self, size=-1):
                asked.append(size)
                return super().read(size)

        data = bytes(4 * PIECE + 1)
        upload = await settled(
            client.uploads.upload_file(("a.bin", Recorder(data)), purpose="assistants", part_size=2 * PIECE, md5=True)
        )
        assert upload.file.bytes == len(data)
        assert all(0 < size <= PIECE for size in asked)

    async def test_options_go_with_each_call(self, client, settled, openai_emulator):
        await settled(
            client.uploads.upload_file(LINES, purpose="batch", part_size=PART, options={"headers": {"x-trace": "t"}})
        )
        assert {request.headers["x-trace"] for request in openai_emulator.requests} == {"t"}


class TestGoingOn:
    async def interrupted(self, client, settled, **options) -> UploadInterruptedError:
        with pytest.raises(UploadInterruptedError) as caught:
            await settled(client.uploads.upload_file(LINES, purpose="batch", part_size=PART, limit=1, **options))
        return caught.value

    async def test_what_has_arrived_is_not_sent_again(self, client, through, settled, openai_emulator):
        error = await self.interrupted(await through(breaking(2)), settled)
        assert isinstance(error, OpenAIError)
        assert isinstance(error.__cause__, APIConnectionError)
        assert (error.state.sent, error.state.size) == (2 * PART, len(LINES))
        assert f"{NUMBER - 2} of the {NUMBER} parts of {error.state.upload_id} haven't arrived" in str(error)
        assert "the connection broke" in str(error)
        assert "client.uploads.resume(file, error)" in str(error)
        openai_emulator.requests.clear()
        upload = await settled(client.uploads.resume(LINES, error))
        assert (upload.id, upload.status) == (error.state.upload_id, "completed")
        assert len(sent_parts(openai_emulator)) == NUMBER - 2
        assert await content_of(client, settled, upload) == LINES

    async def test_parts_that_arrived_after_the_failure_count_too(self, client, through, settled, openai_emulator):
        with pytest.raises(UploadInterruptedError) as caught:
            await settled(
                (await through(breaking(1))).uploads.upload_file(LINES, purpose="batch", part_size=PART, limit=3)
            )
        arrived = len(sent_parts(openai_emulator))
        assert sum(id_ is not None for id_ in caught.value.state.part_ids) == arrived
        upload = await settled(client.uploads.resume(LINES, caught.value))
        assert len(sent_parts(openai_emulator)) == NUMBER
        assert await content_of(client, settled, upload) == LINES

    @pytest.mark.parametrize("kept", ["pickled", "json", "progress"])
    async def test_another_process_can_go_on(self, client, through, settled, openai_emulator, kept):
        told = []
        error = await self.interrupted(await through(breaking(1)), settled, on_progress=told.append)
        same = pickle.loads(pickle.dumps(error))
        assert (type(same), str(same), same.state) == (UploadInterruptedError, str(error), error.state)
        state = {
            "pickled": same,
            "json": UploadState(**json.loads(json.dumps(asdict(error.state)))),
            "progress": told[-1],
        }[kept]
        again = []
        upload = await settled(client.uploads.resume(LINES, state, on_progress=again.append))
        assert len(sent_parts(openai_emulator)) == NUMBER
        assert await content_of(client, settled, upload) == LINES
        assert (again[0].sent, again[-1].sent) == (PART, len(LINES))

    async def test_it_can_be_interrupted_again(self, client, through, settled):
        error = await self.interrupted(await through(breaking(1)), settled)
        with pytest.raises(UploadInterruptedError) as caught:
            await settled((await through(breaking(2))).uploads.resume(LINES, error, limit=1))
        assert caught.value.state.sent == 3 * PART
        upload = await settled(client.uploads.resume(LINES, caught.value))
        assert await content_of(client, settled, upload) == LINES

    async def test_parts_that_cannot_become_a_file_are_told_of(self, client, settled, openai_emulator):
        error = await self.interrupted(client, settled, md5="0" * 32)
        assert isinstance(error.__cause__, BadRequestError)
        assert error.state.sent == len(LINES)
        assert f"{error.state.upload_id} can't go on" in str(error)
        assert "Upload the file anew" in str(error)

    async def test_a_file_that_was_changed_meanwhile_is_noticed(self, client, through, settled):
        error = await self.interrupted(await through(breaking(2)), settled, md5=True)
        assert error.state.md5 == MD5
        with pytest.raises(UploadInterruptedError, match="MD5 of the parts is"):
            await settled(client.uploads.resume(LINES[::-1], error))

    async def test_what_is_over_cant_go_on(self, client, through, settled):
        error = await self.interrupted(await through(breaking(1)), settled)
        await settled(client.uploads.cancel(error.state.upload_id))
        with pytest.raises(UploadInterruptedError, match=r"can't go on: .*cancelled.* Upload the file anew"):
            await settled(client.uploads.resume(LINES, error))

    async def test_the_state_may_be_what_json_gives(self, client, through, settled):
        error = await self.interrupted(await through(breaking(1)), settled)
        upload = await settled(client.uploads.resume(LINES, json.loads(json.dumps(asdict(error.state)))))
        assert upload.status == "completed"

    async def test_something_else_is_no_state(self, client, settled):
        with pytest.raises(InvalidRequestError, match=r"from an UploadInterruptedError or its \.state"):
            await settled(client.uploads.resume(LINES, "upload_1"))

    async def test_a_coroutine_function_cant_be_told(self, client, settled):
        async def show(state):
            """Show it."""

        with pytest.raises(TypeError, match="pass a plain function"):
            await settled(client.uploads.upload_file(LINES, purpose="batch", part_size=PART, on_progress=show))

    async def test_a_deadline_leaves_an_upload_that_can_go_on(self, client, through, settled):
        error = await self.interrupted(await through(breaking(1, error=DeadlineExceededError)), settled)
        assert isinstance(error.__cause__, DeadlineExceededError)
        upload = await settled(client.uploads.resume(LINES, error))
        assert await content_of(client, settled, upload) == LINES

    async def test_the_deadline_is_for_all_of_it(self, client, settled, openai_emulator):
        with pytest.raises(DeadlineExceededError):
            await settled(client.uploads.upload_file(LINES, purpose="batch", deadline=1e-9))
        state = UploadState("upload_1", len(LINES), PART, [None] * NUMBER, 2_000_000_000)
        with pytest.raises(UploadInterruptedError) as caught:
            await settled(client.uploads.resume(LINES, state, deadline=1e-9))
        assert isinstance(caught.value.__cause__, DeadlineExceededError)
        assert openai_emulator.requests == []

    async def test_an_upload_that_the_server_has_dropped_cannot(self, client, through, settled, openai_emulator):
        error = await self.interrupted(await through(breaking(1)), settled)
        openai_emulator.advance(3600)
        with pytest.raises(UploadInterruptedError, match="is expired") as caught:
            await settled(client.uploads.resume(LINES, error))
        assert isinstance(caught.value.__cause__, BadRequestError)

    async def test_another_file_is_refused_before_anything_is_sent(self, client, through, settled, openai_emulator):
        error = await self.interrupted(await through(breaking(1)), settled)
        openai_emulator.requests.clear()
        with pytest.raises(InvalidRequestError, match=f"the file has {len(LINES) - 1} bytes, but upload_"):
            await settled(client.uploads.resume(LINES[1:], error))
        assert openai_emulator.requests == []

    async def test_an_error_of_the_caller_passes_as_it_is(self, client, settled):
        def refuse(state):
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await settled(client.uploads.upload_file(LINES, purpose="batch", on_progress=refuse))

    async def test_a_cancelled_task_leaves_an_upload_that_can_go_on(self, openai_emulator):
        told: list[UploadState] = []
        reached = asyncio.Event()

        def note(state):
            told.append(state)
            if state.sent >= 2 * PART:
                reached.set()

        options = {"api_key": openai_emulator.api_key, "base_url": openai_emulator.base_url}
        async with AsyncClient(**options) as client:
            uploading = asyncio.create_task(
                client.uploads.upload_file(LINES, purpose="batch", part_size=PART, limit=1, on_progress=note)
            )
            await reached.wait()
            uploading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await uploading
            arrived = len(sent_parts(openai_emulator))
            upload = await client.uploads.resume(LINES, told[-1])
            assert upload.status == "completed"
            # The part that was on its way when the task ended may be sent twice.
            assert arrived <= NUMBER
            assert len(sent_parts(openai_emulator)) <= NUMBER + 1


@pytest.mark.parametrize(
    ("file", "options", "message"),
    [
        (b"", {}, "the file is empty"),
        (LINES, {"part_size": 0}, "part_size is 1 to 67108864 bytes, not 0"),
        (LINES, {"part_size": 64 * 1024 * 1024 + 1}, "part_size is 1 to"),
        (LINES, {"limit": 0}, "limit is 1 part at a time or more, not 0"),
        ("a.txt", {}, r"for a path, pass pathlib\.Path"),
        (tracked(LINES, lambda sent, total: None), {}, "can't be read from the middle"),
    ],
)
async def test_what_cannot_be_uploaded_is_refused(client, settled, file, options, message):
    with pytest.raises(InvalidRequestError, match=message):
        await settled(client.uploads.upload_file(file, purpose="batch", **options))


async def test_an_upload_that_cannot_be_begun_is_the_server_s_error(client, settled):
    with pytest.raises(BadRequestError, match="Invalid value: 'evals'"):
        await settled(client.uploads.upload_file(LINES, purpose="evals"))


async def test_a_part_of_a_file_can_be_sent_by_hand(client, settled, openai_emulator, tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_bytes(LINES)
    with pytest.raises(NotFoundError):
        await settled(client.uploads.parts.create("upload_none", data=parts_of(path, PART)[1]))
    (file,) = files(openai_emulator.requests[0])
    assert (file.name, file.filename, file.content) == ("data", "lines.jsonl", LINES[PART : 2 * PART])
