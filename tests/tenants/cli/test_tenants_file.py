import json
from pathlib import Path

import pytest

from tests.tenants.cli.kit import Run
from tests.tenants.declare.kit import WHOLE


@pytest.fixture
def whole(installed: Path) -> str:
    (installed / "tenants.yaml").write_text(WHOLE)
    return "tenants.yaml"


def test_a_plan_with_changes_is_exit_status_3_and_writes_nothing(whole: str, run: Run) -> None:
    told = run("plan", whole)
    assert (told.status, told.err) == (3, "")
    assert "+ tenant acme\n    name: Acme Corp\n" in told.out
    assert told.out.endswith("\n1 to create, 1 tier, 0 unchanged\n")
    assert run("tenant", "list").out == "no tenants yet\n"


def test_a_plan_without_changes_is_exit_status_0(whole: str, run: Run) -> None:
    run("apply", whole)
    assert run("plan", whole) == (0, "nothing to change (1 unchanged)\n", "")


def test_apply_says_what_it_did_and_by_when_it_holds(whole: str, run: Run) -> None:
    told = run("apply", whole)
    assert (told.status, told.err) == (0, "")
    assert told.out.endswith("\n1 created, 1 tier, 0 unchanged; every worker follows within 2s\n")
    assert run("apply", whole, "--quiet").out == ""


def test_a_file_is_read_from_the_standard_input(installed: Path, run: Run) -> None:
    assert run("apply", "-", stdin=WHOLE).status == 0
    assert run("plan", "-", stdin=WHOLE).status == 0


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_what_export_writes_apply_takes_and_keeps(whole: str, run: Run, form: str) -> None:
    run("apply", whole)
    Path(f"out.{form}").write_text(run("export", "--format", form).out)
    assert run("apply", f"out.{form}", "--prune").out == "nothing to change (1 unchanged)\n"


def test_findings_are_lines_on_the_error_output(installed: Path, run: Run) -> None:
    Path("f.yml").write_text("version: 2\ntenants:\n  - nam: x\n")
    told = run("plan", "f.yml")
    assert (told.status, told.out) == (1, "")
    assert told.err.splitlines() == [
        "error: f.yml:1: TA009 version: this is not a file of version 1 (write version: 1)",
        "error: f.yml:3: TA005 tenants[0].nam: there is no member 'nam' here (did you mean name?)",
        "error: f.yml:3: TA006 tenants[0]: slug is missing",
    ]


def test_findings_are_json_for_a_program(installed: Path, run: Run) -> None:
    Path("f.yml").write_text("version: 1\ntenants: [{slug: acme, cors: x}]\n")
    told = run("plan", "f.yml", "--format", "json")
    assert told.status == 1
    assert json.loads(told.out)["findings"] == [
        {
            "file": "f.yml",
            "line": 2,
            "id": "TA007",
            "place": "tenants[0].cors",
            "text": "expected a list, not 'x'",
            "hint": "",
        }
    ]


def test_the_keys_of_a_plan_in_json_are_stable(whole: str, run: Run) -> None:
    told = json.loads(run("plan", whole, "--format", "json").out)
    assert told.keys() == {
        *("changes", "tiers", "tenants", "unchanged", "kept", "kept_tenants", "kept_tiers"),
        *("outside", "outside_more"),
    }
    (tenant,) = told["tenants"]
    assert tenant.keys() == {"slug", "action", "differences", "ends", "rotates_into"}
    assert tenant["differences"][0] == {
        "path": ["name"],
        "kind": "add",
        "before": None,
        "after": "Acme Corp",
    }


def test_what_ends_tokens_needs_yes_where_nobody_can_be_asked(whole: str, run: Run) -> None:
    """Threat 117: a timer that applies a file ends nothing that nobody agreed to."""
    run("apply", whole)
    Path(whole).write_text(WHOLE.replace("issuer: https://api", "issuer: https://new"))
    told = run("apply", whole)
    assert (told.status, told.out) == (1, "")
    assert told.err == (
        "error: tenant acme: every token issued as https://api.acme.test will be refused. "
        "Nobody can be asked here: add --yes to agree\n"
    )
    assert run("apply", whole, "--yes").status == 0


@pytest.mark.parametrize("name", ["--prune", "no.yaml", ".", "a\x1b[31m.yaml", "@tenants.yaml"])
def test_what_is_no_file_is_one_line(installed: Path, run: Run, name: str) -> None:
    """Threat 117: a name is a name, and no option, address or command to the terminal."""
    told = run("plan", "--", name)
    assert (told.status, told.out, told.err.count("\n")) == (1, "", 1)
    assert told.err.isprintable() is False
    assert told.err.strip().isprintable()
    assert ": TA001 the file cannot be read: " in told.err


def test_changes_outside_the_file_are_named_until_the_next_apply(whole: str, run: Run) -> None:
    run("apply", whole)
    run("tenant", "suspend", "acme", "--yes")
    run("tenant", "create", "globex")
    told = run("plan", whole).out
    assert "changed outside the file since the last apply:\n" in told
    assert "tenant.suspend acme (status)\n" in told
    assert "tenant.create globex\n" in told
    run("apply", whole)
    assert "changed outside" not in run("plan", whole).out


def test_the_schema_that_is_written_is_the_published_one(run: Run) -> None:
    published = Path(__file__).parents[3] / "docs" / "tenants-file.schema.json"
    assert run("export", "--schema").out == published.read_text()
