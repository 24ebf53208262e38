"""A Flask app whose tenants are named by paths, headers and tokens."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from flask import Flask, redirect, request, url_for
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client, TestResponse

from tenantauth.errors import SettingsError
from tenantauth.flask import TenantAuth, current_identity, current_tenant, limit, public
from tenantauth.limit import Limit
from tenantauth.policy import TenantPolicy, TokenRules
from tenantauth.testing import (
    FakePolicySource,
    Kit,
    RecordingSink,
    SigningKey,
    make_policy,
    make_token,
)
from tenantauth.units import Rate
from tenants.web import token_service

BASE = "http://localhost:8000"
ORIGIN = "https://app.acme.test"
FEW = Limit("few", Rate(1, 3600), by="tenant", paths=("/few",))


def tenant(slug: str, **facts: Any) -> TenantPolicy:
    policy = make_policy(slug, **facts)
    issuer = f"{BASE}/t/{slug}"
    return replace(policy, tokens=TokenRules(issuer, frozenset({issuer})))


ACME = tenant("acme", origins=[ORIGIN], limits=[FEW])
GLOBEX = tenant("globex")
ALICE = {"Authorization": f"Bearer {make_token(ACME, now_s=time.time())}"}

Ask = Callable[..., TestResponse]


def where() -> dict[str, object]:
    """Say which tenant, and how the app sees its address."""
    return {
        "tenant": current_tenant.slug,
        "subject": current_identity.subject,
        "root": request.root_path,
        "path": request.path,
        "url": url_for("where"),
        "external": url_for("where", _external=True),
    }


def make_app(resolve: str, source: FakePolicySource, sink: RecordingSink | None = None) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.config.update(TENANTAUTH_RESOLVE=resolve, TENANTAUTH_TRUSTED_PROXIES=1)
    app.config.update(TENANTAUTH_STALENESS="100ms")
    TenantAuth(app, registry=source, sink=sink)
    app.register_blueprint(token_service())
    for rule in ("/", "/where", "/few", "/t/<name>/where"):
        app.add_url_rule(rule, "where" if rule == "/where" else rule, public(lambda **_: where()))
    app.add_url_rule("/folder/", "folder", public(partial(where)))
    app.add_url_rule("/away", "away", public(lambda: redirect(url_for("where"))))
    app.add_url_rule("/mine", "mine", where)
    return app


@pytest.fixture
def source() -> FakePolicySource:
    return FakePolicySource([ACME, GLOBEX])


@pytest.fixture
def sink() -> RecordingSink:
    return RecordingSink()


@pytest.fixture
def ask(source: FakePolicySource, sink: RecordingSink) -> Iterator[Ask]:
    app = make_app("path,host", source, sink)

    def ask(path: str, host: str = BASE, method: str = "GET", **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return Client(app).open(
            base_url=host, method=method, headers=named, environ_overrides={"PATH_INFO": path}
        )

    yield ask
    app.extensions["tenantauth"].source.close()


def said(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_the_app_lives_below_the_tenants_path(ask: Ask) -> None:
    assert said(ask("/t/acme/where")) == {
        "tenant": "acme",
        "subject": None,
        "root": "/t/acme",
        "path": "/where",
        "url": "/t/acme/where",
        "external": f"{BASE}/t/acme/where",
    }


def test_each_tenant_has_its_own(ask: Ask) -> None:
    assert [said(ask(f"/t/{slug}/where"))["tenant"] for slug in ("acme", "globex")] == [
        "acme",
        "globex",
    ]


@pytest.mark.parametrize("path", ["/t/acme", "/t/acme/"])
def test_the_prefix_alone_is_the_root(ask: Ask, path: str) -> None:
    assert said(ask(path))["path"] == "/"


def test_a_token_of_one_path_is_no_token_of_another(ask: Ask) -> None:
    """Threat 44."""
    assert said(ask("/t/acme/mine", **ALICE))["subject"] == "alice"
    assert ask("/t/globex/mine", **ALICE).get_json()["code"] == "invalid_token"


def test_redirects_keep_the_prefix(ask: Ask) -> None:
    assert ask("/t/acme/folder").headers["Location"] == f"{BASE}/t/acme/folder/"
    assert ask("/t/acme/away").headers["Location"] == "/t/acme/where"


def test_limits_and_cors_rules_see_the_rest(ask: Ask) -> None:
    """Threat 73: a prefix leads past no limit."""
    statuses = [ask(path).status_code for path in ("/t/acme/few", "//t/acme//few")]
    assert statuses == [200, 429]


def test_a_preflight_finds_its_tenant(ask: Ask) -> None:
    """Threats 66 and 70."""
    asked = {"Origin": ORIGIN, "Access_Control_Request_Method": "PUT"}
    acme, globex = (
        ask(f"/t/{slug}/mine", method="OPTIONS", **asked) for slug in ("acme", "globex")
    )
    assert acme.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Origin" not in globex.headers


def test_the_published_addresses_answer(ask: Ask) -> None:
    """Threat 50: RFC 8414 section 3.1 puts the well-known segments in front."""
    metadata = ask("/.well-known/oauth-authorization-server/t/globex").get_json()
    assert metadata["issuer"] == f"{BASE}/t/globex"
    keys = ask(metadata["jwks_uri"].removeprefix(BASE)).get_json()["keys"]
    assert [key["kid"] for key in keys] == ["globex-1"]


@pytest.mark.parametrize(
    ("path", "host", "code"),
    [
        ("/where", BASE, "unknown_tenant"),
        ("/t/nobody/where", BASE, "unknown_tenant"),
        ("/t/ACME/where", BASE, "unknown_tenant"),
        ("/T/acme/where", BASE, "unknown_tenant"),
        ("/t/acme/../globex/where", BASE, "invalid_request"),
        ("/t/globex/where", "http://acme.localhost", "tenant_conflict"),
        ("/t/acme/where", "http://unknown.test", "unknown_tenant"),
    ],
)
def test_what_names_no_tenant_is_refused(
    ask: Ask, sink: RecordingSink, path: str, host: str, code: str
) -> None:
    """Threats 46, 47 and 48: and operators see the path as it came."""
    assert ask(path, host).get_json()["code"] == code
    assert sink.events[-1].untrusted_path == path


def test_below_a_tenant_no_path_is_tenantless(ask: Ask) -> None:
    """Threat 55."""
    assert [ask(path).status_code for path in ("/healthz", "/t/acme/healthz")] == [200, 404]


def test_operators_see_a_moved_path_as_it_came(ask: Ask, sink: RecordingSink) -> None:
    ask("/t/acme/mine")
    assert (sink.events[-1].untrusted_path, sink.events[-1].tenant) == ("/t/acme/mine", "acme")


def test_an_own_host_goes_on_beside_the_paths(ask: Ask) -> None:
    assert said(ask("/where", "http://acme.localhost"))["root"] == ""
    assert said(ask("/t/acme/where", "http://acme.localhost"))["root"] == "/t/acme"
    assert said(ask("/t/nobody/where", "http://acme.localhost"))["path"] == "/t/nobody/where"


@pytest.mark.parametrize("resolve", ["path", "host", "header", "issuer"])
def test_a_tenant_is_suspended_and_removed_under_every_way(
    resolve: str, source: FakePolicySource
) -> None:
    """Threat 52."""
    app = make_app(resolve, source)
    path = "/t/acme/mine" if resolve == "path" else "/mine"
    host = "http://acme.localhost" if resolve == "host" else BASE
    headers = ALICE | ({"X-Tenant": "acme"} if resolve == "header" else {})
    live = app.extensions["tenantauth"].source

    def ask() -> TestResponse:
        # What the follower does by itself within the staleness bound.
        assert live.ready() is None
        return Client(app).get(path, base_url=host, headers=headers)

    answers = [ask()]
    source.put(tenant("acme", suspended=True, version=2))
    answers.append(ask())
    source.remove("acme")
    answers.append(ask())
    source.put(ACME)
    answers.append(ask())
    live.close()
    assert [answer.status_code for answer in answers] == [200, 403, 404, 200]


def test_without_a_token_the_issuer_names_nobody(source: FakePolicySource) -> None:
    app = make_app("issuer", source)
    problem = Client(app).get("/where", base_url=BASE).get_json()
    app.extensions["tenantauth"].source.close()
    assert (problem["code"], "access token" in problem["detail"]) == ("unknown_tenant", True)


def test_the_token_that_selects_is_verified_like_any_other(source: FakePolicySource) -> None:
    """Threat 44: who claims an issuer without its key gets nothing."""
    app = make_app("issuer", source)
    forged = make_token(ACME, now_s=time.time(), key=SigningKey("acme-1", "EdDSA"))
    headers = {"Authorization": f"Bearer {forged}"}
    answer = Client(app).get("/mine", base_url=BASE, headers=headers)
    app.extensions["tenantauth"].source.close()
    assert answer.get_json()["code"] == "invalid_token"


@pytest.mark.parametrize(
    ("resolve", "expected"),
    [
        ("host", None),
        ("path,host", None),
        ("host,header", "X-Tenant"),
        ("host,header,issuer", "X-Tenant, Authorization"),
    ],
)
def test_caches_are_told_which_field_named_the_tenant(
    resolve: str, expected: str | None, source: FakePolicySource
) -> None:
    """Threat 51: a key set that any cache may keep is one tenant's."""
    app = make_app(resolve, source)
    answer = Client(app).get("/.well-known/jwks.json", base_url="http://acme.localhost")
    app.extensions["tenantauth"].source.close()
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers.get("Vary") == expected


