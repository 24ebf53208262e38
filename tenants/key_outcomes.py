"""What became of a tenant's keys: the values that `tenants.services.keys` answers with."""

from dataclasses import dataclass

from tenants.values import KeyRecord


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did; ``waited_s`` is how long live workers were given to hold the key.

    Without ``demoted`` the key had been promoted before, and nothing was changed.
    """

    tenant: str
    promoted: KeyRecord
    pending: KeyRecord
    demoted: KeyRecord | None = None
    waited_s: float = 0.0


@dataclass(frozen=True, slots=True)
class KeyImport:
    """A key of others as the tenant has it now; ``dropped`` was pending and will not sign."""

    tenant: str
    key: KeyRecord
    dropped: KeyRecord | None = None
    rotation: Rotation | None = None


@dataclass(frozen=True, slots=True)
class Compromise:
    """What is refused from now on, and the keys that sign now and next."""

    tenant: str
    compromised: tuple[KeyRecord, ...]
    active: KeyRecord
    pending: KeyRecord
