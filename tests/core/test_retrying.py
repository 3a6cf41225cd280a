from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import format_datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_core import retrying
from openai_core.errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APITimeoutError,
    BadRequestError,
    ConfigurationError,
    DeadlineExceededError,
    RateLimitError,
    StreamError,
    StreamTruncatedError,
    status_class,
)
from openai_core.retrying import Deadline, RetryBudget, RetryPolicy, retry_after
from openai_core.transport.protocol import Headers

POLICY = RetryPolicy()
NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC).timestamp()


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def pass_by(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(retrying, "time", SimpleNamespace(monotonic=lambda: clock.seconds, time=lambda: NOW))
    return clock


def answered(status: int, *, headers: dict[str, str] | None = None, **facts: object) -> APIError:
    return status_class(status)("m", status=status, headers=Headers(headers or {}), **facts)


class TestRepeatable:
    @pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529, 599])
    def test_statuses_that_pass_are_repeated(self, status):
        assert POLICY.repeatable(answered(status))

    @pytest.mark.parametrize("status", [301, 304, 400, 401, 402, 403, 404, 405, 410, 413, 415, 422, 425, 451])
    def test_statuses_that_stay_are_not(self, status):
        assert not POLICY.repeatable(answered(status))

    @pytest.mark.parametrize("error", [APIConnectionError("m"), APITimeoutError("m")])
    def test_a_failed_connection_is_repeated(self, error):
        assert POLICY.repeatable(error)

    @pytest.mark.parametrize(
        "error",
        [
            DeadlineExceededError("m"),
            APIResponseValidationError("m", status=200),
            StreamError("m"),
            StreamTruncatedError("m"),
            APIError("m"),
            RateLimitError("no status"),
        ],
    )
    def test_what_another_attempt_would_not_mend_is_not(self, error):
        assert not POLICY.repeatable(error)

    @pytest.mark.parametrize(
        "facts",
        [{"code": "insufficient_quota"}, {"type": "insufficient_quota"}, {"code": "billing_hard_limit_reached"}],
    )
    @pytest.mark.parametrize("headers", [{}, {"x-should-retry": "true"}, {"retry-after": "1"}])
    def test_a_used_up_quota_never_is(self, facts, headers):
        assert not POLICY.repeatable(answered(429, headers=headers, **facts))

    @pytest.mark.parametrize("status", [400, 404, 429, 500])
    def test_the_server_s_word_counts_before_the_status(self, status):
        assert POLICY.repeatable(answered(status, headers={"x-should-retry": "true"}))
        assert not POLICY.repeatable(answered(status, headers={"x-should-retry": "false"}))

    def test_a_word_that_nobody_knows_does_not(self):
        assert POLICY.repeatable(answered(500, headers={"x-should-retry": "maybe"}))
        assert not POLICY.repeatable(answered(400, headers={"x-should-retry": ""}))

    def test_an_error_without_headers_is_judged_by_its_status(self):
        assert not POLICY.repeatable(BadRequestError("m", status=400))
        assert POLICY.repeatable(RateLimitError("m", status=429))


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({}, None),
            ({"retry-after": "3"}, 3.0),
            ({"retry-after": "0"}, 0.0),
            ({"retry-after": "0.25"}, 0.25),
            ({"Retry-After": " 3 "}, 3.0),
            ({"retry-after-ms": "1500"}, 1.5),
            ({"retry-after-ms": "1500", "retry-after": "7"}, 1.5),
            ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
            ({"retry-after": "Sun, 01 Mar 2026 12:00:30 GMT"}, 30.0),
            ({"retry-after": "Sun, 01 Mar 2026 13:00:30 +0100"}, 30.0),
            ({"retry-after": "Sun, 01 Mar 2026 11:59:00 GMT"}, 0.0),
            ({"retry-after": "soon"}, None),
            ({"retry-after": ""}, None),
            ({"retry-after": "-3"}, None),
            ({"retry-after": "nan"}, None),
            ({"retry-after": "inf"}, None),
            ({"retry-after": "1e400"}, None),
            ({"retry-after": "Sun, 99 Mar 2026 12:00:30 GMT"}, None),
            ({"retry-after": "Sun, 01 Mar 99999 12:00:30 GMT"}, None),
        ],
    )
    def test_what_servers_send(self, clock, headers, seconds):
        assert retry_after(Headers({name.lower(): value for name, value in headers.items()})) == seconds

    @given(st.text(max_size=40))
    def test_nothing_that_a_server_sends_raises(self, text):
        for name in ("retry-after", "retry-after-ms"):
            seconds = retry_after({name: text})
            assert seconds is None or seconds >= 0

    @given(st.integers(0, 10**6))
    def test_a_date_in_the_future_is_as_far_away_as_it_says(self, seconds):
        moment = datetime.fromtimestamp(int(time.time()) + seconds, tz=UTC)
        waited = retry_after({"retry-after": format_datetime(moment, usegmt=True)})
        assert waited is not None
        assert max(0, seconds - 5) <= waited <= seconds


