"""Plain data in and out, whole and streamed: nothing is checked but by the server."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Send a dictionary, and read one."""
    body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Say hello."}]}
    with Client() as client:
        print(client.chat.completions.create.into(dict, body)["choices"])
        with client.chat.completions.create_stream.into(dict, body) as chunks:
            for chunk in chunks:
                print(chunk["choices"])


if __name__ == "__main__":
    main()
