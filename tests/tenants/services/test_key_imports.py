"""Keys that signed before move in, sign, and end; with a real database and vault."""

import json
import os
from pathlib import Path

import pytest
from joserfc.jwk import OctKey
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tenantauth.errors import RegistryUnavailableError, TokenError
from tenantauth.ports import TenantKey
from tenantauth.settings import Settings
from tenantauth.testing import ManualClock
from tenantauth.tokens.verifier import verify
from tenants.check import check_policy
from tenants.errors import ConflictError, InvalidError, NotFoundError, TooEarlyError
from tenants.issue.mint import Issuer, SigningKey, build_claims, sign
from tenants.issue.wanted import WantedToken
from tenants.key_import import ImportState
from tenants.keys import ALGORITHMS, GeneratedKey, generate
from tenants.models import KeyRow, TenantRow
from tenants.registry import Registry
from tenants.services.keys import KeyService
from tests.tenants.key_kit import find, states

ACME = TenantKey("slug", "acme")
DAY_S = 86400
HMAC = ("HS256", "HS512")


@pytest.fixture(scope="module", params=ALGORITHMS)
def old(request: pytest.FixtureRequest) -> GeneratedKey:
    """A key with which another program signed the tenant's tokens."""
    return generate(request.param)


@pytest.fixture
def keys(registry: Registry, clock: ManualClock) -> KeyService:
    return KeyService(registry, sleep=clock.advance)


@pytest.fixture
def acme(registry: Registry) -> None:
    registry.tenants.create("acme")


def token_of(registry: Registry, key: GeneratedKey) -> str:
    record = registry.tenants.get("acme")
    issuer = Issuer("acme", record.issuer, record.audience)
    claims = build_claims(WantedToken(subject="alice"), issuer, int(registry.clock.now()), DAY_S)
    return sign(claims, SigningKey.open(key.kid, key.algorithm, key.private_jwk_bytes))


def verifies(registry: Registry, token: str) -> bool:
    try:
        verify(token, registry.source().get(ACME), registry.clock.now())
    except TokenError:
        return False
    return True


def make_tenant(registry: Registry, algorithm: str) -> None:
    registry.tenants.create("acme", algorithm="HS256" if algorithm in HMAC else "ES256")


@pytest.mark.parametrize("state", ["grace", "pending", "active"])
def test_threat_31_no_token_of_a_key_dies_when_it_moves_in_and_through_the_next_rotations(
    registry: Registry,
    keys: KeyService,
    clock: ManualClock,
    old: GeneratedKey,
    state: ImportState,
) -> None:
    make_tenant(registry, old.algorithm)
    token, ours = token_of(registry, old), registry.tokens.issue("acme", "alice", ttl_s=DAY_S).token
    keys.import_key(
        "acme", old.private_jwk_bytes, kid=old.kid, algorithm=old.algorithm, state=state
    )
    for _ in range(3):
        assert verifies(registry, token)
        assert verifies(registry, ours)
        clock.advance(3600)
        keys.rotate("acme")
    clock.advance(DAY_S - 3 * 3600 - 5)
    assert verifies(registry, token)


def test_an_imported_active_key_signs_and_every_live_worker_holds_it_by_then(
    registry: Registry, keys: KeyService, old: GeneratedKey
) -> None:
    make_tenant(registry, old.algorithm)
    signer = find(registry, "active").kid
    done = keys.import_key(
        "acme", old.private_jwk_bytes, kid=old.kid, algorithm=old.algorithm, state="active"
    )
    assert done.rotation is not None
    assert done.rotation.waited_s == 2.0
    assert (states(registry)[old.kid], states(registry)[signer]) == ("active", "grace")
    token = registry.tokens.issue("acme", "alice").token
    assert registry.tokens.inspect(token).header["kid"] == old.kid
    assert verifies(registry, token)


def test_an_imported_pending_key_signs_next(
    registry: Registry, keys: KeyService, clock: ManualClock, acme: None
) -> None:
    key, before = generate("ES384"), find(registry, "pending")
    done = keys.import_key("acme", key.private_jwk_bytes, kid="mine", state="pending")
    assert done.dropped is not None
    assert done.dropped.kid == before.kid
    with pytest.raises(TooEarlyError):
        keys.promote("acme", "mine")
    clock.advance(3600)
    assert keys.rotate("acme").promoted.kid == "mine"


def holders(registry: Registry) -> set[str]:
    with registry.begin() as session:
        query = select(KeyRow.kid).where(KeyRow.sealed_private.is_not(None))
        return set(session.scalars(query))


