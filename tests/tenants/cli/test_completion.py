"""Scripts for shells, and what they are offered."""

import shutil
import subprocess

import pytest
from click.shell_completion import ShellComplete

from tenants.cli import cli
from tests.tenants.cli.kit import Run


def offered(*words: str) -> list[str]:
    complete = ShellComplete(cli, {}, "tenantauth", "_TENANTAUTH_COMPLETE")
    return [item.value for item in complete.get_completions(list(words[:-1]), words[-1])]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_printed_without_a_database(run: Run, shell: str) -> None:
    status, out, err = run("completion", shell)
    assert (status, err) == (0, "")
    assert f"{shell}_complete" in out


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_takes_its_script(run: Run) -> None:
    script = run("completion", "bash").out
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("tenant", "show", "a"), ["acme"]),
        (("tenant", "show", "x"), []),
        (("tenant", "restore", ""), ["gone"]),
        (("tenant", "update", "acme", "--tier", ""), ["gold"]),
        (("tier", "show", "g"), ["gold"]),
        (("limit", "remove", "acme", ""), ["user"]),
        (("role", "remove", "acme", ""), ["viewer"]),
        (("issuer", "keys", "acme", "https://l"), ["https://login.test"]),
        (("issuer", "remove", "acme", ""), ["https://login.test"]),
        (("tenant", "show", "\0"), []),
    ],
)
def test_names_come_out_of_the_registry(
    acme: str, run: Run, words: tuple[str, ...], names: list[str]
) -> None:
    run("tier", "set", "gold", "--limit", "tenant=9/minute")
    run("tenant", "update", acme, "--tier", "gold")
    run("limit", "set", acme, "user=1/minute")
    run("role", "set", acme, "viewer")
    keys = ("--jwks-uri", "https://login.test/jwks", "--audience", "x")
    run("issuer", "add", acme, "https://login.test", *keys)
    run("tenant", "create", "gone")
    run("tenant", "delete", "gone", "--yes")
    assert offered(*words) == names


def test_without_a_database_nothing_is_offered_and_nothing_said(
    folder: object, capfd: pytest.CaptureFixture[str]
) -> None:
    assert offered("tenant", "show", "") == []
    assert capfd.readouterr() == ("", "")
