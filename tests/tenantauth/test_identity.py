from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from tenantauth.identity import Grant, Identity, Tenant, freeze, with_attributes

ALICE = Identity(
    "acme",
    subject="alice-4711",
    kind="user",
    client_id="web-4711",
    roles=frozenset({"analyst", "viewer"}),
    permissions=frozenset({"reports:write"}),
    scopes=frozenset({"reports:read"}),
    attributes={"department": "finance-4711"},
    claims={"email": "alice-4711@acme.test"},
    token_id="jti-4711",
    session_id="sid-4711",
    acr="acr-4711",
)


def test_an_identity_without_a_token_is_anonymous_and_holds_nothing() -> None:
    nobody = Identity("acme")
    assert not nobody.is_authenticated
    assert (nobody.kind, nobody.subject, nobody.roles, nobody.claims) == (
        "anonymous",
        None,
        frozenset(),
        {},
    )


@pytest.mark.parametrize("kind", ["user", "client"])
def test_an_identity_of_a_token_is_authenticated(kind: Any) -> None:
    assert Identity("acme", kind=kind).is_authenticated


@pytest.mark.parametrize(
    ("has", "held"),
    [
        (ALICE.has_role, "analyst"),
        (ALICE.has_scope, "reports:read"),
        (ALICE.has_permission, "reports:write"),
    ],
    ids=["role", "scope", "permission"],
)
def test_what_an_identity_holds_is_told_by_whole_names(
    has: Callable[[str], bool], held: str
) -> None:
    assert has(held)
    assert not any(map(has, ["", held[:-1], held.upper(), f"{held} ", "admin"]))


def test_the_repr_of_an_identity_shows_no_claim_value() -> None:
    """Threat 106: nothing of a token reaches a log by way of an identity."""
    assert repr(ALICE) == "<Identity user of 'acme'>"
    assert "4711" not in str(Grant(_tenant(), ALICE))


@pytest.mark.parametrize("field", ["tenant", "subject", "kind", "roles", "claims"])
def test_an_identity_cannot_be_changed(field: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(ALICE, field, "other")


def test_identities_and_tenants_are_keys_of_caches() -> None:
    assert {ALICE: 1, Identity("acme"): 2}[ALICE] == 1
    assert len({_tenant(), _tenant(), _tenant(id="2")}) == 2


def test_the_metadata_of_a_tenant_cannot_be_changed_by_whoever_reads_it() -> None:
    given = {"crm": "1"}
    tenant = _tenant(metadata=given)
    given["crm"] = "2"
    assert tenant.metadata == {"crm": "1"}
    with pytest.raises(TypeError):
        tenant.metadata["crm"] = "3"  # type: ignore[index]  # what must not work


def test_a_grant_cannot_be_given_another_identity() -> None:
    grant = Grant(_tenant(), ALICE)
    with pytest.raises(FrozenInstanceError):
        grant.identity = Identity("globex")  # type: ignore[misc]  # what must not work


@pytest.mark.parametrize("value", ["text", 1, 1.5, True, None])
def test_a_scalar_is_frozen_as_it_is(value: object) -> None:
    assert freeze(value) is value


def test_a_frozen_value_equals_the_given_one_and_is_immutable_at_every_depth() -> None:
    frozen: Any = freeze({"a": [1, {"b": [2]}], "c": {"d": {}}})
    assert frozen == {"a": (1, {"b": (2,)}), "c": {"d": {}}}
    for mapping in (frozen, frozen["a"][1], frozen["c"], frozen["c"]["d"]):
        with pytest.raises(TypeError):
            mapping["x"] = 1


def test_a_frozen_value_does_not_follow_its_original() -> None:
    original = {"roles": ["viewer"]}
    frozen = freeze(original)
    original["roles"].append("admin")
    assert frozen == {"roles": ("viewer",)}


def _tenant(**fields: Any) -> Tenant:
    return Tenant(**{"id": "1", "slug": "acme", "name": "Acme", "issuer": "i", **fields})


def test_attributes_are_added_and_frozen() -> None:
    richer = with_attributes(ALICE, {"teams": ["a"], "department": "sales"})
    assert richer.attributes == {"department": "sales", "teams": ("a",)}
    assert richer.subject == ALICE.subject
    assert ALICE.attributes == {"department": "finance-4711"}


def test_without_new_attributes_an_identity_is_the_same() -> None:
    assert with_attributes(ALICE, {}) is ALICE
