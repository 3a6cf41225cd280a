"""Ten calls, three at a time, each with two seconds and three retries."""

from __future__ import annotations

import asyncio

from openai_core import AsyncClient


async def main() -> None:
    """Collect jokes."""
    slots = asyncio.Semaphore(3)
    async with AsyncClient(timeout=2, max_retries=3) as client:

        async def joke(number: int) -> str:
            async with slots:
                response = await client.responses.create(
                    model="gpt-5-mini", input=f"Tell me joke number {number}.", max_output_tokens=64
                )
            return response.output_text

        for told in await asyncio.gather(*map(joke, range(10))):
            print(told)


if __name__ == "__main__":
    asyncio.run(main())
