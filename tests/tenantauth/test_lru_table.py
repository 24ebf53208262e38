from collections.abc import Iterator

from tenantauth.lru_table import LruTable


def kept(table: LruTable[str, int], keys: str) -> str:
    return "".join(key for key in keys if table.get(key) is not None)


def filled(size: int, keys: str) -> LruTable[str, int]:
    table: LruTable[str, int] = LruTable(size)
    for number, key in enumerate(keys):
        table.put(key, number)
    return table


def test_an_entry_is_replaced_and_found_again() -> None:
    table = filled(9, "aba")
    assert (table.get("a"), table.get("b"), table.get("c"), len(table)) == (2, 1, None, 2)


def test_what_is_false_is_an_entry_too() -> None:
    table = filled(2, "ab")
    assert table.get("a") == 0
    table.put("c", 2)
    assert kept(table, "abc") == "ac"


def test_the_entry_put_longest_ago_is_forgotten() -> None:
    """Threat 77: there are never more than was said."""
    table = filled(2, "abac")
    assert kept(table, "abc") == "ac"
    assert len(table) == 2


def test_looking_is_a_use() -> None:
    table = filled(2, "ab")
    table.get("a")
    table.put("c", 2)
    assert kept(table, "abc") == "ac"


def test_what_is_dropped_is_gone_and_may_have_been() -> None:
    table = filled(2, "ab")
    table.drop("a")
    table.drop("a")
    assert kept(table, "ab") == "b"


class Looked(str):
    """A key with which something happens whenever it is looked for."""

    __slots__ = ("happening",)
    happening: Iterator[str]

    def __hash__(self) -> int:
        next(self.happening)
        return super().__hash__()


def test_an_entry_that_another_thread_drops_while_it_is_found_is_still_good() -> None:
    """Threat 80: those who look hold no lock."""

    def happen() -> Iterator[str]:
        yield "It is found."
        table.drop("a")
        yield "It is no more."

    table, key = filled(2, "a"), Looked("a")
    key.happening = happen()
    assert table.get(key) == 0
    assert len(table) == 0
