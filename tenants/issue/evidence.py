"""What a refused token says and what it was held against, and how both are put into a sentence."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tenantauth.errors import IssuerUnavailableError
from tenantauth.keyring import VerificationKey
from tenantauth.policy import TenantPolicy
from tenantauth.ports import KeySource
from tenantauth.tokens.verifier import look_up
from tenantauth.trusted_issuer import TrustedIssuer
from tenants.issuer_keys import IssuerKey

_MAX_CHARS = 120
_MAX_ITEMS = 5

KeysOf = Callable[[TrustedIssuer], Sequence[IssuerKey]]
"""Returns what an issuer with an address publishes now; raises `IssuerUnavailableError`."""


def no_keys(_issuer: TrustedIssuer) -> Sequence[IssuerKey]:
    """Know of no published keys."""
    return ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A token that can be read, of a caller whom nobody has proven, and the tenant's policy."""

    untrusted_header: Mapping[str, object]
    untrusted_claims: Mapping[str, object]
    policy: TenantPolicy
    now_s: float
    key_source: KeySource | None = field(default=None, repr=False)
    keys_of: KeysOf = no_keys

    @property
    def slug(self) -> str:
        """Whose rules hold."""
        return self.policy.tenant.slug

    @property
    def issuer(self) -> TrustedIssuer | None:
        """The trusted issuer that the token names, or ``None`` for the tenant's own."""
        return self.policy.trusted_issuer(self.untrusted_claims.get("iss"))

    @property
    def owner(self) -> str:
        """Whose keys the token was held against."""
        return self.slug if self.issuer is None else self.issuer.issuer

    @property
    def from_issuer(self) -> str:
        """Words that say of which trusted issuer a rule is, or none for the tenant's own rules."""
        return "" if self.issuer is None else f" from {self.issuer.issuer}"

    def key(self) -> VerificationKey | None:
        """Return the key that the header names, as far as it can be known now."""
        kid = self.untrusted_header.get("kid")
        if not isinstance(kid, str):
            return None
        if self.issuer is None:
            return self.policy.keyring.get(kid)
        try:
            return look_up(self.policy, self.issuer, kid, self.key_source)
        except IssuerUnavailableError:
            return None


def told(value: object) -> str:
    """Write a value of a token or a policy: text in quotes, all else as JSON, what is long cut."""
    text = repr(value) if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _MAX_CHARS else f"{text[:_MAX_CHARS]}…"


def listed(values: Collection[object]) -> str:
    """Write the first of several values, and how many more there are."""
    shown = ", ".join(told(value) for value in [*values][:_MAX_ITEMS]) or "none"
    more = len(values) - _MAX_ITEMS
    return f"{shown} and {more} more" if more > 0 else shown
