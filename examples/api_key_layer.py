"""A layer of your own: API keys for machines that cannot fetch tokens.

It stands before ``authenticate`` and proves who calls by another kind of credential, the header
``X-Api-Key``. A request with a bearer token is none of its business, nor is one without the header:
then it returns ``None`` and has changed nothing. Nothing of the stack is touched; the guard is told
where keys are, so that an address which tries too many wrong ones is held back before the layer::

    cors, suspension, _, *others = layers_from(Settings.from_environ(app.config))
    guard = Guard(credentials=("HTTP_AUTHORIZATION", "HTTP_X_API_KEY"))
    TenantAuth(app, layers=[cors, suspension, guard, ApiKeys(KEYS), *others])

Keys are random, from ``secrets.token_urlsafe(32)``, so a plain SHA-256 is enough to keep them by:
there is no guessing what has 256 bits. A key that a person chose would need a slow hash.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from tenantauth import (
    Identity,
    Refusal,
    RequestContext,
    TenantPolicy,
    bearer_challenge,
    is_loopback,
)


def digest(untrusted_key: str) -> str:
    """Return the SHA-256 of a key in hexadecimal: what is kept of it."""
    return hashlib.sha256(untrusted_key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of one key: whose it is, at which tenant, and what its holder may do."""

    tenant: str
    client_id: str
    sha256: str
    roles: frozenset[str] = frozenset()


class ApiKeys:
    """Provides the identity of a machine where it shows its key and no bearer token."""

    name = "api_keys"
    requires: frozenset[str] = frozenset()
    provides = frozenset({"identity"})
    refuses = ("invalid_token", "insecure_transport")

    def __init__(self, keys: Iterable[ApiKey]) -> None:
        self._keys = tuple(keys)

    def admit(self, context: RequestContext) -> Refusal | None:
        """Prove the key where the route looks at credentials."""
        untrusted_key = context.environ.get("HTTP_X_API_KEY")
        if untrusted_key is None or "HTTP_AUTHORIZATION" in context.environ:
            return None
        if context.route.authentication == "ignored":
            return None
        if context.request.scheme != "https" and not is_loopback(context.request.host):
            return Refusal("insecure_transport")
        key = self._find(context.policy.tenant.slug, digest(untrusted_key))
        if key is None:
            challenge = bearer_challenge("invalid_token")
            return Refusal("invalid_token", "unknown_api_key", headers=(challenge,))
        context.identity = _identity(key, context.policy)
        return None

    def _find(self, tenant: str, sha256: str) -> ApiKey | None:
        """Look among this tenant's keys only, for the same time whether one fits or none."""
        fitting = [
            key
            for key in self._keys
            if key.tenant == tenant and hmac.compare_digest(key.sha256, sha256)
        ]
        return fitting[0] if fitting else None


def _identity(key: ApiKey, policy: TenantPolicy) -> Identity:
    return Identity(
        tenant=policy.tenant.slug,
        subject=key.client_id,
        kind="client",
        client_id=key.client_id,
        roles=policy.roles.effective_roles(key.roles),
        permissions=policy.roles.permissions(key.roles),
    )
