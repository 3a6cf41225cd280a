"""A streamed answer, awaited."""

from __future__ import annotations

import asyncio

from openai_core import AsyncClient


async def main() -> None:
    """Print the answer as it comes."""
    async with AsyncClient() as client:
        stream = client.chat.completions.create_stream(
            model="gpt-5-mini", messages=[{"role": "user", "content": "Write a marketing blog about tea."}]
        )
        async with stream as chunks:
            async for chunk in chunks:
                for choice in chunk.choices:
                    print(choice.delta.content or "", end="", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
