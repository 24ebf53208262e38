"""Claims of an access token, each checked by exact type and value (RFC 9068 section 4)."""

from collections.abc import Mapping
from dataclasses import dataclass

from tenantauth.errors import TokenError
from tenantauth.policy import TenantPolicy

# The last second of the year 9999: later times cannot be written as a date.
_MAX_TIME_S = 253_402_300_799
_MAX_TEXT_CHARS = 255
_MAX_LIST_ITEMS = 200


@dataclass(frozen=True, slots=True, repr=False)
class VerifiedClaims:
    """What a verified token says; times in seconds since the epoch.

    ``roles`` and ``scopes`` are as in the token; inheritance is the tenant's affair.
    """

    subject: str
    client_id: str
    token_id: str
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
    """Check the claims of a token whose signature holds.

    Raises:
        TokenError: ``token_expired`` when only its time is over, else ``invalid_token``.
    """
    rules = policy.tokens
    if claims.get("iss") != rules.issuer:
        raise TokenError("wrong_issuer")
    _check_audience(claims.get("aud"), rules.audience)
    if claims.get("tenant") != policy.tenant.slug:
        raise TokenError("wrong_tenant")
    verified = VerifiedClaims(
        subject=_text(claims, "sub"),
        client_id=_text(claims, "client_id"),
        token_id=_text(claims, "jti"),
        issuer=rules.issuer,
        issued_at_s=_time(claims, "iat"),
        expires_at_s=_time(claims, "exp"),
        roles=frozenset(_texts(claims, "roles")),
        scopes=_scopes(claims),
        auth_time_s=_time(claims, "auth_time") if "auth_time" in claims else None,
        session_id=_text(claims, "sid") if "sid" in claims else None,
        acr=_text(claims, "acr") if "acr" in claims else None,
        amr=_texts(claims, "amr"),
        members=claims,
    )
    _check_times(verified, claims, policy, now_s)
    return verified


def _check_times(
    verified: VerifiedClaims, claims: Mapping[str, object], policy: TenantPolicy, now_s: float
) -> None:
    leeway_s = policy.tokens.leeway_s
    life_s = verified.expires_at_s - verified.issued_at_s
    if not 0 < life_s <= policy.tokens.max_ttl_s:
        raise TokenError("life_too_long" if life_s > 0 else "ends_before_it_begins")
    if verified.issued_at_s > now_s + leeway_s:
        raise TokenError("issued_in_the_future")
    if "nbf" in claims and _time(claims, "nbf") > now_s + leeway_s:
        raise TokenError("not_yet_valid")
    # RFC 7519 4.1.4: on or after `exp` the token must not be accepted.
    if now_s >= verified.expires_at_s + leeway_s:
        raise TokenError("expired", code="token_expired")


def _check_audience(audience: object, allowed: frozenset[str]) -> None:
    members = [audience] if isinstance(audience, str) else audience
    if not isinstance(members, list) or not 1 <= len(members) <= _MAX_LIST_ITEMS:
        raise TokenError("wrong_audience")
    if not all(isinstance(member, str) for member in members) or allowed.isdisjoint(members):
        raise TokenError("wrong_audience")


def _text(claims: Mapping[str, object], name: str) -> str:
    return _check_text(claims.get(name), name)


def _check_text(value: object, name: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= _MAX_TEXT_CHARS:
        raise TokenError(f"bad_{name}")
    if not value.isprintable():
        raise TokenError(f"bad_{name}")
    return value


def _texts(claims: Mapping[str, object], name: str) -> tuple[str, ...]:
    values = claims.get(name, [])
    if not isinstance(values, list) or len(values) > _MAX_LIST_ITEMS:
        raise TokenError(f"bad_{name}")
    return tuple(_check_text(value, name) for value in values)


def _scopes(claims: Mapping[str, object]) -> frozenset[str]:
    """Read ``scope``, a space-delimited list of scope tokens (RFC 6749 section 3.3)."""
    scope = claims.get("scope", "")
    if not isinstance(scope, str) or not (scope.isascii() and scope.isprintable()):
        raise TokenError("bad_scope")
    return frozenset(scope.split())


def _time(claims: Mapping[str, object], name: str) -> float:
    value = claims.get(name)
    # bool is an int in Python; in JSON it is no number.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenError(f"bad_{name}")
    if not 0 <= value <= _MAX_TIME_S:
        raise TokenError(f"bad_{name}")
    return value
