"""Every error this package raises, and every refusal code a caller can meet.

::

    TenantAuthError
    ├── SettingsError            settings that cannot work, all of them at once
    ├── StackError               layers in an order that cannot work
    ├── LimitError               a rate or an owner that the app's function cannot mean
    ├── UnknownTenantError       no tenant answers to this key
    ├── UnresolvedError          a request that names no tenant, more than one, or nobody could
    ├── RegistryUnavailableError policies cannot be read now
    ├── StateUnavailableError    requests cannot be counted now
    ├── IssuerUnavailableError   a trusted issuer's keys cannot be known now
    ├── FetchError               a document that cannot be had
    │   └── RefusedAddressError  it lies where nothing may connect
    └── TokenError               a token that is refused, with the inner reason

Refusals are values, not exceptions: see `tenantauth.reply.Refusal`. This module names their codes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple


class TenantAuthError(Exception):
    """The base of all errors raised on purpose."""


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """What is wrong with a setting, and what to do; ``name`` is empty when it is with several."""

    name: str
    text: str
    hint: str = ""

    def __str__(self) -> str:
        named = f"{self.name}: {self.text}" if self.name else self.text
        return f"{named}; {self.hint}" if self.hint else named


class SettingsError(TenantAuthError):
    """Settings that cannot work; ``problems`` holds one sentence for each of the ``items``."""

    def __init__(self, items: Iterable[SettingProblem]) -> None:
        self.items = tuple(items)
        self.problems = tuple(map(str, self.items))
        super().__init__("; ".join(self.problems))


class StackError(TenantAuthError):
    """Layers that cannot work in the order given."""


class LimitError(TenantAuthError):
    """A limit's rate or owner that cannot work, told by a function of the app."""


class UnknownTenantError(TenantAuthError):
    """No tenant answers to this key."""


class UnresolvedError(TenantAuthError):
    """A request whose tenant cannot be told from what it says.

    ``code`` and ``detail`` are for the caller, ``reason`` goes to events only; none of them holds
    a caller's text.
    """

    def __init__(self, code: str, reason: str, detail: str | None = None) -> None:
        self.code = code
        self.reason = reason
        self.detail = detail
        super().__init__(reason)


class RegistryUnavailableError(TenantAuthError):
    """The registry cannot be read now, and no last-known-good policy is at hand."""


class StateUnavailableError(TenantAuthError):
    """The counters cannot be reached now; holds no password and no caller's name."""


class IssuerUnavailableError(TenantAuthError):
    """The keys of a trusted issuer cannot be known now; ask again after ``retry_after_s``."""

    def __init__(self, message: str, retry_after_s: float = 5.0) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message)


class FetchError(TenantAuthError):
    """A document that cannot be had from where a policy says it is; says why in one line."""


class RefusedAddressError(FetchError):
    """An address that nothing here connects to, whatever a policy says."""


class TokenError(TenantAuthError):
    """A token that is refused.

    ``code`` is what the caller is told; ``reason`` says which check failed and goes to events only.
    Neither ever holds a part of the token.
    """

    def __init__(self, reason: str, code: str = "invalid_token") -> None:
        self.reason = reason
        self.code = code
        super().__init__(reason)


class Code(NamedTuple):
    """What a refusal code means on the wire."""

    status: int
    title: str


CODES: Mapping[str, Code] = MappingProxyType(
    {
        "invalid_request": Code(400, "The request cannot be understood"),
        "tenant_conflict": Code(400, "The request names more than one tenant"),
        "missing_token": Code(401, "An access token is required"),
        "invalid_token": Code(401, "The access token is not valid here"),
        "token_expired": Code(401, "The access token has expired"),
        "stale_authentication": Code(401, "A more recent sign-in is required"),
        "tenant_suspended": Code(403, "This tenant is suspended"),
        "insecure_transport": Code(403, "Tokens are accepted over https only"),
        "insufficient_role": Code(403, "A role is missing"),
        "insufficient_permission": Code(403, "A permission is missing"),
        "insufficient_scope": Code(403, "A scope is missing"),
        "forbidden": Code(403, "This is not allowed"),
        "unknown_tenant": Code(404, "No tenant answers to this address"),
        "rate_limited": Code(429, "Too many requests"),
        "internal_error": Code(500, "Something went wrong on our side"),
        "registry_unavailable": Code(503, "Tenants cannot be looked up now"),
        "state_unavailable": Code(503, "Request counters cannot be reached now"),
        "issuer_unavailable": Code(503, "The keys of the token's issuer cannot be fetched now"),
    }
)
