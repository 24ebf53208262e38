"""Issuers outside that a tenant trusts."""

from dataclasses import replace

import pytest
from joserfc.jwk import ECKey

from tenants.errors import ConflictError, NotFoundError
from tenants.registry import Registry
from tenants.values import IssuerSpec

PARTNER = IssuerSpec(
    "https://login.partner.test",
    jwks_uri="https://login.partner.test/jwks",
    audience=("https://api.example.test",),
    match={"org_id": "org_1", "verified": True, "level": 2},
)


@pytest.fixture(autouse=True)
def acme(registry: Registry) -> None:
    registry.tenants.create("acme")
    registry.issuers.add("acme", PARTNER)


def test_an_issuer_is_kept_as_written(registry: Registry) -> None:
    assert registry.issuers.list("acme") == (PARTNER,)


def test_an_issuer_that_is_added_twice_changes_nothing(registry: Registry) -> None:
    assert registry.issuers.add("acme", PARTNER).version == 2


def test_other_terms_have_to_be_meant(registry: Registry) -> None:
    other = replace(PARTNER, algorithms=("EdDSA",))
    with pytest.raises(ConflictError, match="on other terms"):
        registry.issuers.add("acme", other)
    registry.issuers.add("acme", other, replacing=True)
    assert registry.issuers.list("acme") == (other,)


def test_what_differs_is_told_but_no_whole_key_set(registry: Registry) -> None:
    inline = {"keys": [ECKey.generate_key("P-256").as_dict(private=False) | {"kid": "a"}]}
    other = replace(PARTNER, jwks_uri=None, jwks=inline, match={}, audience=("a", "b"))
    with pytest.raises(ConflictError) as caught:
        registry.issuers.add("acme", other)
    assert caught.value.message.partition("terms: ")[2].split("; ")[:-1] == [
        "jwks_uri https://login.partner.test/jwks → none",
        "jwks has other keys",
        "audience https://api.example.test → a, b",
        "match org_id=org_1, verified=True, level=2 → none",
    ]


@pytest.mark.parametrize(("before", "after"), [(1, True), (False, 0)])
def test_a_number_and_a_truth_value_are_two_terms(
    registry: Registry, before: object, after: object
) -> None:
    """Threat 44: to Python they are equal, in a token they are not."""
    one, other = (replace(PARTNER, match={"org_id": value}) for value in (before, after))
    registry.issuers.add("acme", one, replacing=True)
    with pytest.raises(ConflictError, match=f"match org_id={before} → org_id={after}"):
        registry.issuers.add("acme", other)
    registry.issuers.add("acme", other, replacing=True)
    (stored,) = registry.issuers.list("acme")
    assert type(stored.match["org_id"]) is type(after)
    said = registry.audit.list(tenant="acme", limit=1)[0]
    assert (str(before) in str(said.before), str(after) in str(said.after)) == (True, True)


def test_one_token_is_never_good_at_two_tenants(registry: Registry) -> None:
    """threat 44: not even while the other one is deleted."""
    registry.tenants.create("globex")
    registry.tenants.delete("acme")
    with pytest.raises(ConflictError, match="acme"):
        registry.issuers.add("globex", replace(PARTNER, match={"org_id": "org_1"}))
    registry.issuers.add("globex", replace(PARTNER, match={"org_id": "org_2"}))


@pytest.mark.parametrize("issuer", ["https://login.partner.test/", "", "\0", "%"])
def test_who_is_not_trusted_cannot_be_removed(registry: Registry, issuer: str) -> None:
    """threats 38, 116"""
    with pytest.raises(NotFoundError, match="does not trust"):
        registry.issuers.remove("acme", issuer)


def test_an_issuer_is_removed(registry: Registry) -> None:
    registry.issuers.remove("acme", PARTNER.issuer)
    assert registry.issuers.list("acme") == ()
