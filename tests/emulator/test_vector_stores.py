from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_core_emulator.text import tokens
from openai_core_emulator.vector_search import fits, passages, readable, score

if TYPE_CHECKING:
    import httpx

    from openai_core_emulator import Emulator

Refused = Callable[..., dict[str, Any]]


def test_a_store_expires_when_nobody_uses_it(http: httpx.Client, openai_emulator: Emulator, refused: Refused) -> None:
    store = http.post("/vector_stores", json={"expires_after": {"anchor": "last_active_at", "days": 1}}).json()
    url = f"/vector_stores/{store['id']}"
    openai_emulator.advance(20 * 3600)
    assert http.post(f"{url}/search", json={"query": "x"}).status_code == 200
    openai_emulator.advance(20 * 3600)
    assert http.get(url).json()["status"] == "completed"
    openai_emulator.advance(5 * 3600)
    assert http.get(url).json()["status"] == "expired"
    assert "is expired" in refused(400, "POST", f"{url}/search", json={"query": "x"})["message"]


def test_a_file_that_was_deleted_meanwhile_fails(http: httpx.Client) -> None:
    file = http.post("/files", files={"file": ("a.txt", b"abc")}, data={"purpose": "assistants"}).json()
    store = http.post("/vector_stores", json={"file_ids": [file["id"]]}).json()
    http.delete(f"/files/{file['id']}")
    assert http.get(f"/vector_stores/{store['id']}").json()["file_counts"]["failed"] == 1
    assert http.get(f"/vector_stores/{store['id']}/files/{file['id']}/content").json()["data"] == []


def test_files_of_another_store_are_not_found(http: httpx.Client, refused: Refused) -> None:
    file = http.post("/files", files={"file": ("a.txt", b"abc")}, data={"purpose": "assistants"}).json()
    http.post("/vector_stores", json={"file_ids": [file["id"]]})
    other = http.post("/vector_stores", json={}).json()
    refused(404, "GET", f"/vector_stores/{other['id']}/files/{file['id']}")
    refused(404, "GET", f"/vector_stores/vs_none/files/{file['id']}")
    refused(404, "GET", f"/vector_stores/{other['id']}/file_batches/vsfb_none")


def test_wrong_batches_are_refused(http: httpx.Client, refused: Refused) -> None:
    url = f"/vector_stores/{http.post('/vector_stores', json={}).json()['id']}/file_batches"
    file = http.post("/files", files={"file": ("a.txt", b"abc")}, data={"purpose": "assistants"}).json()
    assert "either" in refused(400, "POST", url, json={})["message"]
    assert "either" in refused(400, "POST", url, json={"file_ids": ["a"], "files": [{"file_id": "a"}]})["message"]
    refused(404, "POST", url, json={"file_ids": [file["id"], "file-none"]})
    batch = http.post(url, json={"file_ids": [file["id"]]}).json()
    http.get(f"{url}/{batch['id']}")
    assert "completed" in refused(400, "POST", f"{url}/{batch['id']}/cancel")["message"]


@given(st.text())
def test_passages_are_the_whole_text(text: str) -> None:
    assert "".join(passages(text, 10, 0)) == text


@given(st.lists(st.sampled_from(["a", "bb", "ccc"])).map(" ".join), st.integers(10, 20), st.integers(0, 5))
def test_a_passage_begins_with_the_end_of_the_one_before(text: str, longest: int, overlap: int) -> None:
    first, *others = map(tokens, passages(text, longest, overlap))
    assert all(len(passage) <= longest for passage in (first, *others))
    for passage in others:
        assert first[-overlap:] == passage[:overlap] or overlap == 0
        first += passage[overlap:]
    assert "".join(first) == text


@given(st.text(), st.lists(st.text(), max_size=3))
def test_scores_are_between_nothing_and_all(passage: str, queries: list[str]) -> None:
    assert 0 <= score(passage, queries) <= 1


@pytest.mark.parametrize(("content", "text"), [(b"abc", "abc"), (b"", ""), (b"\xff", None), (b"a\0b", None)])
def test_what_is_text_can_be_read(content: bytes, text: str | None) -> None:
    assert readable(content) == text


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("eq", 5, True),
        ("eq", 6, False),
        ("ne", 5, False),
        ("gt", 4, True),
        ("gte", 5, True),
        ("lt", 5, False),
        ("lte", 5, True),
        ("in", [5, 6], True),
        ("nin", [5, 6], False),
        ("gt", "text", False),
    ],
)
def test_attributes_are_compared(kind: str, value: object, *, expected: bool) -> None:
    assert fits({"a": 5}, {"type": kind, "key": "a", "value": value}) is expected


def test_filters_combine() -> None:
    one: dict[str, Any] = {"type": "eq", "key": "a", "value": 1}
    other: dict[str, Any] = {"type": "eq", "key": "b", "value": 2}
    for a, b in ((1, 2), (1, 0), (0, 0)):
        assert fits({"a": a, "b": b}, {"type": "and", "filters": [one, other]}) is (a == 1 and b == 2)
        assert fits({"a": a, "b": b}, {"type": "or", "filters": [one, other]}) is (a == 1 or b == 2)
    assert fits(None, one) is False
