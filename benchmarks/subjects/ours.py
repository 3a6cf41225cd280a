"""This library, on any of its transports."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from benchmarks.subjects.subject import ASKED, CHAT, EMBEDDING, KEY, Subject

if TYPE_CHECKING:
    from pathlib import Path


class Ours(Subject):
    """This library.

    Args:
        base_url: of the benchmark's server.
        transport: name of what carries the requests.
    """

    def __init__(self, base_url: str, transport: str = "httpx") -> None:
        super().__init__(base_url)
        self._settings: dict[str, Any] = {"base_url": base_url, "api_key": KEY, "transport": transport}

    @cached_property
    def client(self) -> Any:
        from openai_core import Client

        return Client(**self._settings)

    def chat(self, messages: list[Any]) -> str:
        text: str = self.client.chat.completions.create(model=CHAT, messages=messages).choices[0].message.content
        return text

    def response(self) -> str:
        text: str = self.client.responses.create(model=CHAT, input="a").output_text
        return text

    def models(self) -> list[str]:
        return [model.id for model in self.client.models.list()]

    def chat_stream(self) -> str:
        stream = self.client.chat.completions.create_stream(model=CHAT, messages=ASKED)
        return "".join([chunk.choices[0].delta.content or "" for chunk in stream])

    def responses_stream(self) -> str:
        stream = self.client.responses.create_stream(model=CHAT, input="a")
        return "".join([event.delta for event in stream if event.type == "response.output_text.delta"])

    def accumulated(self) -> str:
        stream = self.client.chat.completions.create_stream(model=CHAT, messages=ASKED)
        text: str = stream.final().choices[0].message.content
        return text

    def _as_bytes(self, create_stream: Any) -> Any:
        from openai_core import BinaryOperation

        operation = create_stream.operation(model=CHAT, messages=ASKED)
        return BinaryOperation(operation.endpoint, body=operation.body)

    def proxied(self) -> int:
        with self.client.send(self._as_bytes(self.client.chat.completions.create_stream)) as pieces:
            return sum(map(len, pieces))

    def embeddings(self, texts: list[str]) -> list[Any]:
        return [one.embedding for one in self.client.embeddings.create(model=EMBEDDING, input=texts).data]

    def embedding_arrays(self, texts: list[str]) -> list[Any]:
        return [one.embedding for one in self.client.embeddings.create_arrays(model=EMBEDDING, input=texts).data]

    def upload(self, path: Path) -> int:
        size: int = self.client.files.create(file=path, purpose="batch").bytes
        return size

    def download(self, path: Path) -> None:
        self.client.files.content("file-1").save(path)

    async def open(self) -> None:
        from openai_core import AsyncClient

        self.async_client: Any = AsyncClient(**self._settings)

    async def close(self) -> None:
        await self.async_client.close()

    async def chat_async(self, messages: list[Any]) -> str:
        completion = await self.async_client.chat.completions.create(model=CHAT, messages=messages)
        text: str = completion.choices[0].message.content
        return text

    async def response_async(self) -> str:
        text: str = (await self.async_client.responses.create(model=CHAT, input="a")).output_text
        return text

    async def models_async(self) -> list[str]:
        return [model.id async for model in self.async_client.models.list()]

    async def chat_stream_async(self) -> str:
        stream = self.async_client.chat.completions.create_stream(model=CHAT, messages=ASKED)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    async def responses_stream_async(self) -> str:
        stream = self.async_client.responses.create_stream(model=CHAT, input="a")
        return "".join([event.delta async for event in stream if event.type == "response.output_text.delta"])

    async def accumulated_async(self) -> str:
        stream = self.async_client.chat.completions.create_stream(model=CHAT, messages=ASKED)
        text: str = (await stream.final()).choices[0].message.content
        return text

    async def proxied_async(self) -> int:
        operation = self._as_bytes(self.async_client.chat.completions.create_stream)
        async with await self.async_client.send(operation) as pieces:
            return sum([len(piece) async for piece in pieces])

    async def embeddings_async(self, texts: list[str]) -> list[Any]:
        answer = await self.async_client.embeddings.create(model=EMBEDDING, input=texts)
        return [one.embedding for one in answer.data]
