"""Signing keys: shown, rotated, and refused after a leak; with a real database and vault."""

import multiprocessing
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tenantauth.errors import TokenError
from tenantauth.ports import TenantKey
from tenantauth.settings import Settings
from tenantauth.testing import ManualClock
from tenantauth.tokens.verifier import verify
from tenants.errors import ConflictError, MasterKeyError, NotFoundError, TooEarlyError
from tenants.models import KeyRow, TenantRow
from tenants.registry import Registry
from tenants.services.keys import KeyService
from tenants.web.documents import jwks
from tests.tenants.key_kit import (
    OvertakenRegistry,
    die_while_rotating,
    find,
    rotate_at_once,
    states,
)

ACME = TenantKey("slug", "acme")
DAY_S = 86400


@pytest.fixture(autouse=True)
def acme(registry: Registry) -> None:
    registry.tenants.create("acme")


@pytest.fixture
def keys(registry: Registry, clock: ManualClock) -> KeyService:
    """The service, whose waits let the manual clock run."""
    return KeyService(registry, sleep=clock.advance)


def verifies(registry: Registry, token: str) -> bool:
    try:
        verify(token, registry.source().get(ACME), registry.clock.now())
    except TokenError:
        return False
    return True


def holders_of_a_secret(registry: Registry) -> set[str]:
    with registry.begin() as session:
        query = select(KeyRow.kid).where(KeyRow.sealed_private.is_not(None))
        return set(session.scalars(query))


def test_a_pending_key_that_is_too_young_says_when_it_may_sign(
    registry: Registry, keys: KeyService
) -> None:
    before = states(registry)
    with pytest.raises(TooEarlyError, match=r"may sign from 2027-01-15T09:00:00Z") as caught:
        keys.rotate("acme")
    assert caught.value.ready_at == find(registry, "pending").may_promote_at
    assert states(registry) == before


def test_a_rotation_promotes_demotes_and_makes_the_next(
    registry: Registry, keys: KeyService, clock: ManualClock
) -> None:
    active, pending = registry.keys.list("acme")
    clock.advance(3600)
    rotation = keys.rotate("acme")
    assert rotation.demoted is not None
    assert (rotation.demoted.kid, rotation.promoted.kid) == (active.kid, pending.kid)
    assert [key.state for key in registry.keys.list("acme")] == ["grace", "active", "pending"]
    assert rotation.pending == find(registry, "pending")
    assert rotation.waited_s == 0.0


def test_threat_109_the_private_half_is_gone_once_a_key_no_longer_signs(
    registry: Registry, keys: KeyService
) -> None:
    rotation = keys.rotate("acme", now=True)
    keys.compromise("acme", rotation.pending.kid)
    kept = {find(registry, "active").kid, find(registry, "pending").kid}
    assert holders_of_a_secret(registry) == kept


def test_threat_109_a_private_half_is_stored_sealed(registry: Registry, tmp_path: Path) -> None:
    with registry.begin() as session:
        tenant = session.scalars(select(TenantRow)).one()
        rows = session.scalars(select(KeyRow)).all()
        assert all(row.sealed_private and b'"d"' not in row.sealed_private for row in rows)
        assert tenant.wrapped_data_key
    assert not any(b'"d"' in file.read_bytes() for file in tmp_path.iterdir())


def test_an_emergency_rotation_waits_until_live_workers_hold_the_key(keys: KeyService) -> None:
    assert keys.rotate("acme", now=True).waited_s == 2.0


def test_a_clock_that_jumped_back_makes_an_emergency_wait_one_bound_at_most(
    keys: KeyService, clock: ManualClock
) -> None:
    clock.set_wall(clock.now() - DAY_S)
    assert keys.rotate("acme", now=True).waited_s == 2.0


def test_an_emergency_rotation_of_a_known_key_does_not_wait(
    keys: KeyService, clock: ManualClock
) -> None:
    clock.advance(60)
    assert keys.rotate("acme", now=True).waited_s == 0.0


def test_a_new_key_has_the_tenants_present_algorithm(registry: Registry, keys: KeyService) -> None:
    with registry.begin(write=True) as session:
        session.scalars(select(TenantRow)).one().algorithm = "EdDSA"
    rotation = keys.rotate("acme", now=True)
    assert (rotation.promoted.algorithm, rotation.pending.algorithm) == ("ES256", "EdDSA")


def test_threat_31_a_key_in_grace_verifies_until_its_last_token_has_ended(
    registry: Registry, keys: KeyService, clock: ManualClock
) -> None:
    token = registry.tokens.issue("acme", "alice", ttl_s=DAY_S).token
    keys.rotate("acme", now=True)
    clock.advance(DAY_S - 2)
    keys.rotate_due()
    assert verifies(registry, token)
    clock.advance(60)
    keys.rotate_due()
    assert [key.state for key in registry.keys.list("acme")] == ["retired", "active", "pending"]


