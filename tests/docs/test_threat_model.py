"""The threat model names every threat, and the tests that it names know of them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
NUMBERS = range(1, 121)
# One number or several, as prose in a docstring ("threats 17 to 23, 25") or as part of a name.
_JOINT = r"(?:, and|,| and| to|/|-) ?"
_NAMED = re.compile(rf"threats?[ _](\d+(?:{_JOINT}\d+)*)", re.IGNORECASE)
_RANGE = re.compile(r"(\d+)(?: to |-)(\d+)")
_ROW = re.compile(r"^\| (\d+) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
_FILE = re.compile(r"`([\w./-]+/[\w.-]+|\w+\.\w+)`")


def numbers_in(text: str) -> Iterator[int]:
    for named in _NAMED.finditer(text):
        for first, last in _RANGE.findall(named[1]):
            yield from range(int(first), int(last) + 1)
        yield from map(int, re.findall(r"\d+", named[1]))


# This file speaks of numbers without holding any threat.
NAMED_IN = {
    str(path.relative_to(ROOT)): set(numbers_in(path.read_text(encoding="utf-8")))
    for path in sorted((ROOT / "tests").rglob("test_*.py"))
    if path != Path(__file__)
}
NAMED = set().union(*NAMED_IN.values())
ROWS = {int(number): held_by for number, _, _, held_by in _ROW.findall(TEXT)}
TESTS = {number: re.findall(r"`(tests/[^`]+)`", held_by) for number, held_by in ROWS.items()}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Threat 9.", {9}),
        ("threats 9, 11", {9, 11}),
        ("Threats 9, 11 and 13: all of them", {9, 11, 13}),
        ("threats 9, 11, and 13", {9, 11, 13}),
        ("threat 106/107", {106, 107}),
        ("Threat 9, threat 11: x", {9, 11}),
        ("Threats 1 to 3, 5 to 7.", {1, 2, 3, 5, 6, 7}),
        ("threats 1-3", {1, 2, 3}),
        ("def test_threat_95_new_keys() -> None:", {95}),
        ("Threat 23: 10^7 dots", {23}),
        ("a threat in 9 words", set()),
    ],
)
def test_every_form_of_a_number_is_read(text: str, numbers: set[int]) -> None:
    assert set(numbers_in(text)) == numbers


def test_each_threat_has_one_row_in_order() -> None:
    assert [int(number) for number, *_ in _ROW.findall(TEXT)] == list(NUMBERS)


def test_tests_name_threats_of_the_list_only() -> None:
    assert NAMED - set(NUMBERS) == set()


@pytest.mark.parametrize("number", sorted(NAMED))
def test_a_threat_that_a_test_names_is_said_to_be_held_by_one(number: int) -> None:
    assert TESTS[number]


@pytest.mark.parametrize("number", [number for number, files in TESTS.items() if files])
def test_a_test_that_holds_a_threat_names_it(number: int) -> None:
    assert [file for file in TESTS[number] if number not in NAMED_IN.get(file, ())] == []


@pytest.mark.parametrize("number", [number for number, files in TESTS.items() if not files])
def test_a_threat_without_a_test_is_said_to_be_open(number: int) -> None:
    assert ROWS[number].startswith("not there yet: ")


@pytest.mark.parametrize("number", [*range(106, 110), *range(116, 121)])
def test_no_secret_log_or_command_is_left_without_a_test(number: int) -> None:
    assert number in NAMED


def test_every_file_that_is_named_exists() -> None:
    named = set(_FILE.findall(TEXT))
    assert {"tenantauth/environ.py", "pyproject.toml", "docs/settings.md"} <= named
    assert sorted(name for name in named if not (ROOT / name).exists()) == []
