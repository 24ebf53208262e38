"""An API of three tenants and blank pages on any origin, for browsers to try."""

import os
import time
from collections import Counter

from flask import Flask, Response, abort, redirect, request
from flask.typing import ResponseReturnValue

from tenantauth.flask import TenantAuth, cors, no_token, public, require
from tenantauth.health import HEALTH_PATHS
from tenantauth.limit import Limit
from tenantauth.origins import OriginSet
from tenantauth.policy import CorsRule, TenantPolicy
from tenantauth.testing import FakePolicySource, make_policy, make_token
from tenantauth.units import Rate

FEW = Limit("few", Rate(1, 3600), by="tenant", paths=("/few",))
STRICT = Limit("strict", Rate(9, 3600), by="tenant", paths=("/strict",), on_outage="closed")


def policies(port: int) -> list[TenantPolicy]:
    """Return acme with three rules, globex with one for the same page, and one suspended."""
    page = f"http://app.acme.localhost:{port}"
    pages = OriginSet.parse([page, f"http://two.acme.localhost:{port}"])
    rules = [
        CorsRule(pages, credentials=True, expose_headers=("X-Total",)),
        CorsRule(pages, path="/plain"),
        CorsRule(OriginSet.parse(["*"]), path="/open"),
        CorsRule(OriginSet(), path="/closed"),
    ]
    return [
        make_policy("acme", cors=rules, limits=[FEW, STRICT]),
        make_policy("globex", origins=[page]),
        make_policy("paused", origins=[page], suspended=True),
    ]


def create_app() -> Flask:
    """Return the app; its counters cannot be reached."""
    app, hits = Flask(__name__), Counter[str]()
    tenants = policies(int(os.environ["SITE_PORT"]))
    # Nobody listens there: limits are counted in memory, or refuse, as each says.
    app.config["TENANTAUTH_STATE_URL"] = "redis://127.0.0.1:9"
    TenantAuth(
        app, registry=FakePolicySource(tenants), tenantless=(*HEALTH_PATHS, "/page", "/token")
    )
    add_pages(app, tenants)
    add_answers(app)
    add_errors(app)

    @app.route("/hits", methods=["GET", "PUT", "DELETE"])
    @public
    @cors(methods=["PUT"])
    def count() -> dict[str, int]:
        hits[request.method] += 1
        return hits

    return app


def add_pages(app: Flask, tenants: list[TenantPolicy]) -> None:
    """Add what has no tenant: a blank page for any origin, and a token."""

    @app.get("/page")
    def page() -> str:
        return "<!doctype html><link rel=icon href=data:,><title>blank</title>"

    @app.get("/token")
    def token() -> str:
        return make_token(tenants[0], "alice", now_s=time.time())


def add_answers(app: Flask) -> None:
    """Add what succeeds."""

    @app.get("/data")
    @app.get("/plain/data")
    @app.get("/open/data")
    @app.get("/closed/data")
    @public
    def data() -> Response:
        return Response("data", headers={"X-Total": "3", "X-Inner": "4"})

    @app.get("/generous")
    @public
    def generous() -> Response:
        allowed = {"Access-Control-Allow-Origin": request.headers.get("Origin", "*")}
        return Response("data", headers={**allowed, "Access-Control-Allow-Credentials": "true"})

    @app.get("/cached")
    @public
    def cached() -> Response:
        return Response("data", headers={"Cache-Control": "public, max-age=600"})

    @app.get("/go")
    @public
    def go() -> ResponseReturnValue:
        return redirect(request.args["to"])

    @app.get("/sign-in")
    @public
    def sign_in() -> Response:
        answer = Response("signed in")
        answer.set_cookie("session", "1", httponly=True, samesite="Lax")
        return answer

    @app.get("/cookies")
    @app.get("/open/cookies")
    @public
    def cookies() -> str:
        return ",".join(request.cookies)


def add_errors(app: Flask) -> None:
    """Add what fails."""

    @app.get("/few")
    @app.get("/strict")
    def needs_a_token() -> str:
        return "data"

    @app.get("/role")
    @require(roles="admin")
    def role() -> str:
        return "data"

    @app.get("/abort/<int:status>")
    @public
    def fail(status: int) -> str:
        abort(status)

    @app.get("/boom")
    @no_token
    def boom() -> str:
        raise RuntimeError("a bug of the app's")
