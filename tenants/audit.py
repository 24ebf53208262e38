"""Audit events: what was done, by whom, in the same transaction as the change itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tenants.models import AuditRow

MASK = "***"
_SECRET_WORDS = ("secret", "password", "token", "private", "sealed", "wrapped", "data_key")
_SETTINGS = frozenset({"tokens"})  # How long they live, and not the tokens themselves.


def record(
    session: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    tenant: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one event; ``tenant`` is a slug, ``before`` and ``after`` are JSON members.

    Members whose name speaks of a secret, and everything binary, are masked.
    """
    event = AuditRow(
        at=at,
        actor=actor.encode(errors="replace").decode()[:200],
        action=action,
        tenant=tenant,
        before=None if before is None else masked(before),
        after=None if after is None else masked(after),
    )
    session.add(event)


def masked(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members without secrets, at any depth."""
    return {name: _mask(name, value) for name, value in members.items()}


def _mask(name: str, value: object) -> object:
    is_secret = any(word in name.lower() for word in _SECRET_WORDS) and name not in _SETTINGS
    if isinstance(value, bytes) or is_secret:
        return MASK
    if isinstance(value, Mapping):
        return masked(value)
    if isinstance(value, list | tuple):
        return [_mask("", member) for member in value]
    return value
