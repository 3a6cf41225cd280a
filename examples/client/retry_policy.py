"""A retry policy of one's own, and a log line for each attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core import Client, RetryPolicy

if TYPE_CHECKING:
    from openai_core import Attempt


def log(attempt: Attempt) -> None:
    """Show how an attempt went."""
    print(f"attempt {attempt.number}: {attempt.status or attempt.error} after {attempt.seconds:.3f} s")


def main() -> None:
    """Try up to six times, waiting at most two seconds in between, half a minute in all."""
    patient = RetryPolicy(max_retries=5, initial=0.2, maximum=2.0)
    with Client(retry=patient, deadline=30, on_attempt=log) as client:
        print(client.responses.create(model="gpt-5-mini", input="Say hello.").output_text)


if __name__ == "__main__":
    main()
