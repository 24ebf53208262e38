"""``origin``."""

import json

import pytest

from tests.tenants.cli.kit import Run


def test_origins_are_added_listed_and_removed(acme: str, run: Run) -> None:
    run("origin", "add", acme, "https://a.test", "https://b.test", "--credentials")
    done = run("origin", "add", acme, "--max-age", "1h", "--method", "GET", "--no-credentials")
    assert "cors: / credentials true → false" in done.out
    run("origin", "remove", acme, "https://a.test")
    (rule,) = json.loads(run("origin", "list", acme, "--format", "json").out)
    assert (rule["origins"], rule["methods"]) == (["https://b.test"], ["GET"])
    assert (rule["credentials"], rule["max_age_s"]) == (False, 3600)


def test_a_rule_is_removed_whole(acme: str, run: Run) -> None:
    run("origin", "add", acme, "https://a.test", "--path", "/x")
    assert "cors: - /x" in run("origin", "remove", acme, "--path", "/x").out
    assert run("origin", "list", acme).out == "no page on another origin may call it\n"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ((), 2),
        (("https://a.test/path",), 1),
        (("null",), 1),
        (("--", "-x"), 1),
        (("*", "--credentials"), 1),
        (("https://*.test",), 1),
        (("https://a.test", "--path", "x"), 1),
        (("https://a.test", "--method", "get\r\n"), 1),
        (("https://a.test", "--allow-header", "a b"), 1),
        (("https://a.test", "--max-age", "soon"), 2),
    ],
)
def test_a_rule_that_cannot_work_is_refused(
    acme: str, run: Run, arguments: tuple[str, ...], status: int
) -> None:
    """threats 63, 64, 69, 117"""
    done = run("origin", "add", acme, *arguments)
    assert (done.status, done.out) == (status, "")
    assert json.loads(run("origin", "list", acme, "--format", "json").out) == []


def test_the_star_with_credentials_is_refused_for_them(acme: str, run: Run) -> None:
    """Threat 64: also where another origin stands in its way."""
    run("origin", "add", acme, "https://a.test")
    assert "credentials" in run("origin", "add", acme, "*", "--credentials").err


def test_an_origin_that_is_not_there_cannot_be_removed(acme: str, run: Run) -> None:
    run("origin", "add", acme, "https://a.test")
    refused = run("origin", "remove", acme, "https://b.test")
    assert refused.err == "error: tenant 'acme' has no origin 'https://b.test' for '/'\n"


def test_a_page_is_tested_before_it_calls(acme: str, run: Run) -> None:
    run("origin", "add", acme, "https://a.test", "--path", "/api")
    call = ("--path", "/api/me", "--method", "PUT", "--header")
    allowed = run("origin", "test", acme, "https://a.test", *call, "Authorization")
    assert (allowed.status, allowed.err) == (0, "")
    assert "Access-Control-Allow-Methods" in allowed.out
    refused = run("origin", "test", acme, "https://a.test", *call, "X-Part", "--format", "json")
    said = json.loads(refused.out)
    assert (refused.status, said["allowed"], said["rule"]) == (1, False, "/api")
    assert said["reason"] == "the rule does not allow the header X-Part"


def test_nothing_that_a_page_sends_reaches_the_terminal_raw(acme: str, run: Run) -> None:
    """Threat 117."""
    run("origin", "add", acme, "https://a.test")
    refused = run("origin", "test", acme, "https://a.test", "--header", "X\x1b[31m")
    assert (refused.status, "\x1b" in refused.out) == (1, False)
