"""Small apps behind the extension, and requests to them."""

import time
from collections.abc import Collection
from wsgiref.types import WSGIEnvironment

from flask import Flask
from werkzeug.test import TestResponse

from tenantauth.flask import TenantAuth
from tenantauth.limit import Limit
from tenantauth.testing import FakePolicySource, make_policy, make_token

ACME = make_policy("acme", origins=["https://app.test"], roles={"analyst": ["reports:write"]})


def protected(*, limits: Collection[Limit] = (), **config: object) -> Flask:
    """Return an app with the extension, for the tenants acme and globex."""
    app = Flask(__name__)
    app.config.update(config)
    acme = make_policy("acme", limits=tuple(limits)) if limits else ACME
    TenantAuth(app, registry=FakePolicySource([acme, make_policy("globex")]))
    return app


def token(subject: str = "alice", **claims: object) -> str:
    """Return a good token of acme."""
    return make_token(ACME, subject, now_s=time.time(), **claims)  # type: ignore[arg-type]  # claims only


def ask(
    app: Flask,
    path: str = "/",
    *,
    method: str = "GET",
    token: str | None = None,
    headers: dict[str, str] | None = None,
    host: str = "acme.localhost",
    environ: WSGIEnvironment | None = None,
) -> TestResponse:
    """Send one request through the whole app."""
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    return app.test_client().open(
        path,
        method=method,
        headers={**bearer, **(headers or {})},
        base_url=f"http://{host}",
        environ_overrides=environ,
    )
