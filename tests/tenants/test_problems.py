from collections.abc import Iterator

from tenants.problems import Problem, new_problems

OLD, NEW = Problem("TA013", "an old one"), Problem("TA018", "a new one")


def test_what_was_wrong_before_is_not_held_against_a_change() -> None:
    assert new_problems([OLD], [OLD, NEW]) == [NEW]


def test_where_nothing_is_wrong_nobody_looks_at_what_was_before() -> None:
    before: Iterator[Problem] = iter([OLD])
    assert new_problems(before, []) == []
    assert next(before) == OLD
