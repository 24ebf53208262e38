"""What a route may require of the caller; all given conditions must hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Literal
from wsgiref.types import WSGIEnvironment

from tenantauth.identity import Identity, freeze
from tenantauth.json_values import same_json
from tenantauth.names import Names, each_name
from tenantauth.reply import Refusal, bearer_challenge
from tenantauth.request import RequestFacts

EnvironCheck = Callable[[Identity, WSGIEnvironment], bool]

_NOT_IN_NAMES = frozenset(' "\\')
_ABSENT = object()


def names(given: Names) -> frozenset[str]:
    """Return a set of names; a bare string is one name.

    Raises:
        ValueError: when a name is empty or not printable ASCII without quotes and spaces.
    """
    found = frozenset(each_name(given))
    for name in found:
        if not isinstance(name, str):
            raise ValueError(f"{name!r} is not a name of a role, scope or permission")
        if not (name and name.isascii() and name.isprintable()) or set(name) & _NOT_IN_NAMES:
            raise ValueError(f"{name!r} is not a name of a role, scope or permission")
    return found


@dataclass(frozen=True, slots=True)
class Require:
    """A requirement of `tenantauth.route.RouteFacts`: call it with an identity.

    ``fresh`` is the longest time since sign-in, or ``True``: no refresh since. ``attributes`` must
    equal the caller's attributes or claims, by type and value.
    """

    roles: frozenset[str] = frozenset()
    any_role: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    attributes: Mapping[str, object] = field(default_factory=dict)
    fresh: timedelta | Literal[True] | None = None
    acr: frozenset[str] = frozenset()
    check: EnvironCheck | None = None

    def __post_init__(self) -> None:
        is_time = isinstance(self.fresh, timedelta) and self.fresh > timedelta(0)
        if self.fresh is not None and self.fresh is not True and not is_time:
            raise ValueError("fresh is a time since sign-in, or True")
        if self.check is not None and not callable(self.check):
            raise ValueError("check is called with the identity and the request")
        frozen = {name: freeze(value) for name, value in self.attributes.items()}
        object.__setattr__(self, "attributes", MappingProxyType(frozen))

    def __call__(
        self, identity: Identity, request: RequestFacts, environ: WSGIEnvironment
    ) -> Refusal | None:
        """Return ``None`` when everything holds, or the refusal of the first that does not."""
        return (
            self._roles_hold(identity)
            or self._scopes_hold(identity)
            or self._permissions_hold(identity)
            or self._attributes_hold(identity)
            or self._is_fresh(identity, request.received_at)
            or self._check_holds(identity, environ)
        )

    def _roles_hold(self, identity: Identity) -> Refusal | None:
        if not self.roles <= identity.roles:
            return Refusal("insufficient_role", "roles")
        if self.any_role and self.any_role.isdisjoint(identity.roles):
            return Refusal("insufficient_role", "any_role")
        return None

    def _scopes_hold(self, identity: Identity) -> Refusal | None:
        if self.scopes <= identity.scopes:
            return None
        # RFC 6750 section 3.1: the challenge names what is needed.
        challenge = bearer_challenge("insufficient_scope", scope=" ".join(sorted(self.scopes)))
        return Refusal("insufficient_scope", "scopes", headers=(challenge,))

    def _permissions_hold(self, identity: Identity) -> Refusal | None:
        if self.permissions <= identity.permissions:
            return None
        return Refusal("insufficient_permission", "permissions")

    def _attributes_hold(self, identity: Identity) -> Refusal | None:
        for name, wanted in self.attributes.items():
            # What is absent equals nothing, not even a wanted `None`.
            held = identity.attributes.get(name, identity.claims.get(name, _ABSENT))
            if not same_json(held, wanted):
                return Refusal("forbidden", f"attribute {name}")
        return None

    def _is_fresh(self, identity: Identity, now_s: float) -> Refusal | None:
        if self.acr and identity.acr not in self.acr:
            return self._stale("acr")
        if self.fresh is None:
            return None
        if identity.auth_time is None:
            return self._stale("no auth_time")
        if self.fresh is True:
            return None if identity.auth_time == identity.issued_at else self._stale("refreshed")
        age_s = now_s - identity.auth_time.timestamp()
        return None if age_s <= self.fresh.total_seconds() else self._stale("too old")

    def _stale(self, reason: str) -> Refusal:
        # RFC 9470 section 3: the challenge says which sign-in would do.
        parameters = {}
        if self.acr:
            parameters["acr_values"] = " ".join(sorted(self.acr))
        if self.fresh is not None:
            max_age_s = 0 if self.fresh is True else int(self.fresh.total_seconds())
            parameters["max_age"] = str(max_age_s)
        challenge = bearer_challenge("insufficient_user_authentication", **parameters)
        return Refusal("stale_authentication", reason, headers=(challenge,))

    def _check_holds(self, identity: Identity, environ: WSGIEnvironment) -> Refusal | None:
        if self.check is None or self.check(identity, environ):
            return None
        return Refusal("forbidden", "check")
