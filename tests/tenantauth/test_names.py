import pytest

from tenantauth.names import Names, each_name, nearest


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("analyst", ("analyst",)),
        ("", ("",)),
        (["b", "a"], ("b", "a")),
        ({"b", "a", "c"}, ("a", "b", "c")),
        ((name for name in "ba"), ("b", "a")),
    ],
    ids=["one", "empty", "list", "set", "iterator"],
)
def test_a_bare_string_is_one_name(given: Names, found: tuple[str, ...]) -> None:
    assert each_name(given) == found


@pytest.mark.parametrize(
    ("name", "near"),
    [("analist", "analyst"), ("ANALYST", None), ("", None), ("viewer" * 100_000, None)],
    ids=["typo", "far", "empty", "huge"],
)
def test_the_name_that_was_meant_is_told_when_one_is_near(name: str, near: str | None) -> None:
    assert nearest(name, iter(["viewer", "analyst"])) == near
