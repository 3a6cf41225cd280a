"""A server on this machine that speaks the API, such as Ollama: another address, and no key.

`OLLAMA_URL` tells where it is; http://127.0.0.1:11434/v1 if not set.
"""

from __future__ import annotations

import os

from openai_core import Client


def main() -> None:
    """Ask the local server."""
    url = os.environ.get("OLLAMA_URL", "http://127.0.0.1:11434/v1")
    with Client(provider="compatible", base_url=url, api_key="ollama") as client:
        completion = client.chat.completions.create(
            model="llama3.2:1b", messages=[{"role": "user", "content": "Why is the sky blue?"}]
        )
    print(completion.choices[0].message.content)


if __name__ == "__main__":
    main()
