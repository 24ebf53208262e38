"""Claims of the tenant's own tokens, each checked by exact type and value (RFC 9068 section 4)."""

from collections.abc import Mapping
from dataclasses import dataclass

from tenantauth.errors import TokenError
from tenantauth.policy import TenantPolicy, TokenRules
from tenantauth.tokens.claim_values import (
    check_audience,
    scopes,
    text,
    text_if_any,
    texts,
    time_s,
    time_s_if_any,
)


@dataclass(frozen=True, slots=True, repr=False)
class VerifiedClaims:
    """What a verified token says; times in seconds since the epoch.

    ``roles`` are the tenant's, as in the token or mapped from what a trusted issuer says;
    inheritance is the tenant's affair. Of a trusted issuer, ``subject`` and ``client_id`` begin
    with its prefix. ``members`` are the claims as they stand in the token.
    """

    subject: str
    client_id: str | None
    token_id: str | None
    issuer: str
    issued_at_s: float
    expires_at_s: float
    roles: frozenset[str]
    scopes: frozenset[str]
    auth_time_s: float | None
    session_id: str | None
    acr: str | None
    amr: tuple[str, ...]
    members: Mapping[str, object]

    def __repr__(self) -> str:
        return f"<VerifiedClaims of {self.subject!r}>"


def check_claims(
    claims: Mapping[str, object], policy: TenantPolicy, now_s: float
) -> VerifiedClaims:
    """Check the claims of a token that a key of the tenant has signed.

    Raises:
        TokenError: ``token_expired`` when only its time is over, else ``invalid_token``.
    """
    rules = policy.tokens
    if claims.get("iss") != rules.issuer:
        raise TokenError("wrong_issuer")
    check_audience(claims.get("aud"), rules.audience)
    if claims.get("tenant") != policy.tenant.slug:
        raise TokenError("wrong_tenant")
    verified = read_claims(
        claims,
        issuer=rules.issuer,
        subject=_own(text(claims, "sub"), policy),
        client_id=_own(text(claims, "client_id"), policy),
        token_id=text(claims, "jti"),
        roles=frozenset(texts(claims, "roles")),
        scopes=scopes(claims),
    )
    check_times(verified, rules, now_s)
    return verified


def read_claims(
    claims: Mapping[str, object],
    *,
    issuer: str,
    subject: str,
    client_id: str | None,
    token_id: str | None,
    roles: frozenset[str],
    scopes: frozenset[str],
) -> VerifiedClaims:
    """Return the verified claims: those given, and those that mean the same of every issuer."""
    return VerifiedClaims(
        subject=subject,
        client_id=client_id,
        token_id=token_id,
        issuer=issuer,
        issued_at_s=time_s(claims, "iat"),
        expires_at_s=time_s(claims, "exp"),
        roles=roles,
        scopes=scopes,
        auth_time_s=time_s_if_any(claims, "auth_time"),
        session_id=text_if_any(claims, "sid"),
        acr=text_if_any(claims, "acr"),
        amr=texts(claims, "amr"),
        members=claims,
    )


def check_times(verified: VerifiedClaims, rules: TokenRules, now_s: float) -> None:
    """Check that the token's life is short enough, has begun and has not ended.

    Raises:
        TokenError: ``token_expired`` when it has ended, else ``invalid_token``.
    """
    life_s = verified.expires_at_s - verified.issued_at_s
    if not 0 < life_s <= rules.max_ttl_s:
        raise TokenError("life_too_long" if life_s > 0 else "ends_before_it_begins")
    if verified.issued_at_s > now_s + rules.leeway_s:
        raise TokenError("issued_in_the_future")
    if "nbf" in verified.members and time_s(verified.members, "nbf") > now_s + rules.leeway_s:
        raise TokenError("not_yet_valid")
    # RFC 7519 4.1.4: on or after `exp` the token must not be accepted.
    if now_s >= verified.expires_at_s + rules.leeway_s:
        raise TokenError("expired", code="token_expired")


def _own(name: str, policy: TenantPolicy) -> str:
    # Callers of trusted issuers are known by these prefixes, and by nothing else.
    if name.startswith(policy.subject_prefixes):
        raise TokenError("name_of_trusted_issuer")
    return name
