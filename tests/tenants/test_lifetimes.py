"""The inequalities between lifetimes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantauth.caching import HARD_END_S
from tenants.lifetimes import Lifetimes

DAY = 86400


def test_the_defaults_hold_with_every_staleness_bound_that_can_be_set() -> None:
    assert [*Lifetimes().problems(0.1), *Lifetimes().problems(60)] == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"leeway_s": -1}, "leeway is 0s to 5m"),
        ({"leeway_s": 301}, "leeway is 0s to 5m"),
        ({"max_ttl_s": 0, "access_ttl_s": 0}, "max_ttl is 1s to 366d"),
        ({"max_ttl_s": 367 * DAY}, "max_ttl is 1s to 366d"),
        ({"access_ttl_s": 0}, "access_ttl is 1s to 1d"),
        ({"access_ttl_s": DAY + 1}, "access_ttl is 1s to 1d"),
        ({"publish_ahead_s": int(HARD_END_S) - 1}, "publish_ahead is 1h to 366d"),
        ({"rotate_every_s": 3599}, "rotate_every is 1h"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_setting_that_could_break_a_live_token_is_refused(
    change: dict[str, Any], problem: str
) -> None:
    found = dict(Lifetimes(**change).problems(2.0))
    assert found[problem.partition(" ")[0]].startswith(problem)


def test_every_problem_is_said_at_once() -> None:
    assert len(list(Lifetimes(0, 0, -1, -1, 0).problems(2.0))) == 5


@given(
    leeway_s=st.integers(0, 300),
    publish_ahead_s=st.integers(int(HARD_END_S), DAY),
    staleness_s=st.floats(0.1, 60),
)
def test_a_reader_of_the_jwks_holds_a_key_before_it_signs(
    leeway_s: int, publish_ahead_s: int, staleness_s: float
) -> None:
    """threat 94, threat 95"""
    lifetimes = Lifetimes(leeway_s=leeway_s, publish_ahead_s=publish_ahead_s)
    assert not list(lifetimes.problems(staleness_s))
    max_age_s = lifetimes.jwks_max_age_s(staleness_s)
    assert 0 < max_age_s <= 300
    assert max_age_s + staleness_s + leeway_s <= publish_ahead_s


def test_a_key_in_grace_outlives_the_last_token_it_signed() -> None:
    """threat 94"""
    lifetimes = Lifetimes(max_ttl_s=1000, leeway_s=30)
    assert lifetimes.grace_s(2.0) == 1032
