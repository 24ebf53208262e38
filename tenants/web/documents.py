"""The documents that a tenant publishes, made from its policy: only what is true now."""

from collections.abc import Mapping, Sequence

from tenantauth.policy import TenantPolicy
from tenants.keys import Jwks, published

JWKS_PATH = "/.well-known/jwks.json"
METADATA_PATH = "/.well-known/oauth-authorization-server"


def jwks(policy: TenantPolicy) -> Jwks:
    """Return the keys that verify the tenant's tokens, also the next one (RFC 7517 section 5)."""
    return published(policy.keyring)


def metadata(policy: TenantPolicy) -> Mapping[str, str | Sequence[str]]:
    """Return the authorization server metadata (RFC 8414 section 2); no grants are served yet.

    Nothing in it comes from the request: caches keep it, and a caller could choose for others.
    """
    return {
        "issuer": policy.tokens.issuer,
        "jwks_uri": policy.tokens.issuer.rstrip("/") + JWKS_PATH,
        # Required, so it is told although empty; without grant types a reader assumes two.
        "response_types_supported": [],
        "grant_types_supported": [],
    }
