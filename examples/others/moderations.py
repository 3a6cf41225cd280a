"""Whether texts are harmful: one, and several."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Look at some texts."""
    with Client() as client:
        one = client.moderations.create(input="I love you.", model="omni-moderation-latest")
        many = client.moderations.create(input=["I love you.", "I will kill you."], model="omni-moderation-latest")
    for result in (*one.results, *many.results):
        print(result.flagged, result.flagged_categories)


if __name__ == "__main__":
    main()
