"""The stack around an app without any framework.

Serve it with any WSGI server, after ``tenantauth init`` and ``tenantauth tenant create acme``::

    gunicorn examples.bare_wsgi:application

Nothing is opened before the first request. Every path needs a valid token of the tenant at hand, as
nobody tells the stack about routes.
"""

import json
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from tenantauth import Settings, Stack, grant_of, layers_from, source_from, stack_from
from tenants import Registry


def whoami(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Say who calls; the whole app."""
    grant = grant_of(environ)
    body = json.dumps({"tenant": grant.tenant.slug, "user": grant.identity.subject}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]


def behind_stack(settings: Settings, registry: Registry) -> Stack:
    """Return the app behind a stack for the tenants of a registry."""
    source = source_from(settings, registry)
    return stack_from(whoami, settings, source, layers_from(settings))


SETTINGS = Settings.from_environ()
application = behind_stack(SETTINGS, Registry.from_settings(SETTINGS))
