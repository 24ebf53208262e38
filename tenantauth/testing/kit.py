"""Tenants, a clock, and clients of apps that are served with both."""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from flask import Flask

from tenantauth.flask.state import state_of
from tenantauth.limiting.failures import Failures
from tenantauth.names import Names
from tenantauth.policy import TenantPolicy
from tenantauth.ports import TenantKey
from tenantauth.requirement import names
from tenantauth.roles import RoleBook, RoleDefinition
from tenantauth.stack import Stack
from tenantauth.stand_in import stand_in
from tenantauth.testing.clients import TenantClient
from tenantauth.testing.clock import ManualClock
from tenantauth.testing.fakes import FakePolicySource, RecordingSink
from tenantauth.testing.limits import FakeLimitStore
from tenantauth.testing.policies import SigningKey, make_policy
from tenantauth.testing.serving import Parts
from tenantauth.testing.tokens import make_token

Roles = Names | Mapping[str, Collection[str]]
"""Names, a bare string is one; or names with the permissions that they give at this tenant."""


class Kit:
    """Tenants that exist only here, and time that moves only when `clock` is told to.

    ``source`` holds the policies, ``sink`` why requests were refused. The clock starts at the
    present. An app is never changed: what it is served with stands in for its own stack, in this
    thread, while a client's request runs or within `serving`.
    """

    def __init__(self, *, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock(time.time())
        self.source = FakePolicySource()
        self.sink = RecordingSink()
        self._parts = Parts(
            self.source,
            self.clock,
            self.sink,
            store=FakeLimitStore(self.clock),
            failures=Failures(self.clock),
        )

    def policy(self, slug: str = "acme", **facts: Any) -> TenantPolicy:  # noqa: ANN401  # as make_policy's
        """Add a tenant, or replace it; ``facts`` are those of `make_policy`."""
        policy = make_policy(slug, **facts)
        self.source.put(policy)
        return policy

    def token(
        self,
        tenant: str = "acme",
        subject: str = "alice",
        *,
        roles: Names = (),
        scopes: Names = (),
        ttl_s: float = 900.0,
        claims: Mapping[str, object] | None = None,
    ) -> str:
        """Return a token of a tenant, signed now with its active key; a new tenant is added."""
        policy = self._tenant(tenant)
        active = (key for key in policy.keyring if key.state == "active")
        members: dict[str, Any] = {
            "roles": sorted(names(roles)),
            "scope": " ".join(sorted(names(scopes))),
        }
        return make_token(
            policy,
            subject,
            now_s=self.clock.now(),
            ttl_s=ttl_s,
            key=next((SigningKey(key.kid, key.algorithm) for key in active), None),
            **(members | dict(claims or {})),
        )

    def client(
        self,
        app: Flask,
        tenant: str | TenantPolicy = "acme",
        subject: str | None = "alice",
        *,
        roles: Roles = (),
        scopes: Names = (),
        claims: Mapping[str, object] | None = None,
        limits: bool = False,
    ) -> TenantClient:
        """Return a client of an app; without a ``subject`` it is anonymous.

        A mapping of ``roles`` also says what they permit at this tenant. ``claims`` replace those
        of the token. With ``limits`` requests are counted, from zero and by the kit's clock,
        together with those of its other clients; without, no limit and no guard refuses.

        Raises:
            RuntimeError: when the app has no `TenantAuth`.
        """
        policy = self._tenant(tenant)
        if isinstance(roles, Mapping):
            policy = replace(policy, roles=_role_book(roles))
            self.source.put(policy)
        slug = policy.tenant.slug

        def fresh_token() -> str:
            return self.token(slug, subject or "", roles=roles, scopes=scopes, claims=claims)

        return TenantClient(
            app,
            serving=self._serving(app, limits=limits),
            host=min(policy.hosts),
            make_token=None if subject is None else fresh_token,
        )

    @contextmanager
    def serving(self, app: Flask, *, limits: bool = False) -> Iterator[None]:
        """Let an app see the kit's tenants and clock, for code that acts without a request."""
        with stand_in(*self._serving(app, limits=limits)):
            yield

    def _serving(self, app: Flask, *, limits: bool) -> tuple[Stack, Stack]:
        original = state_of(app).stack
        return original, self._parts.put_into(original, limits=limits)

    def _tenant(self, tenant: str | TenantPolicy) -> TenantPolicy:
        if isinstance(tenant, TenantPolicy):
            self.source.put(tenant)
            return tenant
        return self.source.find(TenantKey("slug", tenant)) or self.policy(tenant)


def client(
    app: Flask,
    tenant: str | TenantPolicy = "acme",
    subject: str | None = "alice",
    *,
    roles: Roles = (),
    scopes: Names = (),
    claims: Mapping[str, object] | None = None,
    policies: Iterable[TenantPolicy] = (),
    limits: bool = False,
) -> TenantClient:
    """Return a client of an app whose requests carry a really signed token; see `Kit.client`.

    ``policies`` are tenants that exist besides, or describe the client's own.
    """
    kit = Kit()
    for policy in policies:
        kit.source.put(policy)
    return kit.client(
        app, tenant, subject, roles=roles, scopes=scopes, claims=claims, limits=limits
    )


def _role_book(roles: Mapping[str, Collection[str]]) -> RoleBook:
    return RoleBook(
        RoleDefinition(name, permissions=frozenset(permissions))
        for name, permissions in roles.items()
    )
