import sys
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from werkzeug.test import Client

from tenantauth.environ import REQUEST_ID
from tenantauth.reply import Refusal
from tenantauth.settings import Settings
from tenantauth.stack import Stack
from tenants.cli.boundary import Refused
from tenants.cli.loading import load_app
from tests.partners import AUDIENCE, ISSUER, partner_token
from tests.servers.documents import document, saying, serving
from tests.servers.valkey import ValkeyServer
from tests.tenantauth.tokens.key_documents import KEYS, jwk, key_set
from tests.tenants.cli.kit import Run

MODULE = """
from flask import Flask
from tenantauth.flask import TenantAuth

plain = Flask("plain")
extended = Flask("extended")
auth = TenantAuth(extended)

def create_app(name):
    return Flask(name)

def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"served"]
"""

STACKED = """
from tenantauth import Stack, default_layers
from tenantauth.testing import FakePolicySource

stacked = Stack(wsgi, default_layers(), resolve=None, source=FakePolicySource())
"""


@pytest.fixture(autouse=True)
def module(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put a module of a name of its own into the current folder."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    name = f"apps_{folder.name.replace('-', '_')}"
    (folder / f"{name}.py").write_text(MODULE)
    return name


def test_an_app_that_has_the_extension_is_served_as_it_is(module: str) -> None:
    app = load_app(f"{module}:extended", Settings())
    assert app is sys.modules[module].extended


def test_another_flask_app_gets_the_extension(module: str) -> None:
    app = load_app(f"{module}:plain", Settings())
    assert isinstance(app, Flask)
    assert "tenantauth" in app.extensions


def test_a_factory_is_called_with_its_arguments(module: str) -> None:
    app = load_app(f"{module}:create_app('shop')", Settings())
    assert isinstance(app, Flask)
    assert app.name == "shop"


def test_without_a_name_there_is_the_token_service() -> None:
    app = load_app(None, Settings())
    assert isinstance(app, Flask)
    assert "/.well-known/jwks.json" in {rule.rule for rule in app.url_map.iter_rules()}


@pytest.mark.server
@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["plain", "wsgi"])
def test_requests_are_counted_where_the_setting_says(
    module: str, name: str, run: Run, valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANTAUTH_STATE_URL", valkey.url)
    run("tenant", "create", "acme", "--limit", "all=5/hour:tenant")
    token = run("token", "issue", "acme", "--subject", "alice").out.strip()
    app = load_app(f"{module}:{name}", Settings.from_environ())
    answer = Client(app).get(
        "/", base_url="http://acme.localhost", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.headers["RateLimit"].startswith('"all";r=4')
    with Redis(port=valkey.port) as client:
        assert client.dbsize() == 1


@pytest.mark.usefixtures("installed")
def test_a_stack_around_another_app_fetches_keys_from_where_the_setting_says(
    module: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANTAUTH_ISSUER_NETWORKS", "127.0.0.1")
    run("tenant", "create", "acme")
    with serving(saying(document(key_set(jwk("k1"))))) as server:
        keys = ("--jwks-uri", f"http://127.0.0.1:{server.port}/jwks", "--algorithm", "ES256")
        run("issuer", "add", "acme", ISSUER, *keys, "--audience", AUDIENCE)
        token = partner_token(key=KEYS["k1"], now_s=time.time())
        answer = Client(load_app(f"{module}:wsgi", Settings.from_environ())).get(
            "/", base_url="http://acme.localhost", headers={"Authorization": f"Bearer {token}"}
        )
    assert answer.text == "served"


def facts(app: Flask | Stack) -> dict[str, object]:
    """Return what settings decide of an app's stack."""
    stack: Any = app.extensions["tenantauth"].stack if isinstance(app, Flask) else app
    layers: dict[str, Any] = {layer.name: layer for layer in stack.layers}
    tokens = layers["authenticate"]
    return {
        "STATE_URL": type(layers["rate_limit"].store),
        "RESOLVE": [type(way) for way in stack._agreement._first],
        "BASE_URL": [vars(way) for way in stack._agreement._first],
        "TRUSTED_PROXIES": (stack._proxies, stack._hints._proxies),
        "TRUSTED_HOST_PROXIES": stack._host_proxies,
        "STALENESS": stack.source._staleness_s,
        "LOG_FORMAT": vars(stack.events.sinks[0]),
        "ERROR_FORMAT": stack._renderer(Refusal("forbidden"), {REQUEST_ID: "r1"}).body,
        "ALLOW_HTTP": tokens._allow_http,
        "REMEMBERED_TOKENS": tokens._verifier._size,
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STATE_URL", "redis://127.0.0.1:6379"),
        ("RESOLVE", "host,path"),
        ("BASE_URL", "https://api.example.com"),
        ("TRUSTED_PROXIES", "2"),
        ("TRUSTED_HOST_PROXIES", "1"),
        ("STALENESS", "5s"),
        ("LOG_FORMAT", "json"),
        ("ERROR_FORMAT", "envelope"),
        ("ALLOW_HTTP", "1"),
        ("REMEMBERED_TOKENS", "7"),
    ],
)
def test_a_setting_does_the_same_for_a_flask_app_and_for_any_other(
    module: str, name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "BASE_URL":
        monkeypatch.setenv("TENANTAUTH_RESOLVE", "path")
    without = facts(load_app(f"{module}:wsgi", Settings.from_environ()))
    monkeypatch.setenv(f"TENANTAUTH_{name}", value)
    flask = facts(load_app(f"{module}:plain", Settings.from_environ()))
    assert facts(load_app(f"{module}:wsgi", Settings.from_environ())) == flask
    assert flask[name] != without[name]


@pytest.mark.usefixtures("installed")
def test_refusals_of_an_app_without_flask_have_the_form_that_the_setting_says(
    module: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANTAUTH_ERROR_FORMAT", "envelope")
    run("tenant", "create", "acme")
    app = load_app(f"{module}:wsgi", Settings.from_environ())
    answer = Client(app).get("/", base_url="http://acme.localhost")
    error = {"code": "missing_token", "message": "An access token is required"}
    assert answer.json == {"status": "failed", "error": error}


@pytest.mark.parametrize("name", ["nope", "create_app()", "1", "create_app(x)"])
def test_what_cannot_be_had_is_refused_with_its_name(module: str, name: str) -> None:
    with pytest.raises(Refused, match=f"^{module}:"):
        load_app(f"{module}:{name}", Settings())


def test_a_module_that_fails_is_refused_with_the_place(folder: Path) -> None:
    (folder / "failing.py").write_text("\n1 / 0\n")
    with pytest.raises(Refused, match=r"ZeroDivisionError: .*failing.py, line 2"):
        load_app("failing:app", Settings())


def test_an_error_that_our_own_code_raises_has_the_place_of_the_apps_line(folder: Path) -> None:
    (folder / "marked.py").write_text(
        "from tenantauth.flask import public, require\n\n"
        "@public\n@require(roles='a')\ndef view(): ...\n"
    )
    with pytest.raises(Refused, match=r"ValueError: a view cannot be .*marked.py, line 3\)"):
        load_app("marked:app", Settings())


def test_a_syntax_error_has_its_own_place_only(folder: Path) -> None:
    (folder / "unfinished.py").write_text("app = (\n")
    with pytest.raises(Refused, match=r"SyntaxError: .*unfinished.py, line 1\)$"):
        load_app("unfinished:app", Settings())


def test_a_stack_is_served_as_it_is(module: str, folder: Path) -> None:
    """A second stack around it would count its requests twice."""
    with (folder / f"{module}.py").open("a") as file:
        file.write(STACKED)
    assert load_app(f"{module}:stacked", Settings()) is sys.modules[module].stacked


def test_a_module_that_is_not_there_is_told_with_the_folder(folder: Path) -> None:
    """Most often it is the wrong folder."""
    with pytest.raises(Refused) as refused:
        load_app("not_written_yet:app", Settings())
    assert f"looked for in {folder}" in str(refused.value)
