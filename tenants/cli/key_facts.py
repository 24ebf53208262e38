"""How a tenant's signing keys are shown to a person."""

from collections.abc import Callable, Mapping
from datetime import datetime

from tenants.cli.output import distance
from tenants.cli.session import Session
from tenants.values import KeyRecord


def columns_at(now: datetime) -> Mapping[str, Callable[[KeyRecord], object]]:
    """Return the columns of a table of keys; the last says what happens to a key next."""
    return {
        "kid": lambda key: key.kid,
        "algorithm": lambda key: key.algorithm,
        "state": lambda key: key.state,
        "since (UTC)": lambda key: f"{since(key):%Y-%m-%d %H:%M}",
        "next": lambda key: _next(key, now),
    }


def tell_grace(session: Session, key: KeyRecord, name: str) -> None:
    """Say how long a key that signs no more goes on verifying."""
    end = _next(key, session.registry.now())
    session.say(f"  {name} verifies until its last token has ended: {end}")


def since(key: KeyRecord) -> datetime:
    """Return when the key came into its state."""
    entered = {
        "active": key.activated_at,
        "grace": key.grace_at,
        "retired": key.retired_at,
        "compromised": key.compromised_at,
    }
    return entered.get(key.state) or key.created_at


def _next(key: KeyRecord, now: datetime) -> str:
    for event, at in (
        ("may sign", key.may_promote_at),
        ("rotates", key.rotates_at),
        ("retires", key.retires_at),
    ):
        if at is not None:
            ahead_s = (at - now).total_seconds()
            return f"{event} in {distance(ahead_s)}" if ahead_s > 0 else f"{event} now"
    return ""
