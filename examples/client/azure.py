"""Azure OpenAI: set `AZURE_OPENAI_ENDPOINT` and `AZURE_OPENAI_API_KEY`; models are named by their deployments."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Embed, and chat."""
    with Client(provider="azure") as client:
        print(len(client.embeddings.create(model="text-embedding-3-small", input="Hello").data[0].embedding))
        completion = client.chat.completions.create(
            model="gpt-5-mini", messages=[{"role": "user", "content": "Hello!"}]
        )
    print(completion.choices[0].message.content)


if __name__ == "__main__":
    main()
