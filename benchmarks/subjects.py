"""What is measured: the same jobs done by this library, by the official one and by hand with httpx.

A job returns what it got, so that it can be checked. Imports stand inside, for start-up is measured too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

CHAT = "gpt-5-mini"
EMBEDDING = "text-embedding-3-small"
KEY = "sk-benchmark"


class Subject(ABC):
    """One way to call the API.

    Args:
        base_url: of the benchmark's server.
    """

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    @abstractmethod
    def chat(self, messages: list[Any]) -> str:
        """The text of an answer."""

    @abstractmethod
    def chat_stream(self) -> str:
        """The text of a streamed answer."""

    @abstractmethod
    def responses_stream(self) -> str:
        """The text of a streamed response."""

    @abstractmethod
    def embeddings(self, texts: list[str]) -> list[Any]:
        """Vectors as lists of floats."""

    @abstractmethod
    def embedding_arrays(self, texts: list[str]) -> list[Any]:
        """Vectors as arrays."""

    @abstractmethod
    def upload(self, path: Path) -> int:
        """Upload a file, and return how many bytes arrived."""

    @abstractmethod
    def download(self, path: Path) -> None:
        """Download into a file."""

    @abstractmethod
    def chats_at_once(self, calls: int, at_once: int) -> list[str]:
        """Many async calls."""


async def gathered(calls: int, at_once: int, call: Any) -> list[str]:
    """The results of many calls, so many of them at any time."""
    import asyncio

    results: list[str] = []
    waiting = iter(range(calls))

    async def work() -> None:
        for _ in waiting:
            results.append(await call())  # noqa: PERF401 - all workers add to one list

    await asyncio.gather(*(work() for _ in range(at_once)))
    return results


class Ours(Subject):
    """This library."""

    def __init__(self, base_url: str, transport: str = "httpx") -> None:
        super().__init__(base_url)
        from openai_core import Client

        self._transport = transport
        self.client = Client(base_url=base_url, api_key=KEY, transport=transport)

    def chat(self, messages: list[Any]) -> str:
        """See `Subject`."""
        return self.client.chat.completions.create(model=CHAT, messages=messages).choices[0].message.content or ""

    def chat_stream(self) -> str:
        """See `Subject`."""
        stream = self.client.chat.completions.create_stream(model=CHAT, messages=[{"role": "user", "content": "a"}])
        return "".join([chunk.choices[0].delta.content or "" for chunk in stream])

    def responses_stream(self) -> str:
        """See `Subject`."""
        stream = self.client.responses.create_stream(model=CHAT, input="a")
        return "".join([event.delta for event in stream if event.type == "response.output_text.delta"])

    def embeddings(self, texts: list[str]) -> list[Any]:
        """See `Subject`."""
        return [one.embedding for one in self.client.embeddings.create(model=EMBEDDING, input=texts).data]

    def embedding_arrays(self, texts: list[str]) -> list[Any]:
        """See `Subject`."""
        return [one.embedding for one in self.client.embeddings.create_arrays(model=EMBEDDING, input=texts).data]

    def upload(self, path: Path) -> int:
        """See `Subject`."""
        return self.client.files.create(file=path, purpose="batch").bytes

    def download(self, path: Path) -> None:
        """See `Subject`."""
        self.client.files.content("file-1").save(path)

    def chats_at_once(self, calls: int, at_once: int) -> list[str]:
        """See `Subject`."""
        import asyncio

        from openai_core import AsyncClient

        async def run() -> list[str]:
            async with AsyncClient(base_url=self.base_url, api_key=KEY, transport=self._transport) as client:

                async def call() -> str:
                    done = await client.chat.completions.create(model=CHAT, messages=[{"role": "user", "content": "a"}])
                    return done.choices[0].message.content or ""

                return await gathered(calls, at_once, call)

        return asyncio.run(run())


class OursOnReqwest(Ours):
    """This library on its other transport."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url, "pyreqwest")


