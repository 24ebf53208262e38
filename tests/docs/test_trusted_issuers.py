"""docs/trusted-issuers.md, step by step, with a real provider in place of the one on the page."""

import base64
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from tenants.cli import cli
from tests.servers.partner import Partner, running_partner

PAGE = (Path(__file__).parents[2] / "docs" / "trusted-issuers.md").read_text(encoding="utf-8")
ON_PAGE = "https://login.partner.test"
BEFORE = ("$ tenantauth init", "$ tenantauth tenant create globex")

pytestmark = pytest.mark.server


def blocks(kind: str, partner: Partner) -> list[str]:
    found = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [text.replace(ON_PAGE, partner.issuer) for text in found]


@pytest.fixture(scope="module")
def partner() -> Iterator[Partner]:
    with running_partner() as partner:
        yield partner


@pytest.fixture
def app(partner: Partner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Type the page's commands, and return its app."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TENANTAUTH_ISSUER_NETWORKS", partner.netloc)
    Path("token.txt").write_text(partner.user_token())
    (page,) = blocks("console", partner)
    for line in (*BEFORE, *page.splitlines()):
        typed, _, file = line.partition(" < ")
        piped = Path(file).read_text() if file else ""
        done = CliRunner().invoke(cli, shlex.split(typed)[2:], input=piped)
        assert done.exit_code == 0, (line, done.output)
    (code,) = blocks("python", partner)
    names: dict[str, Any] = {"__name__": "trusted_issuers_page"}
    exec(compile(code, "trusted-issuers.md", "exec"), names)  # noqa: S102  # the page is ours
    yield names["app"]
    state = names["app"].extensions["tenantauth"]
    state.source.close()
    state.registry.dispose()


def test_a_token_says_what_the_page_shows(partner: Partner) -> None:
    shown = json.loads(blocks("json", partner)[0])
    payload = partner.user_token().split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert claims | shown == claims


@pytest.mark.parametrize(
    ("kind", "slug", "status"),
    [("access_token", "acme", 200), ("id_token", "acme", 401), ("access_token", "globex", 401)],
    ids=["an access token", "an ID token", "another tenant"],
)
def test_the_app_takes_whom_the_page_says(
    app: Flask, partner: Partner, kind: str, slug: str, status: int
) -> None:
    bearer = {"Authorization": f"Bearer {partner.sign_in()[kind]}"}
    answer = app.test_client().get("/reports", base_url=f"http://{slug}.localhost", headers=bearer)
    assert answer.status_code == status
    if status == 200:
        assert answer.get_json() == json.loads(blocks("json", partner)[1])
