"""With and without remembered tokens every answer is the same, whatever happens in between."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tenantauth.errors import IssuerUnavailableError, TokenError
from tenantauth.keyring import KeyRing, VerificationKey
from tenantauth.policy import TenantPolicy
from tenantauth.testing import SigningKey, make_policy, make_token
from tenantauth.testing.clock import START_S
from tenantauth.tokens.verified_cache import Verifier
from tenantauth.tokens.verifier import verify
from tenantauth.trusted_issuer import TrustedIssuer
from tests.partners import partner_token, trust

# Two keys share a kid, as a restored or a hostile registry may have it.
KEYS = (SigningKey("acme-1"), SigningKey("acme-2"), SigningKey("acme-1", "EdDSA"))
PARTNER_KEYS = (SigningKey("partner-1"), SigningKey("partner-1", "EdDSA"))
PARTNER = trust(
    jwks_uri="https://login.partner.test/jwks", algorithms=frozenset({"ES256", "EdDSA"})
)
SLUGS = ("acme", "globex")


class PartnerKeys:
    """What the partner publishes now; ``None`` is an outage."""

    def __init__(self) -> None:
        self.ring: KeyRing | None = KeyRing([PARTNER_KEYS[0].verification_key()])

    def find(self, tenant: str, issuer: TrustedIssuer, kid: str) -> VerificationKey | None:
        if self.ring is None:
            raise IssuerUnavailableError("away")
        return self.ring.get(kid)


class Histories(RuleBasedStateMachine):
    """Random lives of two tenants that trust one partner; both verifiers see the same requests."""

    def __init__(self) -> None:
        super().__init__()
        self.partner = PartnerKeys()
        self.remembering = Verifier(self.partner, size=4)
        self.now_s = START_S
        self.tokens: list[str] = []
        self.policies = {slug: self.make(slug, {0}) for slug in SLUGS}

    @staticmethod
    def make(slug: str, signing: set[int]) -> TenantPolicy:
        policy = make_policy(slug, trusted_issuers=[PARTNER])
        by_kid = {KEYS[at].kid: KEYS[at].verification_key() for at in sorted(signing)}
        return replace(policy, keyring=KeyRing(by_kid.values()))

    @rule(slug=st.sampled_from(SLUGS), at=st.sampled_from(range(3)), ttl_s=st.integers(1, 200))
    def issue(self, slug: str, at: int, ttl_s: int) -> None:
        policy = self.policies[slug]
        self.tokens.append(make_token(policy, now_s=self.now_s, ttl_s=ttl_s, key=KEYS[at]))

    @rule(at=st.sampled_from(range(2)), ttl_s=st.integers(1, 200))
    def issue_elsewhere(self, at: int, ttl_s: int) -> None:
        key = PARTNER_KEYS[at]
        issued_at = int(self.now_s)
        self.tokens.append(partner_token(key=key, iat=issued_at, exp=issued_at + ttl_s))

    @rule(slug=st.sampled_from(SLUGS), keys=st.sets(st.sampled_from(range(3))))
    def change_keys(self, slug: str, keys: set[int]) -> None:
        self.policies[slug] = self.make(slug, keys)

    @rule(slug=st.sampled_from(SLUGS), issuers=st.sampled_from([(), (PARTNER,)]))
    def change_trust(self, slug: str, issuers: tuple[TrustedIssuer, ...]) -> None:
        self.policies[slug] = replace(self.policies[slug], trusted_issuers=issuers)

    @rule(at=st.sampled_from([None, 0, 1]))
    def publish(self, at: int | None) -> None:
        keys = None if at is None else KeyRing([PARTNER_KEYS[at].verification_key()])
        self.partner.ring = keys

    @rule(by_s=st.integers(-100, 100))
    def move_clock(self, by_s: int) -> None:
        self.now_s += by_s

    @invariant()
    def answers_are_the_same(self) -> None:
        for token in self.tokens[-6:]:
            for policy in self.policies.values():
                assert self.ask(self.remembering.verify, token, policy) == self.ask(
                    self.check, token, policy
                )

    def check(self, token: str, policy: TenantPolicy, now_s: float) -> object:
        return verify(token, policy, now_s, self.partner)

    def ask(self, verifier: object, token: str, policy: TenantPolicy) -> object:
        try:
            return verifier(token, policy, self.now_s)  # type: ignore[operator]  # either of two
        except (TokenError, IssuerUnavailableError) as error:
            return type(error), str(error), getattr(error, "reason", None)


Histories.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
test_histories = Histories.TestCase