def test_threat_94_no_token_fails_through_many_rotations_with_the_stalest_policy(
    registry: Registry, keys: KeyService, clock: ManualClock
) -> None:
    source, policy = registry.source(), registry.source().get(ACME)
    for _ in range(6):
        keys.rotate("acme", now=True)
        # A worker at the end of its staleness bound has not seen this rotation yet.
        token = registry.tokens.issue("acme", "alice").token
        assert verify(token, policy, clock.now()).subject == "alice"
        policy = source.get(ACME)


def test_a_timer_rotates_what_is_due_and_nothing_else(
    registry: Registry, keys: KeyService, clock: ManualClock
) -> None:
    clock.advance(89 * DAY_S)
    registry.tenants.create("globex")
    assert keys.rotate_due() == ()
    clock.advance(DAY_S)
    assert [rotation.tenant for rotation in keys.rotate_due()] == ["acme"]


def test_a_timer_leaves_a_pending_key_that_is_too_young_to_the_next_run(
    registry: Registry, keys: KeyService, clock: ManualClock
) -> None:
    clock.advance(90 * DAY_S)
    keys.compromise("acme", find(registry, "pending").kid)
    assert keys.rotate_due() == ()
    clock.advance(3600)
    assert len(keys.rotate_due()) == 1


def test_a_tenant_without_a_pending_key_is_repaired(registry: Registry, keys: KeyService) -> None:
    with registry.begin(write=True) as session:
        row = session.scalars(select(KeyRow).where(KeyRow.state == "pending")).one()
        session.delete(row)
    with pytest.raises(TooEarlyError):
        keys.rotate("acme")
    assert [key.state for key in registry.keys.list("acme")] == ["active", "pending"]


@pytest.mark.parametrize(
    ("leaked", "expected"),
    [
        ("grace", ["compromised", "active", "pending"]),
        ("active", ["grace", "compromised", "active", "pending"]),
        ("pending", ["grace", "active", "compromised", "pending"]),
    ],
)
def test_a_leaked_key_is_replaced_at_once(
    registry: Registry, keys: KeyService, leaked: str, expected: list[str]
) -> None:
    keys.rotate("acme", now=True)
    kid = find(registry, leaked).kid
    compromise = keys.compromise("acme", kid)
    assert [key.state for key in registry.keys.list("acme")] == expected
    assert [key.kid for key in compromise.compromised] == [kid]
    assert compromise.active == find(registry, "active")


def test_threat_31_tokens_of_a_leaked_key_are_refused_and_new_ones_are_not(
    registry: Registry, keys: KeyService
) -> None:
    old = registry.tokens.issue("acme", "alice").token
    keys.compromise("acme", find(registry, "active").kid)
    new = registry.tokens.issue("acme", "alice").token
    assert (verifies(registry, old), verifies(registry, new)) == (False, True)


def test_a_leak_is_told_although_another_process_rotates_just_then(
    registry: Registry, settings: Settings, clock: ManualClock
) -> None:
    overtaken = OvertakenRegistry(settings=settings, clock=clock, by=registry)
    kid = find(registry, "active").kid
    compromise = overtaken.keys.compromise("acme", kid)
    overtaken.dispose()
    assert compromise.compromised[0].grace_at is not None
    assert states(registry)[kid] == "compromised"


def test_all_keys_can_be_refused_together(registry: Registry, keys: KeyService) -> None:
    old = set(states(registry))
    keys.compromise_all("acme")
    assert {kid for kid, state in states(registry).items() if state == "compromised"} == old
    assert find(registry, "active").kid not in old
    assert find(registry, "pending").kid not in old


def test_a_leak_told_twice_changes_nothing_more(registry: Registry, keys: KeyService) -> None:
    kid = find(registry, "active").kid
    keys.compromise("acme", kid)
    before, events = registry.keys.list("acme"), registry.audit.list()
    assert keys.compromise("acme", kid).compromised[0].kid == kid
    assert (registry.keys.list("acme"), registry.audit.list()) == (before, events)


def test_a_key_in_grace_can_be_refused_without_the_master_key(
    registry: Registry, keys: KeyService, settings: Settings
) -> None:
    demoted = keys.rotate("acme", now=True).demoted
    assert demoted is not None
    Path(settings.master_key_file).unlink()
    registry.dispose()
    registry.keys.compromise("acme", demoted.kid)
    assert states(registry)[demoted.kid] == "compromised"


