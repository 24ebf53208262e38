"""Whether an installation can serve: its schema is this version's, and its keys can be opened."""

from sqlalchemy import func, select

from tenants import db
from tenants.core import Core
from tenants.errors import INIT_COMMAND, SchemaError
from tenants.models import TenantRow
from tenants.vault import WrappedKey


def check_ready(core: Core) -> None:
    """Return when policies can be served and the master keys open what they should.

    Raises:
        SchemaError: when there is no database, or one of another version.
        MasterKeyError: when a master key is missing, or not the one that was used.
        DatabaseError: when the database cannot be used.
    """
    # With it comes Alembic, which costs the commands that only make keys a third of a second.
    from tenants import migrations

    if not migrations.is_current(core.engine):
        place = db.location(core.engine.url)
        raise SchemaError(f"{place} is not set up for this version; run: {INIT_COMMAND}")
    check_master_keys(core)


def check_master_keys(core: Core) -> None:
    """Return when the master keys open the data key of every tenant.

    Raises:
        MasterKeyError: naming the master key that is needed.
        DatabaseError: when the database cannot be used.
    """
    vault = core.vault
    # One tenant for each master key tells whether it is the right one.
    samples = select(func.min(TenantRow.id)).group_by(TenantRow.master_key_id)
    wrapped = select(TenantRow.id, TenantRow.master_key_id, TenantRow.wrapped_data_key)
    with core.begin() as session:
        for row in session.execute(wrapped.where(TenantRow.id.in_(samples))):
            vault.unwrap(row.id, WrappedKey(row.master_key_id, row.wrapped_data_key))
