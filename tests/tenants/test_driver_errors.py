"""What drivers' errors are called, also those of PostgreSQL."""

import pytest
from sqlalchemy.exc import IntegrityError, InvalidRequestError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError

from tenants.driver_errors import translate
from tenants.errors import ConflictError, DatabaseError, RegistryError, SchemaError


class DriverError(Exception):
    """A driver's error with the code that psycopg gives it."""

    def __init__(self, sqlstate: str | None, message: str = "boom") -> None:
        self.sqlstate = sqlstate
        super().__init__(message)


@pytest.mark.parametrize(
    ("sqlstate", "kind", "words"),
    [
        (None, DatabaseError, "cannot be reached"),
        ("08006", DatabaseError, "cannot be reached"),
        ("25006", DatabaseError, "read-only"),
        ("28P01", DatabaseError, "refuses this user"),
        ("3D000", DatabaseError, "does not exist"),
        ("42P01", SchemaError, "tenantauth init"),
        ("42703", SchemaError, "tenantauth init"),
        ("40001", ConflictError, "at the same time"),
        ("40P01", ConflictError, "at the same time"),
        ("53100", DatabaseError, "disk is full"),
        ("53300", DatabaseError, "no connections"),
        ("57P01", DatabaseError, "shutting down"),
        ("57014", DatabaseError, "too long"),
        ("XX000", DatabaseError, "cannot be used (XX000)"),
    ],
)
def test_a_code_of_postgresql_has_a_meaning(
    sqlstate: str | None, kind: type[RegistryError], words: str
) -> None:
    error = translate(OperationalError("SELECT", {}, DriverError(sqlstate)), "db.test")
    assert type(error) is kind
    assert words in error.message


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (IntegrityError("INSERT", {}, DriverError("23505")), ConflictError),
        (StaleDataError("0 rows matched"), ConflictError),
        (PoolTimeoutError("QueuePool limit"), DatabaseError),
        (InvalidRequestError("closed"), DatabaseError),
    ],
    ids=lambda value: value.__class__.__name__ if isinstance(value, Exception) else "",
)
def test_other_errors_have_a_meaning(error: SQLAlchemyError, kind: type[RegistryError]) -> None:
    assert type(translate(error, "db.test")) is kind


def test_the_drivers_own_words_are_not_repeated() -> None:
    """threat 106: they may quote values of rows."""
    original = DriverError("23505", "Key (secret)=(hunter2) already exists")
    for error in (IntegrityError("x", {}, original), OperationalError("x", {}, original)):
        assert "hunter2" not in translate(error, "db.test").message