def test_a_header_needs_a_trusted_proxy() -> None:
    """Threat 46."""
    app = Flask("app")
    app.config["TENANTAUTH_RESOLVE"] = "header"
    with pytest.raises(SettingsError, match="TENANTAUTH_TRUSTED_PROXIES"):
        TenantAuth(app)


@pytest.mark.parametrize("resolve", ["path", "path,host", "header", "issuer"])
def test_a_test_client_speaks_to_any_app(resolve: str, source: FakePolicySource) -> None:
    client = Kit().client(make_app(resolve, source), "initech", "bob")
    assert client.get("/mine").get_json()["tenant"] == "initech"


def test_an_app_below_a_mount_lives_below_both(source: FakePolicySource) -> None:
    app = make_app("path", source)
    outer = DispatcherMiddleware(Flask("outer"), {"/v1": app})
    answer = Client(outer).get("/v1/t/acme/where", base_url=BASE)
    app.extensions["tenantauth"].source.close()
    assert said(answer)["url"] == "/v1/t/acme/where"


def test_an_app_mounted_inside_sees_the_whole_prefix(source: FakePolicySource) -> None:
    """Threat 55: and it needs a token, below a tenant's path too."""
    app, inner = Flask("outer"), Flask("inner")
    inner.add_url_rule("/", "root", lambda: request.root_path)
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/docs": inner})  # type: ignore[method-assign]  # as users do
    app.config.update(TENANTAUTH_RESOLVE="path")
    app.add_url_rule("/<path:any>", "any", public(lambda **_: "outer"))
    TenantAuth(app, registry=source)
    client = Client(app)
    assert client.get("/t/acme/docs/", base_url=BASE).status_code == 401
    assert client.get("/t/acme/docs/", base_url=BASE, headers=ALICE).text == "/t/acme/docs"
    app.extensions["tenantauth"].source.close()


def test_a_mark_of_the_route_is_found_behind_the_prefix(source: FakePolicySource) -> None:
    app = make_app("path", source)
    app.add_url_rule("/once", "once", limit("1/hour", by="tenant")(public(lambda: "once")))
    client = Client(app)
    statuses = [client.get("/t/acme/once", base_url=BASE).status_code for _ in range(2)]
    app.extensions["tenantauth"].source.close()
    assert statuses == [200, 429]
