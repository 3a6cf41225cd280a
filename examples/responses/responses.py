"""A response that may use two hosted tools, a web search and a remote MCP server, and how its items differ."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Ask, and print the text and each item of the output."""
    with Client() as client:
        response = client.responses.create(
            model="gpt-5-mini",
            input=[{"role": "user", "content": "What transport protocols does the MCP specification know?"}],
            text={"verbosity": "low"},
            tools=[
                {"type": "web_search_preview"},
                {
                    "type": "mcp",
                    "server_label": "deepwiki",
                    "server_url": "https://mcp.deepwiki.com/mcp",
                    "require_approval": "never",
                    "allowed_tools": ["ask_question"],
                },
            ],
        )
    print(response.output_text)
    for item in response.output:
        print(item.type, item.to_json())


if __name__ == "__main__":
    main()
