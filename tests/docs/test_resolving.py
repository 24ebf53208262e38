"""The example of docs/resolving.md runs as it stands."""

import re
from pathlib import Path
from typing import Any

import pytest

from tenantauth.testing import FakeRegistry, make_policy

PAGE = (Path(__file__).parents[2] / "docs" / "resolving.md").read_text(encoding="utf-8")


def test_the_session_cookie_keeps_to_its_tenants_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENANTAUTH_RESOLVE", "path")
    (example,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    registry = FakeRegistry([make_policy("acme"), make_policy("globex")])
    example = example.replace("TenantAuth(app)", "TenantAuth(app, registry=registry)")
    names: dict[str, Any] = {"__name__": "resolving_page", "registry": registry}
    exec(compile(example, "resolving.md", "exec"), names)  # noqa: S102  # the page is ours
    client = names["app"].test_client()
    paths = ("/t/acme/visits", "/t/acme/visits", "/t/globex/visits")
    counts = [client.get(path).get_json()["visits"] for path in paths]
    names["app"].extensions["tenantauth"].source.close()
    assert counts == [1, 2, 1]


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", PAGE)
    assert [target for target in targets if not (Path("docs") / target).exists()] == []
