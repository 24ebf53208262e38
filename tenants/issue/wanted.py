"""What somebody wants in a token, checked so that our own verifier would accept it."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tenantauth.errors import TokenError
from tenantauth.tokens.claim_values import MAX_LIST_ITEMS, MAX_TEXT_CHARS
from tenantauth.tokens.strict import parse_object
from tenants.errors import InvalidError

_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,255}", re.ASCII)  # RFC 6749 section 3.3
_FIRST_PARTY = "web"  # The client id of the tenant's own pages; a user of that name would be it.

# Set here, or to be set by sign-in and sessions: nobody else may speak in their name.
RESERVED_CLAIMS = frozenset(
    {"iss", "aud", "sub", "client_id", "tenant", "iat", "nbf", "exp", "jti", "scope", "roles"}
    | {"sid", "auth_time", "acr", "amr"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedToken:
    """A token as it is asked for; ``extra`` are claims of the app's own.

    Raises:
        InvalidError: naming everything in it that cannot stand in a token.
    """

    subject: str
    client_id: str = _FIRST_PARTY
    roles: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    extra: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        problems = [
            f"{value[:80]!r} is not a {name} (1 to {MAX_TEXT_CHARS} printable characters)"
            for name, values in self._texts()
            for value in values
            if not _is_text(value)
        ]
        problems += [
            f"{scope[:80]!r} is not a scope" for scope in self.scopes if not _is_scope(scope)
        ]
        problems += [
            f"a token has at most {MAX_LIST_ITEMS} {name}"
            for name, values in (("roles", self.roles), ("scopes", self.scopes))
            if len(values) > MAX_LIST_ITEMS
        ]
        if self.subject == self.client_id == _FIRST_PARTY:
            problems.append(f"the subject {self.subject!r} is reserved")
        problems += _check_extra(self.extra)
        if problems:
            raise InvalidError(problems)

    @property
    def is_user(self) -> bool:
        """Tell whether somebody stands behind it; a client's subject is the client itself."""
        return self.subject != self.client_id

    def _texts(self) -> tuple[tuple[str, Collection[str]], ...]:
        return (
            ("subject", (self.subject,)),
            ("client id", (self.client_id,)),
            ("role", self.roles),
        )


def _is_text(value: str) -> bool:
    return 1 <= len(value) <= MAX_TEXT_CHARS and value.isprintable()


def _is_scope(value: str) -> bool:
    return _SCOPE.fullmatch(value) is not None


def _check_extra(extra: Mapping[str, object]) -> list[str]:
    taken = sorted(RESERVED_CLAIMS & extra.keys())
    problems = [f"the claim {name!r} is set by the token service itself" for name in taken]
    try:
        parse_object(json.dumps(dict(extra)).encode())
    except (TokenError, TypeError, ValueError, RecursionError):
        problems.append("extra claims are JSON: finite numbers, text, at most 20 levels")
    return problems
