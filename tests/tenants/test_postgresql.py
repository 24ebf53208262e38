"""What only PostgreSQL does: bounds, a pooler's rules, and how it refuses and fails. Threat 97."""

import sys
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, make_url, select, text

from tenants import db
from tenants.errors import ConflictError, DatabaseError, RegistryError, SchemaError
from tenants.models import InstallationRow
from tenants.postgresql import USUAL, Bounds, make_postgresql_engine
from tenants.registry import Registry
from tests.servers.postgresql import Cluster, Databases, make_cluster

BUMP = text("UPDATE tenantauth_installation SET generation = generation + 1")
USERS = {"guarded": "PASSWORD 'x'", "many": "CONNECTION LIMIT 0", "reader": ""}


@pytest.fixture
def engine(postgresql_url: str) -> Engine:
    return db.make_engine(postgresql_url)


@pytest.fixture(scope="module")
def refusing() -> Iterator[Cluster]:
    """Start a server with users that it refuses in one way or another."""
    cluster = make_cluster()
    try:
        cluster.start()
        databases = Databases(cluster.url())
        for name, rights in USERS.items():
            databases.execute(f"CREATE ROLE {{}} LOGIN {rights}", name)
        yield cluster
    finally:
        cluster.remove()


def show(engine: Engine, setting: str, *, write: bool = False) -> object:
    with db.begin(engine, write=write) as session:
        return session.execute(text(f"SHOW {setting}")).scalar()


def generation(engine: Engine) -> int:
    with db.begin(engine) as session:
        return session.scalars(select(InstallationRow.generation)).one()


@pytest.mark.parametrize("write", [False, True], ids=["reader", "writer"])
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("statement_timeout", "10s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "10s"),
    ],
)
def test_every_transaction_is_bounded(
    engine: Engine, write: bool, setting: str, value: str
) -> None:
    assert show(engine, setting, write=write) == value


def test_the_bounds_end_with_the_transaction(engine: Engine) -> None:
    """A pooler hands the server's connection to somebody else."""
    generation(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "0"


@pytest.mark.parametrize("field", ["statement_s", "lock_s", "idle_s"])
def test_a_bound_below_nothing_cannot_be_made(field: str) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        Bounds(**{"statement_s": 1, "lock_s": 1, "idle_s": 1, field: -1})


def test_a_reader_sees_one_state_and_cannot_write(engine: Engine) -> None:
    assert show(engine, "transaction_isolation") == "repeatable read"
    with pytest.raises(DatabaseError, match="it is read-only"), db.begin(engine) as session:
        session.execute(BUMP)


@pytest.mark.parametrize("level", ["serializable", "repeatable read"])
def test_a_writer_looks_again_whatever_the_server_does_by_default(
    engine: Engine, level: str
) -> None:
    """Threat 118: else one of two writers fails that could have waited."""
    with db.begin(engine, write=True) as session:
        name = engine.url.database
        session.execute(
            text(f"ALTER DATABASE {name} SET default_transaction_isolation = '{level}'")
        )
    engine.dispose()
    assert show(engine, "transaction_isolation", write=True) == "read committed"


def test_no_statement_is_prepared_on_the_server(engine: Engine) -> None:
    """A pooler's next connection would not know it."""
    for _ in range(8):
        generation(engine)
    with db.begin(engine) as session:
        assert session.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar() == 0


@pytest.mark.parametrize(
    ("query", "shown"), [("", "tenantauth"), ("&application_name=mine", "mine")]
)
def test_the_urls_own_parameters_win(postgresql_url: str, query: str, shown: str) -> None:
    assert show(db.make_engine(postgresql_url + query), "application_name") == shown


@pytest.mark.parametrize("name", ["postgresql", "postgresql+psycopg"])
def test_the_driver_is_psycopg_also_when_it_is_not_named(name: str) -> None:
    assert make_postgresql_engine(make_url(f"{name}://h/x")).driver == "psycopg"


def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DatabaseError, match=r"pip install 'tenantauth\[postgres\]'"):
        db.make_engine("postgresql+psycopg://h/x")


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ("stranger", "refuses this user"),
        ("guarded:wrong", "refuses this user or password"),
        ("guarded", "refuses this user or password"),
        ("many", "has no connections"),
        ("reader", "does not let this user do that"),
    ],
)
def test_a_user_who_may_not_is_one_line(refusing: Cluster, user: str, words: str) -> None:
    """threat 97, threat 106"""
    engine = db.make_engine(refusing.url(user=user))
    with pytest.raises(DatabaseError, match=words) as caught, db.begin(engine) as session:
        session.execute(text("SELECT * FROM pg_authid"))
    assert "\n" not in caught.value.message
    assert "wrong" not in caught.value.message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"database": "nowhere"}, "does not exist on that server"),
        ({"host": "127.0.0.1", "port": 1}, "cannot be reached"),
    ],
    ids=["no such database", "no such server"],
)
def test_what_is_not_there_is_one_line(
    postgresql_url: str, change: dict[str, object], words: str
) -> None:
    """threat 97"""
    url = make_url(postgresql_url)
    url = url.set(query={}) if "host" in change else url
    engine = db.make_engine(url.set(**change).render_as_string())  # type: ignore[arg-type]
    with pytest.raises(DatabaseError, match=words):
        generation(engine)


