import pytest

from tenants.declare.json_reading import read_json
from tenants.declare.yaml_reading import UnreadableError


def keep(_place: object, value: object) -> object:
    return value


def test_a_member_given_twice_is_found_at_its_place() -> None:
    _, problems = read_json('{"a": [{"b": 1, "b": 2}]}', keep)
    assert [(each.id, each.place) for each in problems] == [("TA004", ("a", 0, "b"))]


@pytest.mark.parametrize(
    ("text", "id_", "line"),
    [
        ('{"a": 1,}', "TA002", 1),
        ('{"a":\n1} x', "TA002", 2),
        ('{"a": NaN}', "TA003", 0),
        ('{"a": ' + "9" * 5000 + "}", "TA003", 0),
        ("[" * 100_000, "TA003", 0),
        ('{"a": ' + "[" * 40 + "]" * 40 + "}", "TA003", 0),
    ],
    ids=["comma", "rest", "NaN", "digits", "brackets", "depth"],
)
def test_what_is_no_json_ends_the_reading(text: str, id_: str, line: int) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_json(text, keep)
    assert (caught.value.problem.id, caught.value.line) == (id_, line)


def test_each_item_below_the_top_is_handed_over() -> None:
    seen = []

    def note(place: object, value: object) -> object:
        seen.append((place, value))
        return {}

    value, _ = read_json('{"tenants": [{"slug": "a"}]}', note)
    assert (seen, value) == ([(("tenants", 0), {"slug": "a"})], {"tenants": [{}]})
