"""What tests of keys and tokens share, also what they run in processes of their own."""

import os
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from tenantauth.settings import Settings
from tenantauth.testing import ManualClock
from tenants.errors import RegistryError
from tenants.registry import Registry
from tenants.services.keys import KeyService
from tenants.values import KeyRecord
from tenants.vault import Vault


def states(registry: Registry) -> dict[str, str]:
    """Return the states of acme's keys, the oldest first."""
    return {key.kid: key.state for key in registry.keys.list("acme")}


def find(registry: Registry, state: str) -> KeyRecord:
    """Return the first of acme's keys in this state."""
    return next(key for key in registry.keys.list("acme") if key.state == state)


class DyingRegistry(Registry):
    """Its process dies in a transaction: when all but the audit event is written."""

    @property
    def actor(self) -> str:
        os._exit(9)

    @actor.setter
    def actor(self, name: str) -> None:
        pass


class OvertakenRegistry(Registry):
    """Another registry rotates acme's keys between its reading them and its changing them."""

    def __init__(self, *, settings: Settings, clock: ManualClock, by: Registry) -> None:
        super().__init__(settings=settings, clock=clock)
        self._by: Registry | None = by
        self._moved = clock.advance

    @property
    def vault(self) -> Vault:
        by, self._by = self._by, None
        if by is not None:
            KeyService(by, sleep=self._moved).rotate("acme", now=True)
        return super().vault


def die_while_rotating(settings: Settings) -> None:
    registry = DyingRegistry(settings=settings, clock=ManualClock())
    KeyService(registry, sleep=lambda _: None).rotate("acme", now=True)


def rotate_at_once(settings: Settings, barrier: Barrier, outcomes: "Queue[str]") -> None:
    """Rotate together with others, after all have read the same keys."""

    def meet(_: float) -> None:
        barrier.wait(timeout=30)

    registry = Registry(settings=settings, clock=ManualClock())
    try:
        KeyService(registry, sleep=meet).rotate("acme", now=True)
    except RegistryError as error:
        outcomes.put(f"{error.code}: {error.message}")
    else:
        outcomes.put("rotated")
