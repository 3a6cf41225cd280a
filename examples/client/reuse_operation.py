"""One request is one value: it is sent twice, with another input the second time."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Ask the same in two languages."""
    with Client() as client:
        operation = client.responses.create.operation(model="gpt-5-mini", input="Say hello.", max_output_tokens=64)
        print(client.send(operation).output_text)
        print(client.send(operation.replace(body={"input": "Dis bonjour."})).output_text)
    print(operation)


if __name__ == "__main__":
    main()
