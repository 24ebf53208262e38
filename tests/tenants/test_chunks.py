import pytest

from tenants.chunks import PER_STATEMENT, chunks


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("", []),
        ("a", ["a"]),
        ("abc", ["abc"]),
        ("abcd", ["abc", "d"]),
        ("abcdef", ["abc", "def"]),
    ],
)
def test_all_items_come_in_order_and_so_many_at_a_time(items: str, expected: list[str]) -> None:
    assert list(chunks(items, 3)) == expected


def test_a_statement_names_no_more_than_it_may() -> None:
    assert [len(each) for each in chunks(range(PER_STATEMENT + 1))] == [PER_STATEMENT, 1]
