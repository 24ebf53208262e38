"""Access tokens: issued with a real database and vault, inspected, verified as the stack does."""

import re
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from sqlalchemy import select, update

from tenantauth.caching import CachedPolicySource
from tenantauth.outbound.networks import NamedNetwork
from tenantauth.ports import TenantKey
from tenantauth.roles import RoleDefinition
from tenantauth.settings import Settings
from tenantauth.testing import ManualClock
from tenantauth.tokens.verifier import verify
from tenants.errors import InvalidError, MasterKeyError, NotFoundError, RegistryError
from tenants.keys import ALGORITHMS, import_private
from tenants.models import KeyRow, TenantRow
from tenants.registry import Registry
from tenants.services.keys import KeyService
from tenants.spec import TenantSpec
from tenants.values import IssuerSpec
from tenants.vault import WrappedKey
from tests.partners import AUDIENCE, ISSUER, partner_token
from tests.servers.documents import document, saying, serving
from tests.tenantauth.forks import in_child
from tests.tenantauth.tokens.key_documents import KEYS, jwk, key_set
from tests.tenants.key_kit import find

ACME = TenantKey("slug", "acme")


@pytest.fixture
def acme(registry: Registry) -> None:
    registry.tenants.create("acme")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_an_issued_token_is_one_that_the_stack_accepts(
    registry: Registry, clock: ManualClock, algorithm: str
) -> None:
    registry.tenants.create("acme", algorithm=algorithm)
    issued = registry.tokens.issue("acme", "alice", roles=["analyst"], scopes=["a", "b"])
    claims = verify(issued.token, registry.source().get(ACME), clock.now())
    assert (claims.subject, claims.client_id) == ("alice", "web")
    assert claims.roles == frozenset({"analyst"})
    assert claims.scopes == frozenset({"a", "b"})
    assert claims.expires_at_s - claims.issued_at_s == issued.expires_in_s == 900
    assert claims.auth_time_s == claims.issued_at_s


def test_a_bare_string_is_one_role_and_one_scope(registry: Registry, acme: None) -> None:
    claims = registry.tokens.issue("acme", "alice", roles="analyst", scopes="read").claims
    assert (claims["roles"], claims["scope"]) == (["analyst"], "read")


def test_a_forked_child_opens_signing_keys_for_itself(registry: Registry, acme: None) -> None:
    """Threat 80: also when another thread held the lock while it forked."""

    def say() -> str:
        return f"{opened.opened} {registry.tokens.issue('acme', 'alice').expires_in_s}"

    opened = registry.tokens._opened_keys
    assert say() == "None 900"
    assert opened.opened is not None
    with opened.get()._lock:
        assert in_child(say) == "None 900"


def test_an_ed25519_key_also_verifies_the_name_that_replaced_eddsa(
    registry: Registry, clock: ManualClock
) -> None:
    registry.tenants.create("acme", algorithm="EdDSA")
    policy, claims = registry.source().get(ACME), registry.tokens.issue("acme", "alice").claims
    token = resigned(registry, claims, header_algorithm="Ed25519")
    assert verify(token, policy, clock.now()).subject == "alice"


def resigned(registry: Registry, claims: Mapping[str, object], header_algorithm: str) -> str:
    """Sign with the tenant's key as a peer would that writes the newer name (RFC 9864)."""
    with registry.begin() as session:
        tenant = session.scalars(select(TenantRow)).one()
        tenant_id = tenant.id
        row = session.scalars(select(KeyRow).where(KeyRow.state == "active")).one()
        wrapped = WrappedKey(tenant.master_key_id, tenant.wrapped_data_key)
        kid, sealed = row.kid, row.sealed_private
    assert sealed is not None
    private = import_private(registry.vault.unwrap(tenant_id, wrapped).open(kid, sealed))
    header = {"typ": "at+jwt", "alg": header_algorithm, "kid": kid}
    return jwt.encode(header, dict(claims), private, algorithms=[header_algorithm])


def test_a_client_speaks_for_itself(registry: Registry, acme: None) -> None:
    issued = registry.tokens.issue("acme", "batch", client_id="batch", extra={"region": "eu"})
    assert "auth_time" not in issued.claims
    assert issued.claims["region"] == "eu"


def test_threat_106_the_repr_of_an_issued_token_shows_neither_token_nor_claims(
    registry: Registry, acme: None
) -> None:
    issued = registry.tokens.issue("acme", "alice")
    assert repr(issued) == "IssuedToken(expires_in_s=900)"


