from typing import Any

import pytest

from tenantauth.trusted_issuer import TrustedIssuer, check_beside
from tests.partners import AUDIENCE, trust


def test_without_a_prefix_an_issuer_has_its_own_name() -> None:
    assert trust("https://a.test").subject_prefix == "https://a.test|"
    assert trust("https://a.test", subject_prefix="a:").subject_prefix == "a:"


def test_mappings_are_frozen() -> None:
    mine = {"org": "1"}
    issuer = trust(match=mine)
    mine["org"] = "2"
    assert issuer.match == {"org": "1"}
    with pytest.raises(TypeError):
        issuer.match["org"] = "2"  # type: ignore[index]  # what nobody must be able to do


def test_a_role_map_is_a_copy() -> None:
    """Threat 42."""
    mine = {"staff": "analyst"}
    issuer = trust(roles_claim="groups", role_map=mine)
    mine["everybody"] = "admin"
    assert issuer.role_map == {"staff": "analyst"}


def test_an_issuer_can_be_a_key_of_a_table() -> None:
    fields: dict[str, Any] = {"match": {"a": 1}, "roles_claim": "r", "role_map": {"a": "b"}}
    issuers = [trust(jwks_uri="https://a.test", **fields) for _ in range(2)]
    assert len(set(issuers)) == 1
    assert "_path" not in repr(issuers[0])


def test_every_public_algorithm_and_both_types_can_be_trusted() -> None:
    """Threat 1, threat 2: these and no others."""
    known = {"ES256", "ES384", "RS256", "PS256", "EdDSA", "Ed25519"}
    issuer = trust(algorithms=frozenset(known), typ=frozenset({"AT+JWT", "JWT"}))
    assert issuer.algorithms == known
    assert issuer.typ == {"at+jwt", "jwt"}
    assert issuer.takes_plain_jwt


def test_names_at_their_bound_and_numbers_are_taken() -> None:
    assert trust("a" * 255, match={"n": 1.5}).matches({"n": 1.5})


@pytest.mark.parametrize(
    "issuers",
    [[trust("https://own.test")], [trust("i"), trust("i", subject_prefix="x:")]],
    ids=["the tenant's own", "twice"],
)
def test_beside_each_other_issuers_have_names_of_their_own(issuers: list[TrustedIssuer]) -> None:
    """Threat 44."""
    with pytest.raises(ValueError, match="share a name"):
        check_beside(iter(issuers), "https://own.test")


def test_beside_each_other_no_prefix_begins_another() -> None:
    """Threat 41: callers of two could have one name."""
    near = [trust("i", subject_prefix="p:"), trust("j", subject_prefix="p:q")]
    with pytest.raises(ValueError, match="begins that of another"):
        check_beside(near, "https://own.test")
    far = [trust("i", subject_prefix="q:"), trust("j", subject_prefix="p:")]
    assert check_beside(iter(far), "https://own.test") == ("p:", "q:")


@pytest.mark.parametrize("field", ["issuer", "subject_prefix"])
def test_a_text_that_cannot_be_is_named(field: str) -> None:
    fields: dict[str, Any] = {field: "a\n"}
    with pytest.raises(ValueError, match=f"^{field} is"):
        trust(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"issuer": ""}, id="no issuer"),
        pytest.param({"issuer": "https://a.test\n"}, id="line break"),
        pytest.param({"issuer": "a" * 256}, id="long issuer"),
        pytest.param({"audience": frozenset()}, id="no audience"),
        pytest.param({"audience": frozenset({""})}, id="empty audience"),
        pytest.param({"algorithms": frozenset()}, id="no algorithm"),
        pytest.param({"algorithms": frozenset({"ES256", "HS256"})}, id="HMAC"),
        pytest.param({"algorithms": frozenset({"none"})}, id="none"),
        pytest.param({"typ": frozenset()}, id="no type"),
        pytest.param({"typ": frozenset({"dpop+jwt"})}, id="other type"),
        pytest.param({"keys": None}, id="neither keys nor jwks_uri"),
        pytest.param({"subject_claim": ""}, id="no subject claim"),
        pytest.param({"subject_prefix": "a\x00"}, id="unprintable prefix"),
        pytest.param({"match": {"": "x"}}, id="no claim to match"),
        pytest.param({"match": {"a": None}}, id="match null"),
        pytest.param({"match": {"a": ["x"]}}, id="match list"),
        pytest.param({"match": {"a": float("nan")}}, id="match NaN"),
        pytest.param({"roles_claim": "roles"}, id="roles without a map"),
        pytest.param({"role_map": {"a": "b"}}, id="map without roles"),
        pytest.param({"roles_claim": "r", "role_map": {"a": ""}}, id="map to nothing"),
        pytest.param({"requires_any_role": frozenset({"a"})}, id="a role nobody can have"),
    ],
)
def test_an_issuer_that_cannot_work_is_not_built(fields: dict[str, Any]) -> None:
    """Threat 1, threat 2: no `none`, and no HMAC, whose secret the tenant would share."""
    with pytest.raises(ValueError, match=r"."):
        trust(**fields)


