import json
import os
import pwd
from pathlib import Path

import pytest

from tests.tenants.cli.kit import Run


def events(run: Run, *options: str) -> list[tuple[str, str]]:
    listed = json.loads(run("audit", "list", "--format", "json", *options).out)
    return [(event["action"], event["actor"]) for event in listed]


def test_every_change_is_there_with_the_operator(acme: str, run: Run) -> None:
    run("tenant", "suspend", acme, "--yes")
    actor = f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
    assert events(run) == [("tenant.suspend", actor), ("tenant.create", actor)]


def test_the_operator_is_not_whom_the_environment_claims(
    acme: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "somebody-else")
    run("tenant", "suspend", acme, "--yes")
    assert events(run)[0][1] != "cli:somebody-else"


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ([], 2),
        (["--limit", "1"], 1),
        (["--tenant", "acme"], 1),
        (["--since", "1h"], 2),
        (["--since", "0s"], 0),
    ],
    ids=["all", "limit", "tenant", "since", "since now"],
)
def test_events_are_chosen(acme: str, run: Run, options: list[str], count: int) -> None:
    run("tenant", "create", "globex")
    assert len(events(run, *options)) == count


@pytest.mark.parametrize("form", ["table", "json"])
def test_an_unknown_tenant_is_an_error_with_the_nearest_name(
    acme: str, run: Run, form: str
) -> None:
    listed = run("audit", "list", "--tenant", "acmee", "--format", form)
    assert listed == (1, "", "error: there is no tenant 'acmee'; did you mean 'acme'?\n")


def test_the_events_of_a_deleted_tenant_are_shown(acme: str, run: Run) -> None:
    run("tenant", "delete", acme, "--yes")
    assert events(run, "--tenant", acme)[0][0] == "tenant.delete"


def test_a_tenant_is_no_pattern(acme: str, run: Run) -> None:
    """Threat 116."""
    assert run("audit", "list", "--tenant", "%").status == 1


def test_a_table_shows_who_did_what(acme: str, run: Run) -> None:
    shown = run("audit", "list").out
    assert "tenant.create" in shown
    assert " cli:" in shown


def test_nothing_done_is_a_sentence(installed: object, run: Run) -> None:
    assert run("audit", "list").out == "no changes\n"


def test_an_applied_file_is_told_by_its_counts(installed: Path, run: Run) -> None:
    Path("t.yaml").write_text("version: 1\ntiers: {gold: {limits: []}}\ntenants: [{slug: acme}]")
    run("apply", "t.yaml")
    assert "1 created, 1 tier\n" in run("audit", "list", "--action", "apply").out
