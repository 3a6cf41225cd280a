"""What type checkers see of the methods that are written by hand. This file is only type-checked, never run."""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

from openai_core import AsyncClient, AsyncWebSocketSession, Client, WebSocketSession
from openai_core_assistants.types import Run
from openai_core_batches.results import BatchResult
from openai_core_batches.types import Batch
from openai_core_chat.types import ChatCompletion
from openai_core_evals.types import EvalRun
from openai_core_files.types import FileObject
from openai_core_fine_tuning.types import FineTuningJob
from openai_core_realtime.audio import append_audio
from openai_core_realtime.calling import CallAnswer
from openai_core_realtime.params import RealtimeClientEventParam
from openai_core_realtime.types import RealtimeServerEvent, RealtimeServerEventResponseTextDelta
from openai_core_responses.params import ResponsesClientEventParam
from openai_core_responses.server_events import ResponsesServerEvent
from openai_core_skills.types import Skill
from openai_core_uploads.types import Upload
from openai_core_vector_stores.types import VectorStoreFile
from openai_core_videos.types import Video
from openai_core_webhooks import unwrap
from openai_core_webhooks.types import ResponseCompletedWebhookEvent


def waits(client: Client) -> None:
    assert_type(client.videos.wait("v", deadline=60), Video)
    assert_type(client.videos.create_and_wait(prompt="a cat"), Video)
    assert_type(client.files.wait("f", on_progress=lambda file: print(file.status)), FileObject)
    assert_type(client.threads.runs.create_and_wait("t", assistant_id="a"), Run)
    assert_type(client.evals.runs.wait("e", "r"), EvalRun)
    assert_type(client.fine_tuning.jobs.wait("j"), FineTuningJob)
    assert_type(client.vector_stores.files.upload_and_wait("vs", file=Path("a.txt")), VectorStoreFile)
    assert_type(client.batches.wait("b"), Batch)
    client.videos.wait("v", until=60)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.threads.runs.create_and_wait("t", assistant=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def awaited(client: AsyncClient) -> None:
    assert_type(await client.videos.wait("v", deadline=60), Video)
    assert_type(await client.uploads.upload_file(Path("a"), purpose="batch"), Upload)
    assert_type(await client.skills.create_from_folder("pdf"), Skill)


def batches(client: Client) -> None:
    asked = client.chat.completions.create.operation(model="m", messages=[{"role": "user", "content": "Hello"}])
    results = client.batches.results("b", {"a": asked})
    assert_type(results, list[BatchResult[ChatCompletion]])
    assert_type(results[0].answer, ChatCompletion)
    assert_type(client.batches.results("b", ChatCompletion), list[BatchResult[ChatCompletion]])


def webhooks(client: Client, body: bytes, headers: dict[str, str]) -> None:
    event = unwrap(body, headers, secret="whsec_")
    if event.type == "response.completed":
        assert_type(event, ResponseCompletedWebhookEvent)
        assert_type(event.data.id, str)
    client.webhooks.unwrap(body)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def sessions(client: Client) -> None:
    session = client.realtime.connect(model="gpt-realtime")
    assert_type(session, WebSocketSession[RealtimeClientEventParam, RealtimeServerEvent])
    session.send({"type": "response.create"})
    session.send(append_audio(b"pcm"))
    session.send({"type": "response.make"})  # type: ignore[misc,arg-type]  # pyright: ignore[reportArgumentType]
    event = session.receive(timeout=1)
    if event.type == "response.output_text.delta":
        assert_type(event, RealtimeServerEventResponseTextDelta)
    assert_type(client.realtime.calls.answer(sdp="v=0"), CallAnswer)
    client.realtime.translations.connect(model="m").send({"type": "session.close"})
    assert_type(session.receive_raw(timeout=1), bytes)
    assert_type(session.parse("{}"), RealtimeServerEvent)
    session.send_raw(b"{}")
    session.send_raw({"type": "response.create"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.realtime.connect(models="m")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def handlers(client: Client) -> None:
    session = client.realtime.connect(model="gpt-realtime")

    @session.on("response.done")
    def done(event: RealtimeServerEvent) -> str:
        return event.type or ""

    assert_type(done(session.receive()), str)
    session.on("response.done", done).once("*", print).off("response.done", done)
    session.on("response.done", 3)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]


async def awaited_sessions(client: AsyncClient) -> None:
    async with client.responses.connect() as session:
        assert_type(session, AsyncWebSocketSession[ResponsesClientEventParam, ResponsesServerEvent])
        assert_type(await session.receive_raw(), bytes)
        assert_type(session.parse(b"{}"), ResponsesServerEvent)
        await session.send_raw("{}")
        await session.send({"type": "response.create", "model": "gpt-5-mini", "input": "Hello", "stream_id": "a"})
        async for event in session:
            if event.type == "response.completed":
                assert_type(event.response.output_text, str)
