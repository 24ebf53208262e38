"""Every error that the registry raises on purpose; each message is one line without secrets.

::

    RegistryError
    ├── NotFoundError   nothing has this name
    │   └── TenantNotFoundError
    ├── ConflictError   the name is taken, or another process changed the same thing
    ├── InvalidError    values that cannot work, all of them at once
    ├── SchemaError     no database at this place, or one of another version
    ├── MasterKeyError  the master key is missing, unreadable or not the right one
    ├── TooEarlyError   a key that may not sign yet, or not end yet
    └── DatabaseError   unreachable, locked, read-only, full, damaged
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

# What to do about a missing database, schema or key; the command line writes its own name instead.
INIT_COMMAND = "tenantauth init"


class RegistryError(Exception):
    """The base of all errors of the registry; ``message`` is fit to be shown to a person."""

    code: ClassVar[str] = "registry_error"

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class NotFoundError(RegistryError):
    """Nothing has this name."""

    code = "not_found"


class TenantNotFoundError(NotFoundError):
    """No tenant has this slug, and none had it of late."""

    def __init__(self, message: str, slug: str) -> None:
        self.slug = slug
        super().__init__(message)


class ConflictError(RegistryError):
    """A slug, host or issuer is taken, or somebody else changed the same thing meanwhile."""

    code = "conflict"


class InvalidError(RegistryError):
    """Values that cannot work; ``problems`` holds one sentence for each."""

    code = "invalid"

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


class SchemaError(RegistryError):
    """There is no database here, or its tables are not those that this version needs."""

    code = "schema"


class MasterKeyError(RegistryError):
    """The master key cannot be used; ``key_id`` names the one that is needed, when known."""

    code = "master_key"

    def __init__(self, message: str, key_id: str | None = None) -> None:
        self.key_id = key_id
        super().__init__(message)


class TooEarlyError(RegistryError):
    """A pending key may not sign yet, or one in grace not end; from ``ready_at`` on it may."""

    code = "too_early"

    def __init__(self, message: str, ready_at: datetime) -> None:
        self.ready_at = ready_at
        super().__init__(message)


class DatabaseError(RegistryError):
    """The database cannot be used now."""

    code = "database"
