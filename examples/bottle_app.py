"""The stack around an app of another framework, whose routes say what they require.

Bottle keeps what a route is given besides its path; here ``authentication="optional"`` and
``requires=...`` are read by `BottleRoutes`, the port by which a stack asks about routes::

    gunicorn examples.bottle_app:application
"""

from wsgiref.types import WSGIEnvironment

from bottle import Bottle, HTTPError, request

from tenantauth import (
    Require,
    RouteFacts,
    Settings,
    Stack,
    grant_of,
    layers_from,
    source_from,
    stack_from,
)
from tenants import Registry

app = Bottle()

ANALYSTS = Require(roles=frozenset({"analyst"}))


@app.get("/prices", authentication="optional")
def prices() -> dict[str, object]:
    """Answer anybody, and know who asks with a token."""
    return {"basic": 10, "known": grant_of(request.environ).identity.is_authenticated}


@app.get("/reports/<number:int>", requires=(ANALYSTS,))
def report(number: int) -> dict[str, object]:
    """Answer the tenant's analysts."""
    grant = grant_of(request.environ)
    return {"tenant": grant.tenant.slug, "user": grant.identity.subject, "report": number}


class BottleRoutes:
    """What a Bottle app says about its routes; unmarked ones need a token."""

    def __init__(self, app: Bottle) -> None:
        self._app = app

    def facts(self, environ: WSGIEnvironment, method: str) -> RouteFacts:
        """Match as Bottle will, and read what the route was given."""
        # As Bottle reads it before it matches: another reading could find another route.
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "ignore")
        try:
            route, _ = self._app.router.match(
                {**environ, "REQUEST_METHOD": method, "PATH_INFO": path}
            )
        except HTTPError:
            return RouteFacts(matched=False)
        return RouteFacts(
            endpoint=route.rule,
            authentication=route.config.get("authentication", "required"),
            requirements=route.config.get("requires", ()),
        )


def behind_stack(settings: Settings, registry: Registry) -> Stack:
    """Return the app behind a stack for the tenants of a registry."""
    source = source_from(settings, registry)
    return stack_from(app, settings, source, layers_from(settings), routes=BottleRoutes(app))


SETTINGS = Settings.from_environ()
application = behind_stack(SETTINGS, Registry.from_settings(SETTINGS))