def test_threat_109_a_secret_is_kept_only_by_what_signs_or_verifies_with_it(
    registry: Registry, keys: KeyService, clock: ManualClock
) -> None:
    make_tenant(registry, "HS256")
    secret = generate("HS256")
    keys.import_key("acme", secret.private_jwk_bytes, kid="old", algorithm="HS256")
    assert "old" in holders(registry)
    keys.retire("acme", "old", force=True)
    assert holders(registry) == {find(registry, "active").kid, find(registry, "pending").kid}


def test_threat_109_a_private_half_that_will_never_sign_is_not_stored(
    registry: Registry, keys: KeyService, acme: None
) -> None:
    keys.import_key("acme", generate("RS256").private_jwk_bytes, kid="old", algorithm="RS256")
    assert "old" not in holders(registry)


def test_threat_33_symmetric_keys_are_never_published(registry: Registry, keys: KeyService) -> None:
    make_tenant(registry, "HS256")
    assert keys.jwks("acme") == {"keys": []}
    with registry.begin() as session:
        shown = [row.public_jwk for row in session.scalars(select(KeyRow))]
    assert all(set(jwk) == {"kty", "kid", "use", "alg"} for jwk in shown)
    assert all(isinstance(key.key, OctKey) for key in registry.source().get(ACME).keyring)


@pytest.mark.parametrize(("own", "other"), [("ES256", "HS256"), ("HS256", "ES256")])
def test_threat_2_hmac_keys_are_never_beside_public_ones(
    registry: Registry, keys: KeyService, own: str, other: str
) -> None:
    registry.tenants.create("acme", algorithm=own)
    before, events = states(registry), registry.audit.list()
    data = generate(other).private_jwk_bytes
    for state in ("grace", "pending", "active"):
        with pytest.raises(InvalidError, match="never beside public keys"):
            keys.import_key("acme", data, kid="x", algorithm=other, state=state)
    with pytest.raises(InvalidError, match="never beside public keys"):
        keys.change_algorithm("acme", other)
    assert (states(registry), registry.audit.list()) == (before, events)


def test_threat_109_without_the_master_key_hmac_tenants_are_unavailable_and_others_serve(
    registry: Registry, keys: KeyService, settings: Settings
) -> None:
    make_tenant(registry, "HS256")
    registry.tenants.create("globex")
    Path(settings.master_key_file).unlink()
    registry.dispose()
    assert len(registry.source().get(TenantKey("slug", "globex")).keyring) == 2
    with pytest.raises(RegistryUnavailableError, match="master key"):
        registry.source().get(ACME)
    query = select(TenantRow).where(TenantRow.slug == "acme").options(selectinload("*"))
    with registry.begin() as session:
        (finding,) = check_policy(session.scalars(query).one(), registry)
    assert "its HMAC keys verify nothing" in finding.text


@pytest.mark.parametrize("column", [os.urandom(80), b"", None], ids=["other", "empty", "null"])
def test_threat_34_an_hmac_key_whose_secret_is_damaged_loses_no_other(
    registry: Registry, keys: KeyService, column: bytes | None
) -> None:
    """Threat 6: nor does an empty column become a secret that everybody knows."""
    make_tenant(registry, "HS256")
    active = find(registry, "active").kid
    with registry.begin(write=True) as session:
        row = session.scalars(select(KeyRow).where(KeyRow.state == "pending")).one()
        row.sealed_private = column
    assert [key.kid for key in registry.source().get(ACME).keyring] == [active]


def test_a_kid_that_the_tenant_has_is_told_with_its_state(
    registry: Registry, keys: KeyService, acme: None
) -> None:
    kid = find(registry, "active").kid
    with pytest.raises(ConflictError, match="already; it is active"):
        keys.import_key("acme", generate().private_jwk_bytes, kid=kid)


def test_threat_31_a_compromised_key_does_not_come_back_by_another_name(
    registry: Registry, keys: KeyService, acme: None
) -> None:
    key = generate()
    keys.import_key("acme", key.private_jwk_bytes, kid=key.kid)
    keys.compromise("acme", key.kid)
    renamed = {**json.loads(key.private_jwk_bytes), "kid": "new"}
    with pytest.raises(InvalidError, match="compromised, by another name"):
        keys.import_key("acme", json.dumps(renamed).encode(), kid="new")


