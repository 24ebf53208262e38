"""Signing keys: shown, rotated, and refused after a leak (how safely: `tenants.key_changes`)."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from tenants.core import Core
from tenants.errors import ConflictError, NotFoundError, TooEarlyError
from tenants.key_changes import KeyChanges
from tenants.key_rows import Snapshot, read_keys, rules_of, to_records
from tenants.lifecycle import VERIFYING
from tenants.models import TenantRow
from tenants.tenant_rows import ALIVE, find_tenant
from tenants.values import KeyRecord

Jwks = dict[str, list[dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did; ``waited_s`` is how long live workers were given to hold the key."""

    tenant: str
    promoted: KeyRecord
    pending: KeyRecord
    demoted: KeyRecord | None = None
    waited_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Compromise:
    """What is refused from now on, and the keys that sign now and next."""

    tenant: str
    compromised: tuple[KeyRecord, ...]
    active: KeyRecord
    pending: KeyRecord


class KeyService:
    """Shows, rotates and revokes signing keys; ``sleep`` waits that many seconds."""

    def __init__(self, core: Core, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._core = core
        self._changes = KeyChanges(core)
        self._sleep = sleep

    def jwks(self, slug: str) -> Jwks:
        """Return the tenant's published keys as a JSON Web Key Set (RFC 7517 section 5).

        Raises:
            NotFoundError: when there is no such tenant.
        """
        with self._core.begin() as session:
            rows = read_keys(session, find_tenant(session, slug).id)
            return {"keys": [row.public_jwk for row in rows if row.state in VERIFYING]}

    def rotate(self, slug: str, *, now: bool = False) -> Rotation:
        """Let the pending key sign and make the next one; the active key goes into grace.

        With ``now`` readers of the JWKS outside the registry may meet a key that they do not hold
        yet; live workers are still given one staleness bound.

        Raises:
            NotFoundError: when there is no such tenant.
            TooEarlyError: when the pending key was not published for long enough.
            ConflictError: when another process changed the keys meanwhile; it has most likely
                rotated, and nothing is left to do.
            MasterKeyError: when no key can be sealed.
        """
        snapshot = self._changes.read_settled(slug)
        waited_s = self._wait_for_readers(snapshot, now=now)
        stored = self._changes.store(
            snapshot, "key.rotate", lambda chain, now, make: chain.rotate(now, make)
        )
        demoted = stored.records[snapshot.chain.active.kid]
        return Rotation(slug, stored.active, stored.pending, demoted, waited_s)

    def rotate_due(self) -> tuple[Rotation, ...]:
        """Rotate every tenant whose key has signed long enough, and retire keys; made for timers.

        Tenants whose pending key is too young, or that another process changes just now, are left
        to the next run.

        Raises:
            MasterKeyError: when no key can be sealed.
        """
        rotations = []
        for slug in self._slugs():
            with suppress(TooEarlyError, ConflictError, NotFoundError):
                snapshot = self._changes.read_settled(slug)
                now = self._core.now()
                if snapshot.rules.is_due(snapshot.chain.active, now):
                    rotations.append(self.rotate(slug))
                elif snapshot.chain.retire(now, snapshot.rules) != snapshot.chain:
                    self._changes.store(snapshot, "key.retire", lambda chain, *_: chain)
        return tuple(rotations)

    def compromise(self, slug: str, kid: str) -> Compromise:
        """Refuse all that a leaked key has signed, for good; its successor signs at once.

        A successor that was made just before may itself be unknown to live workers for one
        staleness bound, and to readers of the JWKS for its max-age.

        Raises:
            NotFoundError: when there is no such tenant or key.
            MasterKeyError: when a new key is needed and cannot be sealed.
        """
        return self._compromise(slug, kid)

    def compromise_all(self, slug: str) -> Compromise:
        """Refuse all that the tenant has signed, and start again with two new keys.

        Raises:
            NotFoundError: when there is no such tenant.
            MasterKeyError: when the new keys cannot be sealed.
        """
        return self._compromise(slug, None)

    def list(self, slug: str) -> list[KeyRecord]:
        """Return all keys of the tenant, the oldest first.

        Raises:
            NotFoundError: when there is no such tenant.
        """
        with self._core.begin() as session:
            tenant = find_tenant(session, slug)
            rules = rules_of(tenant, self._core.settings.staleness_s)
            return to_records(read_keys(session, tenant.id), rules)

    def _compromise(self, slug: str, kid: str | None, attempts: int = 5) -> Compromise:
        snapshot = self._changes.read(slug)
        kids = {
            key.kid
            for key in snapshot.chain.keys
            if key.kid == kid or (kid is None and key.state != "compromised")
        }
        if not kids:
            raise NotFoundError(f"tenant {slug!r} has no key {kid!r}")
        try:
            stored = self._changes.store(
                snapshot,
                "key.compromise",
                lambda chain, now, make: chain.compromise(kids, now, make),
            )
        except ConflictError:
            # Whoever was faster has rotated, most likely: the leaked key is still to be refused.
            if attempts > 1:
                return self._compromise(slug, kid, attempts - 1)
            raise
        refused = tuple(record for record in stored.records.values() if record.kid in kids)
        return Compromise(slug, refused, stored.active, stored.pending)

    def _wait_for_readers(self, snapshot: Snapshot, *, now: bool) -> float:
        at, pending = self._core.now(), snapshot.chain.pending
        ready_at = snapshot.rules.may_promote_at(pending)
        if at >= ready_at:
            return 0.0
        if not now:
            # Rounded up: at the time told, it may.
            whole = ready_at + timedelta(microseconds=999_999)
            when = whole.isoformat(timespec="seconds").replace("+00:00", "Z")
            raise TooEarlyError(
                f"the pending key of {snapshot.slug!r} may sign from {when} on", ready_at
            )
        wait_s = snapshot.rules.emergency_wait_s(pending, at)
        if wait_s:
            self._sleep(wait_s)
        return wait_s

    def _slugs(self) -> Sequence[str]:
        query = select(TenantRow.slug).where(ALIVE).order_by(TenantRow.slug)
        with self._core.begin() as session:
            return session.scalars(query).all()
