"""Functions that the model may call, and a loop that calls them until there is an answer."""

from __future__ import annotations

from typing import Annotated

from openai_core import Client
from openai_core.tools import tool


@tool
def get_weather(city: Annotated[str, "Name of the city"]) -> str:
    """Look up the weather in a city."""
    return f"sunny in {city}"


def get_time(city: str) -> str:
    """Look up the time in a city.

    Args:
        city: Name of the city.
    """
    return f"noon in {city}"


def main() -> None:
    """Ask, and let the loop do the rest."""
    with Client() as client:
        run = client.chat.completions.run_tools(
            [get_weather, get_time],
            model="gpt-5-mini",
            messages=[{"role": "user", "content": "What is the weather and the time in Paris?"}],
            on_call=print,
            deadline=60,
        )
    print(run.completion.choices[0].message.content, len(run.messages), "messages")


if __name__ == "__main__":
    main()
