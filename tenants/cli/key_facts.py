"""How a tenant's signing keys are shown to a person."""

from collections.abc import Callable, Mapping
from datetime import datetime

from tenants.cli.output import distance
from tenants.lifetimes import Lifetimes
from tenants.values import KeyRecord, TenantRecord


def columns_of(
    tenant: TenantRecord, staleness_s: float, now: datetime
) -> Mapping[str, Callable[[KeyRecord], object]]:
    """Return the columns of a table of keys; the last says what happens to a key next."""
    lifetimes = Lifetimes(max_ttl_s=tenant.max_ttl_s, leeway_s=tenant.leeway_s)
    grace_s = lifetimes.grace_s(staleness_s)

    def next_of(key: KeyRecord) -> str:
        age_s = (now - since(key)).total_seconds()
        if key.state == "pending" and key.may_promote_at is not None:
            return _when("may sign", (key.may_promote_at - now).total_seconds())
        if key.state == "active":
            return _when("rotates", tenant.rotate_every_s - age_s)
        return _when("retires", grace_s - age_s) if key.state == "grace" else ""

    return {
        "kid": lambda key: key.kid,
        "algorithm": lambda key: key.algorithm,
        "state": lambda key: key.state,
        "since (UTC)": lambda key: f"{since(key):%Y-%m-%d %H:%M}",
        "next": next_of,
    }


def since(key: KeyRecord) -> datetime:
    """Return when the key came into its state."""
    entered = {
        "active": key.activated_at,
        "grace": key.grace_at,
        "retired": key.retired_at,
        "compromised": key.compromised_at,
    }
    return entered.get(key.state) or key.created_at


def _when(event: str, ahead_s: float) -> str:
    return f"{event} in {distance(ahead_s)}" if ahead_s > 0 else f"{event} now"
