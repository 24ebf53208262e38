"""Remembered tokens: what a hit saves, and what it does not."""

import gc
from dataclasses import replace
from typing import Any

import pytest
from joserfc.jwk import ECKey

from tenantauth.errors import IssuerUnavailableError, TokenError
from tenantauth.keyring import KeyRing, VerificationKey
from tenantauth.policy import TenantPolicy
from tenantauth.settings import Settings
from tenantauth.testing import SigningKey, make_policy, make_token
from tenantauth.testing.clock import START_S
from tenantauth.tokens.strict import MAX_TOKEN_CHARS
from tenantauth.tokens.verified_cache import DEFAULT_SIZE, Verifier
from tenantauth.trusted_issuer import TrustedIssuer
from tests.partners import KEY, partner_token, trust
from tests.tenantauth.forks import in_child
from tests.tenantauth.tokens.twins import ecdsa_twin

SIGNER = SigningKey("acme-1")


class CountingKey(ECKey):
    """A key that counts the signatures checked with it."""

    checked = 0

    def get_op_key(self, operation: Any) -> Any:
        self.checked += 1
        return super().get_op_key(operation)


class ChangingKeys:
    """A key source that can lose its key, or be away."""

    def __init__(self) -> None:
        self.key: VerificationKey | None = KEY.verification_key()
        self.is_away = False

    def find(self, tenant: str, issuer: TrustedIssuer, kid: str) -> VerificationKey | None:
        if self.is_away:
            raise IssuerUnavailableError("away")
        return self.key


@pytest.fixture
def key() -> CountingKey:
    return CountingKey.import_key(SIGNER.public.as_dict(private=False))


@pytest.fixture
def policy(key: CountingKey) -> TenantPolicy:
    return replace(
        make_policy(), keyring=KeyRing([VerificationKey("acme-1", "ES256", "active", key)])
    )


def partner_policy() -> TenantPolicy:
    return make_policy(trusted_issuers=[trust(jwks_uri="https://login.partner.test/jwks")])


def test_a_signature_is_checked_once(policy: TenantPolicy, key: CountingKey) -> None:
    verifier, token = Verifier(), make_token(policy)
    answers = {verifier.verify(token, policy, START_S).subject for _ in range(3)}
    assert (answers, key.checked) == ({"alice"}, 1)


def test_nothing_is_remembered_by_a_cache_of_no_size(
    policy: TenantPolicy, key: CountingKey
) -> None:
    verifier, token = Verifier(size=0), make_token(policy)
    for _ in range(3):
        verifier.verify(token, policy, START_S)
    assert key.checked == 3


def test_another_policy_is_another_proof(policy: TenantPolicy, key: CountingKey) -> None:
    """threat 31: a key that was revoked is in the next policy's ring no more."""
    verifier, token = Verifier(), make_token(policy)
    verifier.verify(token, policy, START_S)
    revoked = replace(policy, keyring=KeyRing())
    with pytest.raises(TokenError) as caught:
        verifier.verify(token, revoked, START_S)
    assert (caught.value.reason, key.checked) == ("unknown_key", 1)


def test_a_policy_that_counts_to_the_same_version_is_another(policy: TenantPolicy) -> None:
    """A restored registry may repeat its numbers."""
    verifier, token = Verifier(), make_token(policy)
    verifier.verify(token, policy, START_S)
    stranger = replace(policy, keyring=KeyRing([SigningKey("acme-1-b").verification_key()]))
    assert stranger.version == policy.version
    with pytest.raises(TokenError):
        verifier.verify(token, stranger, START_S)


def test_a_remembered_token_ends_with_its_time(policy: TenantPolicy) -> None:
    verifier, token = Verifier(), make_token(policy, ttl_s=60)
    verifier.verify(token, policy, START_S)
    with pytest.raises(TokenError) as caught:
        verifier.verify(token, policy, START_S + 60 + policy.tokens.leeway_s)
    assert caught.value.code == "token_expired"


def test_a_token_is_remembered_for_its_tenant_alone(policy: TenantPolicy) -> None:
    """threat 51"""
    verifier, token = Verifier(), make_token(policy)
    verifier.verify(token, policy, START_S)
    with pytest.raises(TokenError):
        verifier.verify(token, make_policy("globex", keys=[SIGNER]), START_S)


def test_an_issuers_key_that_has_gone_proves_nothing_more() -> None:
    """threat 31"""
    keys, policy, token = ChangingKeys(), partner_policy(), partner_token()
    verifier = Verifier(keys)
    verifier.verify(token, policy, START_S)
    keys.key = None
    with pytest.raises(TokenError) as caught:
        verifier.verify(token, policy, START_S)
    assert caught.value.reason == "unknown_issuer_key"


def test_an_issuer_that_is_trusted_no_more_proves_nothing() -> None:
    """threat 31, threat 44: its keys may be as they were."""
    policy, token = make_policy(trusted_issuers=[trust()]), partner_token()
    verifier = Verifier()
    verifier.verify(token, policy, START_S)
    with pytest.raises(TokenError) as caught:
        verifier.verify(token, replace(policy, trusted_issuers=()), START_S)
    assert caught.value.reason == "wrong_issuer"


