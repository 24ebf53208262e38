"""Killed in the middle of a change: the registry is as before or as after, and goes on at once."""

import multiprocessing
import os
import random
import signal
from collections.abc import Callable
from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Engine, event, select

from tenantauth.settings import Settings
from tenantauth.testing import ManualClock
from tenants.models import METADATA
from tenants.registry import Registry
from tests.tenants.declare.kit import tenants
from tests.tenants.key_forms import private_pem

Action = Callable[[Registry], object]

MANY = 300
LARGE = tenants("".join(f"- {{slug: t{number}}}\n" for number in range(MANY)))
SMALL = tenants(
    "- {slug: acme, hosts: [old.test], issuer: https://acme.test}\n"
    "- {slug: old, hosts: [new.test]}\n"
)
PEM = private_pem(ec.generate_private_key(ec.SECP256R1()))
FORKS = multiprocessing.get_context("fork")

CHANGES: dict[str, Action] = {
    "apply": lambda own: own.tenants_file.apply(SMALL),
    "tenant create": lambda own: own.tenants.create("globex", hosts=["api.globex.test"]),
    "tenant update": lambda own: own.tenants.update("old", name="New", hosts=["new.test"]),
    "tenant delete": lambda own: own.tenants.delete("old"),
    "key import": lambda own: own.keys.import_key("old", PEM, kid="theirs"),
    "key rotate": lambda own: own.keys.rotate("old"),
    "key compromise": lambda own: own.keys.compromise_all("old"),
    "tier set": lambda own: own.tiers.set("gold", []),
}


def die_after(moments: int) -> None:
    """Kill this process at its next statement or commit after so many."""
    left = iter(range(moments))

    def count_down(*_: object) -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count_down)
    event.listen(Engine, "commit", count_down)


class Child:
    """Does something to the registry in a process of its own, which may be killed."""

    def __init__(self, registry: Registry, settings: Settings, action: Action) -> None:
        # Neither the locks of SQLite nor the connections of PostgreSQL outlive a fork well.
        registry.dispose()
        self._registry = registry
        self._settings = settings
        self._action = action

    def is_killed(self, moments: int = 1_000_000, seconds: float = 100) -> bool:
        """Kill it after so many moments or seconds; tell whether it was still at work."""
        process = FORKS.Process(target=self._work, args=(moments,))
        process.start()
        process.join(seconds)
        process.kill()
        process.join()
        assert process.exitcode in (0, -signal.SIGKILL)
        return process.exitcode != 0

    def _work(self, moments: int) -> None:
        die_after(moments)
        own = Registry(settings=self._settings, clock=self._registry.clock, actor="child")
        self._action(own)


def rows(registry: Registry) -> list[object]:
    """Return everything that is stored."""
    with registry.begin() as session:
        tables = METADATA.sorted_tables
        return [sorted(map(repr, session.execute(select(table)))) for table in tables]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_is_killed_at_any_statement_is_none(
    registry: Registry, settings: Settings, clock: ManualClock, change: str
) -> None:
    """threats 94, 97, 118: all is there after the commit, nothing before, and no lock is left."""
    registry.tiers.set("silver", [])
    registry.tenants.create("old", hosts=["old.test"])
    registry.tenants.update("old", tier="silver")
    registry.tenants.create("other")
    clock.advance(7200)
    before = rows(registry)
    child = Child(registry, settings, CHANGES[change])
    for moments in count():
        if not child.is_killed(moments):
            break
        assert rows(registry) == before
        registry.dispose()
    assert moments > 5
    assert rows(registry) != before
    registry.tenants.update("other", name="Newer")


def applied(registry: Registry) -> bool:
    """Tell whether the large file is in force, wholly; it is wholly or not at all."""
    slugs = len(registry.tenants.slugs())
    assert slugs in (0, MANY)
    assert len(registry.audit.list(limit=1000)) == (slugs and MANY + 1)
    return slugs == MANY


def test_an_apply_of_hundreds_that_is_killed_leaves_nothing(
    registry: Registry, settings: Settings
) -> None:
    """threats 97, 118: killed at more and more statements, then in moments that nobody chose."""
    child = Child(registry, settings, lambda own: own.tenants_file.apply(LARGE))
    for moments in (2, 8, 14, 20):
        assert child.is_killed(moments)
        assert not applied(registry)
        registry.dispose()
    chance = random.Random(4)
    for _ in range(5):
        child.is_killed(seconds=chance.uniform(0.05, 1))
        applied(registry)
        registry.dispose()
    registry.tenants_file.apply(LARGE)
    assert applied(registry)
    assert registry.tokens.issue("t7", "alice").token
    assert registry.tenants_file.plan(LARGE).is_empty
