import re
from pathlib import Path

import pytest
from werkzeug.test import Client, TestResponse

import tenants.demo
from tenants.demo.cast import TENANTS, DemoTenant
from tenants.registry import Registry

STATIC = sorted((Path(tenants.demo.__file__).parent / "page" / "static").iterdir())
TENANT = pytest.mark.parametrize("tenant", TENANTS, ids=lambda tenant: tenant.slug)


def get(pages: Client, path: str, host: str = "app.acme.localhost:8001") -> TestResponse:
    return pages.get(path, base_url=f"http://{host}")


def ask_for_token(pages: Client, asked: object) -> TestResponse:
    return pages.post("/tokens", base_url="http://app.acme.localhost:8001", json=asked)


@TENANT
def test_a_page_names_its_api_and_its_users(pages: Client, tenant: DemoTenant) -> None:
    text = get(pages, "/", f"app.{tenant.slug}.localhost:8001").text
    assert f'data-api="http://{tenant.slug}.localhost:8000"' in text
    assert all(f'value="{person.subject}"' in text for person in tenant.people)


@TENANT
def test_a_user_gets_tokens_of_the_page_s_tenant(
    pages: Client, registry: Registry, tenant: DemoTenant
) -> None:
    user, origin = tenant.people[1].subject, f"http://app.{tenant.slug}.localhost:8001"
    answer = pages.post("/tokens", base_url=origin, json={"user": user})
    inspection = registry.tokens.inspect(answer.get_json()["valid"])
    assert (inspection.tenant, inspection.claims["sub"]) == (tenant.slug, user)


@pytest.mark.parametrize("host", ["acme.localhost:8001", "evil.test:8001", "app.acme.localhost"])
@pytest.mark.parametrize("path", ["/", "/static/page.js"])
def test_no_other_name_is_answered(pages: Client, host: str, path: str) -> None:
    assert get(pages, path, host).status_code == 404


@pytest.mark.parametrize(
    "asked", [{"user": "grace"}, {"user": ["ada"]}, {}, ["ada"], "ada", 7], ids=repr
)
def test_nobody_else_gets_a_token(pages: Client, asked: object) -> None:
    assert ask_for_token(pages, asked).status_code == 404


def test_a_form_of_another_site_gets_no_token(pages: Client) -> None:
    origin = "http://app.acme.localhost:8001"
    answer = pages.post("/tokens", base_url=origin, data='{"user": "ada"}')
    assert answer.status_code == 415


def test_a_page_hears_why_there_is_no_token(pages: Client, registry: Registry) -> None:
    registry.tenants.suspend("acme")
    answer = ask_for_token(pages, {"user": "ada"})
    assert answer.status_code == 503
    assert "suspended" in answer.get_json()["error"]


@pytest.mark.parametrize("path", ["/", "/static/page.js", "/missing"])
def test_nothing_runs_but_what_is_served_here(pages: Client, path: str) -> None:
    policy = get(pages, path).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy


def test_the_page_itself_keeps_that_policy(pages: Client) -> None:
    text = get(pages, "/").text
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text)
    loaded = re.findall(r"<(?:script|img)[^>]* src=\"([^\"]+)|<link[^>]* href=\"([^\"]+)", text)
    assert all("".join(pair).startswith("/static/") for pair in loaded)


@pytest.mark.parametrize("file", STATIC, ids=lambda file: file.name)
def test_no_text_becomes_markup_or_code(file: Path) -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval", file.read_text()
    )


@pytest.mark.parametrize("file", STATIC, ids=lambda file: file.name)
def test_every_file_of_the_page_is_served(pages: Client, file: Path) -> None:
    assert get(pages, f"/static/{file.name}").data == file.read_bytes()
