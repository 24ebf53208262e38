"""A full disk, a database that is held or gone, and files applied beside everything else."""

import sqlite3
from collections.abc import Iterator, Sequence

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import event

from tenantauth.limit import Limit
from tenantauth.settings import Settings
from tenantauth.testing import ManualClock
from tenants import db, migrations
from tenants.declare.plan import TenantChange
from tenants.errors import ConflictError, DatabaseError
from tenants.registry import Registry
from tests.servers.databases import on
from tests.servers.postgresql import Cluster
from tests.tenants.declare.kit import exported, file, tenants
from tests.tenants.key_forms import private_pem
from tests.tenants.services.test_at_once import Action, at_once

MANY = 60
LARGE = tenants("".join(f"- {{slug: t{number:03}, name: New}}\n" for number in range(MANY)))


@on("sqlite")
def test_a_disk_that_fills_during_an_apply_leaves_nothing(
    registry: Registry, settings: Settings
) -> None:
    """threat 97: the file may grow by some pages, so that it is full in the middle."""
    registry.tenants.create("acme")
    registry.tenants_file.apply(tenants("- {slug: acme, name: Acme}\n"))
    before = exported(registry), registry.audit.list()
    registry.dispose()
    crowded = Registry(settings=settings)

    def leave_no_room(connection: sqlite3.Connection, _: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 10}")

    event.listen(crowded.engine, "connect", leave_no_room)
    with pytest.raises(DatabaseError, match="the disk is full"):
        crowded.tenants_file.apply(LARGE)
    assert (exported(crowded), crowded.audit.list()) == before
    crowded.dispose()
    assert (exported(registry), registry.audit.list()) == before
    registry.tenants_file.apply(LARGE)
    assert registry.tenants_file.plan(LARGE).is_empty


@on("sqlite")
def test_a_writer_that_never_ends_stops_others_for_a_bounded_time(
    registry: Registry, settings: Settings
) -> None:
    """threat 97: one line after five seconds; readers do not wait at all."""
    with db.begin(registry.engine, write=True):
        other = Registry(settings=settings)
        with pytest.raises(DatabaseError, match="is busy: another process is writing"):
            other.tenants_file.apply(LARGE)
        assert other.tenants_file.plan(LARGE).count("create") == MANY
        other.dispose()
    assert registry.tenants.list() == []


@on("postgresql")
def test_a_held_name_lock_stops_others_for_a_bounded_time(
    registry: Registry, settings: Settings
) -> None:
    """threat 97"""
    registry.tenants.create("acme")
    with db.begin(registry.engine, write=True) as session:
        session.connection().exec_driver_sql("SELECT 1 FROM tenantauth_installation FOR UPDATE")
        other = Registry(settings=settings)
        with pytest.raises(DatabaseError, match="is busy: another process is writing"):
            other.tenants_file.apply(LARGE)
        other.dispose()
    assert [tenant.slug for tenant in registry.tenants.list()] == ["acme"]


@pytest.fixture
def own_server(postgresql_cluster: Cluster, settings: Settings) -> Iterator[Registry]:
    """Make a registry on a server that the test may stop."""
    postgresql_cluster.start()
    engine = db.make_engine(postgresql_cluster.url())
    migrations.upgrade(engine)
    registry = Registry(engine=engine, settings=settings)
    yield registry
    registry.dispose()


@on("sqlite")
@pytest.mark.parametrize(
    "statement", ["INSERT INTO tenantauth_signing_keys", "UPDATE tenantauth_installation"]
)
def test_a_server_that_dies_during_an_apply_has_nothing_of_it(
    own_server: Registry, postgresql_cluster: Cluster, statement: str
) -> None:
    """threat 97: one line, and the next attempt does it all."""
    alive = [True]

    def stop(*given: object) -> None:
        if alive and str(given[2]).startswith(statement):
            alive.clear()
            postgresql_cluster.stop()

    event.listen(own_server.engine, "before_cursor_execute", stop)
    with pytest.raises(
        DatabaseError, match=r"has cut the connection|cannot be reached|is shutting"
    ):
        own_server.tenants_file.apply(LARGE)
    assert not alive
    postgresql_cluster.start()
    assert own_server.tenants.list() == []
    assert own_server.tenants_file.apply(LARGE).count("create") == MANY
    assert own_server.tenants_file.plan(LARGE).is_empty


