"""`hatch run bench-domains`: cold start of every domain, in one table beside the official library.

Each figure is that of a fresh process. `import` is the time to import the domain, with core, over bare Python; `first
call` that from process start to the answer of one call to the emulator, which runs in a process of its own. What one
domain costs must not depend on which others are installed, so all are.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING, Final

from benchmarks.running import with_bytecode

if TYPE_CHECKING:
    from collections.abc import Iterator

MEDIA: Final = 'file=("a.wav", b"RIFF")'
GRADER: Final = '{"type": "string_check", "name": "a", "operation": "eq", "input": "a", "reference": "a"}'
CALLS: Final = {
    "admin": "admin.organization.projects.list()",
    "assistants": "assistants.list()",
    "audio": f'audio.transcriptions.create({MEDIA}, model="whisper-1")',
    "batches": "batches.list()",
    "chat": 'chat.completions.create(model="gpt-5-mini", messages=[{"role": "user", "content": "Hi"}])',
    "chatkit": "chatkit.threads.list()",
    "completions": 'completions.create(model="gpt-3.5-turbo-instruct", prompt="Hi")',
    "containers": "containers.list()",
    "content_provenance": 'content_provenance_checks.create(file=("a.png", b"\\x89PNG\\r\\n\\x1a\\n"))',
    "embeddings": 'embeddings.create(model="text-embedding-3-small", input="Hi")',
    "evals": "evals.list()",
    "files": "files.list()",
    "fine_tuning": "fine_tuning.jobs.list()",
    "graders": f"graders.validate(grader={GRADER})",
    "images": 'images.generate(model="dall-e-2", prompt="Hi", size="256x256")',
    "models": "models.list()",
    "moderations": 'moderations.create(input="Hi")',
    "realtime": 'realtime.client_secrets.create(session={"type": "realtime"})',
    "responses": 'responses.create(model="gpt-5-mini", input="Hi")',
    "responses_beta": 'responses_beta.create(model="gpt-5-mini", input="Hi")',
    "skills": "skills.list()",
    "uploads": 'uploads.create(bytes=1, filename="a", mime_type="text/plain", purpose="batch")',
    "vector_stores": "vector_stores.list()",
    "videos": "videos.list()",
    "webhooks": "",
}
"""One call of each domain. The webhooks' needs no server."""
OFFICIAL: Final = {
    "assistants": "beta.assistants.list()",
    "chatkit": "beta.chatkit.threads.list()",
    "graders": f"fine_tuning.alpha.graders.validate(grader={GRADER})",
    "responses_beta": 'beta.responses.create(model="gpt-5-mini", input="Hi")',
}
"""How the official library calls the same, where it differs."""
_QUIET: Final = "import warnings; warnings.simplefilter('ignore'); "


@contextmanager
def emulator() -> Iterator[dict[str, str]]:
    """The emulator in a process of its own; gives the environment in which a client finds it."""
    command = [sys.executable, "-m", "openai_core_emulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        try:
            yield with_bytecode() | {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "key", "OPENAI_ADMIN_KEY": "admin-key"}
        finally:
            process.terminate()


def seconds(code: str, environment: dict[str, str]) -> float:
    """How long a fresh interpreter takes for some code."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def codes(domain: str, *, awaited: bool) -> dict[str, str]:
    """What is measured of a domain, by the sync client or by the async one."""
    call = CALLS[domain]
    found = {"import": f"import openai_core_{domain}.api"}
    if call:
        ours, others = ("AsyncClient", "AsyncOpenAI") if awaited else ("Client", "OpenAI")
        found["first call"] = _program("openai_core", ours, call, awaited=awaited)
        found["official"] = _program("openai", others, OFFICIAL.get(domain, call), awaited=awaited)
    return found


def _program(module: str, client: str, call: str, *, awaited: bool) -> str:
    """A program that makes one call."""
    imports = f"{_QUIET}from {module} import {client}"
    if not awaited:
        return f"{imports}; {client}().{call}"
    return f"{imports}; import asyncio\nasync def main():\n    await {client}().{call}\nasyncio.run(main())"


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="hatch run bench-domains", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how many times all take turns; the median counts")
    parser.add_argument("--async", action="store_true", dest="awaited", help="measure the async clients")
    parser.add_argument("domains", nargs="*", help="all by default")
    options = parser.parse_args()
    chosen = options.domains or list(CALLS)
    with emulator() as environment:
        found: dict[tuple[str, str], list[float]] = {}
        bare = []
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
            bare.append(seconds("pass", environment))
            for domain in chosen:
                for what, code in codes(domain, awaited=options.awaited).items():
                    found.setdefault((domain, what), []).append(seconds(code, environment))
    base = median(bare)
    print(f"bare Python: {base * 1e3:.0f} ms\n")
    print(f"{'':20}{'import':>12}{'first call':>14}{'official':>14}{'ratio':>8}")
    for domain in chosen:
        middle = {what: median(values) for (name, what), values in found.items() if name == domain}
        line = f"{domain:20}{(middle['import'] - base) * 1e3:9.0f} ms"
        if "first call" in middle:
            line += f"{middle['first call'] * 1e3:11.0f} ms{middle['official'] * 1e3:11.0f} ms"
            line += f"{middle['first call'] / middle['official']:8.2f}"
        print(line)


if __name__ == "__main__":
    main()
