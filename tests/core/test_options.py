from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_core.errors import ConfigurationError
from openai_core.options import RequestOptions, Timeout, checked, merged


class TestTimeout:
    def test_the_defaults_bound_every_phase(self):
        timeout = Timeout()
        assert (timeout.connect, timeout.read, timeout.idle) == (5.0, 600.0, 120.0)
        assert all(math.isfinite(seconds) for seconds in (timeout.write, timeout.pool))

    def test_a_number_bounds_every_phase(self):
        timeout = Timeout.of(2)
        assert {timeout.connect, timeout.read, timeout.idle, timeout.write, timeout.pool} == {2}

    def test_a_long_number_leaves_connecting_short(self):
        """An hour for an answer is no reason to wait an hour for a connection."""
        timeout = Timeout.of(3600)
        assert (timeout.connect, timeout.read, timeout.idle) == (5.0, 3600, 3600)

    def test_a_number_between_lengthens_no_phase(self):
        assert Timeout.of(300) == Timeout(connect=5.0, read=300, idle=120.0, write=300, pool=300)

    def test_a_timeout_stays_itself(self):
        timeout = Timeout(read=1.0)
        assert Timeout.of(timeout) is timeout

    @pytest.mark.parametrize("value", [None, 0, -1, math.nan, "5", object()])
    def test_what_is_no_time_is_refused_and_told_how_to_wait_for_ever(self, value):
        with pytest.raises(ConfigurationError, match=r"Timeout\.UNBOUNDED"):
            Timeout.of(value)

    @pytest.mark.parametrize("field", ["connect", "read", "idle", "write", "pool"])
    @pytest.mark.parametrize("value", [None, 0, -1.0, math.nan, "5"])
    def test_a_phase_that_is_no_time_is_refused_by_name(self, field, value):
        with pytest.raises(ConfigurationError, match=f"timeout {field} must be"):
            Timeout(**{field: value})

    def test_unbounded_is_infinite(self):
        assert Timeout.UNBOUNDED.read == math.inf
        assert Timeout.of(Timeout.UNBOUNDED) is Timeout.UNBOUNDED

    @given(st.floats(min_value=0.001, max_value=1e6))
    def test_at_most_never_lengthens_a_phase(self, seconds):
        limits, bounded = Timeout(), Timeout().at_most(seconds)
        for name in ("connect", "read", "idle", "write", "pool"):
            assert getattr(bounded, name) == min(getattr(limits, name), seconds)


class TestChecked:
    def test_good_options_are_returned_as_they_are(self):
        options: RequestOptions = {"timeout": 3, "deadline": 2.5, "max_retries": 0}
        assert checked(options) is options

    @pytest.mark.parametrize("options", [None, {}])
    def test_none_at_all_are_none(self, options):
        assert checked(options) is None

    def test_a_misspelt_one_is_a_type_error_that_lists_what_there_is(self):
        with pytest.raises(TypeError, match=r"unknown option 'timeuot'; there are .*timeout"):
            checked({"timeuot": 3})

    @pytest.mark.parametrize("deadline", [0, -1, math.nan, None, "5"])
    def test_a_deadline_is_a_positive_number(self, deadline):
        with pytest.raises(ConfigurationError, match="deadline must be a number of seconds above 0"):
            checked({"deadline": deadline})

    @pytest.mark.parametrize("retries", [-1, None, "2", math.nan])
    def test_retries_are_counted_from_zero(self, retries):
        with pytest.raises(ConfigurationError, match="max_retries must be 0 or more"):
            checked({"max_retries": retries})

    @pytest.mark.parametrize("timeout", [None, 0, "5"])
    def test_a_timeout_is_checked_before_anything_is_sent(self, timeout):
        with pytest.raises(ConfigurationError, match="timeout must be"):
            checked({"timeout": timeout})


class TestMerged:
    def test_the_inner_options_win(self):
        assert merged({"timeout": 1, "max_retries": 3}, {"timeout": 2}) == {"timeout": 2, "max_retries": 3}

    def test_mappings_are_merged(self):
        outer: RequestOptions = {"query": {"a": 1, "b": 1}, "headers": {"X-A": "1"}, "body": {"x": 1}}
        inner: RequestOptions = {"query": {"b": 2}, "headers": {"X-B": "2"}, "body": {"y": 2}}
        assert merged(outer, inner) == {
            "query": {"a": 1, "b": 2},
            "headers": {"X-A": "1", "X-B": "2"},
            "body": {"x": 1, "y": 2},
        }

    def test_neither_side_is_changed(self):
        outer: RequestOptions = {"headers": {"X-A": "1"}}
        inner: RequestOptions = {"headers": {"x-a": None}}
        merged(outer, inner)
        assert (outer, inner) == ({"headers": {"X-A": "1"}}, {"headers": {"x-a": None}})

    @pytest.mark.parametrize("value", ["2", None])
    def test_a_header_is_replaced_or_taken_away_however_it_is_written(self, value):
        result = merged({"headers": {"X-Trace": "1", "X-B": "b"}}, {"headers": {"x-trace": value}})
        assert result == {"headers": {"X-B": "b", "x-trace": value}}

    def test_one_side_alone_is_enough(self):
        assert merged(None, {"timeout": 2}) == {"timeout": 2}
        assert merged({"timeout": 2}, None) == {"timeout": 2}
        assert merged(None, None) is None

    def test_the_inner_options_are_checked(self):
        for outer in (None, {"timeout": 1}):
            with pytest.raises(TypeError, match="unknown option"):
                merged(outer, {"retries": 3})
