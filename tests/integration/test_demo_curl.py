"""What the demo promises, asked of its real servers over HTTP."""

import itertools
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tenants.registry import Registry
from tests.running_demo import ROOT, RunningDemo, running_demo

pytestmark = pytest.mark.server

Issue = Callable[..., str]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture(scope="module")
def issue(demo: RunningDemo) -> Iterator[Issue]:
    """Issue tokens of users nobody else is, so that each test has a quota of its own."""
    registry, number = Registry.from_settings(demo.place.settings), itertools.count()

    def issue(*roles: str, tenant: str = "acme") -> str:
        return registry.tokens.issue(tenant, f"user-{next(number)}", roles=roles).token

    yield issue
    registry.dispose()


def test_a_token_is_good_at_its_own_tenant(demo: RunningDemo, issue: Issue) -> None:
    answer = demo.ask("acme.localhost", "/reports", token=issue("viewer"))
    assert answer.status == 200
    assert json.load(answer)["tenant"] == "acme"


def test_a_token_of_acme_is_refused_at_globex(demo: RunningDemo, issue: Issue) -> None:
    answer = demo.ask("globex.localhost", "/reports", token=issue("analyst"))
    assert (answer.status, json.load(answer)["code"]) == (401, "invalid_token")


def test_a_caller_without_the_role_is_refused(demo: RunningDemo, issue: Issue) -> None:
    answer = demo.ask("acme.localhost", "/forecast", token=issue("viewer"))
    assert (answer.status, json.load(answer)["code"]) == (403, "insufficient_role")


def test_the_call_after_the_last_one_allowed_is_told_to_wait(
    demo: RunningDemo, issue: Issue
) -> None:
    token = issue("viewer")
    answers = [demo.ask("acme.localhost", "/reports", token=token) for _ in range(11)]
    assert [answer.status for answer in answers] == [200] * 10 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 30


def preflight(demo: RunningDemo) -> dict[str, str | int]:
    headers = {
        "Origin": demo.place.page("acme"),
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    answer = demo.ask("acme.localhost", "/reports", method="OPTIONS", headers=headers)
    return {"status": answer.status, **answer.headers}


def test_a_preflight_is_answered_without_a_token(demo: RunningDemo) -> None:
    answer = preflight(demo)
    assert answer["status"] == 204
    assert answer["Access-Control-Allow-Origin"] == demo.place.page("acme")


def test_a_preflight_spends_no_quota(demo: RunningDemo, issue: Issue) -> None:
    token, left = issue("viewer"), []
    for _ in range(2):
        preflight(demo)
        headers = demo.ask("acme.localhost", "/reports", token=token).headers
        left += re.findall(r";r=(\d+)", headers["RateLimit"])
    assert left == ["9", "8"]


def test_a_page_can_read_why_it_is_refused(demo: RunningDemo) -> None:
    """Threat 67: a refusal carries the CORS headers too."""
    origin = demo.place.page("acme")
    answer = demo.ask("acme.localhost", "/reports", headers={"Origin": origin})
    assert answer.status == 401
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_page_of_the_other_tenant_cannot_read_it(demo: RunningDemo) -> None:
    """Threat 70: another tenant's origin is allowed nothing."""
    origin = demo.place.page("globex")
    answer = demo.ask("acme.localhost", "/reports", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_health_is_answered_for_an_ip_address(demo: RunningDemo) -> None:
    answer = demo.ask("127.0.0.1", "/healthz")
    assert (answer.status, json.load(answer)) == (200, {"status": "ok"})


def test_what_it_prints_holds_no_token_and_no_colour(demo: RunningDemo) -> None:
    """Threat 108: the commands to try have no token among their arguments."""
    assert "curl -i" in demo.output
    assert not re.search(r"eyJ|\x1b", demo.output)


@pytest.mark.parametrize("number", range(6))
def test_a_printed_command_is_one_that_a_shell_reads(demo: RunningDemo, number: int) -> None:
    commands = re.findall(r"^  ((?:curl|for) .*)$", demo.output, re.MULTILINE)
    subprocess.run(["sh", "-n", "-c", commands[number]], check=True)


def test_a_printed_header_file_holds_a_good_token(demo: RunningDemo) -> None:
    (file,) = set(re.findall(r"@(\S+/bob)", demo.output))
    token = Path(file).read_text().removeprefix("Authorization: Bearer ").strip()
    assert demo.ask("acme.localhost", "/reports", token=token).status == 200


def test_its_data_are_for_their_owner_and_not_for_git(demo: RunningDemo) -> None:
    """Threat 108: keys and tokens lie in no open folder, and in no commit."""
    assert (demo.place.data / ".gitignore").read_text() == "*\n"
    assert demo.place.folder.stat().st_mode & 0o777 == 0o700


def test_other_commands_work_on_its_data_with_the_printed_variables(demo: RunningDemo) -> None:
    variables = dict(re.findall(r"^  export (TENANTAUTH_\w+)=(\S+)$", demo.output, re.MULTILINE))
    issue = [sys.executable, str(ROOT / "manage.py"), "token", "issue", "acme", "--subject", "eve"]
    run = subprocess.run(
        [*issue, "--role", "viewer"],
        env={"PATH": os.defpath, **variables},
        capture_output=True,
        check=True,
        text=True,
    )
    assert demo.ask("acme.localhost", "/reports", token=run.stdout.strip()).status == 200


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda how: how.name)
def test_a_signal_ends_it_cleanly(tmp_path: Path, how: signal.Signals) -> None:
    with running_demo(tmp_path) as demo:
        assert demo.ask("acme.localhost", "/reports").status == 401
        assert demo.stop(how) == 0
        assert demo.output.splitlines()[-1].startswith("stopped;")
        assert "Traceback" not in demo.output


def test_a_second_run_keeps_what_the_first_one_made(tmp_path: Path) -> None:
    with running_demo(tmp_path) as first:
        header = first.place.header_file("ada").read_text()
        first.stop()
    with running_demo(tmp_path, first.place.port) as second:
        token = header.removeprefix("Authorization: Bearer ").strip()
        assert second.ask("acme.localhost", "/reports", token=token).status == 200