def test_a_signature_of_an_issuer_is_checked_once(key: CountingKey) -> None:
    keys = ChangingKeys()
    keys.key = VerificationKey("acme-1", "ES256", "active", key)
    issuer = trust(jwks_uri="https://login.partner.test/jwks", key=SIGNER)
    policy, token = make_policy(trusted_issuers=[issuer]), partner_token(key=SIGNER)
    verifier = Verifier(keys)
    for _ in range(3):
        verifier.verify(token, policy, START_S)
    assert key.checked == 1


def test_an_issuer_that_is_away_is_not_answered_for() -> None:
    keys, policy, token = ChangingKeys(), partner_policy(), partner_token()
    verifier = Verifier(keys)
    verifier.verify(token, policy, START_S)
    keys.is_away = True
    with pytest.raises(IssuerUnavailableError):
        verifier.verify(token, policy, START_S)


@pytest.mark.parametrize("end", ["x", "", "A"], ids=["longer", "shorter", "other"])
def test_a_token_that_is_nearly_the_same_is_another(policy: TenantPolicy, end: str) -> None:
    verifier, token = Verifier(), make_token(policy)
    verifier.verify(token, policy, START_S)
    altered = token + end if end == "x" else token[:-2] + end
    with pytest.raises(TokenError):
        verifier.verify(altered, policy, START_S)


def test_the_twin_of_a_remembered_token_is_proven_anew(
    policy: TenantPolicy, key: CountingKey
) -> None:
    """Threat 9: what is found is this very text, and whoever alters its end has to sign."""
    verifier, token = Verifier(), make_token(policy)
    first = verifier.verify(token, policy, START_S)
    assert verifier.verify(ecdsa_twin(token), policy, START_S) == first
    assert (key.checked, verifier.remembered) == (2, 2)


@pytest.mark.parametrize("text", ["", "\udcff", "\x00", "a.b.c", "x" * (MAX_TOKEN_CHARS + 1)])
def test_what_is_no_token_is_refused_and_takes_no_place(policy: TenantPolicy, text: str) -> None:
    """threat 29"""
    verifier = Verifier()
    with pytest.raises(TokenError):
        verifier.verify(text, policy, START_S)
    assert verifier.remembered == 0


class Unhashed(str):
    """A text that nobody may go through."""

    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        raise AssertionError("it was encoded")


def test_what_is_longer_than_a_token_is_not_hashed(policy: TenantPolicy) -> None:
    """Threat 23."""
    with pytest.raises(TokenError, match="too_large"):
        Verifier().verify(Unhashed("x" * (MAX_TOKEN_CHARS + 1)), policy, START_S)


def test_no_more_are_remembered_than_was_said(policy: TenantPolicy) -> None:
    """threat 102"""
    verifier = Verifier(size=1)
    for subject in ("alice", "bob", "carol"):
        verifier.verify(make_token(policy, subject), policy, START_S)
    assert verifier.remembered == 1


def test_whoever_fills_the_cache_loses_its_own(policy: TenantPolicy, key: CountingKey) -> None:
    """threat 102"""
    verifier, globex = Verifier(size=3), make_policy("globex")
    token = make_token(policy)
    verifier.verify(token, policy, START_S)
    for number in range(10):
        verifier.verify(make_token(globex, f"user-{number}"), globex, START_S)
    verifier.verify(token, policy, START_S)
    assert (verifier.remembered, key.checked) == (3, 1)


def test_what_a_token_says_is_not_kept(policy: TenantPolicy) -> None:
    """threat 102: claims of a few thousand characters may take forty times as much in memory."""
    verifier, extra = Verifier(), [[[f"{number}"]] for number in range(200)]
    token = make_token(policy, extra=extra)
    verifier.verify(token, policy, START_S)
    assert verifier.verify(token, policy, START_S).members["extra"] == extra
    kept = [each for each in gc.get_objects() if isinstance(each, dict) and "extra" in each]
    assert [each for each in kept if each.get("extra") == extra] == []


def test_the_largest_token_is_remembered_too(policy: TenantPolicy) -> None:
    # Four characters of base64url for three of the claim; the header makes up for what is odd.
    about = (MAX_TOKEN_CHARS - len(make_token(policy, pad=""))) * 3 // 4
    tokens = (
        make_token(policy, pad="x" * (about - less), header={"pad": "x" * odd})
        for odd in range(3)
        for less in range(20)
    )
    token = next(each for each in tokens if len(each) == MAX_TOKEN_CHARS)
    verifier = Verifier()
    verifier.verify(token, policy, START_S)
    assert verifier.remembered == 1


def test_a_lock_held_while_forking_does_not_block_the_child(policy: TenantPolicy) -> None:
    """Threat 80: the child remembers for itself."""

    def say() -> str:
        return f"{verifier.remembered} {verifier.verify(token, policy, START_S).subject}"

    verifier, token = Verifier(), make_token(policy)
    assert say() == "0 alice"
    with verifier._proofs.get()._lock:
        assert in_child(say) == "0 alice"
    assert say() == "1 alice"


def test_as_many_are_remembered_as_the_setting_says() -> None:
    assert Settings().remembered_tokens == DEFAULT_SIZE