class TestWait:
    @given(
        retry=st.integers(1, 10_000),
        initial=st.floats(0, 10),
        more=st.floats(0, 100),
    )
    def test_it_is_a_part_of_a_wait_that_doubles_up_to_the_maximum(self, retry, initial, more):
        policy = RetryPolicy(initial=initial, maximum=initial + more)
        wait = policy.wait(APIConnectionError("m"), retry)
        assert wait is not None
        assert 0 <= wait <= min(policy.maximum, initial * 2.0 ** min(retry - 1, 500))

    def test_it_is_spread_over_the_whole_range(self):
        """Full jitter: callers that failed together don't come back together."""
        waits = [POLICY.wait(answered(500), 2) or 0.0 for _ in range(2000)]
        assert min(waits) < 0.1
        assert max(waits) > 0.9
        assert 0.4 < sum(waits) / len(waits) < 0.6

    def test_a_server_that_says_how_long_is_waited_for_exactly(self):
        assert POLICY.wait(answered(429, headers={"retry-after": "20"}), 1) == 20

    def test_a_server_that_asks_for_too_much_is_not(self):
        assert POLICY.wait(answered(429, headers={"retry-after": "121"}), 1) is None
        assert RetryPolicy(patience=3600).wait(answered(429, headers={"retry-after": "121"}), 1) == 121

    @pytest.mark.parametrize(
        "values", [{"max_retries": -1}, {"initial": -0.1}, {"initial": 9.0}, {"maximum": 0.1}, {"patience": -1}]
    )
    def test_a_policy_that_makes_no_sense_is_refused(self, values):
        with pytest.raises(ConfigurationError, match="makes no sense"):
            RetryPolicy(**values)

    def test_no_retries_at_all_make_sense(self):
        assert RetryPolicy(max_retries=0, initial=0, maximum=0).wait(answered(500), 1) == 0


class TestBudget:
    def test_it_is_used_up_by_retries(self, clock):
        budget = RetryBudget(capacity=3, refill=0)
        assert [budget.take() for _ in range(5)] == [True, True, True, False, False]

    def test_time_brings_tokens_back_but_not_more_than_there_were(self, clock):
        budget = RetryBudget(capacity=2, refill=0.5)
        assert [budget.take(), budget.take(), budget.take()] == [True, True, False]
        clock.pass_by(1.9)
        assert not budget.take()
        clock.pass_by(0.2)
        assert budget.take()
        clock.pass_by(1e6)
        assert [budget.take(), budget.take(), budget.take()] == [True, True, False]

    def test_success_brings_one_back_but_not_more_than_there_were(self, clock):
        budget = RetryBudget(capacity=2, refill=0)
        budget.succeed()
        assert [budget.take(), budget.take(), budget.take()] == [True, True, False]
        budget.succeed()
        assert [budget.take(), budget.take()] == [True, False]

    @given(st.lists(st.sampled_from(["take", "succeed"]), max_size=200))
    def test_there_are_never_more_retries_than_tokens_and_successes(self, actions):
        budget = RetryBudget(capacity=5, refill=0)
        taken = sum(budget.take() if action == "take" else bool(budget.succeed()) for action in actions)
        assert taken <= 5 + actions.count("succeed")


class TestDeadline:
    def test_it_counts_down(self, clock):
        deadline = Deadline(30)
        clock.pass_by(12)
        assert deadline.left() == pytest.approx(18)
        deadline.check()

    def test_it_raises_when_it_is_over(self, clock):
        deadline = Deadline(30)
        clock.pass_by(30)
        with pytest.raises(DeadlineExceededError, match="the call's deadline of 30 s is over"):
            deadline.check()
        assert deadline.left() <= 0

    def test_it_can_be_put_off(self, clock):
        deadline = Deadline(30)
        clock.pass_by(40)
        deadline.put_off(25)
        assert deadline.left() == pytest.approx(15)
        deadline.check()

    def test_the_error_tells_what_failed_before(self, clock):
        error = Deadline(2.5).error("connection refused")
        assert "deadline of 2.5 s is over; the last attempt failed with: connection refused" in str(error)
        assert isinstance(error, TimeoutError | APITimeoutError)
