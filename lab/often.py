"""How hypothesis is used here: to do something very often, the same in every run."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings


def often(times: int) -> settings:
    """Settings for so many examples, which are neither judged for what they cost nor made smaller."""
    return settings(
        max_examples=times,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[
            HealthCheck.data_too_large,
            HealthCheck.filter_too_much,
            HealthCheck.large_base_example,
            HealthCheck.too_slow,
        ],
    )
