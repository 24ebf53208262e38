"""The stack around an app without any framework.

Serve it with any WSGI server, after ``tenantauth init`` and ``tenantauth tenant create acme``::

    gunicorn examples.bare_wsgi:application

Nothing is opened before the first request. Every path needs a valid token of the tenant at hand, as
nobody tells the stack about routes.
"""

import json
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from tenantauth import Stack, default_layers
from tenantauth.environ import grant_of
from tenantauth.live_source import LiveSource
from tenantauth.ports import PolicySource, Registry
from tenantauth.resolve import ByHost
from tenants import Registry as InstalledRegistry


def whoami(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Say who calls; the whole app."""
    grant = grant_of(environ)
    body = json.dumps({"tenant": grant.tenant.slug, "user": grant.identity.subject}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]


def behind_stack(registry: Registry | PolicySource) -> Stack:
    """Return the app behind a stack for the tenants of a registry."""
    source = LiveSource(registry, staleness_s=2.0)
    return Stack(whoami, default_layers(), resolve=ByHost(), source=source, ready=source.ready)


application = behind_stack(InstalledRegistry.from_environ())
