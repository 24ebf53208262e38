"""Why claims are refused: what the token says, and what is due."""

from typing import Any

import pytest

from tenantauth.testing import make_policy, make_token
from tenantauth.testing.tokens import REMOVED
from tests.partners import AUDIENCE, ISSUER, partner_token, trust
from tests.tenants.issue.kit import reason_of

ACME = make_policy("acme", trusted_issuers=[trust(subject_prefix="p:")])
OWN = ACME.tokens.issuer


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        (
            {"iss": f"{OWN}/"},
            f"its iss '{OWN}/' is none that acme trusts; the nearest is '{OWN}' (",
        ),
        ({"iss": "x"}, f"its iss 'x' is none that acme trusts; these are '{OWN}', '{ISSUER}'"),
        ({"iss": 5}, "its iss 5 is none that acme trusts; these are"),
        ({"iss": REMOVED}, f"it has no iss; acme takes '{OWN}', '{ISSUER}'"),
        ({"aud": "x"}, "its aud 'x' holds none that acme takes: "),
        ({"aud": ["x", "y"]}, "its aud 'x', 'y' holds none that acme takes: "),
        ({"aud": REMOVED}, "it has no aud, and one is due that acme takes: "),
        ({"tenant": "globex"}, "its tenant claim is 'globex', and due is 'acme'"),
        ({"tenant": REMOVED}, "it has no tenant claim, and due is 'acme'"),
        ({"sub": "p:bob"}, "its sub 'p:bob' begins as callers of a trusted issuer: 'p:'"),
        ({"client_id": "p:x"}, "its client_id 'p:x' begins as callers of a trusted issuer: 'p:'"),
        ({"sub": REMOVED}, "its claim sub is missing"),
        ({"roles": "a"}, "its claim roles is 'a', and due is a list of texts"),
        ({"iat": "now"}, "its claim iat is 'now', and due is a time as a number"),
        ({"scope": 5}, "its claim scope is 5, and due is one text"),
    ],
    ids=repr,
)
def test_an_own_token_is_told_what_is_there_and_what_is_due(
    claims: dict[str, Any], sentence: str
) -> None:
    """Threat 38: what is nearly ours is told as another."""
    assert reason_of(make_token(ACME, **claims), ACME).startswith(sentence)


@pytest.mark.parametrize(
    ("fields", "claims", "sentence"),
    [
        ({}, {"aud": "x"}, f"its aud 'x' holds none that acme takes from {ISSUER}: '{AUDIENCE}'"),
        (
            {"match": {"org.id": "acme", "level": 7}},
            {"org": {"id": "acme"}, "level": "7"},
            f"its claim level is '7', and due from {ISSUER} is 7 (match)",
        ),
        (
            {"match": {"org.id": "acme"}},
            {"org": {}},
            f"its claim org.id is missing, and due from {ISSUER} is 'acme' (match)",
        ),
        ({"subject_claim": "user.id"}, {}, "its claim user.id is missing"),
        (
            {"roles_claim": "resource_access.web.roles", "role_map": {"a": "b"}},
            {"resource_access": {"web": {"roles": 5}}},
            "its claim resource_access.web.roles is 5, and due is a list of texts",
        ),
        (
            {
                "roles_claim": "access.roles",
                "role_map": {"a": "b"},
                "requires_any_role": frozenset({"b"}),
            },
            {"access": {"roles": ["x"]}},
            (
                "its claim access.roles is 'x', and leads to none of the roles that callers from"
                f" {ISSUER} must hold: 'b' (role_map knows 'a')"
            ),
        ),
        ({}, {"appid": 5}, "its claim appid is 5, and due is a text"),
    ],
)
def test_a_trusted_issuers_token_is_told_the_real_path(
    fields: dict[str, Any], claims: dict[str, Any], sentence: str
) -> None:
    policy = make_policy("acme", trusted_issuers=[trust(**fields)])
    assert reason_of(partner_token(**claims), policy).startswith(sentence)


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"nonce": "n"}, "it is an ID token: it has nonce"),
        ({"at_hash": "h"}, "it is an ID token: it has at_hash"),
        ({"events": {}}, "it is a logout token or a security event: it has events"),
        ({"token_use": "id"}, "it is an ID token: its token_use is 'id'"),
        ({"typ": "Refresh"}, "it is a refresh token: its typ is 'Refresh'"),
        ({"typ": "Offline"}, "it is an offline token: its typ is 'Offline'"),
        ({"typ": "Logout"}, "it is a logout token: its typ is 'Logout'"),
    ],
    ids=repr,
)
def test_the_member_that_tells_another_kind_is_named(claims: dict[str, Any], sentence: str) -> None:
    policy = make_policy("acme", trusted_issuers=[trust(typ=frozenset({"at+jwt", "JWT"}))])
    assert reason_of(partner_token(**claims), policy) == sentence
