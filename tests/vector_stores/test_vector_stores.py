from __future__ import annotations

import pytest

from openai_core import BadRequestError, DeadlineExceededError, InvalidRequestError, NotFoundError
from openai_core_vector_stores.types import (
    StaticFileChunkingStrategyObject,
    VectorStore,
    VectorStoreDeleted,
    VectorStoreFile,
    VectorStoreFileBatch,
    VectorStoreFileContent,
    VectorStoreFileDeleted,
    VectorStoreSearchResult,
)

CATS = b"Cats sleep for most of the day, and hunt at night."
DOGS = b"Dogs like long walks, and sleep at night."
STATIC = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 10}}


@pytest.fixture
async def store(client, settled, openai_emulator):
    """An empty vector store; what was sent for it is forgotten."""
    made = await settled(client.vector_stores.create(name="pets"))
    openai_emulator.requests.clear()
    return made


@pytest.fixture
def upload(client, settled):
    """Uploads a text, and gives the ID of the file."""

    async def send(content=CATS, name="cats.txt"):
        return (await settled(client.files.create(file=(name, content), purpose="assistants"))).id

    return send


def sent(emulator):
    """What was asked of vector stores: method, path, query in the order of its names, and body."""
    return [
        (
            request.method,
            request.path,
            "&".join(sorted(request.query.split("&"))),
            request.json() if request.body else None,
        )
        for request in emulator.requests
        if request.path.startswith("/v1/vector_stores")
    ]


async def test_a_store_is_made_looked_at_changed_and_deleted(client, settled, openai_emulator, upload):
    file_id = await upload()
    given = {
        "name": "pets",
        "description": "All about pets",
        "metadata": {"owner": "me"},
        "file_ids": [file_id],
        "chunking_strategy": STATIC,
        "expires_after": {"anchor": "last_active_at", "days": 7},
    }
    store = await settled(client.vector_stores.create(**given))
    assert isinstance(store, VectorStore)
    assert (store.name, store.status, store.metadata) == ("pets", "in_progress", {"owner": "me"})
    assert (store.file_counts.in_progress, store.file_counts.total) == (1, 1)
    assert store.expires_at == store.last_active_at + 7 * 24 * 3600

    looked = await settled(client.vector_stores.retrieve(store.id))
    assert (looked.status, looked.file_counts.completed, looked.usage_bytes) == ("completed", 1, len(CATS))
    changed = await settled(
        client.vector_stores.update(store.id, name="cats", metadata={"owner": "you"}, expires_after=None)
    )
    assert isinstance(changed, VectorStore)
    assert (changed.name, changed.metadata, changed.expires_at) == ("cats", {"owner": "you"}, None)
    deleted = await settled(client.vector_stores.delete(store.id))
    assert isinstance(deleted, VectorStoreDeleted)
    assert (deleted.id, deleted.deleted) == (store.id, True)
    with pytest.raises(NotFoundError):
        await settled(client.vector_stores.retrieve(store.id))
    assert (await settled(client.files.retrieve(file_id))).id == file_id

    path = f"/v1/vector_stores/{store.id}"
    assert sent(openai_emulator)[:4] == [
        ("POST", "/v1/vector_stores", "", given),
        ("GET", path, "", None),
        ("POST", path, "", {"name": "cats", "metadata": {"owner": "you"}, "expires_after": None}),
        ("DELETE", path, "", None),
    ]


async def test_the_beta_header_goes_with_each_call_and_can_be_another(client, settled, *, each, store, openai_emulator):
    await settled(client.vector_stores.retrieve(store.id))
    await each(client.vector_stores.files.list(store.id))
    other = client.vector_stores.with_options(headers={"openai-beta": "assistants=v3"})
    await settled(other.retrieve(store.id))
    await settled(other.wait(store.id))
    without = {"headers": {"OpenAI-Beta": None}}
    await settled(client.vector_stores.retrieve(store.id, options=without))
    assert [request.headers.get("openai-beta") for request in openai_emulator.requests] == [
        "assistants=v2",
        "assistants=v2",
        "assistants=v3",
        "assistants=v3",
        None,
    ]


