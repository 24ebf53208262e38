from collections.abc import Iterator
from dataclasses import replace

import pytest
from werkzeug.test import Client, TestResponse

from examples import bottle_app
from tenantauth.live_source import LiveSource
from tenantauth.route import RouteFacts
from tenants.registry import Registry


@pytest.fixture
def web(registry: Registry) -> Iterator[Client]:
    stack = bottle_app.behind_stack(registry.settings, registry)
    yield Client(stack)
    assert isinstance(stack.source, LiveSource)
    stack.source.close()


def ask(web: Client, path: str, token: str | None = None, tenant: str = "acme") -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return web.get(path, base_url=f"http://{tenant}.localhost", headers=headers)


def facts(path: str, method: str = "GET") -> RouteFacts:
    return bottle_app.BottleRoutes(bottle_app.app).facts({"PATH_INFO": path}, method)


def test_an_open_route_answers_anybody(web: Client, token: str) -> None:
    assert ask(web, "/prices").json == {"basic": 10, "known": False}
    assert ask(web, "/prices", token).json == {"basic": 10, "known": True}


def test_a_closed_route_needs_a_token_and_the_role(
    web: Client, token: str, registry: Registry
) -> None:
    guest = registry.tokens.issue("acme", "guest").token
    statuses = [ask(web, "/reports/7", each).status_code for each in (None, guest, token)]
    assert statuses == [401, 403, 200]


def test_a_view_sees_who_calls(web: Client, token: str) -> None:
    assert ask(web, "/reports/7", token).json == {"tenant": "acme", "user": "alice", "report": 7}


def test_a_token_is_good_at_its_tenant_only(web: Client, token: str) -> None:
    """Threat 44."""
    assert ask(web, "/prices", token, "globex").status_code == 401


def test_an_unknown_path_is_bottles_to_answer(web: Client) -> None:
    answer = ask(web, "/nowhere")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_facts_are_those_of_the_method_asked_for() -> None:
    assert facts("/prices").authentication == facts("/prices", "HEAD").authentication == "optional"
    assert not facts("/prices", "POST").matched


def test_a_path_is_read_as_bottle_reads_it() -> None:
    """Threat 55: no spelling of a path reaches a route that was not asked about."""
    assert facts("/prices\xff") == facts("/prices")
    assert not facts("/prices\xc3\xa9").matched


def test_the_settings_hold(registry: Registry) -> None:
    """Of a stack that somebody copies from here, none may be left out."""
    settings = replace(registry.settings, resolve=("path",), error_format="envelope")
    stack = bottle_app.behind_stack(settings, registry)
    refused = Client(stack).get("/t/acme/reports/7", base_url=settings.base_url)
    assert refused.json["error"]["code"] == "missing_token"  # type: ignore[index]  # an envelope
    assert isinstance(stack.source, LiveSource)
    stack.source.close()
