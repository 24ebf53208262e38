from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tenantauth.identity import Identity, freeze
from tenantauth.reply import Refusal
from tenantauth.request import RequestFacts
from tenantauth.requirement import Require, names
from tests.support import NOW

BEGAN = datetime.fromtimestamp(NOW, UTC)
ALICE = Identity(
    "acme",
    "alice",
    "user",
    roles=frozenset({"analyst", "viewer"}),
    permissions=frozenset({"reports:read"}),
    scopes=frozenset({"read", "write"}),
    issued_at=BEGAN,
)


def ask(requirement: Require, identity: Identity = ALICE, after_s: float = 0) -> Refusal | None:
    request = RequestFacts("GET", "/", "acme.localhost", "http", "", NOW + after_s)
    return requirement(identity, request, {"REQUEST_METHOD": "GET"})


def code(requirement: Require, identity: Identity = ALICE) -> str | None:
    refusal = ask(requirement, identity)
    return None if refusal is None else refusal.code


def with_claims(**claims: Any) -> Identity:
    frozen: Any = freeze(claims)
    return replace(ALICE, claims=frozen)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("admin", {"admin"}),
        (["a", "b"], {"a", "b"}),
        ({"reports:read"}, {"reports:read"}),
        ((), set()),
        (iter(["a"]), {"a"}),
    ],
)
def test_a_bare_string_is_one_name(given: Any, found: set[str]) -> None:
    assert names(given) == found


@pytest.mark.parametrize("name", ["", "a b", 'a"b', "a\\b", "a\nb", "a\x00", "\u00e9", " a"])
def test_what_is_no_name_is_refused(name: str) -> None:
    """Threat 69: names of scopes stand in a challenge."""
    with pytest.raises(ValueError, match="is not a name"):
        names([name])


def test_nothing_required_holds_for_everybody() -> None:
    assert ask(Require(), Identity("acme")) is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"roles": {"analyst"}}, None),
        ({"roles": {"analyst", "viewer"}}, None),
        ({"roles": {"analyst", "admin"}}, "insufficient_role"),
        ({"any_role": {"admin", "viewer"}}, None),
        ({"any_role": {"admin", "owner"}}, "insufficient_role"),
        ({"roles": {"viewer"}, "any_role": {"admin"}}, "insufficient_role"),
        ({"scopes": {"read"}}, None),
        ({"scopes": {"read", "delete"}}, "insufficient_scope"),
        ({"permissions": {"reports:read"}}, None),
        ({"permissions": {"reports:read", "reports:write"}}, "insufficient_permission"),
    ],
)
def test_everything_asked_for_must_be_held(fields: dict[str, set[str]], expected: str) -> None:
    requirement = Require(**{name: frozenset(value) for name, value in fields.items()})  # type: ignore[arg-type]  # sets of names only
    assert code(requirement) == expected


@pytest.mark.parametrize("held", ["analyst,admin", "Admin", "admin ", "administrator"])
def test_a_role_is_compared_whole(held: str) -> None:
    """Threat 42."""
    identity = replace(ALICE, roles=frozenset({held}))
    assert code(Require(roles=frozenset({"admin"})), identity) == "insufficient_role"


@pytest.mark.parametrize("condition", ["roles", "any_role", "scopes", "permissions"])
def test_nobody_holds_nothing(condition: str) -> None:
    requirement = Require(**{condition: frozenset({"x"})})  # type: ignore[arg-type]  # sets of names only
    assert code(requirement, Identity("acme")) is not None


def test_the_challenge_names_the_scopes_that_are_needed() -> None:
    """RFC 6750 section 3.1."""
    refusal = ask(Require(scopes=frozenset({"write", "delete"})))
    assert refusal is not None
    challenge = 'Bearer error="insufficient_scope", scope="delete write"'
    assert refusal.headers == (("WWW-Authenticate", challenge),)


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ("finance", "finance"),
        (1, 1),
        (True, True),
        (None, None),
        (["a", 1], ["a", 1]),
        ({"a": [1]}, {"a": [1]}),
    ],
    ids=repr,
)
def test_an_attribute_that_equals_holds(held: object, wanted: object) -> None:
    assert ask(Require(attributes={"x": wanted}), with_claims(x=held)) is None


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ("Finance", "finance"),
        ("1", 1),
        (True, 1),
        (1, True),
        (1.0, 1),
        (0, False),
        (None, False),
        ("", None),
        (["finance"], "finance"),
        (["a", "b"], ["a"]),
        ([True], [1]),
        ({"a": True}, {"a": 1}),
        ({"a": [[0]]}, {"a": [[False]]}),
        ({"a": 1, "b": 2}, {"a": 1}),
    ],
    ids=repr,
)
def test_an_attribute_is_compared_by_type_and_value(held: object, wanted: object) -> None:
    """Threat 42: membership and Python's `True == 1` must not pass, at any depth."""
    refusal = ask(Require(attributes={"x": wanted}), with_claims(x=held))
    assert refusal == Refusal("forbidden", "attribute x")


