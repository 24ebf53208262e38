from collections.abc import Iterator
from dataclasses import replace

import pytest
from werkzeug.test import Client, TestResponse

from examples import bare_wsgi
from tenantauth.live_source import LiveSource
from tenants.registry import Registry


@pytest.fixture
def web(registry: Registry) -> Iterator[Client]:
    stack = bare_wsgi.behind_stack(registry.settings, registry)
    yield Client(stack)
    assert isinstance(stack.source, LiveSource)
    stack.source.close()


def ask(web: Client, token: str | None = None, tenant: str = "acme") -> TestResponse:
    headers = {"Origin": "https://app.test"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return web.get("/", base_url=f"http://{tenant}.localhost", headers=headers)


def test_the_app_is_told_who_calls(web: Client, token: str) -> None:
    assert ask(web, token).json == {"tenant": "acme", "user": "alice"}


@pytest.mark.parametrize(
    ("tenant", "status"), [("globex", 401), ("initech", 404)], ids=["another", "none"]
)
def test_a_token_is_good_at_its_tenant_only(
    web: Client, token: str, tenant: str, status: int
) -> None:
    """Threat 44."""
    assert ask(web, token, tenant).status_code == status


def test_without_a_token_nothing_is_reached(web: Client) -> None:
    refused = ask(web)
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == "https://app.test"


def test_the_tenants_limits_hold(web: Client, token: str) -> None:
    assert [ask(web, token).status_code for _ in range(3)] == [200, 200, 429]


def test_health_is_answered_for_any_host(web: Client) -> None:
    assert web.get("/readyz", base_url="http://10.0.0.1").status_code == 200


def test_the_served_application_opens_nothing_by_itself() -> None:
    source = bare_wsgi.application.source
    assert isinstance(source, LiveSource)
    assert source._opened.opened is None


def test_the_settings_hold(registry: Registry) -> None:
    """Of a stack that somebody copies from here, none may be left out."""
    settings = replace(registry.settings, resolve=("path",), error_format="envelope")
    stack = bare_wsgi.behind_stack(settings, registry)
    refused = Client(stack).get("/t/acme/", base_url=settings.base_url)
    assert refused.json["error"]["code"] == "missing_token"  # type: ignore[index]  # an envelope
    assert isinstance(stack.source, LiveSource)
    stack.source.close()
