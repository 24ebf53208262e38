"""What is wrong with a token, said to an operator: one sentence for the first check that fails."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from tenantauth.errors import IssuerUnavailableError, TokenError, UnknownTenantError
from tenantauth.policy import TenantPolicy
from tenantauth.ports import KeySource, TenantKey
from tenantauth.tokens.strict import decode_segment, parse_object, split_compact
from tenantauth.tokens.verifier import verify
from tenants.issue.caller import Caller, caller_of
from tenants.issue.claim_reasons import CLAIM_REASONS, explain_claim
from tenants.issue.evidence import Evidence, KeysOf, no_keys, told
from tenants.issue.key_reasons import KEY_REASONS
from tenants.issue.shape import SHAPES, explain_shape
from tenants.issue.time_reasons import TIME_REASONS

REASONS: Mapping[str, Callable[[Evidence], str]] = MappingProxyType(
    {**KEY_REASONS, **CLAIM_REASONS, **TIME_REASONS}
)

_NOBODYS = "no tenant here has its tenant or issuer"

Trusting = Callable[[str], Sequence[str]]
"""Returns slugs of tenants that trust an issuer, which is a stranger's text."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a token says, and whether a request with it would be let in now.

    Unless ``valid``, all but ``reason`` is what the token says of itself and nobody has proven:
    ``tenant`` is the one whose rules it was held against. Without ``known`` it can be valid all
    the same: what tells is out of reach now. A valid one has a ``caller``.
    """

    valid: bool
    tenant: str | None = None
    reason: str | None = None
    header: Mapping[str, object] = field(default_factory=dict)
    claims: Mapping[str, object] = field(default_factory=dict)
    known: bool = True
    caller: Caller | None = None


def inspect(
    untrusted_token: str,
    policy_of: Callable[[TenantKey], TenantPolicy],
    now_s: float,
    tenant: str | None = None,
    key_source: KeySource | None = None,
    *,
    keys_of: KeysOf = no_keys,
    trusting: Trusting = lambda _issuer: (),
) -> Inspection:
    """Return what is wrong with a token; no token, however odd, raises anything.

    It is held against the tenant of this slug, else against the one that it names. Without a
    ``key_source`` those of issuers that publish their keys cannot be judged.
    """
    try:
        header, claims = _read(untrusted_token)
    except TokenError as error:
        return Inspection(valid=False, reason=explain_shape(error.reason, untrusted_token))
    read = Inspection(valid=False, header=header, claims=claims)
    try:
        policy = policy_of(TenantKey("slug", tenant) if tenant else _tenant_key(claims))
    except UnknownTenantError:
        reason = f"there is no tenant {tenant!r}" if tenant else _nobodys(claims, trusting)
        return replace(read, reason=reason)
    evidence = Evidence(header, claims, policy, now_s, key_source, keys_of)
    return _judge(untrusted_token, evidence, replace(read, tenant=policy.tenant.slug))


def explain(error: TokenError, untrusted_token: str, evidence: Evidence) -> str:
    """Return a sentence for the check that fails, with what is there and what is due."""
    if error.reason in SHAPES:
        return explain_shape(error.reason, untrusted_token)
    if error.reason in REASONS:
        return REASONS[error.reason](evidence)
    return explain_claim(error.reason.removeprefix("bad_"), evidence)


def _judge(untrusted_token: str, evidence: Evidence, read: Inspection) -> Inspection:
    policy = evidence.policy
    try:
        verified = verify(untrusted_token, policy, evidence.now_s, evidence.key_source)
    except TokenError as error:
        return replace(read, reason=explain(error, untrusted_token, evidence))
    except IssuerUnavailableError as error:
        reason = f"whether it is valid cannot be known now: {error}"
        return replace(read, reason=reason, known=False)
    if policy.suspended:
        return replace(read, reason="nothing in it is wrong, but its tenant is suspended")
    return replace(read, valid=True, caller=caller_of(verified, policy))


def _read(untrusted_token: str) -> tuple[dict[str, object], dict[str, object]]:
    header, claims, _ = split_compact(untrusted_token)
    return parse_object(decode_segment(header)), parse_object(decode_segment(claims))


def _tenant_key(untrusted_claims: Mapping[str, object]) -> TenantKey:
    tenant, issuer = untrusted_claims.get("tenant"), untrusted_claims.get("iss")
    if isinstance(tenant, str):
        return TenantKey("slug", tenant)
    if isinstance(issuer, str):
        return TenantKey("issuer", issuer)
    raise UnknownTenantError("it names none")


def _nobodys(untrusted_claims: Mapping[str, object], trusting: Trusting) -> str:
    issuer = untrusted_claims.get("iss")
    slugs = trusting(issuer) if isinstance(issuer, str) else ()
    if len(slugs) == 1:
        return f"{_NOBODYS}; {slugs[0]} trusts this issuer: add --tenant {slugs[0]}"
    if slugs:
        return f"{_NOBODYS}; several trust this issuer: add --tenant with {' or '.join(slugs)}"
    said = {name: untrusted_claims[name] for name in ("tenant", "iss") if name in untrusted_claims}
    shown = ", ".join(f"{name} {told(value)}" for name, value in said.items())
    return f"{_NOBODYS} ({shown or 'it names neither'})"
