"""Whatever a tenant is, it is the same after it was stored, read, updated and compared."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenantauth.settings import Settings
from tenants import db, migrations
from tenants.document import changed, to_document
from tenants.lifetimes import Lifetimes
from tenants.master_keys import MasterKeys
from tenants.registry import Registry
from tenants.spec import TenantSpec, to_spec
from tenants.spec_check import problems_of
from tenants.tenant_changes import TenantChanges
from tenants.values import CorsSpec, IssuerSpec, LimitSpec, RoleSpec

WORDS = st.text("abcxyz0123456789", min_size=1, max_size=8)
TEXTS = st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable() and text.strip())
TIMES = st.builds(
    Lifetimes,
    access_ttl_s=st.integers(1, 3600),
    max_ttl_s=st.integers(3600, 86400 * 7),
    leeway_s=st.integers(0, 300),
    rotate_every_s=st.integers(86400, 86400 * 400),
    publish_ahead_s=st.integers(3600, 86400),
)
PATHS = WORDS.map(lambda word: f"/{word}")
RATES = st.builds("{}/{}".format, st.integers(10, 9999), st.sampled_from(["second", "minute"]))
BYS = st.sampled_from(("tenant", "address", "subject", "client"))
MODES: st.SearchStrategy[Literal["enforce", "shadow"]] = st.sampled_from(("enforce", "shadow"))
LIMITS = st.builds(
    LimitSpec,
    name=WORDS,
    rate=RATES,
    by=BYS,
    paths=st.lists(PATHS, max_size=2).map(tuple),
    methods=st.sampled_from(((), ("GET",), ("GET", "POST"))),
    cost=st.integers(1, 9),
    burst=st.none() | st.integers(9, 99),
    mode=MODES,
)
CORS = st.builds(
    CorsSpec,
    path=PATHS,
    origins=st.lists(WORDS.map(lambda word: f"https://{word}.test"), max_size=3).map(tuple),
    expose_headers=st.lists(WORDS, max_size=2).map(tuple),
    credentials=st.booleans(),
    max_age_s=st.integers(0, 86400),
)
ROLES = st.builds(RoleSpec, WORDS, permissions=st.lists(WORDS, max_size=3).map(tuple))
ISSUERS = st.builds(
    IssuerSpec,
    issuer=WORDS.map(lambda word: f"https://{word}.test"),
    jwks_uri=st.just("https://keys.test/jwks"),
    audience=st.lists(WORDS, min_size=1, max_size=2).map(tuple),
    match=st.dictionaries(WORDS, TEXTS | st.integers(-9, 9) | st.booleans(), max_size=2),
    subject_prefix=WORDS | st.just(""),
)


def several(parts: st.SearchStrategy[object], name: str) -> st.SearchStrategy[tuple[object, ...]]:
    unique = st.lists(parts, max_size=3, unique_by=lambda part: getattr(part, name))
    return unique.map(tuple)


SPECS = st.builds(
    TenantSpec,
    slug=st.just("acme"),
    name=TEXTS,
    status=st.sampled_from(("active", "suspended")),
    metadata=st.dictionaries(WORDS, TEXTS, max_size=2),
    guard=RATES,
    hosts=st.lists(WORDS.map(lambda word: f"h{word}.test"), max_size=3, unique=True).map(tuple),
    audience=st.lists(WORDS, max_size=2, unique=True).map(tuple),
    lifetimes=TIMES,
    cors=several(CORS, "path"),
    limits=several(LIMITS, "name"),
    roles=several(ROLES, "name"),
    trusted_issuers=several(ISSUERS, "issuer"),
).filter(lambda spec: not [*problems_of(spec, Settings())])


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder: Path = tmp_path_factory.mktemp("registry")
    MasterKeys.create_file(folder / "key")
    url = f"sqlite:///{folder}/tenantauth.db"
    migrations.upgrade(db.make_engine(url, create=True))
    registry = Registry(settings=Settings(database_url=url, master_key_file=str(folder / "key")))
    registry.tenants.create("acme")
    yield registry
    registry.dispose()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(wanted=SPECS)
def test_what_is_stored_is_what_was_wanted(registry: Registry, wanted: TenantSpec) -> None:
    record = TenantChanges(registry).make("acme", "tenant.update", lambda _: wanted)
    written = wanted.canonical(registry.settings)
    assert to_spec(record) == TenantChanges(registry).read("acme") == written
    again = TenantChanges(registry).make("acme", "tenant.update", lambda _: wanted)
    assert again.version == record.version


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(one=SPECS, other=SPECS)
def test_documents_differ_exactly_where_tenants_do(one: TenantSpec, other: TenantSpec) -> None:
    one, other = one.canonical(Settings()), other.canonical(Settings())
    assert (not changed(to_document(one), to_document(other))) == (one == other)
    assert changed(to_document(one), to_document(replace(one))) == {}
    assert one.canonical(Settings()) == one