def test_threat_109_a_missing_master_key_refuses_rotation_and_changes_nothing(
    registry: Registry, keys: KeyService, settings: Settings
) -> None:
    before = states(registry)
    Path(settings.master_key_file).unlink()
    registry.dispose()
    with pytest.raises(MasterKeyError):
        keys.rotate("acme", now=True)
    assert states(registry) == before


@pytest.mark.parametrize(
    "slug", ["globex", "", "a\0b", "acme' OR 1=1", "%", "A" * 10_000], ids=repr
)
def test_an_unknown_tenant_is_told(keys: KeyService, slug: str) -> None:
    for ask in (keys.list, keys.jwks, keys.rotate, keys.compromise_all):
        with pytest.raises(NotFoundError, match="there is no tenant"):
            ask(slug)


def test_an_unknown_key_is_told(keys: KeyService) -> None:
    with pytest.raises(NotFoundError, match="tenant 'acme' has no key 'nothing'"):
        keys.compromise("acme", "nothing")


def test_the_jwks_holds_what_verifies_and_nothing_private(
    registry: Registry, keys: KeyService
) -> None:
    rotation = keys.rotate("acme", now=True)
    keys.compromise("acme", rotation.pending.kid)
    published = keys.jwks("acme")["keys"]
    verifying = [kid for kid, state in states(registry).items() if state != "compromised"]
    assert [jwk["kid"] for jwk in published] == verifying
    assert all(set(jwk) == {"kty", "kid", "use", "alg", "crv", "x", "y"} for jwk in published)


def test_a_key_that_cannot_be_read_is_not_published_as_workers_do_not_know_it(
    registry: Registry, keys: KeyService
) -> None:
    kid = find(registry, "pending").kid
    with registry.begin(write=True) as session:
        session.execute(update(KeyRow).where(KeyRow.kid == kid).values(public_jwk={"kty": "?"}))
    published = keys.jwks("acme")
    assert [jwk["kid"] for jwk in published["keys"]] == [find(registry, "active").kid]
    assert published == jwks(registry.source().get(ACME))


def test_each_change_leaves_one_event_and_one_new_generation(
    registry: Registry, keys: KeyService
) -> None:
    generation, version = registry.source().generation(), registry.tenants.get("acme").version
    rotation = keys.rotate("acme", now=True)
    event = registry.audit.list()[0]
    assert rotation.demoted is not None
    assert (event.action, event.actor, event.tenant) == ("key.rotate", "test", "acme")
    assert event.before == {rotation.demoted.kid: "active", rotation.promoted.kid: "pending"}
    assert event.after is not None
    assert event.after[rotation.promoted.kid] == "active"
    assert registry.source().generation() != generation
    assert registry.tenants.get("acme").version == version + 1


def test_of_two_rotations_on_one_snapshot_one_ends_in_a_conflict(
    registry: Registry, clock: ManualClock
) -> None:
    def be_overtaken(seconds: float) -> None:
        KeyService(registry, sleep=clock.advance).rotate("acme", now=True)

    with pytest.raises(ConflictError, match="another process has rotated or changed the keys"):
        KeyService(registry, sleep=be_overtaken).rotate("acme", now=True)
    assert sorted(states(registry).values()) == ["active", "grace", "pending"]


def test_threat_94_two_processes_that_rotate_at_once_end_in_one_rotation(
    registry: Registry, settings: Settings
) -> None:
    spawn = multiprocessing.get_context("spawn")
    barrier, outcomes = spawn.Barrier(2), spawn.Queue()
    arguments = (settings, barrier, outcomes)
    workers = [spawn.Process(target=rotate_at_once, args=arguments) for _ in range(2)]
    for worker in workers:
        worker.start()
    found = sorted(outcomes.get(timeout=30) for _ in workers)
    for worker in workers:
        worker.join(timeout=30)
    assert found[0].startswith("conflict: another process has rotated")
    assert found[1] == "rotated"
    assert sorted(states(registry).values()) == ["active", "grace", "pending"]


def test_threat_94_a_process_killed_before_the_commit_has_changed_nothing(
    registry: Registry, keys: KeyService, settings: Settings
) -> None:
    before = states(registry)
    worker = multiprocessing.get_context("spawn").Process(
        target=die_while_rotating, args=(settings,)
    )
    worker.start()
    worker.join(timeout=30)
    assert worker.exitcode == 9
    assert states(registry) == before
    assert keys.rotate("acme", now=True).promoted.kid in before


def test_the_default_settings_are_what_the_waits_above_assume() -> None:
    assert Settings().staleness_s == 2.0
