"""The official library, with httpx and with aiohttp under it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from benchmarks.subjects.subject import ASKED, CHAT, EMBEDDING, KEY, Missing, Subject

if TYPE_CHECKING:
    from pathlib import Path


class Official(Subject):
    """The official library."""

    @cached_property
    def client(self) -> Any:
        from openai import OpenAI

        return OpenAI(base_url=self.base_url, api_key=KEY)

    def chat(self, messages: list[Any]) -> str:
        text: str = self.client.chat.completions.create(model=CHAT, messages=messages).choices[0].message.content
        return text

    def response(self) -> str:
        text: str = self.client.responses.create(model=CHAT, input="a").output_text
        return text

    def models(self) -> list[str]:
        return [model.id for model in self.client.models.list()]

    def chat_stream(self) -> str:
        stream = self.client.chat.completions.create(model=CHAT, messages=ASKED, stream=True)
        return "".join([chunk.choices[0].delta.content or "" for chunk in stream])

    def responses_stream(self) -> str:
        stream = self.client.responses.create(model=CHAT, input="a", stream=True)
        return "".join([event.delta for event in stream if event.type == "response.output_text.delta"])

    def accumulated(self) -> str:
        with self.client.chat.completions.stream(model=CHAT, messages=ASKED) as stream:
            text: str = stream.get_final_completion().choices[0].message.content
        return text

    def proxied(self) -> int:
        create = self.client.chat.completions.with_streaming_response.create
        with create(model=CHAT, messages=ASKED, stream=True) as answer:
            return sum(map(len, answer.iter_bytes()))

    def embeddings(self, texts: list[str]) -> list[Any]:
        return [one.embedding for one in self.client.embeddings.create(model=EMBEDDING, input=texts).data]

    def embedding_arrays(self, texts: list[str]) -> list[Any]:
        """The official library has lists alone."""
        import numpy as np

        return [np.asarray(vector, dtype=np.float32) for vector in self.embeddings(texts)]

    def upload(self, path: Path) -> int:
        size: int = self.client.files.create(file=path, purpose="batch").bytes
        return size

    def download(self, path: Path) -> None:
        self.client.files.content("file-1").write_to_file(path)

    async def open(self) -> None:
        from openai import AsyncOpenAI

        self.async_client: Any = AsyncOpenAI(base_url=self.base_url, api_key=KEY)

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
        stream = await self.async_client.chat.completions.create(model=CHAT, messages=ASKED, stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    async def responses_stream_async(self) -> str:
        stream = await self.async_client.responses.create(model=CHAT, input="a", stream=True)
        return "".join([event.delta async for event in stream if event.type == "response.output_text.delta"])

    async def accumulated_async(self) -> str:
        async with self.async_client.chat.completions.stream(model=CHAT, messages=ASKED) as stream:
            text: str = (await stream.get_final_completion()).choices[0].message.content
        return text

    async def proxied_async(self) -> int:
        create = self.async_client.chat.completions.with_streaming_response.create
        async with create(model=CHAT, messages=ASKED, stream=True) as answer:
            return sum([len(piece) async for piece in answer.iter_bytes()])

    async def embeddings_async(self, texts: list[str]) -> list[Any]:
        answer = await self.async_client.embeddings.create(model=EMBEDDING, input=texts)
        return [one.embedding for one in answer.data]


class OfficialOnAiohttp(Official):
    """The official library with its extra `aiohttp`, which has asynchronous calls alone."""

    @cached_property
    def client(self) -> Any:
        raise Missing

    async def open(self) -> None:
        from openai import AsyncOpenAI, DefaultAioHttpClient

        self.async_client = AsyncOpenAI(base_url=self.base_url, api_key=KEY, http_client=DefaultAioHttpClient())
