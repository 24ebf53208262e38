"""``tier``."""

import json

import pytest

from tests.tenants.cli.kit import Run


def test_a_tier_is_made_shown_and_listed(installed: object, run: Run) -> None:
    told = run("tier", "set", "gold", "--limit", "tenant=9/minute", "--limit", "user=1/minute").out
    assert told == "tier gold has 2 limits; every worker knows within 2s (0 tenants)\n"
    shown = json.loads(run("tier", "show", "gold", "--format", "json").out)
    assert shown.keys() == {"name", "limits", "tenants", "created_at", "updated_at"}
    assert json.loads(run("tier", "list", "--format", "json").out) == [shown]
    assert "9/minute" in run("tier", "show", "gold").out


def test_a_tier_in_use_is_kept(installed: object, run: Run) -> None:
    run("tier", "set", "gold")
    run("tenant", "create", "acme", "--tier", "gold")
    refused = run("tier", "remove", "gold", "--yes")
    assert refused == (1, "", "error: tier 'gold' has tenants: acme\n")
    run("tenant", "update", "acme", "--no-tier")
    assert run("tier", "remove", "gold", "--yes").out == "tier gold is removed\n"
    assert run("tier", "list").out == "no tiers\n"


def test_removing_a_tier_needs_yes(installed: object, run: Run) -> None:
    """threat 117"""
    run("tier", "set", "gold")
    assert "add --yes" in run("tier", "remove", "gold").err
    assert run("tier", "show", "gold").status == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("a b",),
        ("--", "-x"),
        ("gold\x1b",),
        ("gold", "--limit", "x"),
        ("gold", "--limit", "a=1/minute", "--limit", "a=2/minute"),
    ],
)
def test_a_tier_that_cannot_work_is_refused(
    installed: object, run: Run, arguments: tuple[str, ...]
) -> None:
    """threat 117"""
    done = run("tier", "set", *arguments)
    assert (done.status, done.err.count("\n"), "\x1b" in done.err) == (1, 1, False)
    assert run("tier", "list").out == "no tiers\n"


@pytest.mark.parametrize("verb", [("show",), ("remove", "--yes")])
def test_a_tier_that_is_not_there_is_one_line(
    installed: object, run: Run, verb: tuple[str, ...]
) -> None:
    assert run("tier", *verb, "nothing") == (1, "", "error: there is no tier 'nothing'\n")