class Official(Subject):
    """The official library."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url)
        from openai import OpenAI

        self.client = OpenAI(base_url=base_url, api_key=KEY)

    def chat(self, messages: list[Any]) -> str:
        """See `Subject`."""
        return self.client.chat.completions.create(model=CHAT, messages=messages).choices[0].message.content or ""

    def chat_stream(self) -> str:
        """See `Subject`."""
        messages: list[Any] = [{"role": "user", "content": "a"}]
        stream = self.client.chat.completions.create(model=CHAT, messages=messages, stream=True)
        return "".join([chunk.choices[0].delta.content or "" for chunk in stream])

    def responses_stream(self) -> str:
        """See `Subject`."""
        stream = self.client.responses.create(model=CHAT, input="a", stream=True)
        return "".join([event.delta for event in stream if event.type == "response.output_text.delta"])

    def embeddings(self, texts: list[str]) -> list[Any]:
        """See `Subject`."""
        return [one.embedding for one in self.client.embeddings.create(model=EMBEDDING, input=texts).data]

    def embedding_arrays(self, texts: list[str]) -> list[Any]:
        """See `Subject`. The official library has lists alone."""
        import numpy as np

        return [np.asarray(vector, dtype=np.float32) for vector in self.embeddings(texts)]

    def upload(self, path: Path) -> int:
        """See `Subject`."""
        return self.client.files.create(file=path, purpose="batch").bytes

    def download(self, path: Path) -> None:
        """See `Subject`."""
        self.client.files.content("file-1").write_to_file(path)

    def chats_at_once(self, calls: int, at_once: int) -> list[str]:
        """See `Subject`."""
        import asyncio

        from openai import AsyncOpenAI

        async def run() -> list[str]:
            async with AsyncOpenAI(base_url=self.base_url, api_key=KEY) as client:

                async def call() -> str:
                    done = await client.chat.completions.create(model=CHAT, messages=[{"role": "user", "content": "a"}])
                    return done.choices[0].message.content or ""

                return await gathered(calls, at_once, call)

        return asyncio.run(run())


class RawHttpx(Subject):
    """By hand, with httpx and json."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url)
        import httpx

        self._settings: dict[str, Any] = {
            "base_url": base_url,
            "headers": {"Authorization": f"Bearer {KEY}"},
            "timeout": 600,
        }
        self.client = httpx.Client(**self._settings)

    def _post(self, path: str, body: object) -> Any:
        return self.client.post(path, json=body).raise_for_status().json()

    def chat(self, messages: list[Any]) -> str:
        """See `Subject`."""
        text: str = self._post("/chat/completions", {"model": CHAT, "messages": messages})["choices"][0]["message"][
            "content"
        ]
        return text

    def _events(self, path: str, body: object) -> list[Any]:
        import json

        with self.client.stream("POST", path, json=body) as answer:
            data = [line[6:] for line in answer.iter_lines() if line.startswith("data: ")]
        return [json.loads(line) for line in data if line != "[DONE]"]

    def chat_stream(self) -> str:
        """See `Subject`."""
        body = {"model": CHAT, "messages": [{"role": "user", "content": "a"}], "stream": True}
        return "".join(
            [chunk["choices"][0]["delta"].get("content") or "" for chunk in self._events("/chat/completions", body)]
        )

    def responses_stream(self) -> str:
        """See `Subject`."""
        events = self._events("/responses", {"model": CHAT, "input": "a", "stream": True})
        return "".join([event["delta"] for event in events if event["type"] == "response.output_text.delta"])

    def embeddings(self, texts: list[str]) -> list[Any]:
        """See `Subject`."""
        return [one["embedding"] for one in self._post("/embeddings", {"model": EMBEDDING, "input": texts})["data"]]

    def embedding_arrays(self, texts: list[str]) -> list[Any]:
        """See `Subject`."""
        from base64 import b64decode

        import numpy as np

        body = {"model": EMBEDDING, "input": texts, "encoding_format": "base64"}
        return [
            np.frombuffer(b64decode(one["embedding"]), dtype="<f4") for one in self._post("/embeddings", body)["data"]
        ]

    def upload(self, path: Path) -> int:
        """See `Subject`."""
        with path.open("rb") as file:
            answer = self.client.post("/files", data={"purpose": "batch"}, files={"file": file})
        size: int = answer.raise_for_status().json()["bytes"]
        return size

    def download(self, path: Path) -> None:
        """See `Subject`."""
        with self.client.stream("GET", "/files/file-1/content") as answer, path.open("wb") as file:
            for chunk in answer.iter_bytes():
                file.write(chunk)

    def chats_at_once(self, calls: int, at_once: int) -> list[str]:
        """See `Subject`."""
        import asyncio

        import httpx

        async def run() -> list[str]:
            async with httpx.AsyncClient(**self._settings) as client:

                async def call() -> str:
                    body = {"model": CHAT, "messages": [{"role": "user", "content": "a"}]}
                    answer = await client.post("/chat/completions", json=body)
                    text: str = answer.raise_for_status().json()["choices"][0]["message"]["content"]
                    return text

                return await gathered(calls, at_once, call)

        return asyncio.run(run())


SUBJECTS: dict[str, type[Subject]] = {
    "official": Official,
    "ours": Ours,
    "ours on pyreqwest": OursOnReqwest,
    "httpx": RawHttpx,
}
