import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tenants.keys import ALGORITHMS
from tests.tenants.cli.kit import Run, Start

FULL = (
    *("acme", "--name", "Acme", "--host", "api.acme.test", "--origin", "https://app.acme.test"),
    *("--limit", "user=100/minute:subject", "--limit", "all=1000/minute"),
    *("--role", "viewer=reports:read", "--role", "guest", "--algorithm", "EdDSA"),
    *("--issuer", "https://id.acme.test", "--audience", "https://api.acme.test"),
)


def shown(run: Run, slug: str) -> dict[str, object]:
    record: dict[str, object] = json.loads(run("tenant", "show", slug, "--format", "json").out)
    return record


def test_a_slug_is_enough(installed: Path, run: Run) -> None:
    made = run("tenant", "create", "acme")
    assert (made.status, made.err) == (0, "")
    assert "http://acme.localhost:8000" in made.out


def test_it_shows_what_was_stored(installed: Path, run: Run) -> None:
    told = run("tenant", "create", *FULL).out
    for fact in (
        r"hosts +api\.acme\.test",
        r"origins +https://app\.acme\.test",
        r"limits +user 100/minute by subject, all 1000/minute by tenant",
        r"roles +guest \(no permissions\), viewer \(reports:read\)",
    ):
        assert re.search(f"^{fact}$", told, re.MULTILINE)


def test_it_shows_nothing_that_was_not_given(installed: Path, run: Run) -> None:
    told = run("tenant", "create", "acme").out
    assert not any(name in told for name in ("tier", "hosts", "origins", "limits", "roles"))


@pytest.mark.parametrize(("form", "read"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_programs_are_told_the_whole_tenant(
    installed: Path, run: Run, form: str, read: Callable[[str], object]
) -> None:
    told = run("tenant", "create", *FULL, "--format", form).out
    assert read(told) == read(run("tenant", "show", "acme", "--format", form).out)


def test_it_shows_both_keys(installed: Path, run: Run) -> None:
    made = run("tenant", "create", "acme").out
    keys = json.loads(run("key", "list", "acme", "--format", "json").out)
    assert [key["kid"] in made for key in keys] == [True, True]


def test_the_commands_to_try_are_lines_of_their_own(installed: Path, run: Run) -> None:
    lines = run("tenant", "create", "acme").out.splitlines()
    assert lines[-2:] == [
        "try    TOKEN=$(manage.py token issue acme --subject alice)",
        '       curl -H "Authorization: Bearer $TOKEN" http://acme.localhost:8000/',
    ]


def test_every_option_is_stored(installed: Path, run: Run) -> None:
    assert run("tenant", "create", *FULL).status == 0
    record = shown(run, "acme")
    assert {
        name: record[name] for name in ("name", "hosts", "issuer", "audience", "algorithm")
    } == {
        "name": "Acme",
        "hosts": ["api.acme.test"],
        "issuer": "https://id.acme.test",
        "audience": ["https://api.acme.test"],
        "algorithm": "EdDSA",
    }


def test_limits_and_roles_are_stored(installed: Path, run: Run) -> None:
    run("tenant", "create", *FULL)
    facts = run("tenant", "show", "acme").out
    assert "100/minute by subject" in facts
    assert "1000/minute by tenant" in facts
    assert "reports:read" in facts
    assert "no permissions" in facts


def test_all_problems_are_told_and_nothing_is_written(installed: Path, run: Run) -> None:
    refused = run(
        *("tenant", "create", "--limit", "x", "--role", "=", "--host", "a b"),
        *("--origin", "http://a/b", "--", "-acme-"),
    )
    assert (refused.status, refused.err.count("error: ")) == (1, 5)
    assert run("tenant", "list").out == "no tenants yet\n"


def test_an_algorithm_is_one_of_those_that_the_help_names(installed: Path, run: Run) -> None:
    refused = run("tenant", "create", "acme", "--algorithm", "HS384")
    shown = "".join(run("tenant", "create", "--help").out.split())
    assert refused.status == 2
    assert "|".join(ALGORITHMS) in shown
    assert all(f"'{algorithm}'" in refused.err for algorithm in ALGORITHMS)


@pytest.mark.parametrize(
    "slug",
    ["", "Acme", "a_b", "a.b", "www", "a" * 64, "acmé", "a\nb", "a%", "'; DROP TABLE x; --"],
)
def test_a_bad_slug_is_told_in_plain_lines(installed: Path, run: Run, slug: str) -> None:
    """Threats 49 and 116."""
    refused = run("tenant", "create", "--", slug)
    assert (refused.status, refused.out) == (1, "")
    assert refused.err.startswith("error: slug ")
    assert all(line.startswith("error: ") for line in refused.err.splitlines())


@pytest.mark.parametrize("name", ["\x1b[31mred", "a\nb", "\u202eabc", " "])
def test_a_name_that_would_steer_terminals_is_refused(installed: Path, run: Run, name: str) -> None:
    """Threat 107."""
    refused = run("tenant", "create", "acme", "--name", name)
    assert (refused.status, "\x1b" in refused.err) == (1, False)


def test_a_name_in_markup_is_shown_as_it_is(installed: Path, run: Run) -> None:
    """Threat 117."""
    assert run("tenant", "create", "acme", "--name", "[red]:smile:[/red]").status == 0
    assert "[red]:smile:[/red]" in run("tenant", "list").out


@pytest.mark.parametrize(
    "second",
    [["acme"], ["other", "--host", "api.acme.test"], ["other", "--issuer", "https://id.acme.test"]],
    ids=["slug", "host", "issuer"],
)
def test_what_is_taken_is_refused(installed: Path, run: Run, second: list[str]) -> None:
    run("tenant", "create", *FULL)
    refused = run("tenant", "create", *second)
    assert (refused.status, "taken" in refused.err) == (1, True)


def test_a_missing_master_key_writes_nothing(installed: Path, run: Run) -> None:
    """Threat 109."""
    (installed / "tenantauth.key").unlink()
    refused = run("tenant", "create", "acme")
    assert (refused.status, refused.err.count("\n")) == (1, 1)
    assert run("tenant", "list").out == "no tenants yet\n"


def test_of_two_at_once_one_makes_it(installed: Path, start: Start) -> None:
    """Threat 118: two command lines and one slug."""
    with start("tenant", "create", "acme") as one, start("tenant", "create", "acme") as two:
        ends = [process.communicate(timeout=30) for process in (one, two)]
    assert sorted([one.returncode, two.returncode]) == [0, 1]
    assert {err for _, err in ends} == {"", "error: slug 'acme' is taken\n"}
