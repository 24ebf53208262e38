from typing import Any

import pytest

from tenantauth.claim_path import ClaimPath

CLAIMS: dict[str, Any] = {
    "sub": "alice",
    "realm_access": {"roles": ["a"], "deep": {"er": 1}},
    "realm_access.roles": ["literal"],
    "https://acme.test/roles": ["namespaced"],
    "back\\slash": "b",
    "list": [{"roles": "x"}],
    "null": None,
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("sub", "alice"),
        ("realm_access.roles", ["a"]),
        ("realm_access.deep.er", 1),
        (r"realm_access\.roles", ["literal"]),
        (r"https://acme\.test/roles", ["namespaced"]),
        (r"back\\slash", "b"),
        ("missing", None),
        ("realm_access.missing.too", None),
        ("sub.a", None),
        ("list.0.roles", None),
        ("list.roles", None),
        ("null", None),
        ("Sub", None),
    ],
)
def test_a_path_leads_to_one_claim(path: str, found: object) -> None:
    assert ClaimPath.parse(path).find(CLAIMS) == found


@pytest.mark.parametrize(
    "path",
    ["", ".", "a.", ".a", "a..b", "a\\", r"\a", "a\nb", "a\x00", "a" * 256, ".".join("a" * 21)],
    ids=ascii,
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="path to a claim"):
        ClaimPath.parse(path)


@pytest.mark.parametrize("path", ["a" * 255, ".".join("a" * 20)], ids=["longest", "deepest"])
def test_a_path_at_its_bounds_is_read(path: str) -> None:
    assert ".".join(ClaimPath.parse(path).names) == path


def test_paths_with_the_same_names_are_one() -> None:
    assert ClaimPath.parse("a.b") == ClaimPath(("a", "b"))
    assert ClaimPath.parse(r"a\.b") == ClaimPath(("a.b",))
