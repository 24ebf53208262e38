"""An agreed plan to rows, page by page: a host or issuer may pass from one tenant to another."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tenants import audit
from tenants.chunks import chunks
from tenants.core import Core
from tenants.declare.plan import Plan, TenantChange, TierChange
from tenants.declare.prepared import NextKey, Prepared
from tenants.declare.stored import PAGE
from tenants.document import changed, tier_document, to_document
from tenants.generation import bump_installation
from tenants.key_rows import write_chain
from tenants.lifecycle import KeyChain, KeyLife
from tenants.models import HostRow, TenantRow
from tenants.spec import TenantSpec
from tenants.spec_rows import new_row, write
from tenants.tenant_removals import record_deletion
from tenants.tenant_rows import with_parts
from tenants.tier_rows import lock_tier, remove_tier, write_tier
from tenants.values import LimitSpec


class Writing:
    """Writes in a transaction that holds the locks of the plan."""

    def __init__(self, core: Core, session: Session, prepared: Prepared) -> None:
        self._core = core
        self._session = session
        self._prepared = prepared
        self._now = core.now()

    def write(self, plan: Plan) -> None:
        """Write everything, and tell all workers at the end."""
        for tier in plan.tiers:
            if tier.after is not None:
                self._set_tier(tier, tier.after)
        existing = [change for change in plan.tenants if change.before is not None]
        self._free_names(existing)
        for page in chunks(existing, PAGE):
            self._change(page)
        for page in chunks([change for change in plan.tenants if change.before is None], PAGE):
            self._create(page)
        for tier in plan.tiers:
            if tier.after is None:
                self._remove_tier(tier)
        bump_installation(self._session)

    def _free_names(self, changes: Sequence[TenantChange]) -> None:
        """Take from tenants the hosts and issuers that they lose, so that others can get them."""
        hosts = [change.id for change in changes if _differ(change, "hosts")]
        for ids in chunks(hosts, PAGE):
            self._session.execute(delete(HostRow).where(HostRow.tenant_id.in_(ids)))
        issuers = [change.id for change in changes if _differ(change, "issuer")]
        for ids in chunks(issuers, PAGE):
            passing = update(TenantRow).where(TenantRow.id.in_(ids))
            self._session.execute(passing.values(issuer="urn:passing:" + TenantRow.id))

    def _change(self, page: Sequence[TenantChange]) -> None:
        query = select(TenantRow).where(TenantRow.id.in_([change.id for change in page]))
        rows = {row.id: row for row in self._session.scalars(with_parts(query))}
        for change in page:
            row = rows[change.id]
            if change.before is not None and change.after is not None:
                self._rewrite(row, change.before, change.after)
            else:
                row.deleted_at = self._now
                record_deletion(self._session, self._core, row.slug, self._now)
            row.version += 1
            row.updated_at = self._now
        self._session.flush()
        self._session.expunge_all()

    def _rewrite(self, row: TenantRow, before: TenantSpec, after: TenantSpec) -> None:
        known = before if before.hosts == after.hosts else replace(before, hosts=())
        if before.algorithm != after.algorithm:
            self._replace_pending(self._prepared.next[row.slug])
        write(row, after, known)
        differing = changed(to_document(before), to_document(after))
        self._record(
            "tenant.update",
            row.slug,
            {name: old for name, (old, _) in differing.items()},
            {name: new for name, (_, new) in differing.items()},
        )

    def _replace_pending(self, made: NextKey) -> None:
        chain = made.snapshot.chain.settle(self._now, made.maker)
        chain = chain.replace_pending(KeyLife(made.kid, self._now), self._now, made.maker)
        write_chain(self._session, made.snapshot, chain, made.maker)

    def _create(self, page: Sequence[TenantChange]) -> None:
        for change in page:
            if change.after is None:
                continue
            keys = self._prepared.first[change.slug]
            kids = iter(keys.kids)
            # Dated now: readers count from here how long a key has been published.
            chain = KeyChain().settle(self._now, lambda kids=kids: next(kids))  # type: ignore[misc]
            row = new_row(keys.tenant_id, change.after, keys.wrapped, self._now)
            row.version = 1
            row.keys = [keys.maker.row(keys.tenant_id, life) for life in chain.keys]
            self._session.add(row)
            after = {**to_document(change.after), "keys": list(keys.kids)}
            self._record("tenant.create", change.slug, None, after)
        self._session.flush()
        self._session.expunge_all()

    def _set_tier(self, change: TierChange, after: tuple[LimitSpec, ...]) -> None:
        row = lock_tier(self._session, change.name)
        write_tier(self._session, row, change.name, after, self._now)
        before = None if change.before is None else tier_document(change.name, change.before)
        self._record("tier.set", None, before, tier_document(change.name, after))
        self._session.flush()

    def _remove_tier(self, change: TierChange) -> None:
        if (row := lock_tier(self._session, change.name)) is not None:
            remove_tier(self._session, row)
            self._record("tier.remove", None, tier_document(change.name, change.before or ()), None)
            self._session.flush()

    def _record(
        self,
        action: str,
        tenant: str | None,
        before: dict[str, object] | None,
        after: dict[str, object] | None,
    ) -> None:
        audit.record(
            self._session,
            at=self._now,
            actor=self._core.actor,
            action=action,
            tenant=tenant,
            before=before,
            after=after,
        )


def _differ(change: TenantChange, name: str) -> bool:
    both = (change.before, change.after)
    return None not in both and getattr(both[0], name) != getattr(both[1], name)
