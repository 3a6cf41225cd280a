"""A response in the background: its stream is left and taken up again from the event after the last one seen."""

from __future__ import annotations

from openai_core import Client


def main() -> None:
    """Begin, break off, go on."""
    with Client() as client:
        stream = client.responses.create_stream(model="gpt-5-mini", input="Count to five.", background=True)
        with stream as events:
            first = next(iter(events))
        if first.type != "response.created":
            raise SystemExit(f"a stream begins with response.created, not with {first.type}")
        print("left the stream of", first.response.id)
        again = client.responses.retrieve_stream(first.response.id, starting_after=first.sequence_number)
        with again as events:
            for event in events:
                print(event.sequence_number, event.type)


if __name__ == "__main__":
    main()