def test_why_an_apply_gave_up_is_told(registry: Registry, clock: ManualClock) -> None:
    """threat 118: a key that is changed in every attempt, and what was said of it last."""
    registry.tenants.create("acme")

    def meddle(changes: Sequence[TenantChange]) -> Iterator[TenantChange]:
        yield from changes
        registry.keys.compromise_all("acme")

    source = tenants("- {slug: acme, tokens: {algorithm: EdDSA}}\n")
    with pytest.raises(ConflictError, match=r"^key \w+ was changed meanwhile$"):
        registry.tenants_file.apply(source, watch=meddle)
    assert registry.tenants.get("acme").algorithm == "ES256"


def apply_of(name: str, rate: int) -> Action:
    text = "".join(f"  - {{slug: t{n:03}, name: {name}, tier: gold}}\n" for n in range(MANY))
    gold = f"tiers: {{gold: {{limits: [{{name: a, rate: {rate}/minute}}]}}}}\n"
    source = file(f"version: 1\n{gold}tenants:\n{text}")
    return lambda own: own.tenants_file.apply(source)


def test_different_files_at_once_end_as_one_of_them(registry: Registry, settings: Settings) -> None:
    """threat 118: each is written wholly, after another or not at all."""
    apply_of("Old", 1)(registry)
    told = at_once(settings, apply_of("One", 2), apply_of("Two", 3))
    assert told == ["done"] * len(told)
    names = {tenant.name for tenant in registry.tenants.list()}
    rates = {limit.rate for limit in registry.tiers.get("gold").limits}
    assert (names, rates) in (({"One"}, {"2/minute"}), ({"Two"}, {"3/minute"}))


def test_an_apply_beside_everything_else_loses_nothing(
    registry: Registry, settings: Settings, clock: ManualClock
) -> None:
    """threats 94, 118: whoever comes second looks again; nobody waits for ever."""
    apply_of("Old", 1)(registry)
    registry.dispose()

    def update_others(own: Registry) -> None:
        for number in range(0, MANY, 7):
            own.tenants.update(f"t{number:03}", metadata={"crm": str(number)})

    def set_tier(own: Registry) -> None:
        for rate in range(5, 9):
            own.tiers.set("gold", [Limit.parse(f"a={rate}/minute")])

    def set_new_tiers(own: Registry) -> None:
        for number in range(5):
            own.tiers.set(f"silver{number}", [Limit.parse("a=1/minute")])

    told = at_once(
        settings,
        apply_of("New", 2),
        update_others,
        set_tier,
        set_new_tiers,
        lambda own: own.keys.rotate_due(),
        lambda own: own.keys.compromise_all("t030"),
    )
    assert told == ["done"] * len(told)
    records = registry.tenants.list()
    assert {record.name for record in records} == {"New"}
    assert {record.metadata["crm"] for record in records if record.metadata} == {
        str(number) for number in range(0, MANY, 7)
    }
    assert len(registry.tiers.list()) == 6


def test_of_three_that_import_one_kid_one_wins(registry: Registry, settings: Settings) -> None:
    """threat 118"""
    registry.tenants.create("acme")
    pems = [private_pem(ec.generate_private_key(ec.SECP256R1())) for _ in range(3)]

    def import_key(own: Registry) -> object:
        return own.keys.import_key("acme", pems.pop(), kid="theirs")

    assert at_once(settings, *[import_key] * 3) == ["conflict"] * 2 + ["done"]
    assert [key.kid for key in registry.keys.list("acme")].count("theirs") == 1


def test_a_tier_that_two_make_at_once_is_made(registry: Registry, settings: Settings) -> None:
    """threat 118: a file and a command."""
    told = at_once(
        settings,
        apply_of("New", 2),
        *[lambda own: own.tiers.set("gold", [Limit.parse("a=9/minute")])] * 2,
    )
    assert told == ["done"] * len(told)
    assert len(registry.tenants.list()) == MANY
