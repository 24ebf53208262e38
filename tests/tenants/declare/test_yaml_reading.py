import time
from typing import Any

import pytest

from tenants.declare.yaml_reading import UnreadableError, YamlReader


def read(text: str) -> Any:
    """Return the value of a text in which nothing is wrong."""
    reader = YamlReader(lambda _place, value: value)
    value = reader.read(text)
    assert reader.found == []
    return value


def problems(text: str) -> list[tuple[str, int]]:
    """Return what is found in a text, with its lines."""
    reader = YamlReader(lambda _place, value: value)
    reader.read(text)
    return [(problem.text, line) for problem, line in reader.found]


def stopped(text: str) -> UnreadableError:
    """Return where reading a text ends."""
    with pytest.raises(UnreadableError) as caught:
        read(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-12", -12),
        *((text, text) for text in ("no", "Yes", "on", "True", "NULL", "Off")),
        *((text, text) for text in ("007", "0x1F", "0o17", "1_000", "+1", "1.5", "1e3")),
        *((text, text) for text in ("12:30:45", "2027-01-15", "=", ".inf", ".nan")),
        ("'12'", "12"),
        ('"true"', "true"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
    ],
)
def test_a_scalar_is_what_it_looks_like(text: str, value: object) -> None:
    read_value = read(f"a: {text}\n")["a"]
    assert (read_value, type(read_value)) == (value, type(value))


def test_keys_are_names_as_written() -> None:
    assert read("no: 1\n12: 2\n") == {"no": 1, "12": 2}


def test_an_alias_repeats_and_a_merge_fills_up() -> None:
    text = "a: &a {x: 1, y: 2}\nb: *a\nc: {<<: *a, y: 3}\nd: {<<: [*a, {z: 4}]}\n"
    value = read(text)
    assert (value["b"], value["c"]) == ({"x": 1, "y": 2}, {"x": 1, "y": 3})
    assert value["d"] == {"x": 1, "y": 2, "z": 4}


def test_a_merge_in_quotes_is_a_name() -> None:
    assert read("'<<': 1\n") == {"<<": 1}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1\nb: 2\na: 3\n", [("'a' is given twice", 3)]),
        (
            "a: !!python/name:os.system x\n",
            [("the tag 'tag:yaml.org,2002:python/name:os.system' is not read", 1)],
        ),
        ("a: !mine {}\n", [("the tag '!mine' is not read", 1)]),
        ("a: 1\n---\nb: 2\n", [("a second document begins here", 3)]),
        ("a: &a [*a]\n", [("there is no anchor 'a' before this, or it holds itself", 1)]),
        ("a: {<<: 1}\n", [("<< merges mappings only", 1)]),
        ("? [a, b]\n: 1\n", [("a key is a name", 1)]),
    ],
    ids=["twice", "python tag", "own tag", "second document", "recursion", "merge", "key"],
)
def test_what_yaml_allows_and_a_file_does_not(text: str, found: list[tuple[str, int]]) -> None:
    assert problems(text) == found


@pytest.mark.parametrize(
    ("text", "line"),
    [("a:\n\t- 1\n", 2), ("a: [1\n", 2), ("a: 'x\n", 2), ("a: \x07\n", 0), ("%YAML 9\n", 1)],
    ids=["tab", "bracket", "quote", "control character", "directive"],
)
def test_what_is_no_yaml_ends_the_reading(text: str, line: int) -> None:
    error = stopped(text)
    assert (error.problem.id, error.line) == ("TA002", line)


def test_values_are_not_nested_without_end() -> None:
    """Threat 117: a file of brackets costs no stack."""
    assert stopped("[" * 100_000).problem.id == "TA003"


def test_aliases_that_repeat_aliases_are_counted() -> None:
    """Threat 117: nine lines that stand for a billion values are refused at once."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    started = time.perf_counter()
    assert "5,000,000 values" in stopped("\n".join(lines)).problem.text
    assert time.perf_counter() - started < 5


def test_aliases_that_nest_aliases_are_as_deep_as_what_they_repeat() -> None:
    """Threat 117: each line is shallow, and all of them would end the interpreter's stack."""
    inner = "x"
    lines = []
    for number in range(60):
        lines.append(f"a{number}: &a{number} " + "[" * 20 + inner + "]" * 20)
        inner = f"*a{number}"
    assert "nested more than" in stopped("\n".join(lines)).problem.text


def test_the_same_is_read_without_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    text = "a: &a {x: 1}\nb: [*a, 'y', no]\n"
    fast = read(text)
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert read(text) == fast
    assert stopped("a:\n\t- 1\n").line == 2
