import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tenantauth.errors import UnknownTenantError
from tenantauth.flask import TenantAuth, current_tenant
from tenantauth.keyring import KeyRing
from tenantauth.policy import TenantPolicy
from tenantauth.ports import TenantKey, VersionedSource
from tenantauth.roles import RoleBook
from tenantauth.settings import Settings
from tenants import StaticSource
from tenants.declare.findings import FindingsError
from tenants.errors import InvalidError
from tenants.registry import Registry
from tests.registries import new_registry
from tests.servers.databases import on
from tests.tenants.declare.kit import WHOLE, file

ACME = TenantKey("slug", "acme")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tenants.yaml"
    path.write_text(WHOLE + "  - slug: globex\n")
    return path


def static(path: Path, **options: object) -> StaticSource:
    return StaticSource.from_file(str(path), settings=Settings(), **options)  # type: ignore[arg-type]


NO_KEYS, NO_ROLES = KeyRing(), RoleBook()


def comparable(policy: TenantPolicy) -> tuple[object, ...]:
    """Return a policy without what a file cannot say: ids, versions and keys."""
    rest = replace(
        policy,
        tenant=replace(policy.tenant, id=""),
        version=0,
        keyring=NO_KEYS,
        roles=NO_ROLES,
    )
    return rest, policy.roles.permissions(["analyst"]), policy.roles.effective_roles(["analyst"])


@on("sqlite")
@pytest.mark.parametrize("slug", ["acme", "globex"])
def test_a_policy_is_that_of_a_registry_with_the_same_file(
    registry: Registry, path: Path, slug: str
) -> None:
    registry.tenants_file.apply(file(path.read_bytes()))
    key = TenantKey("slug", slug)
    stored = registry.source().get(key)
    assert comparable(static(path).get(key)) == comparable(stored)


@pytest.mark.parametrize(
    ("kind", "value", "slug"),
    [
        ("slug", "acme", "acme"),
        ("host", "api.acme.test", "acme"),
        ("issuer", "https://api.acme.test", "acme"),
        ("host", "globex.localhost", "globex"),
        ("host", "acme.localhost", None),
        ("host", "nobody.test", None),
        ("slug", "*", None),
    ],
)
def test_a_tenant_answers_to_the_same_names(
    path: Path, kind: str, value: str, slug: str | None
) -> None:
    key = TenantKey(kind, value)  # type: ignore[arg-type]
    if slug is None:
        with pytest.raises(UnknownTenantError):
            static(path).get(key)
    else:
        assert static(path).get(key).tenant.slug == slug


def test_tokens_of_a_registry_pass_by_the_keys_that_it_publishes(
    tmp_path: Path, path: Path
) -> None:
    registry = new_registry(tmp_path)
    registry.tenants_file.apply(file(path.read_bytes()))
    source = static(path, keys={"acme": registry.keys.jwks("acme")})
    app = Flask(__name__)
    TenantAuth(app, registry=source)

    @app.get("/")
    def index() -> str:
        return current_tenant.slug

    def ask(slug: str) -> int:
        token = registry.tokens.issue(slug, "alice").token
        headers = {"Authorization": f"Bearer {token}"}
        return app.test_client().get("https://api.acme.test/", headers=headers).status_code

    assert (ask("acme"), ask("globex")) == (200, 401)


def test_all_findings_are_one_error(path: Path) -> None:
    path.write_text("version: 1\ntenants: [{slug: www}, {slug: a, tier: gold}]\n")
    with pytest.raises(FindingsError) as caught:
        static(path)
    assert [finding.id for finding in caught.value.findings] == ["TA011", "TA022"]


@pytest.mark.parametrize(
    ("jwks", "told"),
    [
        ("{", "no strict JSON object"),
        ([{"kty": "EC"}], "as text or as a mapping, not a list"),
        ({"keys": "x"}, "its keys are not a JSON Web Key Set"),
        ({"keys": [{"kty": "oct"}]}, "a key needs its kid and alg"),
        ({"keys": [{"kty": "oct", "kid": "1", "alg": "ES256", "k": "AAAA"}]}, "private"),
        ({"keys": [{"kty": "EC", "kid": "1", "alg": "none"}]}, "none"),
    ],
    ids=["text", "list", "shape", "names", "secret", "none"],
)
def test_a_key_that_cannot_be_used_is_an_error(path: Path, jwks: object, told: str) -> None:
    with pytest.raises(InvalidError, match=told):
        static(path, keys={"acme": jwks})


@pytest.mark.parametrize("form", [str, str.encode], ids=["text", "bytes"])
def test_keys_can_be_the_text_that_key_jwks_prints(
    tmp_path: Path, path: Path, form: Callable[[str], object]
) -> None:
    registry = new_registry(tmp_path)
    registry.tenants.create("acme")
    jwks = registry.keys.jwks("acme")
    read = static(path, keys={"acme": form(json.dumps(jwks))}).get(ACME)
    assert comparable(read) == comparable(static(path, keys={"acme": jwks}).get(ACME))
    assert {key.kid for key in read.keyring} == {key["kid"] for key in jwks["keys"]}


def test_keys_that_are_not_by_slug_are_an_error(path: Path) -> None:
    with pytest.raises(InvalidError, match="by slug"):
        static(path, keys="{}x")


def test_keys_of_nobody_are_an_error(path: Path) -> None:
    with pytest.raises(InvalidError, match="keys: there is no tenant 'initech'"):
        static(path, keys={"initech": {"keys": []}})


def test_another_reading_changes_everything_at_once(path: Path) -> None:
    source = static(path)
    generation = source.generation()
    path.write_text("version: 1\ntenants: [{slug: acme, name: New}]\n")
    source.reload()
    assert (source.get(ACME).tenant.name, source.generation() != generation) == ("New", True)
    with pytest.raises(UnknownTenantError):
        source.get(TenantKey("slug", "globex"))


def test_a_file_that_became_wrong_changes_nothing(path: Path) -> None:
    source = static(path)
    generation = source.generation()
    path.write_text("version: 1\ntenants: [{slug: acme, nam: New}]\n")
    with pytest.raises(FindingsError):
        source.reload()
    assert (source.get(ACME).tenant.name, source.generation()) == ("Acme Corp", generation)


def test_caches_can_tell_that_it_changed(path: Path) -> None:
    assert isinstance(static(path), VersionedSource)
