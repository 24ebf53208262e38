"""The examples of docs/marks.md run as they stand, as one app."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from tenantauth.roles import RoleDefinition
from tenants.cli import cli
from tenants.registry import Registry

PAGE = (Path(__file__).parents[2] / "docs" / "marks.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """Run all examples once, with an installation that knows the tenant acme."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("marks"))
        assert CliRunner().invoke(cli, ["init"]).exit_code == 0
        registry = Registry.from_environ()
        roles = [RoleDefinition(name) for name in ("analyst", "admin")]
        registry.tenants.create("acme", origins=["https://app.acme.test"], roles=roles)
        names: dict[str, Any] = {"__name__": "marks_page"}
        for example in EXAMPLES:
            exec(compile(example, "marks.md", "exec"), names)  # noqa: S102  # the page is ours
        yield SimpleNamespace(app=names["app"], other=names["other"], registry=registry)
        registry.dispose()
        names["app"].extensions["tenantauth"].source.close()
        names["app"].extensions["tenantauth"].registry.dispose()


@pytest.mark.parametrize(
    ("request_line", "anonymous", "user", "analyst"),
    [
        ("GET /reports", 401, 200, 200),
        ("GET /prices", 200, 200, 200),
        ("POST /webhook", 200, 200, 200),
        ("GET /forecast", 401, 403, 200),
        ("DELETE /users/alice", 401, 200, 200),
        ("DELETE /users/bob", 401, 403, 403),
        ("GET /notes", 200, 200, 200),
        ("POST /notes", 401, 403, 403),
        ("GET /admin/users", 401, 403, 403),
        ("GET /admin/motd", 200, 200, 200),
        ("GET /static/none.css", 404, 404, 404),
        ("GET /search", 401, 200, 200),
        ("POST /export", 401, 200, 200),
        ("GET /ping", 401, 200, 200),
        ("GET /answers", 401, 200, 200),
        ("PUT /upload", 401, 200, 200),
    ],
)
def test_an_example_lets_in_whom_it_says(
    page: SimpleNamespace, request_line: str, anonymous: int, user: int, analyst: int
) -> None:
    method, path = request_line.split()
    issue = page.registry.tokens.issue
    issued = [issue("acme", "alice", roles=roles) for roles in ((), ("analyst",))]
    headers = [{}, *({"Authorization": f"Bearer {each.token}"} for each in issued)]
    answers = [
        page.app.test_client().open(
            path, method=method, headers=each, base_url="http://acme.localhost:8000"
        )
        for each in headers
    ]
    assert [answer.status_code for answer in answers] == [anonymous, user, analyst]


def test_the_cors_example_replaces_its_fields(page: SimpleNamespace) -> None:
    asked = {"Origin": "https://app.acme.test", "Access-Control-Request-Method": "PUT"}
    answer = page.app.test_client().options(
        "/upload", headers=asked, base_url="http://acme.localhost:8000"
    )
    assert answer.headers["Access-Control-Allow-Headers"] == "Authorization, X-Part"
    assert answer.headers["Access-Control-Max-Age"] == "3600"


def test_every_mark_of_the_page_is_reached(page: SimpleNamespace) -> None:
    assert page.app.extensions["tenantauth"].routes.unreached() == []


def test_the_defaults_example_is_an_app(page: SimpleNamespace) -> None:
    assert isinstance(page.other, Flask)
