"""A web search that knows where the user is and which sites to trust."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Search."""
    with Client() as client:
        response = client.responses.create(
            model="gpt-5-mini",
            input="What is on at the opera tonight?",
            tools=[
                {
                    "type": "web_search",
                    "filters": {"allowed_domains": ["operaen.no"]},
                    "search_context_size": "low",
                    "user_location": {
                        "type": "approximate",
                        "country": "NO",
                        "city": "Oslo",
                        "timezone": "Europe/Oslo",
                    },
                }
            ],
        )
    print(response.output_text)


if __name__ == "__main__":
    main()
