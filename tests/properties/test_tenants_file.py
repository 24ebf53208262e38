"""What export writes, apply takes and keeps, whatever tenants there are."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given
from hypothesis import settings as runs
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from tenantauth.settings import Settings
from tenantauth.units import format_duration
from tenants.declare.schema import json_schema
from tenants.declare.text import FileText, from_bytes
from tenants.registry import Registry
from tests.registries import new_registry

# An example makes registries, so looking for the smallest one that fails would take minutes.
FEW = runs(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

WORDS = st.from_regex(r"[a-z][a-z0-9_.:-]{0,8}", fullmatch=True)
PATHS = st.from_regex(r"[a-z]{1,4}(\.[a-z]{1,4})?", fullmatch=True)
# Where YAML 1.1, YAML 1.2 and people read different things, and where quoting is hard.
ODD = st.sampled_from(
    [
        *("no", "null", "~", "12:30", "1e3", "0x1F", "-0", "2027-01-15", "<<", "=", "# a", "a: b"),
        *("*a", "&a", "!a", "- a", "%a", "'", '"', "Ä ö 名", "😀", "{}", "[a]", "a  b", "true"),
    ]
)
TEXTS = ODD | st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
HOSTS = st.from_regex(r"[a-z]{1,6}\.(one|two)\.test", fullmatch=True)
PATHS = st.sampled_from(["/", "/a", "/a/b", "/api", "/reports"])
METHODS = st.lists(st.sampled_from(["GET", "POST", "DELETE"]), max_size=2, unique=True)
SECONDS = st.integers(1, 300).map(format_duration)


def lists(of: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[list[Any]]:
    return st.lists(of, max_size=most, unique=True)


def uniquely(of: st.SearchStrategy[Any], name: str) -> st.SearchStrategy[list[Any]]:
    return st.lists(of, max_size=3, unique_by=lambda each: str(each[name]))


ORIGINS = HOSTS.map("https://{}".format) | HOSTS.map("https://*.{}".format)
CORS = st.fixed_dictionaries(
    {"path": PATHS, "origins": lists(ORIGINS)},
    optional={
        "methods": METHODS,
        "allow_headers": lists(st.sampled_from(["Authorization", "X-A"])),
        "expose_headers": lists(st.sampled_from(["X-B", "X-C"])),
        "credentials": st.booleans(),
        "max_age": SECONDS,
    },
)
LIMITS = st.fixed_dictionaries(
    {"name": WORDS.filter(lambda name: name != "guard"), "rate": st.just("10/2 minutes")},
    optional={
        "by": st.sampled_from(["tenant", "address", "subject", "client"]),
        "burst": st.integers(3, 9),
        "cost": st.integers(1, 3),
        "paths": lists(PATHS),
        "methods": METHODS,
        "mode": st.sampled_from(["enforce", "shadow"]),
        "on_outage": st.sampled_from(["local", "open", "closed"]),
    },
)
# A tenant that declares roles has these, whatever is kept of it: roles of issuers lead there.
MAPPED: dict[str, Any] = {"analyst": {"permissions": ["reports:write"]}, "viewer": {}}
ROLES: st.SearchStrategy[dict[str, Any]] = st.just({}) | st.dictionaries(
    WORDS, st.fixed_dictionaries({}, optional={"permissions": lists(WORDS)}), max_size=3
).map(lambda roles: {**roles, **MAPPED})
ISSUERS = st.fixed_dictionaries(
    {
        "issuer": HOSTS.map("https://login.{}".format),
        "jwks_uri": HOSTS.map("https://{}/jwks".format),
        "audience": st.lists(WORDS, min_size=1, max_size=2, unique=True),
    },
    optional={
        "algorithms": st.just(["ES256"]),
        "typ": st.just(["at+jwt", "JWT"]),
        "subject_prefix": st.just("partner:"),
        "requires_any_role": st.just(["analyst"]),
    },
)


@st.composite
def tenants(draw: st.DrawFn, slug: str) -> dict[str, Any]:
    """Return one tenant as a file has it, with any of its members."""
    issuers = draw(uniquely(ISSUERS, "issuer"))
    for at, issuer in enumerate(issuers):
        if "subject_prefix" in issuer:
            issuer["subject_prefix"] = f"partner-{at}:"  # No two issuers' callers share a name.
        # So that no two tenants take the same token.
        ours = st.sampled_from(sorted(MAPPED))
        mapped = draw(st.dictionaries(WORDS, ours, min_size=1, max_size=2))
        issuer |= {"roles_claim": "realm.roles", "role_map": mapped}
        issuer["match"] = {
            "org": slug,
            **draw(st.dictionaries(PATHS, st.integers(-(2**63), 2**63), max_size=1)),
        }
    members = {
        "name": draw(TEXTS),
        "status": draw(st.sampled_from(["active", "suspended"])),
        "tier": draw(st.sampled_from([None, "gold"])),
        "metadata": draw(st.dictionaries(TEXTS, TEXTS, max_size=3)),
        "guard": draw(st.sampled_from(["60/minute", "5/2 hours"])),
        "hosts": [f"{slug}.{host}" for host in draw(lists(HOSTS))],
        "issuer": f"https://{slug}.issuer.test",
        "audience": draw(st.lists(TEXTS, min_size=1, max_size=3)),
        "tokens": {"access_ttl": draw(SECONDS), "leeway": draw(SECONDS), "publish_ahead": "2h"},
        "cors": draw(uniquely(CORS, "path")),
        "limits": draw(uniquely(LIMITS, "name")),
        "roles": draw(ROLES),
        "trusted_issuers": issuers,
    }
    kept = draw(st.sets(st.sampled_from(sorted(members))))
    return {"slug": slug, **{name: members[name] for name in members if name in kept}}


@st.composite
def files(draw: st.DrawFn) -> dict[str, Any]:
    """Return a file with some tenants of a small set."""
    slugs = draw(st.sets(st.sampled_from(["a", "b", "c", "d"])))
    tier = {"limits": draw(uniquely(LIMITS, "name"))}
    return {
        "version": 1,
        "tiers": {"gold": tier},
        "tenants": [draw(tenants(slug)) for slug in sorted(slugs)],
    }


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a registry without tenants, to be copied."""
    folder = tmp_path_factory.mktemp("empty")
    new_registry(folder).dispose()
    return folder


