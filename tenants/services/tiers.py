"""Tiers: named sets of limits that tenants subscribe to."""

from collections.abc import Iterable

from tenantauth.limit import Limit
from tenants import audit
from tenants.core import Core
from tenants.document import tier_document
from tenants.errors import ConflictError, NotFoundError
from tenants.spec import spell_limit
from tenants.spec_check import refuse, tier_problems
from tenants.tier_rows import (
    limits_of_tier,
    lock_tier,
    read_tiers,
    remove_tier,
    tier_records,
    write_tier,
)
from tenants.values import LimitSpec, TierRecord


class TierService:
    """Makes, changes and removes tiers; every tenant of a changed tier follows at once."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def set(self, name: str, limits: Iterable[Limit | LimitSpec]) -> TierRecord:
        """Make a tier, or replace its limits; done twice, it changes nothing.

        Raises:
            InvalidError: naming every value that cannot work.
        """
        given = (LimitSpec.of(each) if isinstance(each, Limit) else each for each in limits)
        wanted = tuple(map(spell_limit, given))
        refuse(tier_problems(name, wanted))
        try:
            return self._set(name, wanted)
        except ConflictError:
            # A row that is not there yet cannot be locked: another has made the tier meanwhile.
            return self._set(name, wanted)

    def _set(self, name: str, wanted: tuple[LimitSpec, ...]) -> TierRecord:
        core = self._core
        with core.begin(write=True) as session:
            row = lock_tier(session, name)
            before = None if row is None else limits_of_tier(row)
            if before != wanted:
                write_tier(session, row, name, wanted, core.now())
                audit.record(
                    session,
                    at=core.now(),
                    actor=core.actor,
                    action="tier.set",
                    before=None if before is None else tier_document(name, before),
                    after=tier_document(name, wanted),
                )
                session.flush()
            (record,) = tier_records(session, {name: read_tiers(session)[name]})
            return record

    def remove(self, name: str) -> None:
        """Remove a tier that no tenant subscribes to, not even a deleted one.

        Raises:
            NotFoundError: when there is none.
            ConflictError: naming tenants that subscribe to it.
        """
        core = self._core
        with core.begin(write=True) as session:
            row = lock_tier(session, name) if name.isprintable() else None
            if row is None:
                raise NotFoundError(f"there is no tier {name[:80]!r}")
            before = tier_document(name, limits_of_tier(row))
            remove_tier(session, row)
            audit.record(
                session, at=core.now(), actor=core.actor, action="tier.remove", before=before
            )

    def get(self, name: str) -> TierRecord:
        """Return one tier.

        Raises:
            NotFoundError: when there is none.
        """
        for record in self.list():
            if record.name == name:
                return record
        raise NotFoundError(f"there is no tier {name[:80]!r}")

    def list(self) -> list[TierRecord]:
        """Return all tiers by name."""
        with self._core.begin() as session:
            return tier_records(session, read_tiers(session))
