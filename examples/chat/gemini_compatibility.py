"""Many kinds of calls to another company's compatible server, read as types of one's own.

`GEMINI_URL` and `GEMINI_API_KEY` tell where and as whom.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from openai_core import Client


@dataclass
class Listed:
    """What is of interest in a list of models."""

    data: list[dict[str, object]]


@dataclass
class Answer:
    """What is of interest in a completion."""

    model: str
    choices: list[dict[str, object]]


def main() -> None:
    """Go through what the server offers."""
    url = os.environ.get("GEMINI_URL", "https://generativelanguage.googleapis.com/v1beta/openai")
    model = "gemini-2.5-flash"
    question = {"model": model, "messages": [{"role": "user", "content": "Explain how AI works in a few words."}]}
    with Client(provider="compatible", base_url=url, api_key=os.environ.get("GEMINI_API_KEY", "none")) as client:
        models = client.models.list.into(Listed).data
        print(len(models), "models", client.models.retrieve.into(dict, model=str(models[0]["id"])))
        print(client.chat.completions.create.into(Answer, question).choices)
        with client.chat.completions.create_stream.into(dict, question) as chunks:
            print(sum(1 for _ in chunks), "chunks")
        image = {"model": "imagen-4", "prompt": "A lighthouse.", "n": 1}
        print(len(client.images.generate.into(Listed, image).data), "image")
        embedding = {"model": "gemini-embedding-001", "input": "Your text", "encoding_format": "float"}
        print(len(client.embeddings.create.into(Listed, embedding).data), "embedding")


if __name__ == "__main__":
    main()
