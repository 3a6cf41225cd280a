"""The benchmarks' server and what this library does there: every job once, for a wrong result is no result."""

from __future__ import annotations

import pytest

from benchmarks import answers
from benchmarks.cases import CASES
from benchmarks.measure import MEASUREMENTS
from benchmarks.running import measured, server
from benchmarks.subjects import make_subject, names
from benchmarks.subjects.subject import Missing


@pytest.fixture(scope="module")
def url():
    with server() as url:
        yield url


def test_sync_jobs(url, tmp_path):
    ours = make_subject("ours", f"{url}/v1")
    texts = ["text"] * answers.TEXTS
    vectors = [answers.vector(index) for index in range(answers.TEXTS)]
    assert ours.chat(answers.messages(2, 3)) == answers.TEXT
    assert ours.response() == answers.TEXT
    assert ours.models() == [*answers.MODELS]
    assert ours.chat_stream() == ours.responses_stream() == ours.accumulated() == answers.streamed_text()
    assert ours.proxied() == len(answers.chat_stream())
    assert ours.embeddings(texts) == vectors
    assert [vector.tolist() for vector in ours.embedding_arrays(texts)] == vectors


async def test_async_jobs(url):
    ours = make_subject("ours", f"{url}/v1")
    await ours.open()
    try:
        assert await ours.chat_async(answers.messages(1)) == answers.TEXT
        assert await ours.response_async() == answers.TEXT
        assert await ours.models_async() == [*answers.MODELS]
        assert await ours.chat_stream_async() == await ours.responses_stream_async() == answers.streamed_text()
        assert await ours.accumulated_async() == answers.streamed_text()
        assert await ours.proxied_async() == len(answers.chat_stream())
    finally:
        await ours.close()


def test_sync_jobs_by_hand(url):
    httpcore = make_subject("httpcore", f"{url}/v1")
    assert httpcore.chat(answers.messages(1)) == httpcore.response() == answers.TEXT
    assert httpcore.models() == [*answers.MODELS]
    assert httpcore.chat_stream() == httpcore.responses_stream() == answers.streamed_text()
    httpcore._connection.close()


async def test_async_jobs_by_hand(url):
    httpcore = make_subject("httpcore", f"{url}/v1")
    await httpcore.open()
    try:
        assert await httpcore.chat_async(answers.messages(1)) == answers.TEXT
        assert await httpcore.models_async() == [*answers.MODELS]
        assert await httpcore.chat_stream_async() == answers.streamed_text()
    finally:
        await httpcore.close()


async def test_jobs_by_hand_on_what_carries_ours_fastest(url):
    by_hand = make_subject("pyreqwest", f"{url}/v1")
    assert by_hand.chat(answers.messages(1)) == answers.TEXT
    assert by_hand.models() == [*answers.MODELS]
    assert by_hand.chat_stream() == by_hand.responses_stream() == answers.streamed_text()
    await by_hand.open()
    try:
        assert await by_hand.chat_async(answers.messages(1)) == answers.TEXT
        assert await by_hand.chat_stream_async() == answers.streamed_text()
    finally:
        await by_hand.close()


def test_the_long_stream_is_long(url):
    assert make_subject("ours", f"{url}/long/v1").accumulated() == answers.streamed_text(answers.MANY_CHUNKS)


def test_a_start_is_measured_of_those_that_have_a_sync_call(url):
    case = "process start to first chat"
    found = measured(case, "ours", url)
    assert found["seconds"] > 0
    assert found["bytes"] > 1024 * 1024
    assert measured(case, "aiohttp", url) is None
    assert measured(case, "ours on aiohttp", url) is None


def test_every_case_is_measured_and_every_measurement_is_a_case():
    measured_by_running = {"import", "process start to first chat", "memory after first chat"}
    assert {case.name for case in CASES} - measured_by_running == set(MEASUREMENTS)


def test_transports_that_are_installed_are_subjects():
    found = names()
    assert "ours" in found
    assert "ours on pyreqwest" in found
    assert "sockets" in found


def test_a_job_that_a_subject_does_not_do_is_missing(url):
    with pytest.raises(Missing):
        make_subject("aiohttp", f"{url}/v1").chat([])
