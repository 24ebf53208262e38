"""How Alembic runs our migrations: on the connection and in the transaction that it is given.

`tenants.migrations` is the only caller; the tables of an app beside ours are never looked at.
"""

from alembic import context

from tenants.migrations import VERSION_TABLE, is_ours
from tenants.models import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    include_name=is_ours,
    # SQLite rolls DDL back too, since transactions are begun by ourselves.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
