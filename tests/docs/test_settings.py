"""What docs/settings.md says to type works when it is typed."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tenantauth.settings import Settings
from tenants import db, migrations
from tenants.errors import DatabaseError
from tenants.master_keys import MasterKeys
from tenants.registry import Registry
from tests.servers.postgresql import Cluster

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
MAKE, GRANT = re.findall(r"^```sql\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def type_in(statements: str, url: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in filter(None, map(str.strip, statements.split(";"))):
            connection.execute(statement.encode())


@pytest.fixture
def cluster(postgresql_cluster: Cluster) -> Cluster:
    """Set a server up as the page says."""
    postgresql_cluster.start()
    type_in(MAKE, postgresql_cluster.url())
    owner = postgresql_cluster.url("tenantauth", "tenantauth_owner")
    migrations.upgrade(db.make_engine(owner))
    type_in(GRANT, owner)
    return postgresql_cluster


@pytest.fixture
def registry(cluster: Cluster, tmp_path: Path) -> Iterator[Registry]:
    MasterKeys.create_file(tmp_path / "k")
    url = cluster.url("tenantauth", "tenantauth_app")
    registry = Registry(settings=Settings(database_url=url, master_key_file=str(tmp_path / "k")))
    yield registry
    registry.dispose()


def test_the_apps_user_can_do_all_but_change_the_tables(registry: Registry) -> None:
    registry.tenants.create("acme")
    registry.tenants.suspend("acme")
    registry.tenants.resume("acme")
    registry.keys.compromise_all("acme")
    assert registry.ready() is None
    assert registry.tokens.inspect(registry.tokens.issue("acme", "alice").token).valid
    assert len(registry.audit.list()) == 4
    with pytest.raises(DatabaseError, match="does not let this user do that"):
        migrations.downgrade(registry.engine, "base")


def test_who_may_only_select_verifies_and_issues(registry: Registry, cluster: Cluster) -> None:
    registry.tenants.create("acme")
    type_in(
        "REVOKE INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public FROM tenantauth_app",
        cluster.url("tenantauth", "tenantauth_owner"),
    )
    assert registry.ready() is None
    assert registry.tokens.inspect(registry.tokens.issue("acme", "alice").token).valid
    with pytest.raises(DatabaseError, match="does not let this user do that"):
        registry.tenants.suspend("acme")
