"""Access tokens as RFC 9068 writes them: the claims, and the signature under a tenant's key."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from joserfc import jwt
from joserfc.jwa import JWSAlgModel
from joserfc.jws import JWSRegistry

from tenants.issue.wanted import WantedToken
from tenants.keys import PrivateKey, import_private


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A tenant's active key, opened; it signs with its own algorithm only."""

    kid: str
    algorithm: str
    key: PrivateKey = field(repr=False)

    @classmethod
    def open(cls, kid: str, algorithm: str, private_jwk_bytes: bytes) -> "SigningKey":
        """Read the private half; costly for RS256, so keep what this returns."""
        return cls(kid, algorithm, import_private(private_jwk_bytes))


@dataclass(frozen=True, slots=True)
class Issuer:
    """What a tenant says of itself in each of its tokens."""

    tenant: str
    issuer: str
    audience: tuple[str, ...]


def build_claims(
    wanted: WantedToken, issuer: Issuer, issued_at_s: int, ttl_s: int
) -> dict[str, object]:
    """Return the claims of a new token (RFC 9068 section 2.2)."""
    audience = issuer.audience
    claims: dict[str, object] = {
        **wanted.extra,
        "iss": issuer.issuer,
        "aud": audience[0] if len(audience) == 1 else list(audience),
        "sub": wanted.subject,
        "client_id": wanted.client_id,
        "iat": issued_at_s,
        "exp": issued_at_s + ttl_s,
        "jti": secrets.token_urlsafe(16),
        "roles": list(wanted.roles),
        "tenant": issuer.tenant,
    }
    if wanted.scopes:
        # A scope of no tokens has no spelling (RFC 6749 section 3.3), so it is left out.
        claims["scope"] = " ".join(wanted.scopes)
    if wanted.is_user:
        claims["auth_time"] = issued_at_s
    return claims


def sign(claims: Mapping[str, object], key: SigningKey) -> str:
    """Return the compact token (RFC 9068 section 2.1: its type says what it is)."""
    header = {"typ": "at+jwt", "alg": key.algorithm, "kid": key.kid}
    return jwt.encode(header, dict(claims), key.key, registry=_ALGORITHMS, default_type=None)


class _KeysOwnAlgorithm(JWSRegistry):
    # The library refuses what it does not recommend, and warns of the name `EdDSA`, the only one
    # that many peers know. Here the algorithm is the key's own, so there is nothing to advise on.
    def get_alg(self, name: str) -> JWSAlgModel:
        return self.algorithms[name]


_ALGORITHMS = _KeysOwnAlgorithm()