@pytest.mark.parametrize("query", ["&sslmod=require", "&sslmode=maybe"])
def test_a_parameter_that_libpq_does_not_know_is_one_line(postgresql_url: str, query: str) -> None:
    with pytest.raises(DatabaseError, match="look at the parameters of the URL"):
        generation(db.make_engine(postgresql_url + query))


@pytest.mark.parametrize(
    ("statement", "kind", "words"),
    [
        ("SET LOCAL statement_timeout = '1ms'; SELECT pg_sleep(9)", DatabaseError, "too long"),
        ("SET LOCAL transaction_read_only = on; DELETE FROM tenantauth_roles", DatabaseError, "on"),
        ("SELECT * FROM tenantauth_nothing", SchemaError, "tenantauth init"),
        ("SET LOCAL search_path = ''; CREATE TABLE x ()", DatabaseError, "search_path"),
        ("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$", ConflictError, "at the same time"),
        ("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$", ConflictError, "at the same time"),
        ("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$", DatabaseError, "disk is full"),
    ],
    ids=["slow", "read-only", "no table", "no schema", "serialization", "deadlock", "full disk"],
)
def test_a_statement_that_fails_is_one_line_and_the_next_call_works(
    engine: Engine, statement: str, kind: type[RegistryError], words: str
) -> None:
    """threat 97"""
    with pytest.raises(kind, match=words), db.begin(engine, write=True) as session:
        session.connection().exec_driver_sql(statement)
    assert generation(engine) == 1


def test_a_lock_that_is_never_released_is_one_line(engine: Engine) -> None:
    """threat 97"""
    with db.begin(engine, write=True) as holder:
        holder.execute(BUMP)
        with (
            pytest.raises(DatabaseError, match="another process is writing"),
            db.begin(engine, write=True) as late,
        ):
            late.execute(text("SET LOCAL lock_timeout = '10ms'"))
            late.execute(BUMP)
    assert generation(engine) == 2


def test_a_transaction_that_stands_still_is_ended_and_keeps_nobody_waiting(engine: Engine) -> None:
    """threat 97"""
    with (
        pytest.raises(DatabaseError, match="stood still for too long"),
        db.begin(engine, write=True) as idle,
    ):
        idle.execute(BUMP)
        idle.execute(text("SET LOCAL idle_in_transaction_session_timeout = '10ms'"))
        with db.begin(engine, write=True) as other:
            other.execute(BUMP)
        idle.execute(BUMP)
    assert generation(engine) == 2


def test_a_connection_ended_by_an_operator_is_one_line_and_the_next_call_works(
    engine: Engine,
) -> None:
    """threat 97"""
    end = text("SELECT pg_terminate_backend(:pid)")
    with (
        pytest.raises(DatabaseError, match="is shutting down or starting"),
        db.begin(engine, write=True) as session,
    ):
        session.execute(BUMP)
        pid = session.execute(text("SELECT pg_backend_pid()")).scalar()
        with db.begin(engine) as operator:
            operator.execute(end, {"pid": pid})
        session.execute(BUMP)
    assert generation(engine) == 1


def test_a_pool_without_a_free_connection_is_one_line(postgresql_url: str) -> None:
    """threat 97"""
    engine = create_engine(postgresql_url, pool_size=1, max_overflow=0, pool_timeout=0)
    with db.begin(engine), pytest.raises(DatabaseError, match="too many requests"):
        generation(engine)
    assert generation(engine) == 1


def test_an_engine_of_the_apps_own_is_bounded_too(postgresql_url: str) -> None:
    engine = create_engine(postgresql_url)
    assert show(Registry(engine=engine).engine, "lock_timeout") == f"{USUAL.lock_s}s"


def test_a_restart_costs_the_calls_under_way_and_no_later_one(postgresql_cluster: Cluster) -> None:
    """threat 97"""
    postgresql_cluster.start()
    engine = db.make_engine(postgresql_cluster.url())
    first = show(engine, "port")
    with (
        pytest.raises(DatabaseError, match="has cut the connection; look whether"),
        db.begin(engine, write=True) as session,
    ):
        postgresql_cluster.stop()
        session.execute(text("SELECT 1"))
    with pytest.raises(DatabaseError, match="cannot be reached"):
        show(engine, "port")
    postgresql_cluster.start()
    assert show(engine, "port") == first


def test_a_commit_whose_answer_is_lost_says_to_look(postgresql_cluster: Cluster) -> None:
    """threat 97"""
    postgresql_cluster.start()
    engine = db.make_engine(postgresql_cluster.url())
    with (
        pytest.raises(DatabaseError, match="look whether the change was made"),
        db.begin(engine, write=True),
    ):
        postgresql_cluster.stop()


def test_threads_that_wait_for_one_lock_all_get_it(engine: Engine) -> None:
    """threat 118"""

    def bump() -> None:
        with db.begin(engine, write=True) as session:
            session.execute(BUMP)

    threads = [threading.Thread(target=bump) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert generation(engine) == 9
