"""Many tenants, a page at a time."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, event

from tenants.core import Core
from tenants.errors import InvalidError
from tenants.registry import Registry
from tenants.spec import TenantSpec
from tenants.spec_rows import new_row
from tenants.tenant_pages import PAGE, TenantFilter, pages
from tenants.vault import WrappedKey

MANY = 2 * PAGE + 3


@pytest.fixture
def few(registry: Registry) -> Registry:
    registry.tiers.set("gold", [])
    registry.tenants.add(TenantSpec("acme", "Acme 100%", tier="gold", hosts=("api.Shop.test",)))
    registry.tenants.add(TenantSpec("acme2", "Zwei_1", status="suspended"))
    registry.tenants.add(TenantSpec("globex", "Globex Corp", tier="gold"))
    registry.tenants.add(TenantSpec("gone", "Gone Corp"))
    registry.tenants.delete("gone")
    return registry


@pytest.fixture
def many(registry: Registry) -> Registry:
    with registry.begin(write=True) as session:
        for number in range(MANY):
            spec = TenantSpec(f"t{number:04}", "many").canonical(registry.settings)
            key = WrappedKey("none", b"none")
            session.add(new_row(f"{number:032}", spec, key, registry.now()))
    return registry


@pytest.fixture
def statements(registry: Registry) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    engine: Engine = registry.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("wanted", "slugs"),
    [
        ({}, ["acme", "acme2", "globex"]),
        ({"text": "ACME"}, ["acme", "acme2"]),
        ({"text": "corp"}, ["globex"]),
        ({"text": "shop.test"}, ["acme"]),
        ({"text": "%"}, ["acme"]),
        ({"text": "_"}, ["acme2"]),
        ({"text": "\\"}, []),
        ({"text": "' OR '1'='1"}, []),
        ({"text": "\0"}, []),
        ({"status": "active"}, ["acme", "globex"]),
        ({"status": "suspended"}, ["acme2"]),
        ({"status": "deleted"}, ["gone"]),
        ({"tier": "gold"}, ["acme", "globex"]),
        ({"tier": "gold\0"}, []),
        ({"after": "acme"}, ["acme2", "globex"]),
        ({"tier": "gold", "after": "acme"}, ["globex"]),
    ],
    ids=repr,
)
def test_tenants_are_filtered(few: Registry, wanted: TenantFilter, slugs: list[str]) -> None:
    """threats 49, 116: what LIKE would obey is only a letter."""
    assert [record.slug for record in few.tenants.list(**wanted)] == slugs


def test_a_list_can_be_limited(few: Registry) -> None:
    assert [record.slug for record in few.tenants.list(2)] == ["acme", "acme2"]
    with pytest.raises(InvalidError, match="at least 1"):
        few.tenants.list(0)


def test_each_of_many_is_met_once_and_in_order(many: Registry) -> None:
    slugs = [record.slug for record in many.tenants.each()]
    assert slugs == [f"t{number:04}" for number in range(MANY)]


def test_pages_need_the_same_few_statements_whatever_their_length(
    many: Registry, statements: list[str]
) -> None:
    list(many.tenants.each())
    selects = [statement for statement in statements if statement.startswith("SELECT")]
    assert len(selects) <= 3 * 6


def test_nothing_is_read_ahead_of_who_asks(many: Registry) -> None:
    each = many.tenants.each()
    next(each)
    with many.begin(write=True):
        pass  # a reader that held its page open would keep SQLite's writers waiting


def test_a_page_ends_where_the_tenants_do(many: Registry) -> None:
    core: Core = many
    assert [len(rows) for rows in pages(core, {})] == [PAGE, PAGE, 3]


def test_what_changes_while_one_reads_makes_nobody_be_met_twice(many: Registry) -> None:
    each = many.tenants.each()
    first = [next(each).slug for _ in range(PAGE)]
    many.tenants.delete(first[0])
    many.tenants.delete(f"t{PAGE + 1:04}")
    rest = [record.slug for record in each]
    assert len(first + rest) == len({*first, *rest}) == MANY - 1
