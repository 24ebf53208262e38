"""What applying a tenants file would do: values that are shown, agreed to and compared."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from tenantauth.settings import Settings
from tenants.differences import Difference, differences
from tenants.document import Document, limit_document, to_document
from tenants.endings import ended_by
from tenants.spec import TenantSpec
from tenants.values import LimitSpec

Action = Literal["create", "change", "delete"]


@dataclass(frozen=True, slots=True)
class TenantChange:
    """One tenant before and after; a new one has nothing before, a deleted one nothing after.

    ``id`` is the stored id, or a name of its own for a tenant that is still to be made.
    ``consequences`` are what the change ends, in sentences; a new tenant's ends nothing.
    """

    id: str
    slug: str
    before: TenantSpec | None
    after: TenantSpec | None
    consequences: tuple[str, ...] = ()

    @property
    def action(self) -> Action:
        """What happens to it."""
        return _action(self.before, self.after)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Every value that differs; of a new tenant, those that are not the usual ones."""
        if self.before is None and self.after is not None:
            usual = to_document(TenantSpec(self.slug, self.slug))
            return tuple(differences({}, _without(to_document(self.after), usual)))
        return tuple(differences(_document(self.before), _document(self.after)))

    @property
    def rotates_into(self) -> str | None:
        """The algorithm of the next signing key, when it is another one."""
        if not self.before or not self.after or self.before.algorithm == self.after.algorithm:
            return None
        return self.after.algorithm


def endings(before: TenantSpec, after: TenantSpec | None, settings: Settings) -> Iterator[str]:
    """Yield in sentences what a change ends; without ``after`` the tenant is deleted."""
    if after is None:
        yield "it will be deleted: every request is refused at once"
        return
    if before.status == "active" and after.status == "suspended":
        yield "it will be suspended: every request is refused"
    yield from ended_by(before, after, settings)


@dataclass(frozen=True, slots=True)
class TierChange:
    """One tier's limits before and after."""

    name: str
    before: tuple[LimitSpec, ...] | None
    after: tuple[LimitSpec, ...] | None

    @property
    def action(self) -> Action:
        """What happens to it."""
        return _action(self.before, self.after)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Every value that differs."""
        return tuple(differences(_tier_document(self.before), _tier_document(self.after)))


@dataclass(frozen=True, slots=True)
class Kept:
    """Members of a tenant that the file does not name, with values that are not the default."""

    slug: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutsideChange:
    """What somebody did to a tenant or tier by another way since the file was applied last."""

    at: datetime
    actor: str
    action: str
    tenant: str | None
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that would be written, and everything that would stay although it could go."""

    tiers: tuple[TierChange, ...] = ()
    tenants: tuple[TenantChange, ...] = ()
    unchanged: int = 0
    kept: tuple[Kept, ...] = ()
    kept_tenants: tuple[str, ...] = ()
    kept_tiers: tuple[str, ...] = ()
    outside: tuple[OutsideChange, ...] = field(default=(), compare=False)
    outside_more: int = field(default=0, compare=False)

    @property
    def is_empty(self) -> bool:
        """Tell whether applying would write nothing."""
        return not self.tiers and not self.tenants

    @property
    def consequences(self) -> tuple[str, ...]:
        """What it ends, in sentences that name the tenant or tier."""
        of_tenants = (
            f"tenant {change.slug}: {sentence}"
            for change in self.tenants
            for sentence in change.consequences
        )
        removed = (
            f"tier {tier.name}: it will be gone" for tier in self.tiers if tier.action == "delete"
        )
        return (*of_tenants, *removed)

    def count(self, action: Action) -> int:
        """Return how many tenants this happens to."""
        return sum(change.action == action for change in self.tenants)

    def does_the_same(self, other: "Plan") -> bool:
        """Tell whether both write the same; what they leave alone may differ."""
        return (self.tiers, self.tenants) == (other.tiers, other.tenants)


def _action(before: object, after: object) -> Action:
    if before is None:
        return "create"
    return "delete" if after is None else "change"


def _without(document: Document, usual: Document) -> Document:
    return {name: value for name, value in document.items() if value != usual[name]}


def _document(spec: TenantSpec | None) -> Document:
    return {} if spec is None else {**to_document(spec), "slug": None}


def _tier_document(limits: tuple[LimitSpec, ...] | None) -> Document:
    return {} if limits is None else {"limits": [limit_document(limit) for limit in limits]}