async def test_lists_walk_all_pages_and_can_begin_in_the_middle(client, settled, each, openai_emulator):
    made = [await settled(client.vector_stores.create(name=f"{number}")) for number in range(5)]
    ids = [store.id for store in made]
    openai_emulator.requests.clear()
    stores = await each(client.vector_stores.list(limit=2, order="asc"))
    assert all(isinstance(store, VectorStore) for store in stores)
    assert [store.id for store in stores] == ids
    after = await settled(client.vector_stores.list(after=ids[2]))
    assert [store.id for store in after.data] == [ids[1], ids[0]]
    before = await settled(client.vector_stores.list(before=ids[0], limit=2, order="desc"))
    assert [store.id for store in before.data] == [ids[2], ids[1]]
    assert [query for _, _, query, _ in sent(openai_emulator)] == [
        "limit=2&order=asc",
        f"after={ids[1]}&limit=2&order=asc",
        f"after={ids[3]}&limit=2&order=asc",
        f"after={ids[2]}",
        f"before={ids[0]}&limit=2&order=desc",
    ]


async def test_a_file_is_added_read_changed_and_taken_out(client, settled, *, each, store, openai_emulator, upload):
    file_id = await upload()
    file = await settled(
        client.vector_stores.files.create(
            store.id, file_id=file_id, attributes={"year": 2024, "good": True}, chunking_strategy=STATIC
        )
    )
    assert isinstance(file, VectorStoreFile)
    assert (file.id, file.status, file.last_error, file.vector_store_id) == (file_id, "in_progress", None, store.id)
    assert isinstance(file.chunking_strategy, StaticFileChunkingStrategyObject)
    assert file.chunking_strategy.static.max_chunk_size_tokens == 100
    looked = await settled(client.vector_stores.files.retrieve(store.id, file_id))
    assert (looked.status, looked.usage_bytes, looked.attributes) == (
        "completed",
        len(CATS),
        {"year": 2024, "good": True},
    )
    changed = await settled(client.vector_stores.files.update(store.id, file_id, attributes={"year": 2025}))
    assert isinstance(changed, VectorStoreFile)
    assert changed.attributes == {"year": 2025}
    pieces = await each(client.vector_stores.files.content(store.id, file_id))
    assert all(isinstance(piece, VectorStoreFileContent) for piece in pieces)
    assert [(piece.type, piece.text) for piece in pieces] == [("text", CATS.decode())]
    deleted = await settled(client.vector_stores.files.delete(store.id, file_id))
    assert isinstance(deleted, VectorStoreFileDeleted)
    assert (deleted.id, deleted.deleted) == (file_id, True)
    assert await each(client.vector_stores.files.list(store.id)) == []

    path = f"/v1/vector_stores/{store.id}/files"
    assert sent(openai_emulator) == [
        (
            "POST",
            path,
            "",
            {"file_id": file_id, "attributes": {"year": 2024, "good": True}, "chunking_strategy": STATIC},
        ),
        ("GET", f"{path}/{file_id}", "", None),
        ("POST", f"{path}/{file_id}", "", {"attributes": {"year": 2025}}),
        ("GET", f"{path}/{file_id}/content", "", None),
        ("DELETE", f"{path}/{file_id}", "", None),
        ("GET", path, "", None),
    ]


async def test_files_are_listed_in_pages_and_by_state(client, settled, *, each, store, openai_emulator, upload):
    good = [await upload(name=f"{number}.txt") for number in range(3)]
    bad = await upload(b"\xff\xfe\x00", "noise.bin")
    for file_id in (*good, bad):
        await settled(client.vector_stores.files.create(store.id, file_id=file_id))
    openai_emulator.requests.clear()
    listed = await each(client.vector_stores.files.list(store.id, limit=2, order="asc"))
    assert [file.id for file in listed] == [*good, bad]
    (failed,) = await each(client.vector_stores.files.list(store.id, filter="failed"))
    assert (failed.id, failed.status, failed.last_error.code) == (bad, "failed", "unsupported_file")
    between = await each(client.vector_stores.files.list(store.id, before=good[2], after=good[0], order="asc"))
    assert [file.id for file in between] == [good[1]]
    assert [query for _, _, query, _ in sent(openai_emulator)] == [
        "limit=2&order=asc",
        f"after={good[1]}&limit=2&order=asc",
        "filter=failed",
        f"after={good[0]}&before={good[2]}&order=asc",
    ]


