"""`hatch run demo`: streams text, compares texts, makes an image, and stores a file.

With `OPENAI_API_KEY` set, and `OPENAI_BASE_URL` if need be, it talks to that server. Without a key,
text comes from a small model on this machine, images and files from an emulator, and no network is needed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from base64 import b64decode
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING

from openai_core import Client, OpenAIError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from openai_core import Attempt

DATA = Path("data")
QUESTION = "Say in one sentence why the sky is blue."
TEXTS = ("A cat sleeps on the sofa.", "A kitten naps on the couch.", "The stock market fell today.")


class DemoError(Exception):
    """Something didn't come out as it has to."""


@dataclass
class Figures:
    """What the demo counts."""

    calls: int = 0
    attempts: int = 0
    tokens: int = 0
    first_token: float | None = None
    """Seconds from asking to the first piece of text."""

    def attempted(self, _: Attempt) -> None:
        """Count an attempt; clients call this."""
        self.attempts += 1


@dataclass(frozen=True)
class Servers:
    """Who answers what, and what their models are called."""

    text: Client
    rest: Client
    said: str


@contextmanager
def servers(figures: Figures) -> Iterator[Servers]:
    """The clients to use, as the environment has it."""
    with ExitStack() as stack:
        if os.environ.get("OPENAI_API_KEY"):
            client = stack.enter_context(Client(on_attempt=figures.attempted))
            yield Servers(client, client, f"Everything comes from {client.provider}.")
            return
        from openai_core_emulator import Emulator

        emulator = stack.enter_context(Emulator())
        rest = stack.enter_context(
            Client(base_url=emulator.base_url, api_key=emulator.api_key, on_attempt=figures.attempted)
        )
        try:
            text = stack.enter_context(Client(provider="local", on_attempt=figures.attempted))
            text.provider.prepare(text.models.list.operation())
        except OpenAIError as error:
            yield Servers(rest, rest, f"No model on this machine ({error}); everything comes from the emulator.")
        else:
            yield Servers(
                text, rest, "Text comes from a small model on this machine, images and files from the emulator."
            )


def demo(servers: Servers, figures: Figures, models: argparse.Namespace) -> None:
    """Do everything once."""
    print(servers.said)
    print(f"\nresponses: {QUESTION}\n  ", end="")
    stream_response(servers.text, figures, models.model)
    print(f"\nchat: {QUESTION}\n  ", end="")
    stream_chat(servers.text, figures, models.model)
    print("\nembeddings: how alike are")
    compare(servers.text, figures, models.embedding_model)
    print("\nimages: ", end="")
    make_image(servers.rest, figures, models.image_model)
    print("files: ", end="")
    store_file(servers.rest, figures)


def stream_response(client: Client, figures: Figures, model: str) -> None:
    """Print a response as it comes in."""
    figures.calls += 1
    started = time.perf_counter()
    with client.responses.create_stream(model=model, input=QUESTION, max_output_tokens=60) as events:
        for event in events:
            if event.type == "response.output_text.delta":
                show(event.delta, figures, started)
            elif event.type in {"response.completed", "response.incomplete"}:
                usage = event.response.usage
                figures.tokens += usage.total_tokens if usage else 0
    print()


def stream_chat(client: Client, figures: Figures, model: str) -> None:
    """Print an answer of chat as it comes in."""
    figures.calls += 1
    started = time.perf_counter()
    stream = client.chat.completions.create_stream(
        model=model,
        messages=[{"role": "user", "content": QUESTION}],
        max_completion_tokens=60,
        stream_options={"include_usage": True},
    )
    with stream as chunks:
        for chunk in chunks:
            if chunk.choices and chunk.choices[0].delta.content:
                show(chunk.choices[0].delta.content, figures, started)
            if chunk.usage:
                figures.tokens += chunk.usage.total_tokens
    print()


def compare(client: Client, figures: Figures, model: str) -> None:
    """Print how near the meanings of three texts are to one another."""
    figures.calls += 1
    answer = client.embeddings.create(model=model, input=TEXTS)
    figures.tokens += answer.usage.total_tokens
    vectors = [one.embedding for one in answer.data]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        print(f"  {cosine(vectors[first], vectors[second]):.2f}  {TEXTS[first]!r} and {TEXTS[second]!r}")


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine of the angle between two vectors."""
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / sqrt(sum(a * a for a in one) * sum(b * b for b in other))


def make_image(client: Client, figures: Figures, model: str) -> None:
    """Make an image and save it."""
    figures.calls += 1
    made = client.images.generate(model=model, prompt="A cat that reads a book", size="1024x1024")
    image = made.data[0].b64_json if made.data else None
    if not image:
        raise DemoError(f"the model {model!r} gave no image in base64; choose another with --image-model")
    DATA.mkdir(exist_ok=True)
    path = DATA / "cat.png"
    path.write_bytes(b64decode(image))
    print(f"saved {path} ({path.stat().st_size} bytes)")


def store_file(client: Client, figures: Figures) -> None:
    """Upload a file and read it back."""
    figures.calls += 3
    DATA.mkdir(exist_ok=True)
    path, back = DATA / "requests.jsonl", DATA / "requests.back.jsonl"
    operation = client.chat.completions.create.operation(
        model="gpt-5-mini", messages=[{"role": "user", "content": QUESTION}]
    )
    path.write_bytes(operation.to_batch_line("1") + b"\n")
    file = client.files.create(file=path, purpose="batch")
    client.files.content(file.id).save(back)
    client.files.delete(file.id)
    if back.read_bytes() != path.read_bytes():
        raise DemoError(f"{back} isn't what was uploaded from {path}")
    print(f"uploaded {path} as {file.id} and read it back: the same bytes")


def show(text: str, figures: Figures, started: float) -> None:
    """Print a piece of text at once; the first piece of all is timed."""
    if figures.first_token is None:
        figures.first_token = time.perf_counter() - started
    print(text, end="", flush=True)


def main() -> int:
    """Run the demo; gives the process's exit status."""
    parser = argparse.ArgumentParser(prog="hatch run demo", description=__doc__)
    parser.add_argument("--model", default="gpt-5-mini", help="for text")
    parser.add_argument("--embedding-model", default="text-embedding-3-small")
    parser.add_argument("--image-model", default="gpt-image-1")
    models = parser.parse_args()
    figures = Figures()
    try:
        with servers(figures) as who:
            demo(who, figures, models)
    except (DemoError, OpenAIError, OSError) as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1
    print(
        f"\n{figures.calls} calls, {figures.attempts} attempts, "
        f"{figures.first_token or 0:.2f} s to the first token, {figures.tokens} tokens"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
