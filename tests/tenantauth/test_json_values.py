from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantauth.json_values import same_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 1) | st.sampled_from([0.0, 1.0]) | st.text("a1"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (0, False), (1, 1.0), (None, False), ("1", 1), ([], {}), ({"a": 1}, {"a": True})],
)
def test_what_python_takes_for_one_may_be_two(one: object, other: object) -> None:
    """Threats 39 and 44."""
    assert not same_json(one, other)
    assert not same_json([other], [one])


def test_frozen_or_not_is_no_difference() -> None:
    frozen, thawed = MappingProxyType({"a": (1, {"b": None})}), {"a": [1, {"b": None}]}
    assert same_json(frozen, thawed)
    assert same_json(thawed, frozen)


@given(one=VALUES, other=VALUES)
def test_values_are_one_when_their_json_is(one: object, other: object) -> None:
    assert same_json(one, one)
    assert same_json(one, other) is (written(one) == written(other))


def written(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{name!r}:{written(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return repr(value)