@pytest.mark.parametrize("ttl_s", [0, -1, 0.5, 86401, float("nan"), float("inf")])
def test_a_life_outside_of_the_tenants_bounds_is_refused(
    registry: Registry, acme: None, ttl_s: float
) -> None:
    with pytest.raises(InvalidError, match="lives 1 to 86400 s, not"):
        registry.tokens.issue("acme", "alice", ttl_s=ttl_s)


def test_the_longest_life_is_accepted(registry: Registry, acme: None) -> None:
    token = registry.tokens.issue("acme", "alice", ttl_s=86400).token
    assert registry.tokens.inspect(token).valid


def test_threat_52_a_suspended_tenant_issues_nothing(registry: Registry, acme: None) -> None:
    registry.tenants.suspend("acme")
    with pytest.raises(InvalidError, match="'acme' is suspended"):
        registry.tokens.issue("acme", "alice")


@pytest.mark.parametrize(
    ("role", "hint"),
    [("analist", "did you mean 'analyst'?"), ("zzz", "it has: analyst, viewer")],
    ids=["near", "far"],
)
def test_a_role_that_the_tenant_does_not_declare_is_refused_with_a_hint(
    registry: Registry, role: str, hint: str
) -> None:
    roles = [RoleDefinition("viewer"), RoleDefinition("analyst")]
    registry.tenants.create("acme", roles=roles)
    with pytest.raises(InvalidError) as caught:
        registry.tokens.issue("acme", "alice", roles=["viewer", role])
    assert caught.value.message == f"the tenant has no role {role!r}; {hint}"


def test_a_token_too_large_for_the_verifier_is_not_issued(registry: Registry, acme: None) -> None:
    with pytest.raises(InvalidError, match="larger than 8192 characters"):
        registry.tokens.issue("acme", "alice", extra={"x": "y" * 8192})


def test_an_unknown_tenant_is_told(registry: Registry) -> None:
    with pytest.raises(NotFoundError, match="there is no tenant 'acme'"):
        registry.tokens.issue("acme", "alice")


def test_threat_109_a_missing_master_key_refuses_and_verification_goes_on(
    registry: Registry, settings: Settings, acme: None
) -> None:
    token = registry.tokens.issue("acme", "alice").token
    Path(settings.master_key_file).unlink()
    fresh = Registry(settings=settings, clock=registry.clock)
    with pytest.raises(MasterKeyError):
        fresh.tokens.issue("acme", "alice")
    assert fresh.tokens.inspect(token).valid
    fresh.dispose()


def test_threat_109_a_private_half_moved_to_another_key_is_not_used(
    registry: Registry, acme: None
) -> None:
    with registry.begin(write=True) as session:
        pending = session.scalars(select(KeyRow).where(KeyRow.state == "pending")).one()
        swapped = update(KeyRow).where(KeyRow.state == "active")
        session.execute(swapped.values(sealed_private=pending.sealed_private))
    with pytest.raises(MasterKeyError, match="cannot be opened"):
        registry.tokens.issue("acme", "alice")


def test_without_an_active_key_the_way_out_is_named(registry: Registry, acme: None) -> None:
    with registry.begin(write=True) as session:
        session.execute(update(KeyRow).values(sealed_private=None))
    with pytest.raises(RegistryError, match="run: key rotate"):
        registry.tokens.issue("acme", "alice")


def test_a_rotation_elsewhere_is_signed_with_at_once(
    registry: Registry, settings: Settings, clock: ManualClock, acme: None
) -> None:
    registry.tokens.issue("acme", "alice")
    elsewhere = Registry(settings=settings, clock=clock)
    KeyService(elsewhere, sleep=clock.advance).rotate("acme", now=True)
    token = registry.tokens.issue("acme", "alice").token
    assert registry.tokens.inspect(token).header["kid"] == find(registry, "active").kid
    elsewhere.dispose()


def test_threat_44_another_tenants_token_is_held_against_its_own_rules(
    registry: Registry, acme: None
) -> None:
    registry.tenants.create("globex")
    token = registry.tokens.issue("globex", "alice").token
    assert registry.tokens.inspect(token).tenant == "globex"


def test_threat_94_no_request_fails_while_keys_rotate_under_load(
    registry: Registry, clock: ManualClock, acme: None
) -> None:
    keys, done = KeyService(registry, sleep=clock.advance), threading.Event()

    def work() -> int:
        # As in a worker process of its own: nobody else refreshes this cache.
        source = CachedPolicySource(registry.source(), staleness_s=2.0, clock=clock)
        count = 0
        while not done.is_set():
            token = registry.tokens.issue("acme", "alice").token
            verify(token, source.get(ACME), clock.now())
            count += 1
        return count

    with ThreadPoolExecutor(2) as pool:
        workers = [pool.submit(work) for _ in range(2)]
        try:
            for _ in range(10):
                keys.rotate("acme", now=True)
        finally:
            done.set()
        assert all(worker.result(timeout=30) > 0 for worker in workers)


