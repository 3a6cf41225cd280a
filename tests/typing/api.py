"""What type checkers see of the API. This file is only type-checked, never run.

A line that is expected to be wrong says so to both checkers; a checker that finds nothing wrong with it complains.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import assert_type

from openai_core import (
    ApiGroup,
    AsyncBinary,
    AsyncClient,
    AsyncPages,
    AsyncStream,
    Binary,
    Client,
    Operation,
    PagedOperation,
    Pages,
    Response,
    Stream,
    StreamOperation,
)
from openai_core_chat.api import AsyncChat, Chat
from openai_core_chat.params import ChatCompletionMessageParam
from openai_core_chat.types import ChatCompletion, ChatCompletionChunk
from openai_core_embeddings.types import CreateEmbeddingResponse
from openai_core_embeddings.vectors import EmbeddingArrays
from openai_core_files.types import FileDeleted, FileList, FileObject
from openai_core_images.types import ImageGenStreamEvent, ImagesResponse
from openai_core_models.types import Model
from openai_core_responses import types as responses
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
    assert_type(stream, Stream[ChatCompletionChunk])
    with stream as chunks:
        for chunk in chunks:
            assert_type(chunk, ChatCompletionChunk)
    assert_type(client.images.generate_stream(prompt="a cat"), Stream[ImageGenStreamEvent])
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
    assert_type(streaming, StreamOperation[ChatCompletionChunk])
    assert_type(client.send(streaming), Stream[ChatCompletionChunk])
    assert_type(client.request("POST", "/anything", into=Mine), Mine)


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
    async for file in client.files.list():
        assert_type(file, FileObject)
    stream = client.responses.create_stream(model="m", input="Hello")
    assert_type(stream, AsyncStream[responses.ResponseStreamEvent])
    async with stream as events:
        async for event in events:
            assert_type(event.type == "response.completed", bool)
    assert_type(client.files.list().pages(), AsyncIterator[FileList])
    assert_type(await client.request("GET", "/anything", into=Mine), Mine)
    await create(model="m")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


class Search(ApiGroup):
    """A group of a third party."""


def third_party_groups(client: Client) -> None:
    assert_type(client.api(Search), Search)
