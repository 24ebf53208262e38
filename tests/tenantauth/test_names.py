import pytest

from tenantauth.names import Names, each_name


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
