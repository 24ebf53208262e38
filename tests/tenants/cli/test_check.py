import json
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask.cli import AppGroup, ScriptInfo
from flask_cors import CORS

from tenants.cli.root import cli
from tests.tenants.cli.kit import Run


def test_a_fresh_tenant_has_no_errors(acme: str, run: Run) -> None:
    checked = run("check")
    assert (checked.status, checked.err) == (0, "")
    assert checked.out.endswith("\n2 info\n")


def test_an_error_is_status_1(installed: Path, run: Run) -> None:
    (installed / "tenantauth.key").unlink()
    checked = run("check")
    assert (checked.status, checked.err) == (1, "")
    assert "TA201" in checked.out


def test_an_unknown_setting_is_an_error_here(
    acme: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANTAUTH_STALENES", "3s")
    checked = run("check")
    assert (checked.status, checked.err) == (1, "")
    assert checked.out.splitlines()[2].startswith("TA102  error")


def test_settings_that_cannot_work_are_findings(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENANTAUTH_STALENESS", "soon")
    monkeypatch.setenv("TENANTAUTH_RESOLVE", "tarot")
    checked = run("check", "--format", "json")
    assert checked.status == 1
    assert {(found["id"], found["place"]) for found in json.loads(checked.out)} == {
        ("TA101", "TENANTAUTH_STALENESS"),
        ("TA101", "TENANTAUTH_RESOLVE"),
    }


def test_the_keys_of_the_json_form_are_stable(acme: str, run: Run) -> None:
    for found in json.loads(run("check", "--format", "json").out):
        assert list(found) == ["id", "severity", "place", "text", "hint"]


def test_errors_come_first(folder: Path, run: Run) -> None:
    severities = [found["severity"] for found in json.loads(run("check", "--format", "json").out)]
    assert severities == ["error", "error", "info"]


APP = """
from flask import Flask
from tenantauth.flask import TenantAuth, require

app = Flask(__name__)
TenantAuth(app)

@require(roles="analyst")
def forgotten():
    return "nobody routes this"
"""

STATIC = """
from flask import Flask
from tenants import StaticSource
from tenantauth.flask import TenantAuth

app = Flask(__name__)
TenantAuth(app, registry=StaticSource.from_file("tenants.yaml"))
"""


def test_a_header_that_nobody_vouches_for_is_told_with_the_setting_to_set(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANTAUTH_RESOLVE", "header")
    (finding,) = json.loads(run("check", "--format", "json").out)
    assert finding["text"] == "without a trusted proxy, callers would write X-Tenant themselves"
    assert finding["hint"].startswith("set TENANTAUTH_TRUSTED_PROXIES to the number of proxies")


def test_a_mark_of_the_app_that_does_nothing_is_an_error(
    acme: str, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    (folder / "check_forgotten.py").write_text(APP)
    checked = run("check", "--app", "check_forgotten:app", "--format", "json")
    assert checked.status == 1
    first = json.loads(checked.out)[0]
    assert (first["id"], first["place"]) == ("TA601", "check_forgotten.forgotten")


def test_an_app_without_a_database_needs_none(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    (folder / "tenants.yaml").write_text("version: 1\ntenants: [{slug: acme}]\n")
    (folder / "check_static.py").write_text(STATIC)
    checked = run("check", "--app", "check_static:app", "--format", "json")
    assert [found["id"] for found in json.loads(checked.out)] == ["TA105"]
    assert checked.status == 0


def test_an_app_that_cannot_be_had_is_one_line(acme: str, run: Run) -> None:
    checked = run("check", "--app", "no_such_module:app")
    assert (checked.status, checked.err.count("\n")) == (1, 1)


CORS_APP = """
from flask import Flask
from flask_cors import CORS
from tenantauth.flask import TenantAuth

app = Flask(__name__)
CORS(app)
TenantAuth(app, cors={"origins": "https://a.test", "allow_headers": ["X-Part"]})

@app.get("/part")
def part():
    return "part"
"""


def test_an_apps_rules_for_pages_count(
    acme: str, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    (folder / "check_cors_app.py").write_text(CORS_APP)
    ids = [
        [each["id"] for each in json.loads(run("check", *app, "--format", "json").out)]
        for app in ((), ("--app", "check_cors_app:app"))
    ]
    assert ("TA302" in ids[0], "TA302" in ids[1]) == (True, False)
    assert {"TA603", "TA604"} <= {*ids[1]}


def test_under_the_flask_command_it_is_that_app(installed: Path) -> None:
    app = Flask("flasks_own_check", static_folder=None, root_path=str(installed))
    CORS(app)
    group = AppGroup("flask", commands={"tenantauth": cli})
    arguments = ["tenantauth", "check", "--format", "json"]
    info = ScriptInfo(create_app=lambda: app)
    result = app.test_cli_runner().invoke(group, arguments, obj=info)
    assert "TA603" in [each["id"] for each in json.loads(result.output)]
