"""An identity provider that tests' tenants trust, and tokens as it writes them."""

from collections.abc import Mapping
from typing import Any

from tenantauth.keyring import KeyRing
from tenantauth.testing import SigningKey, make_policy, make_token
from tenantauth.testing.tokens import REMOVED
from tenantauth.trusted_issuer import TrustedIssuer

ISSUER = "https://login.partner.test"
AUDIENCE = "https://api.example.test"
KEY = SigningKey("partner-1", "RS256")

# What a partner writes knows nothing of our tenants.
_NOBODY = make_policy("nobody")


def trust(issuer: str = ISSUER, *, key: SigningKey = KEY, **fields: Any) -> TrustedIssuer:
    """Return a trusted issuer with one inline key; `jwks_uri` takes the key's place."""
    usual: dict[str, Any] = {
        "audience": frozenset({AUDIENCE}),
        "algorithms": frozenset({key.algorithm}),
        "keys": None if "jwks_uri" in fields else KeyRing([key.verification_key()]),
    }
    return TrustedIssuer(issuer, **(usual | fields))


def partner_token(
    subject: str = "bob",
    *,
    key: SigningKey = KEY,
    header: Mapping[str, object] | None = None,
    **claims: Any,
) -> str:
    """Return a really signed token with as few claims as a partner may write."""
    said: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "client_id": REMOVED,
        "jti": REMOVED,
        "tenant": REMOVED,
    }
    return make_token(_NOBODY, subject, key=key, header=header, **(said | claims))
