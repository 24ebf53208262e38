"""What an app adds to who calls: its users, attributes, and jobs that act for somebody."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from flask import Flask

from tenantauth.flask.caller import acting, this_app
from tenantauth.flask.locals import current_identity, current_tenant, current_user
from tenantauth.flask.signals import announce_caller
from tenantauth.flask.state import state_of
from tenantauth.identity import Grant, Identity, with_attributes
from tenantauth.layer import Layer
from tenantauth.layers.attributes import LoadAttributes
from tenantauth.names import Names
from tenantauth.policy import TenantPolicy
from tenantauth.requirement import names

Loader = TypeVar("Loader", bound=Callable[[Identity], Any])


class Hooks:
    """The hooks of `tenantauth.flask.TenantAuth`, for all apps of one extension."""

    _user_loader: Callable[[Identity], Any] | None = None
    _claims_loader: Callable[[Identity], Any] | None = None

    def user_loader(self, load: Loader) -> Loader:
        """Load ``current_user`` by this function of the identity, when a request first asks.

        It may be a coroutine function. Anonymous callers have no user, and it is not asked.
        """
        self._user_loader = load
        return load

    def claims_loader(self, load: Loader) -> Loader:
        """Add what this function of the verified identity returns to ``identity.attributes``.

        It runs in an app context for each request with a valid token that is within its limits,
        before ``require`` looks at attributes. It may be a coroutine function.
        """
        self._claims_loader = load
        return load

    @contextmanager
    def acting_as(self, tenant: str, subject: str, *, roles: Names = ()) -> Iterator[Identity]:
        """Let a job act for a user in this app context: it becomes ``current_identity``.

        Nobody is authenticated and nothing is refused: whoever calls this has decided. The roles
        are expanded by the tenant's policy. A suspended tenant is acted for all the same.

        Raises:
            RuntimeError: outside an app context.
            UnknownTenantError: when there is no such tenant.
            RegistryUnavailableError: when that cannot be known now.
        """
        app = this_app()
        policy = state_of(app).policy(tenant)
        identity = _user(policy, subject, names(roles))
        identity = with_attributes(identity, self.load_attributes(app, identity))
        with acting(Grant(policy.tenant, identity)):
            yield identity

    def load_user(self, app: Flask, identity: Identity) -> object:
        """Return the app's user for an identity.

        Raises:
            RuntimeError: when the app has no user loader.
        """
        if self._user_loader is None:
            raise RuntimeError("current_user needs a function marked with @auth.user_loader")
        return app.ensure_sync(self._user_loader)(identity)

    def load_attributes(self, app: Flask, identity: Identity) -> Mapping[str, object]:
        """Return what the app knows of an identity besides its claims."""
        if self._claims_loader is None:
            return {}
        loaded: Mapping[str, object] = app.ensure_sync(self._claims_loader)(identity)
        return loaded

    def add_layer(self, app: Flask, layers: Iterable[Layer]) -> tuple[Layer, ...]:
        """Return the layers with the one that loads attributes, before what may ask for them.

        Where no layer provides an identity there is nobody to ask about.
        """
        given = tuple(layers)
        if not any("identity" in layer.provides for layer in given):
            return given
        asking = [n for n, layer in enumerate(given) if "authorisation" in layer.provides]
        place = asking[0] if asking else len(given)
        loading = LoadAttributes(partial(self._load_in_context, app))
        return (*given[:place], loading, *given[place:])

    def _load_in_context(self, app: Flask, identity: Identity) -> Mapping[str, object]:
        if self._claims_loader is None:
            return {}
        with app.app_context():
            return self.load_attributes(app, identity)


def attach(app: Flask) -> None:
    """Announce callers by signal, and let templates see who they are."""
    app.before_request_funcs.setdefault(None, []).insert(0, partial(announce_caller, app))
    app.template_context_processors[None].append(_for_templates)


def _for_templates() -> dict[str, object]:
    return {
        "current_identity": current_identity,
        "current_tenant": current_tenant,
        "current_user": current_user,
    }


def _user(policy: TenantPolicy, subject: str, roles: frozenset[str]) -> Identity:
    return Identity(
        tenant=policy.tenant.slug,
        subject=subject,
        kind="user",
        roles=policy.roles.effective_roles(roles),
        permissions=policy.roles.permissions(roles),
    )
