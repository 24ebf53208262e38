"""What a trusted issuer cannot be."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from joserfc.jwk import ECKey

from tenantauth.settings import Settings
from tenants.issuer_check import problems_of_issuer
from tenants.values import IssuerSpec

GOOD = IssuerSpec(
    "https://login.partner.test",
    jwks_uri="https://login.partner.test/jwks",
    audience=("https://api.example.test",),
    match={"org": "org_1", "level": 2, "verified": True},
    roles_claim="realm_access.roles",
    role_map={"admin": "analyst"},
)
PUBLIC = {**ECKey.generate_key("P-256").as_dict(private=False), "kid": "a"}


def problems(**members: Any) -> list[str]:
    return [*problems_of_issuer(replace(GOOD, **members), Settings())]


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"jwks_uri": "http://localhost:8000/jwks"},
        {"jwks_uri": None, "jwks": {"keys": [PUBLIC]}},
        {"typ": ("at+jwt", "JWT"), "subject_prefix": "partner:"},
        {"subject_claim": r"https://partner\.test/id"},
        {"subject_claim": r"https://partner\.test/claims.id"},
        {"subject_claim": r"https://partner\.test.id"},
        {"subject_claim": "https://partner/claims.id"},
        {"subject_claim": "claims.https://partner"},
    ],
    ids=["usual", "loopback", "inline", "typ", "dot", "member", "member of a host", "one", "last"],
)
def test_what_providers_need_can_be_written(members: dict[str, Any]) -> None:
    assert problems(**members) == []


@pytest.mark.parametrize("what", ["roles_claim", "subject_claim", "match"])
@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("https://acme.example/roles", r"https://acme\.example/roles"),
        (r"https://acme\.example.org/roles", r"https://acme\.example\.org/roles"),
        ("https://acme.example", r"https://acme\.example"),
        ("claims.https://acme.example/roles", r"claims\.https://acme\.example/roles"),
        (r"https://acme\.example/v1.2/roles", r"https://acme\.example/v1\.2/roles"),
    ],
)
def test_a_url_that_its_dots_would_cut_is_told_with_the_right_spelling(
    what: str, path: str, meant: str
) -> None:
    (sentence,) = problems(**{what: {path: "x"} if what == "match" else path})
    assert sentence.startswith(f"{what} {path!r} is read as ")
    assert sentence.endswith(rf"a dot that belongs to a name is written \., as in {meant}")


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"issuer": "http://login.partner.test"}, "must be https"),
        ({"issuer": "partner"}, "not a URL"),
        ({"jwks_uri": None}, "either jwks_uri or jwks"),
        ({"jwks": {"keys": [PUBLIC]}}, "either jwks_uri or jwks"),
        ({"audience": ()}, "needs an audience"),
        ({"audience": ("a\n",)}, "audience 'a"),
        ({"algorithms": ()}, "at least one algorithm"),
        ({"algorithms": ("HS256",)}, "'HS256' is not one of"),
        ({"algorithms": ("none",)}, "'none' is not one of"),
        ({"typ": ("id+jwt",)}, "'id+jwt' is not one of"),
        ({"match": {"org": None}}, "match 'org'"),
        ({"match": {"org": ["a"]}}, "match 'org'"),
        ({"match": {"org": float("nan")}}, "match 'org'"),
        ({"match": {"org": 1.5}}, "match 'org'"),
        ({"subject_claim": "a..b"}, "subject_claim: 'a..b'"),
        ({"requires_any_role": ("a",), "roles_claim": None, "role_map": {}}, "role_map"),
        ({"role_map": {}}, "given together"),
        ({"roles_claim": None}, "given together"),
        ({"role_map": {"admin": ""}}, "role of ours"),
        ({"subject_prefix": "\x1b"}, "subject_prefix"),
    ],
)
def test_what_cannot_work_is_a_sentence(members: dict[str, Any], sentence: str) -> None:
    """threats 38 to 42"""
    assert [text for text in problems(**members) if sentence in text]


@pytest.mark.parametrize(
    "url",
    [
        "http://login.partner.test/jwks",
        "ftp://a.test",
        "https://u:p@a.test",
        "https://",
        "https://a\t.test",
        "https://a.test#x",
        "https://a.test:99999",
        "https://[",
        "https://127.1",
        "https://2130706433",
        "https://0x7f.0.0.1",
        "x" * 600,
    ],
)
def test_keys_come_over_https_from_a_host(url: str) -> None:
    """threat 112"""
    assert any("jwks_uri" in sentence for sentence in problems(jwks_uri=url))


@pytest.mark.parametrize(
    "key",
    [
        {**PUBLIC, "d": "SECRET"},
        {"kty": "oct", "kid": "a"},
        {"kid": "a", "k": "SECRET"},
        {"kid": 5},
        "x",
        None,
    ],
)
def test_an_inline_key_is_public_and_has_a_name(key: Mapping[str, Any]) -> None:
    """threats 28, 33: and the secret is not repeated."""
    (sentence,) = problems(jwks_uri=None, jwks={"keys": [key]})
    assert "SECRET" not in sentence


@pytest.mark.parametrize("jwks", [{}, {"keys": []}, {"keys": {}}, {"keys": "x"}])
def test_a_key_set_has_keys(jwks: dict[str, Any]) -> None:
    (sentence,) = problems(jwks_uri=None, jwks=jwks)
    assert sentence.startswith("jwks")


@pytest.mark.parametrize("member", ["d", "private", "pem"])
def test_a_key_set_has_nothing_beside_its_keys(member: str) -> None:
    """Threat 106: it could be a private half, and would be shown and exported."""
    (sentence,) = problems(jwks_uri=None, jwks={"keys": [PUBLIC], member: "hidden"})
    assert repr(member) in sentence
    assert "hidden" not in sentence


def test_all_problems_are_told_at_once() -> None:
    assert len(problems(audience=(), algorithms=("none",), typ=("x",), jwks_uri=None)) == 4
