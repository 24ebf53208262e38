import json
from pathlib import Path

import pytest

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