async def test_many_files_are_added_at_once(client, settled, *, each, store, openai_emulator, upload):
    first, second = await upload(), await upload(DOGS, "dogs.txt")
    batch = await settled(
        client.vector_stores.file_batches.create(
            store.id, file_ids=[first, second], attributes={"year": 2024}, chunking_strategy={"type": "auto"}
        )
    )
    assert isinstance(batch, VectorStoreFileBatch)
    assert (batch.status, batch.file_counts.in_progress, batch.vector_store_id) == ("in_progress", 2, store.id)
    looked = await settled(client.vector_stores.file_batches.retrieve(store.id, batch.id))
    assert (looked.status, looked.file_counts.completed) == ("completed", 2)
    files = await each(client.vector_stores.file_batches.list_files(store.id, batch.id, limit=1, order="asc"))
    assert all(isinstance(file, VectorStoreFile) for file in files)
    assert [(file.id, file.attributes) for file in files] == [(first, {"year": 2024}), (second, {"year": 2024})]
    query = {"after": "x", "before": "y", "filter": "completed"}
    assert len((await settled(client.vector_stores.file_batches.list_files(store.id, batch.id, **query))).data) == 2

    path = f"/v1/vector_stores/{store.id}/file_batches"
    body = {"file_ids": [first, second], "attributes": {"year": 2024}, "chunking_strategy": {"type": "auto"}}
    assert sent(openai_emulator) == [
        ("POST", path, "", body),
        ("GET", f"{path}/{batch.id}", "", None),
        ("GET", f"{path}/{batch.id}/files", "limit=1&order=asc", None),
        ("GET", f"{path}/{batch.id}/files", f"after={first}&limit=1&order=asc", None),
        ("GET", f"{path}/{batch.id}/files", "after=x&before=y&filter=completed", None),
    ]


async def test_a_batch_can_be_stopped(client, settled, *, each, store, openai_emulator, upload):
    entry = {"file_id": await upload(), "attributes": {"kind": "cat"}, "chunking_strategy": STATIC}
    batch = await settled(client.vector_stores.file_batches.create(store.id, files=[entry]))
    assert sent(openai_emulator)[-1][-1] == {"files": [entry]}
    stopped = await settled(client.vector_stores.file_batches.cancel(store.id, batch.id))
    assert isinstance(stopped, VectorStoreFileBatch)
    assert (stopped.status, stopped.file_counts.cancelled) == ("cancelled", 1)
    assert sent(openai_emulator)[-1][:2] == ("POST", f"/v1/vector_stores/{store.id}/file_batches/{batch.id}/cancel")
    (file,) = await each(client.vector_stores.files.list(store.id))
    assert (file.status, file.attributes) == ("cancelled", {"kind": "cat"})


class TestSearching:
    @pytest.fixture(autouse=True)
    async def pets(self, client, settled, store, upload):
        cats, dogs = await upload(), await upload(DOGS, "dogs.txt")
        for file_id, attributes in ((cats, {"year": 2023}), (dogs, {"year": 2024})):
            await settled(
                client.vector_stores.files.create_and_wait(store.id, file_id=file_id, attributes=attributes, interval=0)
            )
        return cats, dogs

    async def test_what_fits_best_comes_first(self, client, settled, *, each, store, openai_emulator, pets):
        openai_emulator.requests.clear()
        query = {
            "query": "When do cats hunt?",
            "max_num_results": 5,
            "rewrite_query": False,
            "ranking_options": {"ranker": "auto", "score_threshold": 0.01},
            "filters": {"type": "gte", "key": "year", "value": 2000},
        }
        found = await each(client.vector_stores.search(store.id, **query))
        assert sent(openai_emulator) == [("POST", f"/v1/vector_stores/{store.id}/search", "", query)]
        assert all(isinstance(result, VectorStoreSearchResult) for result in found)
        assert [(result.file_id, result.filename) for result in found] == [(pets[0], "cats.txt")]
        assert [(part.type, part.text) for part in found[0].content] == [("text", CATS.decode())]
        assert 0 < found[0].score <= 1
        assert found[0].attributes == {"year": 2023}

    async def test_several_questions_are_one_search(self, client, settled, store):
        pages = await settled(client.vector_stores.search(store.id, query=["cats", "long walks"]))
        assert pages.page.search_query == ["cats", "long walks"]
        assert {result.filename for result in pages.data} == {"cats.txt", "dogs.txt"}
        assert [result.score for result in pages.data] == sorted((r.score for r in pages.data), reverse=True)

    @pytest.mark.parametrize(
        ("filters", "names"),
        [
            ({"type": "eq", "key": "year", "value": 2024}, {"dogs.txt"}),
            (
                {
                    "type": "or",
                    "filters": [
                        {"type": "lt", "key": "year", "value": 2024},
                        {"type": "in", "key": "year", "value": [2024]},
                    ],
                },
                {"cats.txt", "dogs.txt"},
            ),
            ({"type": "ne", "key": "colour", "value": "grey"}, {"cats.txt", "dogs.txt"}),
        ],
    )
    async def test_files_are_chosen_by_their_attributes(self, client, settled, *, store, filters, names):
        pages = await settled(client.vector_stores.search(store.id, query="sleep", filters=filters))
        assert {result.filename for result in pages.data} == names


