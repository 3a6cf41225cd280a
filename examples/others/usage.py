"""Seven days of an organization's usage and costs, with an admin key (`OPENAI_ADMIN_KEY`)."""

from __future__ import annotations

import time

from openai_core import Client
from openai_core_admin.types import CostsResult


def main() -> None:
    """Print the days on which something was used."""
    start = int(time.time()) - 7 * 24 * 3600
    with Client() as client:
        usage = client.admin.organization.usage
        listings = {
            "audio_speeches": usage.audio_speeches(start_time=start, limit=7),
            "audio_transcriptions": usage.audio_transcriptions(start_time=start, limit=7),
            "code_interpreter_sessions": usage.code_interpreter_sessions(start_time=start, limit=7),
            "completions": usage.completions(start_time=start, limit=7),
            "embeddings": usage.embeddings(start_time=start, limit=7),
            "images": usage.images(start_time=start, limit=7),
            "moderations": usage.moderations(start_time=start, limit=7),
            "vector_stores": usage.vector_stores(start_time=start, limit=7),
        }
        for name, days in listings.items():
            print(name, sum(1 for day in days if day.results), "days")
        for day in usage.costs(start_time=start, limit=7):
            costs = [result.amount for result in day.results if isinstance(result, CostsResult) and result.amount]
            print(day.start_time, sum(float(amount.value or 0) for amount in costs))


if __name__ == "__main__":
    main()
