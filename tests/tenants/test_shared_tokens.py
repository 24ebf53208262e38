"""Which tenants would take the same token of one issuer."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.parts import read_issuer
from tenants.shared_tokens import Trust, Trusts
from tenants.values import IssuerSpec

ISSUER = "https://login.partner.test"
VALUES = st.sampled_from([1, True, "1", "2"])
MATCHES = st.dictionaries(st.sampled_from(["org", "a.b", "a\\.b"]), VALUES, max_size=2)
AUDIENCES = st.sets(st.sampled_from(["x", "y", "z"]), min_size=1, max_size=2)


def spec_of(match: dict[str, Any], audience: tuple[str, ...] = ("x",)) -> IssuerSpec:
    return IssuerSpec(ISSUER, jwks_uri=f"{ISSUER}/jwks", audience=audience, match=match)


def meetings(*specs: IssuerSpec) -> set[str]:
    trusts = Trusts()
    for at, spec in enumerate(specs):
        trusts.add(Trust(str(at), f"tenant-{at}", spec))
    return {trust.tenant_id for trust, _ in trusts.meetings()}


@given(st.lists(st.tuples(MATCHES, AUDIENCES), max_size=6))
def test_tenants_meet_where_two_of_them_overlap(given_: list[tuple[dict[str, Any], Any]]) -> None:
    """threat 44: the same answer as comparing each with each."""
    specs = [spec_of(match, tuple(sorted(audience))) for match, audience in given_]
    issuers = [read_issuer(spec) for spec in specs]
    expected = {
        str(at)
        for at, one in enumerate(issuers)
        if any(one.overlaps(other) for other in issuers[:at] + issuers[at + 1 :])
    }
    assert meetings(*specs) == expected


def test_one_tenant_alone_meets_nobody() -> None:
    trusts = Trusts()
    for _ in range(2):
        trusts.add(Trust("same", "acme", spec_of({})))
    assert list(trusts.meetings()) == []


@pytest.mark.parametrize(
    "match",
    [{"": 1}, {"a.": 1}, {"org": ["1"]}],
    ids=["empty path", "half a path", "a list"],
)
def test_rules_that_cannot_be_read_meet_nobody(match: dict[str, Any]) -> None:
    assert meetings(spec_of(match), spec_of(match)) == set()


def test_tenants_of_two_issuers_do_not_meet() -> None:
    assert meetings(spec_of({}), replace(spec_of({}), issuer="https://other.test")) == set()


def test_many_tenants_of_one_provider_are_told_apart_by_look_ups() -> None:
    """threat 102: compared with each other, these would be a hundred million pairs."""
    assert meetings(*(spec_of({"org": str(at)}) for at in range(10_000))) == set()
