"""What is wrong with a token, said to an operator: one sentence for the first check that fails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tenantauth.errors import IssuerUnavailableError, TokenError, UnknownTenantError
from tenantauth.policy import TenantPolicy
from tenantauth.ports import KeySource, TenantKey
from tenantauth.tokens.strict import decode_segment, parse_object, split_compact
from tenantauth.tokens.verifier import verify

_SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "too_large": "it is larger than any token",
        "not_compact_jws": "it is not three segments with a dot between them",
        "not_base64url": "a segment is not base64url",
        "not_canonical_base64url": "a segment is base64url in another than the one right spelling",
        "not_strict_json": "a segment is not strict JSON",
        "not_an_object": "a segment is not a JSON object",
        "wrong_type": "its header does not say typ at+jwt, so it is no access token (a trusted "
        "issuer may be allowed JWT too)",
        "forbidden_header": "its header has a parameter that would change how it is read",
        "no_kid": "its header names no key (kid)",
        "unknown_key": "its kid is none of the tenant's pending, active and grace keys",
        "unknown_issuer_key": "its kid is none of the keys of its issuer",
        "wrong_algorithm": "its alg is not that of the key it names",
        "algorithm_not_allowed": "its alg is none that the tenant allows its issuer",
        "bad_signature": "its signature does not hold: it was changed, or signed by another key",
        "wrong_issuer": "its issuer (iss) is not the tenant's, nor one that it trusts",
        "wrong_audience": "its audience (aud) holds none of the tenant's",
        "wrong_tenant": "its tenant claim is not the tenant's slug",
        "name_of_trusted_issuer": "its sub or client_id begins with a trusted issuer's prefix",
        "not_an_access_token": "it is an ID token, a logout token or another kind, not for access",
        "no_match": "a claim does not have the value that the issuer's match asks for",
        "no_required_role": "none of its roles leads to one that the issuer's callers must hold",
        "life_too_long": "its life (exp - iat) is longer than the tenant's max_ttl",
        "ends_before_it_begins": "its end (exp) is not after its beginning (iat)",
        "issued_in_the_future": "it was issued (iat) in the future",
        "not_yet_valid": "it is not valid yet (nbf)",
        "expired": "it has expired (exp)",
    }
)

_NOBODYS = "no tenant here has its tenant or issuer"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a token says, and whether a request with it would be let in now.

    Unless ``valid``, all but ``reason`` is what the token says of itself and nobody has proven:
    ``tenant`` is the one whose rules it was held against.
    """

    valid: bool
    tenant: str | None = None
    reason: str | None = None
    header: Mapping[str, object] = field(default_factory=dict)
    claims: Mapping[str, object] = field(default_factory=dict)


def inspect(
    untrusted_token: str,
    policy_of: Callable[[TenantKey], TenantPolicy],
    now_s: float,
    tenant: str | None = None,
    key_source: KeySource | None = None,
) -> Inspection:
    """Return what is wrong with a token; no token, however odd, raises anything.

    It is held against the tenant of this slug, else against the one that it names. Without a
    ``key_source`` those of issuers that publish their keys cannot be judged.
    """
    try:
        header, claims = _read(untrusted_token)
    except TokenError as error:
        return Inspection(valid=False, reason=explain(error))
    try:
        policy = policy_of(TenantKey("slug", tenant) if tenant else _tenant_key(claims))
    except UnknownTenantError:
        reason = f"there is no tenant {tenant!r}" if tenant else _NOBODYS
        return Inspection(valid=False, reason=reason, header=header, claims=claims)
    failure = _first_failure(untrusted_token, policy, now_s, key_source)
    return Inspection(failure is None, policy.tenant.slug, failure, header, claims)


def explain(error: TokenError) -> str:
    """Return a sentence for the check that fails."""
    if error.reason.startswith("bad_") and error.reason not in _SENTENCES:
        return f"its claim {error.reason.removeprefix('bad_')} is missing or not of the right form"
    return _SENTENCES.get(error.reason, f"the check {error.reason!r} fails")


def _first_failure(
    untrusted_token: str, policy: TenantPolicy, now_s: float, key_source: KeySource | None
) -> str | None:
    try:
        verify(untrusted_token, policy, now_s, key_source)
    except TokenError as error:
        return explain(error)
    except IssuerUnavailableError as error:
        return f"whether it is valid cannot be known now: {error}"
    return "nothing in it is wrong, but its tenant is suspended" if policy.suspended else None


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
