"""What type checkers see of events of chat streams and of handlers of runs. Only type-checked, never run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import assert_type

from pydantic import BaseModel

from openai_core import AsyncClient, Client
from openai_core.structured import OutputFormat
from openai_core_assistants.handling import RunHandler, ToolCall, text_deltas
from openai_core_assistants.types import FunctionToolCall, Run, RunStep, TextDelta, ThreadMessage
from openai_core_chat.event_types import ArgumentsDone, ChatEvent, ContentDelta, ContentDone
from openai_core_chat.events import ChatEvents, events
from openai_core_chat.types import ChatCompletion, ChatCompletionChunk


class Mine(BaseModel):
    answer: str


def chat(client: Client) -> None:
    told = events(client.chat.completions.create_stream(model="m", messages=[]))
    assert_type(told, Iterator[ChatEvent[None]])
    for event in told:
        if event.type == "content.delta":
            assert_type(event, ContentDelta)
            assert_type(event.snapshot, str)
        elif event.type == "content.done":
            assert_type(event, ContentDone[None])
        elif event.type == "tool_calls.function.arguments.done":
            assert_type(event, ArgumentsDone)
        elif event.type == "chunk":
            assert_type(event.chunk, ChatCompletionChunk)
        match event.type:
            case "content.delta":
                assert_type(event, ContentDelta)
            case "tool_calls.function.arguments.done":
                assert_type(event.arguments, str)
            case _:
                pass


def parsed_chat(client: Client) -> None:
    parsed = events(client.chat.completions.parse_stream(Mine, model="m", messages=[]))
    assert_type(parsed, Iterator[ChatEvent[Mine]])
    for each in parsed:
        match each:
            case ContentDone():
                assert_type(each.parsed, Mine)
            case ArgumentsDone(name=name):
                assert_type(name, str)
            case _:
                pass


async def chat_of_the_other_colour(client: AsyncClient) -> None:
    told = events(client.chat.completions.create_stream(model="m", messages=[]))
    assert_type(told, AsyncIterator[ChatEvent[None]])
    parsed = events(client.chat.completions.parse_stream(Mine, model="m", messages=[]))
    assert_type(parsed, AsyncIterator[ChatEvent[Mine]])
    async for event in parsed:
        if event.type == "content.done":
            assert_type(event.parsed, Mine)


def chunks_from_anywhere(chunks: list[ChatCompletionChunk]) -> None:
    assert_type(events(chunks), Iterator[ChatEvent[None]])
    state = ChatEvents()
    assert_type(state, ChatEvents[None])
    assert_type(ChatEvents(Mine), ChatEvents[Mine])
    assert_type(ChatEvents(OutputFormat[Mine | int](Mine | int)), ChatEvents[Mine | int])
    assert_type(state.add(chunks[0]), list[ChatEvent[None]])
    assert_type(state.add({"choices": []}), list[ChatEvent[None]])
    assert_type(state.end(), list[ChatEvent[None]])
    assert_type(state.final(), ChatCompletion)


class Plain(RunHandler):
    def on_text_delta(self, delta: TextDelta) -> None:
        assert_type(self.current_message, ThreadMessage | None)

    def on_tool_call_done(self, call: ToolCall) -> None:
        if call.type == "function":
            assert_type(call, FunctionToolCall)


class Waiting(RunHandler):
    async def on_text_delta(self, delta: TextDelta) -> None:
        assert_type(self.current_step, RunStep | None)

    def on_end(self) -> None:
        assert_type(self.messages, list[ThreadMessage])


class Wrong(RunHandler):
    def on_text_done(self, text: int) -> None: ...  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]


def runs(client: Client) -> None:
    stream = client.threads.runs.create_stream("t", assistant_id="a")
    assert_type(Plain().run(stream), Run)
    assert_type(Plain().run(client.threads.create_and_run_stream(assistant_id="a")), Run)
    assert_type(text_deltas(stream), Iterator[str])


async def runs_of_the_other_colour(client: AsyncClient) -> None:
    stream = client.threads.runs.create_stream("t", assistant_id="a")
    assert_type(await Waiting().run_async(stream), Run)
    assert_type(text_deltas(stream), AsyncIterator[str])
    Waiting().run(stream)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
