"""``limit``."""

import json

import pytest

from tests.tenants.cli.kit import Run


def test_a_limit_is_set_told_and_listed(acme: str, run: Run) -> None:
    arguments = ("--path", "/auth/login", "--method", "POST", "--on-outage", "closed")
    done = run("limit", "set", acme, "login=5/minute:address", *arguments)
    assert "limits: + login 5/minute, by address, paths /auth/login" in done.out
    (held,) = json.loads(run("limit", "list", acme, "--format", "json").out)
    assert held["tier"] is None
    assert held["limit"] == {
        "name": "login",
        "rate": "5/minute",
        "by": "address",
        "paths": ["/auth/login"],
        "methods": ["POST"],
        "cost": 1,
        "burst": None,
        "strategy": "sliding",
        "mode": "enforce",
        "on_outage": "closed",
    }


def test_limits_of_the_tier_are_marked(acme: str, run: Run) -> None:
    run("tier", "set", "gold", "--limit", "tenant=9/minute")
    run("tenant", "update", acme, "--tier", "gold")
    (line,) = [line for line in run("limit", "list", acme).out.splitlines() if "9/minute" in line]
    assert line.endswith("gold")


def test_a_limit_is_removed(acme: str, run: Run) -> None:
    run("limit", "set", acme, "a=1/minute")
    assert "limits: - a 1/minute" in run("limit", "remove", acme, "a").out
    assert run("limit", "list", acme).out == "no limits\n"
    assert run("limit", "remove", acme, "a").err == (
        "error: tenant 'acme' has no limit 'a' of its own\n"
    )


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("user",), 1),
        (("user=often",), 1),
        (("a b=1/minute",), 1),
        (("user=1/minute:nobody",), 1),
        (("user=1/minute", "--cost", "2"), 1),
        (("user=1/minute", "--burst", "0"), 1),
        (("user=1/minute", "--path", "x"), 1),
        (("user=1/minute", "--method", "get"), 1),
        (("user=1/minute", "--mode", "off"), 2),
        (("--", "-x=1/minute"), 1),
        (("guard=1/minute",), 1),
    ],
    ids=repr,
)
def test_a_limit_that_cannot_work_is_refused(
    acme: str, run: Run, arguments: tuple[str, ...], status: int
) -> None:
    """threats 81, 117"""
    done = run("limit", "set", acme, *arguments)
    assert (done.status, done.out) == (status, "")
    assert run("limit", "list", acme).out == "no limits\n"
