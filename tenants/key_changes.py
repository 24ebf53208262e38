"""A change of a tenant's keys: decided on a snapshot, stored in one transaction or not at all.

New keys are generated and sealed outside of it, as one for RS256 takes its time. A process that
dies before the commit has changed nothing. Of two that decided on one snapshot the second gets a
`ConflictError`, and has changed nothing either.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tenants.audit import record
from tenants.core import Core
from tenants.errors import ConflictError, NotFoundError
from tenants.generation import bump
from tenants.key_maker import KeyMaker
from tenants.key_rows import Snapshot, changes, read_keys, read_snapshot, to_records, write_chain
from tenants.lifecycle import KeyChain
from tenants.models import TenantRow
from tenants.values import KeyRecord

Change = Callable[[KeyChain, datetime, KeyMaker], KeyChain]


@dataclass(frozen=True, slots=True)
class Stored:
    """A tenant's keys after a change, by ``kid``."""

    chain: KeyChain
    records: Mapping[str, KeyRecord]

    @property
    def active(self) -> KeyRecord:
        """The key that signs."""
        return self.records[self.chain.active.kid]

    @property
    def pending(self) -> KeyRecord:
        """The key that signs next."""
        return self.records[self.chain.pending.kid]


class KeyChanges:
    """Reads snapshots and stores what was decided on them."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def read(self, slug: str) -> Snapshot:
        """Return what a change is decided on.

        Raises:
            NotFoundError: when there is no such tenant.
        """
        with self._core.begin() as session:
            return read_snapshot(session, slug, self._core.settings.staleness_s)

    def read_settled(self, slug: str) -> Snapshot:
        """Return the same, of a tenant with an active and a pending key.

        Raises:
            NotFoundError: when there is no such tenant.
        """
        snapshot = self.read(slug)
        if snapshot.chain.is_settled:
            return snapshot
        # Only hands in the database leave a tenant without one of its two keys.
        self.store(snapshot, "key.settle", lambda chain, now, make: chain.settle(now, make))
        return self.read(slug)

    def store(
        self, snapshot: Snapshot, action: str, change: Change, *, algorithm: str | None = None
    ) -> Stored:
        """Retire what is over, make the change, and store both with their audit event.

        With ``algorithm`` new keys, those of this change too, have another one from now on.

        Raises:
            InvalidError: when HMAC keys and public ones would verify side by side.
            ConflictError: when another process has changed the keys since the snapshot.
            NotFoundError: when the tenant has gone since.
            MasterKeyError: when a new key cannot be sealed.
        """
        now = self._core.now()
        maker = KeyMaker(
            algorithm or snapshot.algorithm,
            lambda: self._core.vault.unwrap(snapshot.tenant_id, snapshot.data_key),
        )
        chain = change(snapshot.chain.retire(now, snapshot.rules), now, maker)
        try:
            with self._core.begin(write=True) as session:
                if chain != snapshot.chain:
                    tenant = _get_tenant(session, snapshot)
                    write_chain(session, snapshot, chain, maker)
                    tenant.algorithm = algorithm or tenant.algorithm
                    bump(session, tenant, now)
                    self._record(session, snapshot, chain, action, algorithm)
                rows = read_keys(session, snapshot.tenant_id)
                records = {key.kid: key for key in to_records(rows, snapshot.rules)}
        except ConflictError:
            raise ConflictError(
                f"another process has rotated or changed the keys of {snapshot.slug!r} meanwhile"
            ) from None
        return Stored(chain, records)

    def _record(
        self,
        session: Session,
        snapshot: Snapshot,
        chain: KeyChain,
        action: str,
        algorithm: str | None,
    ) -> None:
        changed = changes(snapshot.chain, chain)
        old = ((key.kid, snapshot.chain.get(key.kid)) for key in changed)
        before = {kid: key.state for kid, key in old if key is not None}
        after = {key.kid: key.state for key in changed}
        record(
            session,
            at=self._core.now(),
            actor=self._core.actor,
            action=action,
            tenant=snapshot.slug,
            before=before if algorithm is None else {"algorithm": snapshot.algorithm, **before},
            after=after if algorithm is None else {"algorithm": algorithm, **after},
        )


def _get_tenant(session: Session, snapshot: Snapshot) -> TenantRow:
    tenant = session.get(TenantRow, snapshot.tenant_id)
    if tenant is None:
        raise NotFoundError(f"there is no tenant {snapshot.slug!r}")
    return tenant
