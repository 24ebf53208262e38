import json
import re
import time

import pytest

from tenantauth.testing import ManualClock
from tenants.registry import Registry
from tests.tenants.cli.kit import Run


def states(run: Run, slug: str) -> dict[str, str]:
    listed = json.loads(run("key", "list", slug, "--format", "json").out)
    return {key["state"]: key["kid"] for key in listed}


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the one wait of ``--now`` as short as the settings allow."""
    monkeypatch.setenv("TENANTAUTH_STALENESS", "100ms")


def test_a_table_says_what_comes_next(acme: str, run: Run) -> None:
    rows = run("key", "list", acme).out.splitlines()[2:]
    assert [re.split(r"  +", row)[2::2] for row in rows] == [
        ["active", "rotates in 89d"],
        ["pending", "may sign in 59m"],
    ]


def test_too_early_a_rotation_is_refused_with_the_time(acme: str, run: Run) -> None:
    refused = run("key", "rotate", acme)
    assert (refused.status, refused.out) == (1, "")
    assert re.fullmatch(r"error: .* may sign from 20\S+Z on; --now [^\n]+\n", refused.err)


@pytest.mark.usefixtures("fast")
def test_a_rotation_moves_both_keys_and_says_so(acme: str, run: Run) -> None:
    before = states(run, acme)
    done = run("key", "rotate", acme, "--now")
    after = states(run, acme)
    assert (after["active"], after["grace"]) == (before["pending"], before["active"])
    assert f"{before['pending']} signs from now on" in done.out
    assert f"{after['pending']} is published and signs next" in done.out
    assert "readers outside were not waited for" in done.out


@pytest.mark.usefixtures("fast")
def test_a_key_in_grace_shows_when_it_retires(acme: str, run: Run) -> None:
    run("key", "rotate", acme, "--now")
    assert "retires in 24h" in run("key", "list", acme).out


@pytest.mark.usefixtures("fast")
def test_exactly_one_key_is_promoted_and_twice_changes_nothing(acme: str, run: Run) -> None:
    kid = states(run, acme)["pending"]
    early = run("key", "promote", acme, kid)
    assert (early.status, "may sign from" in early.err) == (1, True)
    assert f"{kid} signs from now on" in run("key", "promote", acme, kid, "--now").out
    again = run("key", "promote", acme, kid)
    assert again == (0, f"{kid} signs already; nothing was changed\n", "")


@pytest.mark.usefixtures("fast")
def test_threat_117_a_key_with_live_tokens_retires_only_by_force_and_yes(
    acme: str, run: Run
) -> None:
    run("key", "rotate", acme, "--now")
    kid = states(run, acme)["grace"]
    refused = run("key", "retire", acme, kid)
    assert (refused.status, "can be alive until" in refused.err) == (1, True)
    assert "add --yes" in run("key", "retire", acme, kid, "--force").err
    assert states(run, acme)["grace"] == kid
    done = run("key", "retire", acme, kid, "--force", "--yes")
    assert done == (0, f"{kid} is retired and verifies nothing any more\n", "")


def test_nothing_due_is_said(acme: str, run: Run) -> None:
    assert run("key", "rotate", "--due") == (0, "no key is due\n", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("rotate",),
        ("rotate", "acme", "--due"),
        ("rotate", "--due", "--now"),
        ("compromise",),
        ("compromise", "acme"),
        ("compromise", "acme", "kid", "--all"),
    ],
    ids=" ".join,
)
def test_what_does_not_name_its_keys_is_wrong_usage(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("key", *arguments).status == 2


@pytest.mark.parametrize("which", ["kid", "--all"])
def test_a_compromise_needs_yes_where_nobody_can_be_asked(acme: str, run: Run, which: str) -> None:
    """Threat 117."""
    kid = states(run, acme)["active"]
    refused = run("key", "compromise", acme, kid if which == "kid" else which)
    assert (refused.status, "add --yes" in refused.err) == (1, True)
    assert states(run, acme)["active"] == kid


def test_a_compromised_key_is_succeeded_by_the_pending_one(acme: str, run: Run) -> None:
    before = states(run, acme)
    done = run("key", "compromise", acme, before["active"], "--yes")
    after = states(run, acme)
    assert (after["compromised"], after["active"]) == (before["active"], before["pending"])
    assert f"{before['active']} is compromised; every worker refuses it within 2s" in done.out


def test_every_key_of_every_tenant_can_be_compromised(acme: str, run: Run) -> None:
    run("tenant", "create", "globex")
    before = states(run, acme).items() | states(run, "globex").items()
    assert run("key", "compromise", "--all", "--yes").status == 0
    after = states(run, acme).items() | states(run, "globex").items()
    assert {kid for _, kid in before} & {kid for state, kid in after if state == "active"} == set()


def test_a_key_that_is_not_there_is_one_line(acme: str, run: Run) -> None:
    refused = run("key", "compromise", acme, "nope", "--yes")
    assert refused.status == 1
    assert refused.err == "error: tenant 'acme' has no key 'nope'\n"


def test_a_key_set_holds_public_members_only(acme: str, run: Run) -> None:
    """Threat 33."""
    keys = json.loads(run("key", "jwks", acme).out)["keys"]
    assert [sorted(key) for key in keys] == [["alg", "crv", "kid", "kty", "use", "x", "y"]] * 2


def test_the_daily_run_destroys_what_was_deleted_30_days_ago(acme: str, run: Run) -> None:
    run("tenant", "delete", acme, "--yes")
    assert run("key", "rotate", "--due").out == "no key is due\n"
    registry = Registry(clock=ManualClock(time.time() - 31 * 86_400))
    registry.tenants.create("old")
    registry.tenants.delete("old")
    registry.dispose()
    assert "it was deleted more than 30 days ago" in run("check").out
    told = run("key", "rotate", "--due").out
    assert told.startswith("tenant old was deleted 30 days ago; nothing is left of it\n")
    assert run("tenant", "restore", "old").err.startswith("error: there is no tenant 'old'")
