"""Keys for tenants that a plan makes or moves to another algorithm, before any transaction.

An RSA key takes longer than other writers should wait, and a plan may need thousands.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tenants.core import Core
from tenants.declare.plan import Plan, TenantChange
from tenants.key_maker import KeyMaker
from tenants.key_rows import Snapshot, read_snapshot
from tenants.readiness import check_master_keys
from tenants.vault import WrappedKey

# Is given the tenants whose keys are to be made, and passes them on: a place for a progress bar.
Watch = Callable[[Sequence[TenantChange]], Iterable[TenantChange]]


@dataclass(frozen=True, slots=True)
class FirstKeys:
    """What a new tenant begins with: its id, its data key and two key pairs."""

    tenant_id: str
    wrapped: WrappedKey
    maker: KeyMaker
    kids: tuple[str, str]


@dataclass(frozen=True, slots=True)
class NextKey:
    """A pending key of another algorithm, and the keys that it was made for."""

    snapshot: Snapshot
    maker: KeyMaker
    kid: str


class Prepared:
    """Holds what was made, over all attempts to apply a file."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.first: dict[str, FirstKeys] = {}
        self.next: dict[str, NextKey] = {}

    def make(self, plan: Plan, watch: Watch) -> None:
        """Make the keys that the plan needs and nobody made yet.

        Raises:
            MasterKeyError: when they cannot be sealed, or others' were sealed otherwise.
            NotFoundError: when a tenant has gone since it was planned.
        """
        needed = [change for change in plan.tenants if self._is_needed(change)]
        if needed:
            # With another key file, these keys would open where the others' do not.
            check_master_keys(self._core)
        for change in watch(needed):
            if change.before is None:
                self._make_first(change)
            else:
                self._make_next(change.slug, change.rotates_into or "")

    def _is_needed(self, change: TenantChange) -> bool:
        if change.before is None and change.after is not None:
            made = self.first.get(change.slug)
            return made is None or made.maker.algorithm != change.after.algorithm
        # Made anew at each attempt: others may have changed the keys.
        return change.rotates_into is not None

    def _make_first(self, change: TenantChange) -> None:
        tenant_id = uuid.uuid4().hex
        data_key, wrapped = self._core.vault.new_data_key(tenant_id)
        algorithm = change.after.algorithm if change.after else ""
        maker = KeyMaker(algorithm, lambda: data_key)
        self.first[change.slug] = FirstKeys(tenant_id, wrapped, maker, (maker(), maker()))

    def _make_next(self, slug: str, algorithm: str) -> None:
        core = self._core
        with core.begin() as session:
            snapshot = read_snapshot(session, slug, core.settings.staleness_s)
        maker = KeyMaker(
            algorithm, lambda: core.vault.unwrap(snapshot.tenant_id, snapshot.data_key)
        )
        self.next[slug] = NextKey(snapshot, maker, maker())
