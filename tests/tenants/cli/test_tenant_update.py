"""``tenant update``."""

import json
from typing import Any

import pytest

from tests.tenants.cli.kit import Run


def record(run: Run) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(run("tenant", "show", "acme", "--format", "json").out)
    return shown


def test_what_was_changed_is_told(acme: str, run: Run) -> None:
    run("tier", "set", "gold", "--limit", "tenant=9/minute")
    arguments = ("--name", "Acme Corp", "--add-host", "api.acme.test", "--tier", "gold")
    assert run("tenant", "update", acme, *arguments, "--metadata", "crm=4711", "--yes").out == (
        "tenant acme is changed; every worker knows within 2s\n"
        "  name: acme → Acme Corp\n"
        "  tier: none → gold\n"
        "  metadata: + crm 4711\n"
        "  hosts: + api.acme.test\n"
    )


def test_an_update_to_what_is_so_already_changes_nothing(acme: str, run: Run) -> None:
    version = record(run)["version"]
    told = run("tenant", "update", acme, "--name", "acme").out
    assert told == "tenant acme is so already; nothing was changed\n"
    assert record(run)["version"] == version


def test_hosts_move_in_one_command(acme: str, run: Run) -> None:
    hosts = ("--host", "old.acme.test", "--host", "www.acme.test")
    run("tenant", "update", acme, *hosts, "--yes")
    moved = ("--add-host", "new.acme.test", "--remove-host", "old.acme.test")
    done = run("tenant", "update", acme, *moved, "--yes")
    assert done.status == 0
    assert record(run)["hosts"] == ["www.acme.test", "new.acme.test"]


@pytest.mark.parametrize(
    "option",
    [("--issuer", "https://new.test"), ("--audience", "x"), ("--max-ttl", "1h")],
    ids=lambda option: option[0],
)
def test_what_ends_live_tokens_needs_yes(acme: str, run: Run, option: tuple[str, str]) -> None:
    """threat 117"""
    before = record(run)
    refused = run("tenant", "update", acme, *option)
    assert (refused.status, refused.err.count("\n")) == (1, 1)
    assert "will be refused. Nobody can be asked here: add --yes" in refused.err
    assert record(run) == before
    assert run("tenant", "update", acme, *option, "--yes").status == 0
    assert record(run) != before


def test_a_first_own_host_ends_the_default_address_and_asks(acme: str, run: Run) -> None:
    refused = run("tenant", "update", acme, "--add-host", "api.acme.test")
    assert refused.status == 1
    assert refused.err.startswith("error: http://acme.localhost:8000 will stop answering. Nobody")
    run("tenant", "update", acme, "--add-host", "api.acme.test", "--yes")
    assert run("tenant", "update", acme, "--add-host", "b.acme.test").status == 0
    refused = run("tenant", "update", acme, "--remove-host", "api.acme.test")
    assert "http://api.acme.test:8000 will stop answering" in refused.err


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ((), 2, "nothing to change"),
        (("--tier", "gold"), 1, "there is no tier 'gold'"),
        (("--tier", "gold", "--no-tier"), 1, "opposites"),
        (("--metadata", "crm"), 1, "NAME=VALUE"),
        (("--metadata", "a=1", "--metadata", "a=2"), 1, "twice"),
        (("--remove-host", "x.test"), 1, "has no host 'x.test'"),
        (("--add-host", "bad host"), 1, "host"),
        (("--host", "127.0.0.1"), 1, "IP address"),
        (("--leeway", "10m"), 1, "leeway is"),
        (("--leeway", "500ms"), 2, "whole seconds"),
        (("--guard", "often"), 1, "guard"),
        (("--name", "a\x1b[2Jb"), 1, "printable"),
        (("--name", ""), 1, "printable"),
    ],
)
def test_bad_values_are_one_line_each_and_change_nothing(
    acme: str, run: Run, arguments: tuple[str, ...], status: int, said: str
) -> None:
    """threats 107, 117"""
    before = record(run)
    done = run("tenant", "update", acme, *arguments)
    assert done.status == status
    assert said in done.err
    assert "\x1b" not in done.err
    assert record(run) == before


def test_all_bad_values_are_told_at_once(acme: str, run: Run) -> None:
    err = run("tenant", "update", acme, "--guard", "x", "--host", "a b", "--name", "").err
    assert err.count("error: ") == 3


def test_another_tenants_host_is_refused(acme: str, run: Run) -> None:
    run("tenant", "create", "globex", "--host", "api.globex.test")
    refused = run("tenant", "update", acme, "--add-host", "API.globex.test", "--yes")
    assert refused.err == "error: host 'api.globex.test' is taken by tenant 'globex'\n"


def test_a_tier_can_be_left(acme: str, run: Run) -> None:
    run("tier", "set", "gold")
    run("tenant", "update", acme, "--tier", "gold")
    run("tenant", "update", acme, "--no-tier")
    assert record(run)["tier"] is None


def test_another_algorithm_rotates_in(acme: str, run: Run) -> None:
    told = run("tenant", "update", acme, "--algorithm", "EdDSA").out
    assert told.startswith("tenant acme signs with EdDSA from its next rotation on\n")
    keys = json.loads(run("key", "list", acme, "--format", "json").out)
    states = {key["state"]: key["algorithm"] for key in keys}
    assert (states["active"], states["pending"]) == ("ES256", "EdDSA")


def test_an_algorithm_is_changed_alone(acme: str, run: Run) -> None:
    done = run("tenant", "update", acme, "--algorithm", "EdDSA", "--name", "x")
    assert (done.status, "stands alone" in done.err) == (2, True)
    assert record(run)["algorithm"] == "ES256"
