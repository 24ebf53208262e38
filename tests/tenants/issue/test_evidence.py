"""How values are put into a sentence."""

import pytest

from tenants.issue.evidence import listed, told


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "'x'"),
        (7, "7"),
        (True, "true"),
        (None, "null"),
        ({"a": ["\x1b"]}, '{"a": ["\\u001b"]}'),
        ("\x1b\u202e\n", r"'\x1b\u202e\n'"),
    ],
    ids=repr,
)
def test_a_value_is_told_by_its_type_and_without_control(value: object, text: str) -> None:
    """Threat 107."""
    assert told(value) == text


def test_what_is_long_is_cut() -> None:
    assert len(told("x" * 5000)) == 121
    assert listed([*"abcdefg"]) == "'a', 'b', 'c', 'd', 'e' and 2 more"
    assert listed([]) == "none"
