"""Why a header or a key is refused: what the token says, and what is due."""

from typing import Any

import pytest

from tenantauth.errors import IssuerUnavailableError
from tenantauth.testing import FakeKeySource, SigningKey, make_policy, make_token
from tenantauth.testing.tokens import REMOVED
from tenantauth.trusted_issuer import TrustedIssuer
from tenants.issuer_keys import IssuerKey
from tests.partners import ISSUER, partner_token, trust
from tests.tenants.issue.kit import reason_of

ACME = make_policy("acme", trusted_issuers=[trust()])
REMOTE = make_policy("acme", trusted_issuers=[trust(jwks_uri=f"{ISSUER}/jwks")])


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ({"typ": "JWT"}, "its header says typ 'JWT', and acme takes at+jwt"),
        ({"typ": REMOVED}, "its header has no typ, and acme takes at+jwt"),
        ({"typ": 5}, "its header says typ 5, and acme takes at+jwt"),
        ({"crit": ["b64"], "b64": 0}, "its header has b64, crit, which would change how it is"),
        ({"kid": REMOVED}, "its header names no key (kid)"),
        ({"kid": 5}, "its header has the kid 5, which is no text"),
        ({"kid": "x"}, "its kid 'x' is none of acme's keys: 'acme-1' (active)"),
        ({"alg": "HS256"}, "its alg is 'HS256', and the key 'acme-1' of acme is for ES256"),
        ({"alg": "none"}, "its alg is 'none', so it is not signed, and the key 'acme-1' of acme"),
    ],
    ids=repr,
)
def test_an_own_token_is_told_what_is_there_and_what_is_due(
    header: dict[str, Any], sentence: str
) -> None:
    assert reason_of(make_token(ACME, header=header), ACME).startswith(sentence)


@pytest.mark.parametrize(
    ("fields", "header", "sentence"),
    [
        ({}, {"typ": "JWT"}, f"says typ 'JWT', and acme takes at+jwt from {ISSUER}"),
        ({"typ": frozenset({"JWT"})}, {}, f"says typ 'at+jwt', and acme takes JWT from {ISSUER}"),
        ({}, {"kid": "x"}, f"its kid 'x' is none of the keys given for {ISSUER}: 'partner-1'"),
        ({}, {"alg": "ES256"}, f"the key 'partner-1' of {ISSUER} is for RS256"),
        (
            {"algorithms": frozenset({"ES256"})},
            {},
            f"its key 'partner-1' is for RS256, and acme takes ES256 from {ISSUER}",
        ),
    ],
)
def test_a_trusted_issuers_token_is_told_whose_rule_it_is(
    fields: dict[str, Any], header: dict[str, Any], sentence: str
) -> None:
    policy = make_policy("acme", trusted_issuers=[trust(**fields)])
    assert sentence in reason_of(partner_token(header=header), policy)


def test_another_signature_names_the_key_that_it_was_held_against() -> None:
    forged = partner_token(key=SigningKey("other", "RS256"), header={"kid": "partner-1"})
    assert reason_of(forged, ACME).endswith(f"another key than 'partner-1' of {ISSUER}")


def published(*kids: str, problems: tuple[str, ...] = ()) -> list[IssuerKey]:
    return [IssuerKey(kid, "RSA", None, None, None, None, problems) for kid in kids]


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        (published("a", "b"), f"is none of the keys that {ISSUER} publishes: 'a', 'b'"),
        (published(), f"is none of the keys that {ISSUER} publishes: none"),
        (published(*"abcdefg"), "'a', 'b', 'c', 'd', 'e' and 2 more"),
        (published("partner-1", problems=("its use is not sig",)), "is not used: its use is not"),
        (published("partner-1"), "published only now; try again"),
    ],
    ids=["others", "none", "many", "unused", "new"],
)
def test_an_unknown_kid_is_told_with_what_is_published(
    keys: list[IssuerKey], sentence: str
) -> None:
    assert sentence in reason_of(partner_token(), REMOTE, FakeKeySource(), lambda _: keys)


def test_published_keys_that_cannot_be_had_are_not_told() -> None:
    def down(_issuer: TrustedIssuer) -> list[IssuerKey]:
        raise IssuerUnavailableError("down")

    reason = reason_of(partner_token(), REMOTE, FakeKeySource(), down)
    assert reason == f"its kid 'partner-1' is none of the keys that {ISSUER} publishes"


def test_what_a_stranger_writes_is_cut_and_harmless() -> None:
    """Threat 107."""
    reason = reason_of(make_token(ACME, header={"kid": "\x1b[2J\u202e" + "x" * 5000}), ACME)
    assert len(reason) < 300
    assert reason.isprintable()
