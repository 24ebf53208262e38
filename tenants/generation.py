"""Change numbers: a tenant's version and the installation's generation, always moved together."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tenants.errors import SchemaError
from tenants.models import InstallationRow, TenantRow

Generation = tuple[str, int]


def bump(session: Session, tenant: TenantRow, now: datetime) -> None:
    """Count one change of what a tenant's policy compiles from, in the transaction that makes it.

    A change that does not come by here is not noticed by any worker.
    """
    session.flush()
    # The database adds: two writers of PostgreSQL may have read the same number.
    tenant.version = TenantRow.version + 1
    tenant.updated_at = now
    session.flush()
    bump_installation(session)


def bump_installation(session: Session) -> None:
    """Tell all workers that something changed; `bump` does, for one tenant."""
    # Last and in one order everywhere: all writers queue for this row.
    session.execute(
        update(InstallationRow).values(generation=InstallationRow.generation + 1),
        execution_options={"synchronize_session": False},
    )


def read_generation(session: Session) -> Generation:
    """Return the nonce and the generation; compare the pair for equality only.

    Raises:
        SchemaError: when the one row is not there.
    """
    row = session.execute(select(InstallationRow.nonce, InstallationRow.generation)).one_or_none()
    if row is None:
        raise SchemaError("the database has lost its installation row; restore it from a backup")
    return row.nonce, row.generation
