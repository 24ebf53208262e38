"""Tenants: made, shown, suspended, resumed."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from tenantauth.limit import Limit
from tenantauth.ports import TenantKey
from tenantauth.roles import RoleDefinition
from tenantauth.settings import Settings
from tenantauth.testing import ManualClock
from tenantauth.units import Rate
from tenants.errors import ConflictError, InvalidError, MasterKeyError, NotFoundError
from tenants.keys import import_private
from tenants.master_keys import MasterKeys
from tenants.models import METADATA, KeyRow, TenantRow
from tenants.registry import Registry
from tenants.spec import TenantSpec
from tenants.vault import WrappedKey

HOSTILE = [
    "'; DROP TABLE tenantauth_tenants; --",
    '" OR ""="',
    "' UNION SELECT wrapped_data_key FROM tenantauth_tenants --",
    "%_[a]*?",
    '{"$ne": null}',
    "\\'; --",
    "$1 :name %(name)s ?",
]


def counts(registry: Registry) -> dict[str, int]:
    with registry.begin() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in METADATA.tables.items()
        }


def test_a_new_tenant_serves_at_once(registry: Registry) -> None:
    record = registry.tenants.create("acme", origins=["https://app.acme.test"], credentials=True)
    policy = registry.source().get(TenantKey("host", "acme.localhost"))
    assert (policy.tenant.id, policy.tokens.issuer) == (record.id, record.issuer)
    assert (len(policy.keyring), policy.cors[0].credentials) == (2, True)


def test_a_new_tenant_is_what_was_asked_for(registry: Registry) -> None:
    wanted = TenantSpec(
        "acme",
        "Acme Corp",
        hosts=("b.test", "a.test"),
        issuer="https://id.test",
        audience=("https://api.test",),
        tier="gold",
        metadata={"crm": "4711"},
        guard="5/minute",
    )
    registry.tiers.set("gold", [])
    record = registry.tenants.add(wanted)
    assert (record.name, record.hosts, record.url) == (
        "Acme Corp",
        ("b.test", "a.test"),
        "http://b.test:8000",
    )
    assert (record.issuer, record.audience) == ("https://id.test", ("https://api.test",))
    assert (record.tier, record.metadata, record.guard) == ("gold", {"crm": "4711"}, "5/minute")
    assert (record.status, record.version) == ("active", 1)


def test_without_limits_there_are_none(registry: Registry) -> None:
    assert registry.tenants.create("acme").limits == ()


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_a_new_tenant_has_one_key_that_signs_and_one_that_will(
    registry: Registry, clock: ManualClock, algorithm: str
) -> None:
    registry.tenants.create("acme", algorithm=algorithm)
    with registry.begin() as session:
        keys = {key.state: key for key in session.scalars(select(KeyRow))}
    assert set(keys) == {"active", "pending"}
    assert {key.algorithm for key in keys.values()} == {algorithm}
    assert keys["active"].activated_at == keys["pending"].created_at == registry.now()


def test_private_keys_are_stored_sealed_and_open_with_the_master_key(registry: Registry) -> None:
    """threat 109"""
    registry.tenants.create("acme")
    with registry.begin() as session:
        tenant = session.scalars(select(TenantRow)).one()
        key = session.scalars(select(KeyRow)).first()
        raw = b"".join(
            bytes(str(row), "utf-8")
            for row in session.execute(text("SELECT * FROM tenantauth_signing_keys"))
        )
    assert key is not None
    assert key.sealed_private is not None
    assert b'"d"' not in raw
    wrapped = WrappedKey(tenant.master_key_id, tenant.wrapped_data_key)
    private = registry.vault.unwrap(tenant.id, wrapped).open(key.kid, key.sealed_private)
    assert import_private(private).is_private


def test_without_the_master_key_nothing_is_written(registry: Registry) -> None:
    """threat 109"""
    Path(registry.settings.master_key_file).unlink()
    before = counts(registry)
    with pytest.raises(MasterKeyError, match="there is no master key file"):
        registry.tenants.create("acme")
    assert counts(registry) == before


def test_with_another_master_key_than_other_tenants_have_nothing_is_written(
    registry: Registry, tmp_path: Path
) -> None:
    """threat 109"""
    registry.tenants.create("acme")
    before = counts(registry)
    MasterKeys.create_file(tmp_path / "other.key")
    settings = replace(registry.settings, master_key_file=str(tmp_path / "other.key"))
    with pytest.raises(MasterKeyError, match="is needed and not configured"):
        Registry(settings=settings).tenants.create("globex")
    assert counts(registry) == before


def test_creation_leaves_an_event_without_secrets(registry: Registry) -> None:
    """threat 106"""
    registry.tenants.create("acme", origins=["https://a.test"])
    (event,) = registry.audit.list()
    assert (event.actor, event.action, event.tenant) == ("test", "tenant.create", "acme")
    assert event.before is None
    assert event.after is not None
    assert len(event.after["keys"]) == 2
    assert not {"wrapped_data_key", "sealed_private", "public_jwk"} & event.after.keys()


def test_values_that_cannot_work_are_said_at_once_and_nothing_is_written(
    registry: Registry,
) -> None:
    before = counts(registry)
    with pytest.raises(InvalidError) as caught:
        registry.tenants.create("WWW", hosts=["a b"], origins=["x"], algorithm="none")
    assert len(caught.value.problems) == 4
    assert counts(registry) == before


@pytest.mark.parametrize(
    ("other", "words"),
    [
        pytest.param({"slug": "acme"}, "slug 'acme' is taken", id="slug"),
        pytest.param({"hosts": ["A.test."]}, "host 'a.test' is taken", id="host"),
        pytest.param({"issuer": "https://a.test"}, "issuer 'https://a.test' is taken", id="issuer"),
        pytest.param(
            {"hosts": ["acme.localhost"]}, "belongs to the tenant 'acme'", id="derived host"
        ),
        pytest.param({"slug": "other"}, "host 'other.localhost' is taken", id="own host is taken"),
    ],
)
def test_what_another_tenant_has_is_a_conflict_and_nothing_is_written(
    registry: Registry, other: dict[str, object], words: str
) -> None:
    registry.tenants.create("acme", hosts=["a.test", "other.localhost"])
    before = counts(registry)
    with pytest.raises(ConflictError, match=words):
        registry.tenants.create(**{"slug": "globex", **other})  # type: ignore[arg-type]
    assert counts(registry) == before


def test_every_conflict_is_said_at_once(registry: Registry) -> None:
    registry.tenants.create("acme")
    registry.tenants.create("globex", hosts=["g.test"])
    with pytest.raises(ConflictError) as caught:
        registry.tenants.create("acme", hosts=["g.test"], issuer="https://g.test")
    assert caught.value.message.count("is taken") == 3


def test_of_a_taken_slug_it_is_not_said_that_its_host_and_issuer_are_taken_too(
    registry: Registry,
) -> None:
    registry.tenants.create("acme", hosts=["a.test"])
    with pytest.raises(ConflictError) as caught:
        registry.tenants.create("acme", hosts=["a.test"])
    assert caught.value.message == "slug 'acme' is taken"


def test_a_tenant_may_have_the_host_that_its_slug_names(registry: Registry) -> None:
    record = registry.tenants.create("acme", hosts=["acme.localhost", "a.test"])
    assert record.hosts == ("acme.localhost", "a.test")


def test_tenants_are_listed_by_slug(registry: Registry) -> None:
    for slug in ("c", "a", "b"):
        registry.tenants.create(slug)
    assert [tenant.slug for tenant in registry.tenants.list()] == ["a", "b", "c"]


@pytest.mark.parametrize("slug", ["nobody", "", "ACME", "\x00", "\udcff", *HOSTILE])
def test_a_tenant_that_is_not_there_is_one_line(registry: Registry, slug: str) -> None:
    """threat 49, threat 116"""
    registry.tenants.create("acme")
    for ask in (registry.tenants.get, registry.tenants.suspend, registry.tenants.resume):
        with pytest.raises(NotFoundError) as caught:
            ask(slug)
        assert caught.value.message.isprintable()


def test_suspending_is_felt_by_workers_and_told(registry: Registry, clock: ManualClock) -> None:
    registry.tenants.create("acme")
    before = registry.source().generation()
    clock.advance(60)
    record = registry.tenants.suspend("acme")
    assert (record.status, record.version, record.updated_at) == ("suspended", 2, registry.now())
    assert registry.source().generation() != before
    event = registry.audit.list()[0]
    assert (event.before, event.after) == ({"status": "active"}, {"status": "suspended"})


def test_a_suspended_tenant_is_resumed(registry: Registry) -> None:
    registry.tenants.create("acme")
    registry.tenants.suspend("acme")
    assert registry.tenants.resume("acme").status == "active"
    assert registry.audit.list()[0].action == "tenant.resume"


def test_done_twice_it_changes_nothing(registry: Registry) -> None:
    registry.tenants.create("acme")
    once = registry.tenants.suspend("acme")
    generation = registry.source().generation()
    assert registry.tenants.suspend("acme") == once
    assert registry.source().generation() == generation
    assert len(registry.audit.list()) == 2


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_text_is_stored_as_it_is_or_refused(registry: Registry, hostile: str) -> None:
    """threat 116"""
    registry.tenants.create("victim")
    label = {hostile[:64]: hostile}
    wanted = TenantSpec("acme", hostile, audience=(hostile,), metadata=label)
    record = registry.tenants.add(wanted)
    assert registry.tenants.get("acme") == record
    assert (record.name, record.metadata) == (hostile, label)
    assert [tenant.slug for tenant in registry.tenants.list()] == ["acme", "victim"]


def test_a_bare_string_is_one_host_origin_or_audience(registry: Registry) -> None:
    record = registry.tenants.create(
        "acme", hosts="api.acme.test", origins="https://app.acme.test", audience="urn:reports"
    )
    assert (record.hosts, record.audience) == (("api.acme.test",), ("urn:reports",))
    assert record.cors[0].origins == ("https://app.acme.test",)


@pytest.mark.parametrize("field", ["hosts", "origins", "issuer", "algorithm"])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_text_is_refused_where_a_form_is_asked(
    registry: Registry, field: str, hostile: str
) -> None:
    """threat 116"""
    value = [hostile] if field in ("hosts", "origins") else hostile
    with pytest.raises(InvalidError):
        registry.tenants.create("acme", **{field: value})  # type: ignore[arg-type]


@given(name=st.text(), role=st.text(), permission=st.text(), path=st.text())
@hypothesis_settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_is_stored_as_it_is_or_refused_in_one_line(
    registry: Registry, name: str, role: str, permission: str, path: str
) -> None:
    """threat 107, threat 116"""
    slug = f"t{len(registry.tenants.list())}"
    roles = [RoleDefinition(role, permissions=frozenset({permission}))]
    try:
        limits = [Limit("a", Rate(1, 1), paths=(path,))]
    except ValueError:
        limits = []
    try:
        record = registry.tenants.create(slug, name=name, roles=roles, limits=limits)
    except InvalidError as error:
        told = error.message
    else:
        told = ""
        assert (record.name, record.roles[0].name) == (name, role)
        assert registry.tenants.get(slug) == record
        assert registry.source().get(TenantKey("slug", slug)).roles.permissions([role])
    assert told.isprintable()


_CREATES = """
import sys
from tenants import Registry
from tenants.errors import ConflictError

registry = Registry.from_environ()
registry.ready()
print("ready", flush=True)
sys.stdin.readline()
try:
    print(registry.tenants.create("acme").id)
except ConflictError as error:
    print("conflict:", error.message)
"""


def test_of_several_processes_that_create_one_slug_one_wins(
    registry: Registry, settings: Settings
) -> None:
    """threat 118"""
    processes = [_start(settings) for _ in range(3)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60) for process in processes]
    assert [errors for _, errors in answers if errors] == []
    (winner,) = registry.tenants.list()
    told = sorted(output.strip() for output, _ in answers)
    assert told.count(winner.id) == 1
    assert sum(line.startswith("conflict: slug 'acme' is taken") for line in told) == 2


def _start(settings: Settings) -> subprocess.Popen[str]:
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TENANTAUTH_DATABASE_URL": settings.database_url,
        "TENANTAUTH_MASTER_KEY_FILE": settings.master_key_file,
    }
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", _CREATES],
        env=environ,
        text=True,
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
    )
