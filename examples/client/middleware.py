"""Code of one's own around every attempt: the first is refused here, as by a busy server; the next goes through.

One definition serves both colours, and retrying goes on around it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_core import Client, RateLimitError, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Generator

    from openai_core.transport.protocol import AsyncReply, Reply, Request


class BusyAtFirst:
    """Refuse the first attempts."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.attempts = 0

    def __call__(self, request: Request) -> Generator[Request, Reply | AsyncReply, Reply | AsyncReply]:
        """Stand around one attempt."""
        self.attempts += 1
        if self.left:
            self.left -= 1
            raise RateLimitError("busy", status=429)
        return (yield request)


def main() -> None:
    """See two attempts for one call."""
    busy = BusyAtFirst(1)
    with Client(attempt_middleware=[busy], retry=RetryPolicy(initial=0.0, maximum=0.0)) as client:
        print(len(client.models.list().data), "models after", busy.attempts, "attempts")


if __name__ == "__main__":
    main()
