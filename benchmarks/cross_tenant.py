"""Tokens of one tenant at another: ``python -m benchmarks.cross_tenant [trials] [seed]``.

Two tenants share whatever they may share: kids, key material, algorithms, subjects, audiences,
the issuer's name, trusted issuers and those issuers' keys. Each token passes at its own tenant, or
it would prove nothing, and is shown to the other one, with the verified-token cache between them.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tenantauth.errors import TokenError
from tenantauth.keyring import KeyRing
from tenantauth.policy import TenantPolicy, TokenRules
from tenantauth.testing import SigningKey, make_policy, make_token
from tenantauth.testing.clock import START_S as NOW
from tenantauth.testing.tokens import REMOVED
from tenantauth.tokens.verified_cache import Verifier
from tenantauth.trusted_issuer import TrustedIssuer

_SLUGS = ("acme", "globex", "acme-2", "a")
_AUDIENCES = ("https://api.test", "https://api.test/2")
_ISSUERS = ("https://issuer.test", "https://a.test", "https://b.test")
_SUBJECTS = ("alice", "acme", "globex", "https://a.test|alice", "p:alice")
# A kid and an algorithm are one key in the kit, so tenants that draw the same hold the same bytes.
_KEYS = tuple(SigningKey(kid, name) for kid in ("shared", "1") for name in ("ES256", "EdDSA"))


@dataclass(frozen=True, slots=True)
class Trial:
    """One token, its tenant, and another tenant that is to refuse it."""

    token: str
    mine: TenantPolicy
    other: TenantPolicy


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many tokens passed where."""

    trials: int
    passed_at_own: int
    passed_at_other: int


def trials(number: int, seed: int) -> Iterator[Trial]:
    """Yield so many trials; the same ones for the same seed."""
    random = Random(seed)  # noqa: S311  # to be repeated, and no secret
    while number:
        slugs = random.sample(_SLUGS, 2)
        mine, other = (_tenant(random, slug) for slug in slugs)
        if _are_meant_for_both(mine, other):
            continue
        if (token := _token(random, mine)) is not None:
            number -= 1
            yield Trial(token, mine, other)


def run(number: int, seed: int) -> Outcome:
    """Show each token to both tenants, twice, the second time from the cache."""
    verifier = Verifier()
    own = other = 0
    for trial in trials(number, seed):
        own += _passes(verifier, trial.token, trial.mine)
        for _ in range(2):
            other += _passes(verifier, trial.token, trial.other)
    return Outcome(number, own, other)


def _tenant(random: Random, slug: str) -> TenantPolicy:
    issuers: list[TrustedIssuer] = []
    for name in random.sample(_ISSUERS, random.randint(0, 2)):
        key = random.choice(_KEYS)
        issuer = TrustedIssuer(
            name,
            frozenset({random.choice(_AUDIENCES)}),
            frozenset({key.algorithm}),
            KeyRing([key.verification_key()]),
            match={"org": random.choice(_SLUGS)} if random.random() < 0.5 else {},
        )
        issuers.append(issuer)
    free = [name for name in (*_ISSUERS, slug) if name not in {each.issuer for each in issuers}]
    own = random.choice(_KEYS)
    policy = make_policy(slug, keys=[own], trusted_issuers=issuers)
    audience = frozenset(random.sample(_AUDIENCES, random.randint(1, 2)))
    return replace(policy, tokens=TokenRules(random.choice(free), audience))


def _are_meant_for_both(mine: TenantPolicy, other: TenantPolicy) -> bool:
    # The registry refuses tenants of which one issuer's token could mean both. A tenant that trusts
    # the very key of another under that one's name has asked for its tokens.
    return (
        any(a.overlaps(b) for a in mine.trusted_issuers for b in other.trusted_issuers)
        or _trusts(mine, other)
        or _trusts(other, mine)
    )


def _trusts(tenant: TenantPolicy, other: TenantPolicy) -> bool:
    issuer = tenant.trusted_issuer(other.tokens.issuer)
    if issuer is None or issuer.keys is None:
        return False
    return _key_of(issuer.keys) == _key_of(other.keyring)


def _token(random: Random, mine: TenantPolicy) -> str | None:
    subject = random.choice(_SUBJECTS)
    issuer = random.choice((None, *mine.trusted_issuers))
    if issuer is None:
        if subject.startswith(mine.subject_prefixes):
            return None
        return make_token(mine, subject, key=_key_of(mine.keyring))
    assert issuer.keys is not None
    # A partner knows nothing of our tenants, or says what it likes of them.
    claims: dict[str, Any] = {"tenant": random.choice((*_SLUGS, REMOVED)), **issuer.match}
    claims |= {"iss": issuer.issuer, "aud": min(issuer.audience)}
    return make_token(mine, subject, key=_key_of(issuer.keys), **claims)


def _key_of(ring: KeyRing) -> SigningKey:
    (only,) = ring
    return next(key for key in _KEYS if (key.kid, key.algorithm) == (only.kid, only.algorithm))


def _passes(verifier: Verifier, token: str, policy: TenantPolicy) -> bool:
    try:
        verifier.verify(token, policy, NOW)
    except TokenError:
        return False
    return True


def main() -> None:
    """Run and say what passed."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    began = time.perf_counter()
    outcome = run(number, seed)
    print(
        f"{outcome.trials:,} tokens: {outcome.passed_at_own:,} passed at their own tenant,"
        f" {outcome.passed_at_other:,} at another, in {time.perf_counter() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