@pytest.mark.parametrize("wanted", [None, "", 0, False, [], {}], ids=repr)
def test_an_attribute_that_is_absent_equals_nothing(wanted: object) -> None:
    """A condition computed as `None` must not open the route to everybody without the claim."""
    assert code(Require(attributes={"department": wanted})) == "forbidden"


def test_an_attribute_of_the_user_goes_before_a_claim() -> None:
    caller = replace(with_claims(department="it"), attributes={"department": "finance"})
    assert code(Require(attributes={"department": "finance"}), caller) is None
    assert code(Require(attributes={"department": "it"}), caller) == "forbidden"


def test_wanted_attributes_cannot_be_changed_later() -> None:
    departments = ["finance"]
    requirement = Require(attributes={"departments": departments})
    departments.append("it")
    assert code(requirement, with_claims(departments=["finance"])) is None


@pytest.mark.parametrize(
    ("after_s", "fresh"), [(0, True), (599.9, True), (600, True), (600.1, False), (10**6, False)]
)
def test_a_sign_in_is_fresh_for_so_long(after_s: float, *, fresh: bool) -> None:
    caller = replace(ALICE, auth_time=BEGAN)
    refusal = ask(Require(fresh=timedelta(minutes=10)), caller, after_s)
    assert (refusal is None) is fresh


def test_a_stale_sign_in_is_told_what_would_do() -> None:
    """RFC 9470 section 3."""
    refusal = ask(
        Require(fresh=timedelta(minutes=10), acr=frozenset({"2", "1"})),
        replace(ALICE, auth_time=BEGAN, acr="1"),
        601,
    )
    value = 'Bearer error="insufficient_user_authentication", acr_values="1 2", max_age="600"'
    expected = Refusal("stale_authentication", "too old", headers=(("WWW-Authenticate", value),))
    assert refusal == expected


@pytest.mark.parametrize(
    ("auth_time", "expected"),
    [(BEGAN, None), (BEGAN - timedelta(seconds=1), "refreshed"), (None, "no auth_time")],
)
def test_no_refresh_since_sign_in(auth_time: datetime | None, expected: str | None) -> None:
    refusal = ask(Require(fresh=True), replace(ALICE, auth_time=auth_time))
    assert (refusal and refusal.reason) == expected
    assert refusal is None or 'max_age="0"' in refusal.headers[0][1]


@pytest.mark.parametrize(("acr", "expected"), [("2", None), ("1", "acr"), (None, "acr")])
def test_the_class_of_the_sign_in_is_one_of_several(acr: str | None, expected: str | None) -> None:
    refusal = ask(Require(acr=frozenset({"2", "3"})), replace(ALICE, acr=acr))
    assert (refusal and refusal.reason) == expected


@pytest.mark.parametrize(("holds", "expected"), [(True, None), (False, "forbidden")])
def test_a_check_of_ones_own_decides_last(expected: str | None, *, holds: bool) -> None:
    seen = []

    def check(identity: Identity, environ: dict[str, Any]) -> bool:
        seen.append((identity.subject, environ["REQUEST_METHOD"]))
        return holds

    assert code(Require(check=check)) == expected
    assert code(Require(check=check, roles=frozenset({"admin"}))) == "insufficient_role"
    assert seen == [("alice", "GET")]


@pytest.mark.parametrize("fresh", [False, timedelta(0), timedelta(seconds=-1)])
def test_a_time_since_sign_in_is_positive(fresh: Any) -> None:
    with pytest.raises(ValueError, match="fresh is a time since sign-in, or True"):
        Require(fresh=fresh)