class TestWaiting:
    async def test_a_store_made_of_files_is_waited_for(self, client, settled, upload):
        store = await settled(client.vector_stores.create(file_ids=[await upload(), await upload(b"\xff", "noise")]))
        told = []
        done = await settled(client.vector_stores.wait(store.id, interval=0, on_progress=told.append))
        assert isinstance(done, VectorStore)
        assert (done.status, done.file_counts.completed, done.file_counts.failed) == ("completed", 1, 1)
        assert told == [done]

    @pytest.mark.parametrize(("content", "status"), [(CATS, "completed"), (b"\xff", "failed")])
    async def test_a_file_is_waited_for_until_it_can_be_searched_or_not(
        self, client, settled, *, store, upload, content, status
    ):
        file = await settled(client.vector_stores.files.create(store.id, file_id=await upload(content)))
        told = []
        done = await settled(client.vector_stores.files.wait(store.id, file.id, interval=0, on_progress=told.append))
        assert isinstance(done, VectorStoreFile)
        assert (done.id, done.status) == (file.id, status)
        assert told == [done]

    async def test_adding_and_waiting_is_one_call(self, client, settled, *, store, openai_emulator, upload):
        told = []
        file = await settled(
            client.vector_stores.files.create_and_wait(
                store.id,
                file_id=await upload(),
                attributes={"a": "b"},
                chunking_strategy=STATIC,
                interval=0,
                on_progress=told.append,
            )
        )
        assert (file.status, file.attributes) == ("completed", {"a": "b"})
        assert [each.status for each in told] == ["in_progress", "completed"]
        assert sent(openai_emulator)[0][-1] == {
            "file_id": file.id,
            "attributes": {"a": "b"},
            "chunking_strategy": STATIC,
        }

    async def test_adding_many_and_waiting_is_one_call(self, client, settled, store, upload):
        told = []
        batch = await settled(
            client.vector_stores.file_batches.create_and_wait(
                store.id, file_ids=[await upload(), await upload(DOGS)], interval=0, on_progress=told.append
            )
        )
        assert isinstance(batch, VectorStoreFileBatch)
        assert (batch.status, batch.file_counts.completed) == ("completed", 2)
        assert [each.status for each in told] == ["in_progress", "completed"]
        again = await settled(client.vector_stores.file_batches.wait(store.id, batch.id, on_progress=told.append))
        assert again == told[-1] == batch

    async def test_what_will_not_be_ready_in_time_is_not_waited_for(
        self, client, settled, *, store, openai_emulator, upload
    ):
        def stuck(operation):
            response = yield operation
            if operation.method == "GET":
                response.content = response.content.replace(b'"completed"', b'"in_progress"')
            return response

        other = type(client)(api_key="x", base_url=openai_emulator.base_url, middleware=[stuck])
        with pytest.raises(DeadlineExceededError, match=r"the status is 'in_progress'.*wait again"):
            await settled(
                other.vector_stores.files.create_and_wait(store.id, file_id=await upload(), interval=60, deadline=30)
            )
        await settled(other.close())


