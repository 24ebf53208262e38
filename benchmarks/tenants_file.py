"""What a tenants file costs: plan, apply, a second plan and an export, in seconds and megabytes.

Run ``python -m benchmarks.tenants_file [tenants] [--postgresql]``; 1,000 tenants without a number.
Each tenant has two hosts, two CORS rules, three limits, three roles and an issuer that it trusts.
The database is new: embedded SQLite on disk, or a PostgreSQL of its own started for this.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tenantauth.settings import Settings
from tenants import db, migrations
from tenants.declare.text import from_bytes
from tenants.master_keys import MasterKeys
from tenants.registry import Registry
from tests.servers.postgresql import make_cluster

T = TypeVar("T")

TENANT = """\
  - slug: t{n}
    name: Tenant {n}
    tier: gold
    metadata: {{crm: "{n}"}}
    hosts: [api{n}.one.test, api{n}.two.test]
    issuer: https://api{n}.one.test
    audience: [https://api.example.test]
    tokens: {{access_ttl: 10m, max_ttl: 12h}}
    cors:
      - {{path: /, origins: ["https://app{n}.test", "https://*.app{n}.test"]}}
      - {{path: /public, origins: ["*"]}}
    limits:
      - {{name: user, rate: 100/minute, by: subject}}
      - {{name: login, rate: 5/minute, by: address, paths: [/auth/login], methods: [POST]}}
      - {{name: export, rate: 10/hour, by: subject, paths: [/export], burst: 20}}
    roles:
      viewer: {{permissions: ["reports:read"]}}
      analyst: {{inherits: [viewer], permissions: ["reports:write"]}}
      admin: {{inherits: [analyst], permissions: ["users:write"]}}
    trusted_issuers:
      - issuer: https://login{n}.test
        jwks_uri: https://login{n}.test/jwks
        audience: [https://api.example.test]
"""
HEAD = """\
version: 1
tiers:
  gold: {limits: [{name: tenant, rate: 5000/minute}]}
tenants:
"""


@contextmanager
def new_registry(*, postgresql: bool) -> Iterator[Registry]:
    """Make a migrated database and a master key."""
    with tempfile.TemporaryDirectory() as folder:
        cluster = make_cluster() if postgresql else None
        if cluster is not None:
            cluster.start()
        url = f"sqlite:///{folder}/tenantauth.db" if cluster is None else cluster.url()
        engine = db.make_engine(url, create=True)
        migrations.upgrade(engine)
        engine.dispose()
        MasterKeys.create_file(Path(folder) / "tenantauth.key")
        key = f"{folder}/tenantauth.key"
        registry = Registry(settings=Settings(database_url=url, master_key_file=key))
        yield registry
        registry.dispose()
        if cluster is not None:
            cluster.remove()


def timed(what: str, action: Callable[[], T]) -> T:
    """Do it, and print how long it took and how much memory the process ever had."""
    started = time.perf_counter()
    done = action()
    seconds = time.perf_counter() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:12} {seconds:7.2f} s   peak {peak_mb:6.0f} MB")
    return done


def main(*arguments: str) -> None:
    """Measure a file of so many tenants."""
    count = next((int(text) for text in arguments if text.isdecimal()), 1000)
    postgresql = "--postgresql" in arguments
    text = HEAD + "".join(TENANT.format(n=number) for number in range(count))
    print(
        f"{count:,} tenants, {len(text) / 1e6:.1f} MB, {'PostgreSQL' if postgresql else 'SQLite'}"
    )
    file = from_bytes("tenants.yaml", text.encode())
    with new_registry(postgresql=postgresql) as registry:
        service = registry.tenants_file
        timed("before", lambda: None)
        planned = timed("plan", lambda: service.plan(file))
        assert planned.count("create") == count
        timed("apply", lambda: service.apply(file))
        assert timed("plan again", lambda: service.plan(file)).is_empty
        edited = from_bytes("tenants.yaml", text.replace("100/minute", "90/minute").encode())
        assert timed("apply edits", lambda: service.apply(edited)).count("change") == count
        written = timed("export", lambda: "".join(service.export()))
        exported = from_bytes("export.yaml", written.encode())
        assert timed("plan export", lambda: service.plan(exported)).is_empty


if __name__ == "__main__":
    main(*sys.argv[1:])