@contextmanager
def a_registry(empty: Path) -> Iterator[Registry]:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(empty, folder, dirs_exist_ok=True)
        registry = Registry(
            settings=Settings(
                database_url=f"sqlite:///{folder}/tenantauth.db",
                master_key_file=f"{folder}/tenantauth.key",
            )
        )
        yield registry
        registry.dispose()


def source(document: object) -> FileText:
    return from_bytes("tenants.json", json.dumps(document).encode())


def exported(registry: Registry, form: Any = "yaml") -> FileText:
    text = "".join(registry.tenants_file.export(form))
    return from_bytes(f"out.{form}", text.encode())


@FEW
@given(document=files(), form=st.sampled_from(["yaml", "json"]))
def test_what_export_writes_changes_nothing(
    empty: Path, document: dict[str, Any], form: str
) -> None:
    with a_registry(empty) as registry:
        registry.tenants_file.apply(source(document))
        written = exported(registry, form)
        for prune in (False, True):
            made = registry.tenants_file.plan(written, prune=prune)
            assert (made.is_empty, made.kept, made.kept_tiers) == (True, (), ())


@FEW
@given(document=files())
def test_a_fresh_registry_is_made_the_same_to_the_byte(
    empty: Path, document: dict[str, Any]
) -> None:
    with a_registry(empty) as registry, a_registry(empty) as fresh:
        registry.tenants_file.apply(source(document))
        written = exported(registry)
        fresh.tenants_file.apply(written)
        assert exported(fresh) == written


@FEW
@given(first=files(), second=files(), prune=st.booleans())
def test_after_any_edit_an_apply_leaves_nothing_to_do(
    empty: Path, first: dict[str, Any], second: dict[str, Any], *, prune: bool
) -> None:
    with a_registry(empty) as registry:
        registry.tenants_file.apply(source(first))
        registry.tenants_file.apply(source(second), prune=prune)
        generation = registry.source().generation()
        assert registry.tenants_file.plan(source(second), prune=prune).is_empty
        registry.tenants_file.apply(source(second), prune=prune)
        assert registry.source().generation() == generation


@FEW
@given(first=files(), second=files(), prune=st.booleans())
def test_a_plan_is_what_is_done(
    empty: Path, first: dict[str, Any], second: dict[str, Any], *, prune: bool
) -> None:
    with a_registry(empty) as registry:
        registry.tenants_file.apply(source(first))
        plan = registry.tenants_file.plan(source(second), prune=prune)
        registry.tenants_file.apply(source(second), prune=prune)
        for change in plan.tenants:
            if change.after is not None:
                record = registry.tenants.get(change.slug)
                assert (record.name, record.limits) == (change.after.name, change.after.limits)


def test_the_generated_files_use_every_member_of_a_tenant() -> None:
    """Else the properties above say less than they seem to."""
    members = json_schema()["$defs"]["Tenant"]["properties"].keys()
    seen: set[str] = set()

    def have_all_been_seen(document: dict[str, Any]) -> bool:
        seen.update(*(tenant.keys() for tenant in document["tenants"]))
        return seen == set(members)

    with suppress(NoSuchExample):  # after 200 files; it ends at the one with the last member
        find(files(), have_all_been_seen, settings=runs(FEW, max_examples=200, database=None))
    assert seen == set(members)
