"""The jobs as one writes them by hand: `json`, and an HTTP library that brings the bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks.subjects.subject import ASKED, CHAT, EMBEDDING, Missing, Subject

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


class ByHand(Subject):
    """Any HTTP library that brings a body, whole and in pieces, in one colour or both."""

    def _whole(self, method: str, path: str, body: object = None) -> bytes:
        raise Missing

    def _pieces(self, path: str, body: object) -> Iterator[bytes]:
        raise Missing

    async def _whole_async(self, method: str, path: str, body: object = None) -> bytes:
        raise Missing

    def _pieces_async(self, path: str, body: object) -> AsyncIterator[bytes]:
        raise Missing

    def chat(self, messages: list[Any]) -> str:
        return _text(self._whole("POST", "/chat/completions", {"model": CHAT, "messages": messages}))

    def response(self) -> str:
        return _output_text(self._whole("POST", "/responses", {"model": CHAT, "input": "a"}))

    def models(self) -> list[str]:
        return [model["id"] for model in json.loads(self._whole("GET", "/models"))["data"]]

    def chat_stream(self) -> str:
        return "".join([_chunk_text(event) for event in _events(self._pieces("/chat/completions", _STREAMED_CHAT))])

    def responses_stream(self) -> str:
        return "".join([_event_text(event) for event in _events(self._pieces("/responses", _STREAMED_RESPONSE))])

    def accumulated(self) -> str:
        return self.chat_stream()

    def proxied(self) -> int:
        return sum(map(len, self._pieces("/chat/completions", _STREAMED_CHAT)))

    def embeddings(self, texts: list[str]) -> list[Any]:
        answer = self._whole("POST", "/embeddings", {"model": EMBEDDING, "input": texts})
        return [one["embedding"] for one in json.loads(answer)["data"]]

    def embedding_arrays(self, texts: list[str]) -> list[Any]:
        from base64 import b64decode

        import numpy as np

        body = {"model": EMBEDDING, "input": texts, "encoding_format": "base64"}
        data = json.loads(self._whole("POST", "/embeddings", body))["data"]
        return [np.frombuffer(b64decode(one["embedding"]), dtype="<f4") for one in data]

    async def chat_async(self, messages: list[Any]) -> str:
        return _text(await self._whole_async("POST", "/chat/completions", {"model": CHAT, "messages": messages}))

    async def response_async(self) -> str:
        return _output_text(await self._whole_async("POST", "/responses", {"model": CHAT, "input": "a"}))

    async def models_async(self) -> list[str]:
        return [model["id"] for model in json.loads(await self._whole_async("GET", "/models"))["data"]]

    async def chat_stream_async(self) -> str:
        pieces = self._pieces_async("/chat/completions", _STREAMED_CHAT)
        return "".join([_chunk_text(event) async for event in _events_async(pieces)])

    async def responses_stream_async(self) -> str:
        pieces = self._pieces_async("/responses", _STREAMED_RESPONSE)
        return "".join([_event_text(event) async for event in _events_async(pieces)])

    async def accumulated_async(self) -> str:
        return await self.chat_stream_async()

    async def proxied_async(self) -> int:
        return sum([len(piece) async for piece in self._pieces_async("/chat/completions", _STREAMED_CHAT)])

    async def embeddings_async(self, texts: list[str]) -> list[Any]:
        answer = await self._whole_async("POST", "/embeddings", {"model": EMBEDDING, "input": texts})
        return [one["embedding"] for one in json.loads(answer)["data"]]


_STREAMED_CHAT = {"model": CHAT, "messages": ASKED, "stream": True}
_STREAMED_RESPONSE = {"model": CHAT, "input": "a", "stream": True}


def _text(answer: bytes) -> str:
    text: str = json.loads(answer)["choices"][0]["message"]["content"]
    return text


def _output_text(answer: bytes) -> str:
    return "".join(part["text"] for item in json.loads(answer)["output"] for part in item["content"])


def _chunk_text(chunk: Any) -> str:
    return chunk["choices"][0]["delta"].get("content") or ""


def _event_text(event: Any) -> str:
    text: str = event["delta"] if event["type"] == "response.output_text.delta" else ""
    return text


def _data(block: bytes) -> Any:
    """The data of one event: that of its last line, `None` at the end."""
    data = block[block.index(b"data: ") + 6 :]
    return None if data == b"[DONE]" else json.loads(data)


def _events(pieces: Iterator[bytes]) -> Iterator[Any]:
    rest = b""
    for piece in pieces:
        *blocks, rest = (rest + piece).split(b"\n\n")
        for block in blocks:
            if (event := _data(block)) is not None:
                yield event


async def _events_async(pieces: AsyncIterator[bytes]) -> AsyncIterator[Any]:
    rest = b""
    async for piece in pieces:
        *blocks, rest = (rest + piece).split(b"\n\n")
        for block in blocks:
            if (event := _data(block)) is not None:
                yield event
