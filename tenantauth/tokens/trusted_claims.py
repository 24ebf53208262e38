"""Claims of a trusted issuer's tokens, told in the tenant's own words.

Such a token need not have ``client_id``, ``jti`` or ``tenant``; what it says under ``tenant``,
``roles`` or ``permissions`` counts for nothing by itself.
"""

from collections.abc import Mapping
from types import MappingProxyType

from tenantauth.errors import TokenError
from tenantauth.policy import TenantPolicy
from tenantauth.tokens.claim_values import (
    check_audience,
    check_text,
    scopes,
    text,
    text_if_any,
    texts,
)
from tenantauth.tokens.claims import VerifiedClaims, check_times, read_claims
from tenantauth.trusted_issuer import TrustedIssuer

# RFC 9068 has the first; the others are how providers call it.
_CLIENT_CLAIMS = ("client_id", "azp", "cid", "appid")

# Members of ID tokens (OpenID Connect Core 2, 3.3.2.11) and of logout tokens and security events
# (RFC 8417), which may all call themselves JWT.
NEVER_IN_ACCESS_TOKENS = frozenset({"nonce", "at_hash", "c_hash", "s_hash", "events"})

# How Amazon Cognito and Keycloak tell their tokens apart.
OTHER_USES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "token_use": frozenset({"id", "refresh"}),
        "typ": frozenset({"id", "refresh", "offline", "logout"}),
    }
)


def check_trusted_claims(
    claims: Mapping[str, object], issuer: TrustedIssuer, policy: TenantPolicy, now_s: float
) -> VerifiedClaims:
    """Check the claims of a token of this issuer, whose signature holds, and map them.

    The tenant's leeway and longest life hold here too.

    Raises:
        TokenError: ``token_expired`` when only its time is over, else ``invalid_token``.
    """
    if claims.get("iss") != issuer.issuer:
        raise TokenError("wrong_issuer")
    check_audience(claims.get("aud"), issuer.audience)
    if issuer.takes_plain_jwt and _has_another_use(claims):
        raise TokenError("not_an_access_token")
    if not issuer.matches(claims):
        raise TokenError("no_match")
    verified = read_claims(
        claims,
        issuer=issuer.issuer,
        subject=_subject(claims, issuer),
        client_id=_client_id(claims, issuer),
        token_id=text_if_any(claims, "jti"),
        roles=_roles(claims, issuer),
        scopes=_scopes(claims),
    )
    _check_requirement(verified, issuer, policy)
    check_times(verified, policy.tokens, now_s)
    return verified


def _has_another_use(claims: Mapping[str, object]) -> bool:
    if not NEVER_IN_ACCESS_TOKENS.isdisjoint(claims):
        return True
    return any(str(claims.get(name)).lower() in uses for name, uses in OTHER_USES.items())


def _subject(claims: Mapping[str, object], issuer: TrustedIssuer) -> str:
    return issuer.subject_prefix + check_text(issuer.subject_path.find(claims), "subject")


def _client_id(claims: Mapping[str, object], issuer: TrustedIssuer) -> str | None:
    name = next((name for name in _CLIENT_CLAIMS if name in claims), None)
    return None if name is None else issuer.subject_prefix + text(claims, name)


def _roles(claims: Mapping[str, object], issuer: TrustedIssuer) -> frozenset[str]:
    said = None if issuer.roles_path is None else issuer.roles_path.find(claims)
    if said is None:
        return frozenset()
    # A single text is one role, never a list in disguise.
    names = [said] if isinstance(said, str) else said
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise TokenError("bad_roles")
    return frozenset(issuer.role_map[name] for name in names if name in issuer.role_map)


def _scopes(claims: Mapping[str, object]) -> frozenset[str]:
    if "scope" in claims or "scp" not in claims:
        return scopes(claims)
    if isinstance(claims["scp"], str):
        return scopes(claims, "scp")
    return frozenset().union(*(_one_scope(scope) for scope in texts(claims, "scp")))


def _one_scope(scope: str) -> frozenset[str]:
    if " " in scope or not scope.isascii():
        raise TokenError("bad_scp")
    return frozenset({scope})


def _check_requirement(
    verified: VerifiedClaims, issuer: TrustedIssuer, policy: TenantPolicy
) -> None:
    held = policy.roles.effective_roles(verified.roles)
    if issuer.requires_any_role and issuer.requires_any_role.isdisjoint(held):
        raise TokenError("no_required_role")