class TestUploading:
    async def test_a_file_of_this_machine_is_added(self, client, settled, *, store, openai_emulator, tmp_path):
        path = tmp_path / "cats.txt"
        path.write_bytes(CATS)
        file = await settled(client.vector_stores.files.upload(store.id, file=path, attributes={"a": 1}))
        assert isinstance(file, VectorStoreFile)
        assert (file.status, file.attributes) == ("in_progress", {"a": 1})
        kept = await settled(client.files.retrieve(file.id))
        assert (kept.filename, kept.purpose) == ("cats.txt", "assistants")
        assert [request.path for request in openai_emulator.requests[:2]] == [
            "/v1/files",
            f"/v1/vector_stores/{store.id}/files",
        ]

    async def test_and_waited_for(self, client, settled, store):
        told = []
        file = await settled(
            client.vector_stores.files.upload_and_wait(
                store.id,
                file=("cats.txt", CATS),
                chunking_strategy=STATIC,
                interval=0,
                deadline=60,
                on_progress=told.append,
            )
        )
        assert (file.status, file.usage_bytes) == ("completed", len(CATS))
        assert file.chunking_strategy.static.chunk_overlap_tokens == 10
        assert [each.status for each in told] == ["in_progress", "completed"]

    async def test_many_files_are_uploaded_and_added_in_their_order(
        self, client, settled, *, each, store, openai_emulator, upload
    ):
        there = await upload(DOGS, "there.txt")
        told = []
        batch = await settled(
            client.vector_stores.file_batches.upload_and_wait(
                store.id,
                files=[(f"{number}.txt", CATS) for number in range(7)],
                file_ids=[there],
                attributes={"kind": "pet"},
                limit=3,
                interval=0,
                on_progress=told.append,
            )
        )
        assert isinstance(batch, VectorStoreFileBatch)
        assert (batch.status, batch.file_counts.completed) == ("completed", 8)
        assert [each.status for each in told] == ["in_progress", "completed"]
        listed = await each(client.vector_stores.file_batches.list_files(store.id, batch.id, order="asc"))
        assert {file.attributes["kind"] for file in listed} == {"pet"}
        names = [(await settled(client.files.retrieve(file.id))).filename for file in listed]
        assert names == [*(f"{number}.txt" for number in range(7)), "there.txt"]

    @pytest.mark.parametrize("call", ["upload", "upload_and_wait"])
    async def test_a_file_that_cannot_be_added_is_told_of(self, client, settled, each, call):
        with pytest.raises(NotFoundError) as caught:
            await settled(getattr(client.vector_stores.files, call)("vs_none", file=("a.txt", CATS)))
        (left,) = await each(client.files.list())
        assert caught.value.__notes__ == [f"uploaded, and still there: {left.id}"]

    async def test_files_that_were_uploaded_before_a_failure_are_told_of(
        self, client, settled, *, each, store, tmp_path
    ):
        files = [("a.txt", CATS), tmp_path / "missing.txt", ("c.txt", DOGS)]
        with pytest.raises(InvalidRequestError, match=r"can't read the file .*missing\.txt") as caught:
            await settled(client.vector_stores.file_batches.upload_and_wait(store.id, files=files, limit=1))
        (left,) = await each(client.files.list())
        assert caught.value.__notes__ == [f"uploaded, and still there: {left.id}"]

    async def test_nothing_to_upload_is_refused_before_anything_is_sent(self, client, settled, store, openai_emulator):
        with pytest.raises(InvalidRequestError, match="there is no file to add"):
            await settled(client.vector_stores.file_batches.upload_and_wait(store.id, files=[]))
        with pytest.raises(InvalidRequestError, match="limit is 1 file at a time or more, not 0"):
            await settled(client.vector_stores.file_batches.upload_and_wait(store.id, files=[CATS], limit=0))
        assert openai_emulator.requests == []


async def test_what_the_server_refuses_is_an_error(client, settled, store, upload):
    with pytest.raises(NotFoundError, match="No such File object"):
        await settled(client.vector_stores.files.create(store.id, file_id="file-none"))
    with pytest.raises(BadRequestError) as caught:
        await settled(
            client.vector_stores.search(store.id, query="x", filters={"type": "like", "key": "a", "value": 1})
        )
    assert caught.value.param == "filters"
    file_id = await upload()
    overlapping = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 60}}
    with pytest.raises(BadRequestError, match="at most half"):
        await settled(client.vector_stores.files.create(store.id, file_id=file_id, chunking_strategy=overlapping))
    with pytest.raises(InvalidRequestError, match="vector_store_id"):
        await settled(client.vector_stores.files.retrieve("../vs", file_id))