def test_threat_31_a_compromised_secret_does_not_come_back_by_another_name(
    registry: Registry, keys: KeyService
) -> None:
    """Nothing is left of the secret itself: its fingerprint is."""
    registry.tenants.create("hmac", algorithm="HS256")
    key = generate("HS256")
    secret = {**json.loads(key.private_jwk_bytes), "alg": "HS256"}
    for kid, refusal in (("one", None), ("two", "as 'one'"), ("three", "compromised")):
        text = json.dumps({**secret, "kid": kid}).encode()
        if refusal is None:
            keys.import_key("hmac", text, kid=kid)
            continue
        if refusal == "compromised":
            keys.compromise("hmac", "one")
        with pytest.raises(InvalidError, match=refusal):
            keys.import_key("hmac", text, kid=kid)


def test_threat_31_one_key_has_one_name(registry: Registry, keys: KeyService, acme: None) -> None:
    """Else a leaked one would go on verifying by its other name."""
    key = generate()
    keys.import_key("acme", key.private_jwk_bytes, kid=key.kid)
    twin = {**json.loads(key.private_jwk_bytes), "kid": "twin"}
    with pytest.raises(InvalidError, match=f"as '{key.kid}'"):
        keys.import_key("acme", json.dumps(twin).encode(), kid="twin")


def test_an_import_leaves_an_event_without_the_key(
    registry: Registry, keys: KeyService, acme: None
) -> None:
    key = generate()
    keys.import_key("acme", key.private_jwk_bytes, kid="mine")
    event = registry.audit.list()[0]
    assert (event.action, event.before, event.after) == ("key.import", {}, {"mine": "grace"})


def test_exactly_the_pending_key_is_promoted(
    registry: Registry, keys: KeyService, acme: None
) -> None:
    active, pending = registry.keys.list("acme")
    assert keys.promote("acme", active.kid).demoted is None
    with pytest.raises(TooEarlyError):
        keys.promote("acme", pending.kid)
    done = keys.promote("acme", pending.kid, now=True)
    assert (done.promoted.kid, done.demoted and done.demoted.kid) == (pending.kid, active.kid)
    with pytest.raises(InvalidError, match="is grace: only the pending key can sign next"):
        keys.promote("acme", active.kid)


def test_threat_31_a_key_retires_early_only_by_force(
    registry: Registry, keys: KeyService, clock: ManualClock, acme: None
) -> None:
    token = registry.tokens.issue("acme", "alice", ttl_s=DAY_S).token
    demoted = keys.rotate("acme", now=True).demoted
    assert demoted is not None
    with pytest.raises(TooEarlyError, match=r"can be alive until 2027-\S+Z$"):
        keys.retire("acme", demoted.kid)
    assert verifies(registry, token)
    for _ in range(2):
        assert keys.retire("acme", demoted.kid, force=True).state == "retired"
    assert not verifies(registry, token)


def test_a_key_whose_time_is_over_retires_without_force(
    registry: Registry, keys: KeyService, clock: ManualClock, acme: None
) -> None:
    demoted = keys.rotate("acme", now=True).demoted
    assert demoted is not None
    clock.advance(DAY_S + 32)
    assert keys.retire("acme", demoted.kid).state == "retired"


@pytest.mark.parametrize("state", ["active", "pending"])
def test_a_key_that_signs_now_or_next_cannot_be_retired(
    registry: Registry, keys: KeyService, acme: None, state: str
) -> None:
    with pytest.raises(InvalidError, match="only a key in grace can be retired"):
        keys.retire("acme", find(registry, state).kid, force=True)


def test_a_new_algorithm_takes_the_place_of_the_pending_key_and_rotates_in(
    registry: Registry, keys: KeyService, clock: ManualClock, acme: None
) -> None:
    before = find(registry, "pending").kid
    pending = keys.change_algorithm("acme", "PS256")
    assert (pending.algorithm, registry.tenants.get("acme").algorithm) == ("PS256", "PS256")
    event = registry.audit.list()[0]
    assert event.before == {"algorithm": "ES256", before: "pending"}
    assert event.after == {"algorithm": "PS256", before: "grace", pending.kid: "pending"}
    assert keys.change_algorithm("acme", "PS256") == pending
    clock.advance(3600)
    rotation = keys.rotate("acme")
    assert (rotation.promoted.kid, rotation.pending.algorithm) == (pending.kid, "PS256")


def test_an_unknown_algorithm_is_told(keys: KeyService, acme: None) -> None:
    with pytest.raises(InvalidError, match="'none' is not one of: ES256"):
        keys.change_algorithm("acme", "none")


def test_an_unknown_tenant_or_key_is_told(keys: KeyService, acme: None) -> None:
    with pytest.raises(NotFoundError):
        keys.import_key("globex", generate().private_jwk_bytes, kid="a")
    for ask in (keys.promote, keys.retire):
        with pytest.raises(NotFoundError, match="has no key 'nothing'"):
            ask("acme", "nothing")
