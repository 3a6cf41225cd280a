"""What type checkers see of the API. This file is only type-checked, never run.

A line that is expected to be wrong says so to both checkers; a checker that finds nothing wrong with it complains.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import assert_type

from openai_core import (
    AccumulatingOperation,
    AccumulatingStream,
    ApiGroup,
    AsyncAccumulatingStream,
    AsyncBinary,
    AsyncClient,
    AsyncPages,
    AsyncParsedStream,
    AsyncStream,
    Binary,
    Client,
    Operation,
    PagedOperation,
    Pages,
    ParsedStream,
    Response,
    Stream,
    StreamOperation,
)
from openai_core.structured import OutputFormat
from openai_core.tools import tool
from openai_core_audio.types import SpeechStreamEvent
from openai_core_chat.answers import ChatToolRun, ParsedChatCompletion
from openai_core_chat.api import AsyncChat, Chat
from openai_core_chat.params import ChatCompletionMessageParam
from openai_core_chat.types import ChatCompletion, ChatCompletionChunk
from openai_core_embeddings.types import CreateEmbeddingResponse
from openai_core_embeddings.vectors import EmbeddingArrays
from openai_core_files.types import FileDeleted, FileList, FileObject
from openai_core_images.types import ImageGenStreamEvent, ImagesResponse
from openai_core_models.types import Model
from openai_core_responses import types as responses
from openai_core_responses.answers import ParsedResponse, ResponseToolRun
from openai_core_responses.params import ResponseInputItemParam


@dataclass
class Mine:
    answer: str


def results(client: Client) -> None:
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello"}]
    completion = client.chat.completions.create(model="m", messages=messages)
    assert_type(completion, ChatCompletion)
    assert_type(completion.choices[0].message.content, str | None)
    messages.append(completion.choices[0].message)
    assert_type(client.chat, Chat)
    assert_type(client.files.create(file=Path("a.txt"), purpose="user_data"), FileObject)
    assert_type(client.files.delete("file-1"), FileDeleted)
    assert_type(client.files.retrieve(file_id="file-1"), FileObject)
    assert_type(client.files.content("file-1"), Binary)
    assert_type(client.models.retrieve("m"), Model)
    assert_type(client.embeddings.create(model="m", input=["a"]), CreateEmbeddingResponse)
    assert_type(client.embeddings.create(model="m", input="a").data[0].embedding, list[float])
    assert_type(client.embeddings.create_arrays(model="m", input="a"), EmbeddingArrays)
    assert_type(client.images.generate(prompt="a cat"), ImagesResponse)
    assert_type(client.responses.delete("resp-1"), None)
    assert_type(client.with_options(timeout=5).files.retrieve("file-1"), FileObject)
    assert_type(client.copy(api_key="k", timeout=5, azure_endpoint="https://a").files.retrieve("file-1"), FileObject)
    assert_type(client.files.list().get_next_page(), Pages[FileList, FileObject])
    assert_type(client.files.retrieve("file-1")._request_id, str | None)
    assert_type(client.files.with_options(timeout=5).retrieve("file-1"), FileObject)
    assert_type(client.files.retrieve.with_options(timeout=5, path="/f")("file-1"), FileObject)


def output_goes_back_in(client: Client) -> None:
    response = client.responses.create(model="m", input="Hello")
    assert_type(response, responses.Response)
    assert_type(response.output_text, str)
    again: list[ResponseInputItemParam] = [{"role": "user", "content": "And?"}]
    again += response.output
    client.responses.create(model="m", input=again)


def narrowing(client: Client) -> None:
    for event in client.responses.create_stream(model="m", input="Hello"):
        if event.type == "response.output_text.delta":
            assert_type(event, responses.ResponseTextDeltaEvent)
            assert_type(event.delta, str)
    for item in client.responses.create(model="m").output:
        if item.type == "function_call":
            assert_type(item.arguments, str)


def streams_and_pages(client: Client) -> None:
    stream = client.chat.completions.create_stream(model="m", messages=[])
    assert_type(stream, AccumulatingStream[ChatCompletionChunk, ChatCompletion])
    assert_type(stream.final(), ChatCompletion)
    assert_type(stream.snapshot(), ChatCompletion)
    any_stream: Stream[ChatCompletionChunk] = stream
    with stream as chunks:
        assert_type(chunks.open().final(), ChatCompletion)
        for chunk in any_stream:
            assert_type(chunk, ChatCompletionChunk)
    assert_type(client.responses.retrieve_stream("resp-1", starting_after=3).final(), responses.Response)
    images = client.images.generate_stream(prompt="a cat")
    assert_type(images, AccumulatingStream[ImageGenStreamEvent, ImagesResponse])
    speech = client.audio.speech.create_stream(input="Hello", model="m", voice="alloy")
    assert_type(speech, Stream[SpeechStreamEvent])
    speech.final()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    pages = client.files.list(limit=10)
    assert_type(pages, Pages[FileList, FileObject])
    for file in pages:
        assert_type(file, FileObject)
    assert_type(pages.pages(), Iterator[FileList])


def raw_into_and_operation(client: Client) -> None:
    create = client.chat.completions.create
    assert_type(create.raw(model="m", messages=[]), Response[ChatCompletion])
    assert_type(create.raw(model="m", messages=[]).parse(), ChatCompletion)
    assert_type(create.into(Mine, {"model": "m"}), Mine)
    assert_type(client.files.retrieve.into(Mine, file_id="file-1"), Mine)
    assert_type(client.chat.completions.create_stream.into(Mine, {}), Stream[Mine])
    assert_type(create.operation(model="m", messages=[]), Operation[ChatCompletion])
    assert_type(client.send(create.operation(model="m", messages=[])), ChatCompletion)
    assert_type(client.send(create.operation(model="m", messages=[]), into=Mine), Mine)
    listing = client.files.list.operation()
    assert_type(listing, PagedOperation[FileList, FileObject])
    assert_type(client.send(listing), Pages[FileList, FileObject])
    streaming = client.chat.completions.create_stream.operation(model="m", messages=[])
    assert_type(streaming, AccumulatingOperation[ChatCompletionChunk, ChatCompletion])
    assert_type(client.send(streaming), AccumulatingStream[ChatCompletionChunk, ChatCompletion])
    assert_type(client.send(streaming, into=Mine), Stream[Mine])
    assert_type(sent_as_any_stream(client, streaming), Stream[ChatCompletionChunk])
    assert_type(client.request("POST", "/anything", into=Mine), Mine)
    for content in (b"raw", "text", Path("a.bin"), [b"a"], (piece for piece in [b"a"])):
        client.request("POST", "/anything", content=content)
    client.request("POST", "/anything", content=3)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]


def sent_as_any_stream(client: Client, operation: StreamOperation[ChatCompletionChunk]) -> Stream[ChatCompletionChunk]:
    return client.send(operation)


def mistakes(client: Client) -> None:
    create = client.chat.completions.create
    create(model="m")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    create(model="m", messages=[], temprature=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    create(model="m", messages=[], stream=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    create(model="m", messages=[], temperature="hot")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    create("m", messages=[])  # type: ignore[misc,call-arg,arg-type]  # pyright: ignore[reportCallIssue]
    create(model="m", messages=[{"role": "usr", "content": ""}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    create.raw(model="m")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    create.operation(model="m", n="1")  # type: ignore[call-arg,arg-type]  # pyright: ignore[reportCallIssue]
    client.files.list(order="up")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.files.retrieve()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.copy(timeout="5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.files.with_options(timout=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.fils  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # noqa: B018
    client.send("/files")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType,reportCallIssue]


async def the_other_colour(client: AsyncClient) -> None:
    create = client.chat.completions.create
    assert_type(client.chat, AsyncChat)
    assert_type(await create(model="m", messages=[]), ChatCompletion)
    assert_type(await create.raw(model="m", messages=[]), Response[ChatCompletion])
    assert_type(await create.into(Mine, {}), Mine)
    assert_type(await client.send(create.operation(model="m", messages=[])), ChatCompletion)
    assert_type(await client.files.content("file-1"), AsyncBinary)
    assert_type(client.files.list(), AsyncPages[FileList, FileObject])
    assert_type((await client.files.list()).data, list[FileObject])
    assert_type(await (await client.files.list()).get_next_page(), AsyncPages[FileList, FileObject])
    assert_type(await client.copy(api_key="k").files.retrieve("file-1"), FileObject)
    async for file in client.files.list():
        assert_type(file, FileObject)
    stream = client.responses.create_stream(model="m", input="Hello")
    assert_type(stream, AsyncAccumulatingStream[responses.ResponseStreamEvent, responses.Response])
    assert_type(await stream.final(), responses.Response)
    assert_type(stream.snapshot(), responses.Response)
    assert_type(await client.responses.create_and_wait(model="m", input="Hello"), responses.Response)
    any_stream: AsyncStream[responses.ResponseStreamEvent] = stream
    async with stream as events:
        assert_type(await events.final(), responses.Response)
        async for event in any_stream:
            assert_type(event.type == "response.completed", bool)
    assert_type(client.files.list().pages(), AsyncIterator[FileList])
    assert_type(await client.request("GET", "/anything", into=Mine), Mine)
    await create(model="m")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


class Search(ApiGroup):
    """A group of a third party."""


def third_party_groups(client: Client) -> None:
    assert_type(client.api(Search), Search)


def structured_outputs(client: Client) -> None:
    asked: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello"}]
    parse = client.chat.completions.parse
    assert_type(parse(Mine, model="m", messages=asked), ParsedChatCompletion[Mine])
    assert_type(parse(Mine, model="m", messages=asked, temperature=0, options={"timeout": 5}).parsed, Mine)
    assert_type(parse(list[int], model="m", messages=asked).parsed, list[int])
    assert_type(parse(OutputFormat[Mine | int](Mine | int), model="m", messages=asked).parsed, Mine | int)
    assert_type(parse(Mine, model="m", messages=asked).completion, ChatCompletion)
    assert_type(client.responses.parse(Mine, model="m", input="Hello"), ParsedResponse[Mine])
    assert_type(client.responses.parse(Mine, model="m", input="Hello").parsed.answer, str)
    wanted = OutputFormat(Mine)
    assert_type(wanted, OutputFormat[Mine])
    client.chat.completions.create(model="m", messages=asked, response_format=wanted.for_chat())
    client.responses.create(model="m", input="Hello", text={"format": wanted.for_responses()})
    parse(Mine, model="m")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    parse(Mine, model="m", messages=asked, temprature=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def streamed_structured_outputs(client: Client) -> None:
    asked: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello"}]
    parse = client.chat.completions.parse_stream
    stream = parse(Mine, model="m", messages=asked, temperature=0, options={"timeout": 5})
    assert_type(stream, ParsedStream[ChatCompletionChunk, ChatCompletion, ParsedChatCompletion[Mine]])
    assert_type(stream.final(), ParsedChatCompletion[Mine])
    assert_type(stream.final().parsed, Mine)
    assert_type(stream.snapshot(), ChatCompletion)
    any_stream: Stream[ChatCompletionChunk] = stream
    with stream as chunks:
        assert_type(chunks.final().parsed, Mine)
        for chunk in any_stream:
            assert_type(chunk, ChatCompletionChunk)
    assert_type(parse(OutputFormat[Mine | int](Mine | int), model="m", messages=asked).final().parsed, Mine | int)
    answer = client.responses.parse_stream(list[Mine], model="m", input="Hello")
    assert_type(answer, ParsedStream[responses.ResponseStreamEvent, responses.Response, ParsedResponse[list[Mine]]])
    assert_type(answer.final().parsed, list[Mine])
    parse(Mine, model="m")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    parse(Mine, model="m", messages=asked, temprature=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def streamed_structured_outputs_of_the_other_colour(client: AsyncClient) -> None:
    stream = client.responses.parse_stream(Mine, model="m", input="Hello")
    assert_type(stream, AsyncParsedStream[responses.ResponseStreamEvent, responses.Response, ParsedResponse[Mine]])
    assert_type((await stream.final()).parsed, Mine)
    assert_type(stream.snapshot(), responses.Response)
    async with stream as events:
        async for event in events:
            assert_type(event.type == "response.completed", bool)


@tool
def double(number: int, times: int = 1) -> int:
    """Double a number."""
    return number * 2 * times


@tool(name="half")
async def halve(number: float) -> float:
    """Halve a number."""
    return number / 2


def tools(client: Client) -> None:
    asked: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello"}]
    assert_type(double(1, times=2), int)
    assert_type(double.call("{}"), int)
    assert_type(tool(Mine).call("{}"), Mine)
    double("1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.chat.completions.create(model="m", messages=asked, tools=[double.for_chat()])
    client.responses.create(model="m", input="Hello", tools=[double.for_responses(), {"type": "apply_patch"}])
    run = client.chat.completions.run_tools([double, len], model="m", messages=asked, max_rounds=3)
    assert_type(run, ChatToolRun)
    assert_type(run.parse(Mine), Mine)
    client.chat.completions.create(model="m", messages=run.messages)
    again = client.responses.run_tools([double], model="m", input="Hello", on_call=print, on_tool_error="raise")
    assert_type(again, ResponseToolRun)
    assert_type(again.response, responses.Response)
    client.responses.create(model="m", input=again.items)
    client.responses.run_tools([1], model="m")  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]


async def structured_outputs_and_tools_of_the_other_colour(client: AsyncClient) -> None:
    asked: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello"}]
    assert_type(await client.chat.completions.parse(Mine, model="m", messages=asked), ParsedChatCompletion[Mine])
    assert_type((await client.responses.parse(list[Mine], model="m", input="Hello")).parsed, list[Mine])
    assert_type(await halve(1), float)
    assert_type(await client.chat.completions.run_tools([halve, double], model="m", messages=asked), ChatToolRun)
    assert_type(await client.responses.run_tools([halve], model="m", input="Hello"), ResponseToolRun)
