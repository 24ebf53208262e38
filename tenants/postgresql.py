"""PostgreSQL through psycopg: how its engine is made, and how long a transaction may last.

A connection keeps nothing between two transactions (no settings, locks or prepared statements of
its own), so a pooler may stand between that shares server connections by transaction.
"""

from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import URL, Connection, Engine, create_engine

from tenants.errors import DatabaseError

DRIVERNAME = "postgresql+psycopg"

# What the URL's own parameters may say otherwise. The last three notice a host that is gone
# without a word; the unit of tcp_user_timeout is the millisecond.
_CONNECT = MappingProxyType(
    {
        "connect_timeout": "5",
        "application_name": "tenantauth",
        "keepalives_idle": "30",
        "keepalives_interval": "5",
        "tcp_user_timeout": "10000",
    }
)
_POOL_TIMEOUT_S = 5
_POOL_RECYCLE_S = 1800  # firewalls forget connections that stand still


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long PostgreSQL may work on a statement, wait for a lock, and wait for the next one.

    In seconds; 0 is no bound. With them no writer, whatever happens to its process, keeps the
    others waiting for long.
    """

    statement_s: int
    lock_s: int
    idle_s: int

    def __post_init__(self) -> None:
        if min(self.statement_s, self.lock_s, self.idle_s) < 0:
            raise ValueError("a bound is 0 or more seconds")

    def apply(self, connection: Connection) -> None:
        """Hold the connection's transaction to these bounds."""
        connection.exec_driver_sql(
            f"SET LOCAL statement_timeout = '{self.statement_s}s';"
            f"SET LOCAL lock_timeout = '{self.lock_s}s';"
            f"SET LOCAL idle_in_transaction_session_timeout = '{self.idle_s}s'"
        )


USUAL = Bounds(statement_s=10, lock_s=5, idle_s=10)
# Runs queue for each other, and only then ask for the tables, which others read meanwhile:
# whoever waits for a table longer keeps all its readers waiting.
MIGRATION_QUEUE = Bounds(statement_s=60, lock_s=60, idle_s=60)
MIGRATION = Bounds(statement_s=0, lock_s=5, idle_s=60)


def make_postgresql_engine(url: URL) -> Engine:
    """Return an engine whose connections are tried before each use.

    Raises:
        DatabaseError: when psycopg is not installed, or another driver is asked for.
    """
    if url.drivername not in ("postgresql", DRIVERNAME):
        raise DatabaseError(f"{url.drivername} is not supported; write {DRIVERNAME}://")
    try:
        return create_engine(
            url.set(drivername=DRIVERNAME),
            hide_parameters=True,
            pool_pre_ping=True,
            pool_timeout=_POOL_TIMEOUT_S,
            pool_recycle=_POOL_RECYCLE_S,
            connect_args={
                **{name: value for name, value in _CONNECT.items() if name not in url.query},
                "prepare_threshold": None,
            },
        )
    except ImportError:
        raise DatabaseError(
            "the driver for PostgreSQL is not installed: pip install 'tenantauth[postgres]'"
        ) from None
