from collections.abc import Callable
from dataclasses import replace

import pytest

from tenantauth.errors import LimitError
from tenantauth.grant_limit import GrantLimit, _compiled
from tenantauth.identity import Grant, Identity
from tenantauth.limit import Limit
from tenantauth.testing import make_policy
from tenantauth.units import Rate

GRANT = Grant(make_policy().tenant, Identity("acme", "alice", "user", "web"))


def rated(rate: object, cost: int = 1) -> GrantLimit:
    return GrantLimit("plan", lambda grant: rate, cost=cost)  # type: ignore[arg-type,return-value]  # what an app may return


def test_a_rate_is_asked_of_the_grant() -> None:
    limit = GrantLimit("plan", lambda grant: f"{len(grant.identity.subject or '')}/minute")
    assert limit.limit_for(GRANT) == Limit("plan", Rate(5, 60), by="subject")


def test_a_fixed_rate_stays() -> None:
    limit = GrantLimit("plan", Rate(3, 1), by=lambda grant: "x", cost=2)
    assert limit.limit_for(GRANT) == Limit("plan", Rate(3, 1), cost=2)


def test_an_owner_is_asked_of_the_grant() -> None:
    limit = GrantLimit("plan", Rate(3, 1), by=lambda grant: f"team of {grant.identity.subject}")
    assert limit.owner_for(GRANT) == "team of alice"
    assert replace(limit, by="client").owner_for(GRANT) is None


@pytest.mark.parametrize("rate", ["often", "", "0/minute", "1/0 minute", None, 5, ["1/minute"]])
def test_an_answer_that_is_no_rate_is_an_error_and_never_no_limit(rate: object) -> None:
    """Threat 81."""
    with pytest.raises(LimitError, match=r"^limit plan: "):
        rated(rate).limit_for(GRANT)


def test_a_cost_that_the_told_rate_never_holds_is_an_error() -> None:
    """Threat 81."""
    with pytest.raises(LimitError, match="cost"):
        rated("1/minute", cost=2).limit_for(GRANT)


@pytest.mark.parametrize("owner", [None, 5, ("a", "b")])
def test_an_owner_that_is_no_text_is_an_error(owner: object) -> None:
    """Threat 75: `None` would be one counter for all."""
    limit = GrantLimit("plan", Rate(1, 1), by=lambda grant: owner)  # type: ignore[arg-type,return-value]  # what an app may return
    with pytest.raises(LimitError, match="its owner is a text"):
        limit.owner_for(GRANT)


def test_rates_are_read_once_and_kept_in_bounds() -> None:
    """Threat 77: an app may make a rate of anything that a caller has."""
    assert rated("7/minute").limit_for(GRANT) is rated("7/minute").limit_for(GRANT)
    for amount in range(1, 1500):
        rated(f"{amount}/day").limit_for(GRANT)
    assert _compiled.cache_info().currsize == _compiled.cache_info().maxsize


@pytest.mark.parametrize(
    "make",
    [
        lambda: GrantLimit("", Rate(1, 1)),
        lambda: GrantLimit("a", 5),  # type: ignore[arg-type]  # no rate
        lambda: GrantLimit("a", Rate(1, 1), by="planet"),  # type: ignore[arg-type]  # no way of counting
        lambda: GrantLimit("a", Rate(1, 1), cost=2),
        lambda: GrantLimit("a", lambda grant: "1/day", cost=0),
    ],
    ids=["name", "rate", "by", "cost over the rate", "cost"],
)
def test_what_is_fixed_is_looked_at_at_once(make: Callable[[], GrantLimit]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # each says something else
        make()