@pytest.mark.parametrize(
    ("prefix", "subject", "client_id", "said"),
    [
        ("partner:", "partner:alice", "web", "the subject 'partner:alice' would be refused"),
        ("partner:", "alice", "partner:", "the client id 'partner:'"),
        ("", f"{ISSUER}|alice", "web", f"is a caller of {ISSUER}"),
    ],
    ids=["subject", "client id", "no prefix of its own"],
)
def test_no_token_is_issued_that_would_be_refused_as_a_trusted_issuers(
    registry: Registry, *, prefix: str, subject: str, client_id: str, said: str
) -> None:
    uri = f"{ISSUER}/jwks"
    partner = IssuerSpec(ISSUER, jwks_uri=uri, audience=(AUDIENCE,), subject_prefix=prefix)
    registry.tenants.add(TenantSpec("acme", "acme", trusted_issuers=(partner,)))
    with pytest.raises(InvalidError, match=re.escape(said)):
        registry.tokens.issue("acme", subject, client_id=client_id)


def test_inspection_of_junk_is_an_answer(registry: Registry) -> None:
    junk: list[Any] = ["", "a.b.c", "\ud800", "e30.eyJ0ZW5hbnQiOiJhXHUwMDAwYiJ9.AA"]
    assert [registry.tokens.inspect(text).valid for text in junk] == [False] * 4


@pytest.mark.parametrize(("named", "valid"), [("127.0.0.1", True), ("127.0.0.2", False)])
def test_inspection_fetches_an_issuers_keys_from_where_a_worker_would(
    settings: Settings, *, named: str, valid: bool
) -> None:
    """Threat 112."""
    with serving(saying(document(key_set(jwk("k1"))))) as server:
        uri = f"http://127.0.0.1:{server.port}/jwks"
        partner = IssuerSpec(ISSUER, jwks_uri=uri, audience=(AUDIENCE,), algorithms=("ES256",))
        networks = (NamedNetwork.parse(named),)
        registry = Registry(settings=replace(settings, issuer_networks=networks))
        registry.tenants.add(TenantSpec("acme", "acme", trusted_issuers=(partner,)))
        token = partner_token(key=KEYS["k1"], now_s=registry.clock.now())
        assert registry.tokens.inspect(token, tenant="acme").valid is valid
    registry.dispose()


def test_inspection_tells_of_a_key_that_is_published_and_not_used(settings: Settings) -> None:
    published = key_set(jwk("k2"), jwk("k1", use="enc"))
    with serving(saying(document(published))) as server:
        uri = f"http://127.0.0.1:{server.port}/jwks"
        partner = IssuerSpec(ISSUER, jwks_uri=uri, audience=(AUDIENCE,), algorithms=("ES256",))
        networks = (NamedNetwork.parse("127.0.0.1"),)
        registry = Registry(settings=replace(settings, issuer_networks=networks))
        registry.tenants.add(TenantSpec("acme", "acme", trusted_issuers=(partner,)))
        tokens = [partner_token(key=KEYS["k1"]), partner_token(header={"kid": "k9"})]
        reasons = [registry.tokens.inspect(each, tenant="acme").reason for each in tokens]
    registry.dispose()
    assert reasons == [
        f"its kid 'k1' is a key of {ISSUER} which is not used: its use is not sig",
        f"its kid 'k9' is none of the keys that {ISSUER} publishes: 'k2', 'k1'",
    ]


@pytest.mark.parametrize("issuer", [ISSUER, f"{ISSUER}/", "\0", "é", "x" * 5000], ids=ascii)
def test_who_trusts_a_tokens_issuer_is_told_of_living_tenants(
    registry: Registry, issuer: str
) -> None:
    partner = IssuerSpec(ISSUER, jwks_uri=f"{ISSUER}/jwks", audience=(AUDIENCE,))
    for slug in ("acme", "gone"):
        trusted = replace(partner, match={"org": slug})
        registry.tenants.add(TenantSpec(slug, slug, trusted_issuers=(trusted,)))
    registry.tenants.delete("gone")
    told = str(registry.tokens.inspect(partner_token(iss=issuer)).reason)
    assert ("acme trusts this issuer" in told) is (issuer == ISSUER)
    assert "gone" not in told
