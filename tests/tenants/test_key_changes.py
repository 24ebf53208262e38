"""A change of a tenant's keys, stored in one transaction or not at all."""

from datetime import datetime

import pytest
from sqlalchemy import delete

from tenants.errors import ConflictError, NotFoundError
from tenants.key_changes import KeyChanges
from tenants.key_maker import KeyMaker
from tenants.lifecycle import KeyChain
from tenants.models import TenantRow
from tenants.registry import Registry
from tests.tenants.key_kit import states


def rotate(chain: KeyChain, now: datetime, maker: KeyMaker) -> KeyChain:
    return chain.rotate(now, maker)


def keep(chain: KeyChain, now: datetime, maker: KeyMaker) -> KeyChain:
    return chain


@pytest.fixture
def changes(registry: Registry) -> KeyChanges:
    registry.tenants.create("acme")
    return KeyChanges(registry)


def test_what_is_stored_is_told(registry: Registry, changes: KeyChanges) -> None:
    stored = changes.store(changes.read("acme"), "key.rotate", rotate)
    assert {kid: key.state for kid, key in stored.records.items()} == states(registry)
    assert (stored.active.state, stored.pending.state) == ("active", "pending")
    assert stored.pending.may_promote_at is not None


def test_a_change_of_nothing_leaves_no_event_and_no_new_generation(
    registry: Registry, changes: KeyChanges
) -> None:
    generation, events = registry.source().generation(), registry.audit.list()
    changes.store(changes.read("acme"), "key.keep", keep)
    assert (registry.source().generation(), registry.audit.list()) == (generation, events)


def test_the_second_change_on_one_snapshot_is_refused_whole(
    registry: Registry, changes: KeyChanges
) -> None:
    snapshot = changes.read("acme")
    changes.store(snapshot, "key.rotate", rotate)
    before, events = states(registry), registry.audit.list()
    with pytest.raises(ConflictError, match="rotated or changed the keys of 'acme' meanwhile"):
        changes.store(snapshot, "key.rotate", rotate)
    assert (states(registry), registry.audit.list()) == (before, events)


def test_a_tenant_that_has_gone_meanwhile_is_told(registry: Registry, changes: KeyChanges) -> None:
    snapshot = changes.read("acme")
    with registry.begin(write=True) as session:
        session.execute(delete(TenantRow))
    with pytest.raises(NotFoundError, match="there is no tenant 'acme'"):
        changes.store(snapshot, "key.rotate", rotate)
