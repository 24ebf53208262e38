"""How long commands take, and how much memory, with many tenants; run it as a file.

``python benchmarks/registry_scale.py [TENANTS]`` makes that many (10,000) in an SQLite file and
runs each command as an operator would, its output thrown away.
"""

import os
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import replace
from pathlib import Path

from tenantauth.limit import Limit
from tenantauth.settings import Settings
from tenants import db, migrations
from tenants.key_maker import KeyMaker
from tenants.lifecycle import KeyChain
from tenants.master_keys import MasterKeys
from tenants.registry import Registry
from tenants.spec import TenantSpec, rules_of_origins
from tenants.spec_rows import new_row
from tenants.values import IssuerSpec, LimitSpec

COMMANDS = (
    ("tenant", "list", "--limit", "5"),
    ("tenant", "list"),
    ("tenant", "list", "--text", "tenant-99"),
    ("tenant", "list", "--format", "json"),
    ("check",),
)
_AT_ONCE = 500

# All trust one provider, each for its own organisation.
_PROVIDER = IssuerSpec(
    "https://login.provider.test",
    jwks_uri="https://login.provider.test/jwks",
    audience=("https://api.test",),
)


def fill(registry: Registry, tenants: int) -> None:
    """Make tenants many at a time, without the checks of a tenant that comes alone."""
    for start in range(0, tenants, _AT_ONCE):
        with registry.begin(write=True) as session:
            for number in range(start, min(start + _AT_ONCE, tenants)):
                session.add(_row(registry, number))


def _row(registry: Registry, number: int) -> object:
    slug, now, tenant_id = f"tenant-{number:05}", registry.now(), uuid.uuid4().hex
    spec = TenantSpec(
        slug,
        f"Tenant {number}",
        tier="gold",
        hosts=(f"api.{slug}.test",),
        cors=rules_of_origins([f"https://app.{slug}.test"], credentials=False),
        limits=(LimitSpec("user", "100/minute", "subject"),),
        trusted_issuers=(replace(_PROVIDER, match={"org_id": slug}),),
    ).canonical(registry.settings)
    data_key, wrapped = registry.vault.new_data_key(tenant_id)
    row = new_row(tenant_id, spec, wrapped, now)
    maker = KeyMaker(spec.algorithm, lambda: data_key)
    row.keys = [maker.row(tenant_id, life) for life in KeyChain().settle(now, maker).keys]
    return row


def measure(command: tuple[str, ...], folder: Path) -> str:
    """Return what one command needs, as a line."""
    script = "from tenants.cli import main; main()"
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603  # our own command
        [sys.executable, "-c", script, *command], cwd=folder, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    took_s, memory_mb = time.perf_counter() - began, usage.ru_maxrss / 1024
    return f"{' '.join(command):34} {took_s:6.1f} s {memory_mb:6.0f} MB"


def main() -> None:
    """Make the tenants, run the commands, print a line for each."""
    tenants = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url, key = f"sqlite:///{folder}/tenantauth.db", str(folder / "tenantauth.key")
        MasterKeys.create_file(Path(key))
        migrations.upgrade(db.make_engine(url, create=True))
        registry = Registry(settings=Settings(database_url=url, master_key_file=key))
        registry.tiers.set("gold", [Limit.parse("tenant=5000/minute")])
        fill(registry, tenants)
        registry.dispose()
        for command in COMMANDS:
            sys.stdout.write(measure(command, folder) + "\n")


if __name__ == "__main__":
    main()
