"""``role``."""

import json

import pytest

from tests.tenants.cli.kit import Run


def test_roles_are_set_and_listed(acme: str, run: Run) -> None:
    run("role", "set", acme, "viewer=reports:read")
    done = run("role", "set", acme, "analyst", "--permission", "a:b", "--inherits", "viewer")
    assert "roles: + analyst inherits viewer, permissions a:b" in done.out
    assert json.loads(run("role", "list", acme, "--format", "json").out) == [
        {"name": "analyst", "inherits": ["viewer"], "permissions": ["a:b"]},
        {"name": "viewer", "inherits": [], "permissions": ["reports:read"]},
    ]


def test_a_role_that_another_inherits_is_kept(acme: str, run: Run) -> None:
    run("role", "set", acme, "viewer")
    run("role", "set", acme, "analyst", "--inherits", "viewer")
    refused = run("role", "remove", acme, "viewer")
    assert refused == (1, "", "error: role 'viewer' is inherited by: analyst\n")
    assert run("role", "remove", acme, "analyst").status == 0
    assert run("role", "remove", acme, "viewer").status == 0
    assert run("role", "list", acme).out == "no roles\n"


@pytest.mark.parametrize("declared", ["", "=a", "a=", "a=b,", "a b", "a\x1b", "x" * 201])
def test_a_role_that_cannot_work_is_one_line(acme: str, run: Run, declared: str) -> None:
    """threats 42, 117"""
    done = run("role", "set", acme, "--", declared)
    assert (done.status, done.err.count("\n")) == (1, 1)
    assert "\x1b" not in done.err


def test_a_role_cannot_inherit_what_is_not_there(acme: str, run: Run) -> None:
    assert "does not exist" in run("role", "set", acme, "a", "--inherits", "b").err