def test_keys_are_given_or_published_and_never_both() -> None:
    inline = trust()
    with pytest.raises(ValueError, match="either keys or a jwks_uri"):
        TrustedIssuer(
            "i", inline.audience, inline.algorithms, keys=inline.keys, jwks_uri="https://a.test"
        )


@pytest.mark.parametrize(
    "uri",
    [
        "https://a.test/jwks",
        "https://a.test:8443/x?y=z",
        "http://localhost:9/jwks",
        "http://127.0.0.1/jwks",
        "http://[::1]:9/jwks",
    ],
)
def test_keys_are_published_over_https_or_on_loopback(uri: str) -> None:
    assert trust(jwks_uri=uri).jwks_uri == uri


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "a.test/jwks",
        "http://a.test/jwks",
        "http://localhost.evil.test/",
        "file:///etc/passwd",
        "ftp://localhost/jwks",
        "https:///jwks",
        "https://user@a.test/",
        "https://user:secret@a.test/",
        "https://@a.test/",
        "https://a.test/#x",
        "https://a.test/#",
        "https://a.test:0/",
        "https://a.test:99999/",
        "https://[::1/",
        "https://a.te\tst/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://a.test/ x",
        "https://a.test\\@b.test/",
        "https://\u0430.test/",
    ],
    ids=ascii,
)
def test_no_other_address_is_taken(uri: str) -> None:
    """Threats 30 and 112: it must not be read in two ways."""
    with pytest.raises(ValueError, match=r"."):
        trust(jwks_uri=uri)


@pytest.mark.parametrize(
    ("wanted", "claims", "matched"),
    [
        ({}, {}, True),
        ({"org": "1"}, {"org": "1"}, True),
        ({"org.id": 1}, {"org": {"id": 1}}, True),
        ({"a": True, "b": "x"}, {"a": True, "b": "x"}, True),
        ({"a": True, "b": "x"}, {"a": True}, False),
        ({"org": "1"}, {}, False),
        ({"org": "1"}, {"org": 1}, False),
        ({"org": 1}, {"org": True}, False),
        ({"org": 1}, {"org": 1.0}, False),
        ({"org": 0}, {"org": False}, False),
        ({"org": "1"}, {"org": ["1"]}, False),
        ({"org": "1"}, {"org": {"1": "1"}}, False),
        ({"org": "1"}, {"org": "1 "}, False),
        ({"org": "a"}, {"org": "A"}, False),
        ({"org.id": "1"}, {"org.id": "1"}, False),
    ],
    ids=repr,
)
def test_a_match_is_by_type_and_value(
    wanted: dict[str, Any], claims: dict[str, Any], *, matched: bool
) -> None:
    """Threat 44: an issuer that serves many organisations."""
    assert trust(match=wanted).matches(claims) is matched


OTHER_AUDIENCE = frozenset({"https://other.test"})


@pytest.mark.parametrize(
    ("mine", "theirs", "conflict"),
    [
        ({}, {}, True),
        ({"match": {"org": "1"}}, {}, True),
        ({"match": {"org": "1"}}, {"match": {"org": "1"}}, True),
        ({"match": {"org": "1"}}, {"match": {"team": "2"}}, True),
        ({"match": {"org": "1"}}, {"match": {"org": "2"}}, False),
        ({"match": {"org": 1}}, {"match": {"org": True}}, False),
        ({"match": {"org": "1", "x": 1}}, {"match": {"org": "1", "x": 2}}, False),
        ({"match": {r"a\.b": "1"}}, {"match": {"a.b": "2"}}, True),
        ({"audience": OTHER_AUDIENCE}, {}, False),
        pytest.param({"audience": OTHER_AUDIENCE | {AUDIENCE}}, {}, True, id="one in common"),
        ({"issuer": "https://login.other.test"}, {}, False),
    ],
    ids=repr,
)
def test_two_tenants_trust_one_issuer_only_when_they_exclude_each_other(
    mine: dict[str, Any], theirs: dict[str, Any], *, conflict: bool
) -> None:
    """Threat 44: could one token pass at both?"""
    assert trust(**mine).overlaps(trust(**theirs)) is conflict
    assert trust(**theirs).overlaps(trust(**mine)) is conflict
