import json
import os
import re

import pytest

from tests.tenants.cli.kit import Run, Start


def status(run: Run, slug: str) -> str:
    return str(json.loads(run("tenant", "show", slug, "--format", "json").out)["status"])


def test_no_tenants_are_a_sentence(installed: object, run: Run) -> None:
    assert run("tenant", "list").out == "no tenants yet\n"


def test_a_list_is_sorted_by_slug(acme: str, run: Run) -> None:
    run("tenant", "create", "a")
    listed = json.loads(run("tenant", "list", "--format", "json").out)
    assert [record["slug"] for record in listed] == ["a", "acme"]


def test_the_keys_of_the_json_form_are_stable(acme: str, run: Run) -> None:
    record = json.loads(run("tenant", "show", acme, "--format", "json").out)
    assert record.keys() >= {
        *("id", "slug", "name", "status", "tier", "url", "hosts", "issuer", "audience"),
        *("algorithm", "access_ttl_s", "max_ttl_s", "leeway_s", "rotate_every_s"),
        *("publish_ahead_s", "guard", "cors", "limits", "roles", "metadata", "version"),
        *("created_at", "updated_at"),
    }


@pytest.mark.parametrize("verb", ["show", "suspend", "resume"])
def test_a_tenant_that_is_not_there_is_one_line(installed: object, run: Run, verb: str) -> None:
    assert run("tenant", verb, "nobody")[1:] == ("", "error: there is no tenant 'nobody'\n")


def test_suspending_needs_yes_where_nobody_can_be_asked(acme: str, run: Run) -> None:
    """Threat 117: a script that forgot to agree ends no service."""
    refused = run("tenant", "suspend", acme, stdin="y\n")
    assert (refused.status, refused.err.count("\n")) == (1, 1)
    assert "add --yes" in refused.err
    assert status(run, acme) == "active"


def test_suspending_and_resuming_say_what_changed(acme: str, run: Run) -> None:
    suspended = run("tenant", "suspend", acme, "--yes")
    assert suspended.out == "tenant acme is suspended; every worker refuses it within 2s\n"
    assert status(run, acme) == "suspended"
    assert run("tenant", "resume", acme).out.startswith("tenant acme is active; ")
    assert status(run, acme) == "active"


def test_suspending_twice_asks_once(acme: str, run: Run) -> None:
    run("tenant", "suspend", acme, "--yes")
    assert run("tenant", "suspend", acme).status == 0


@pytest.mark.parametrize(("answer", "end"), [("y", (0, "suspended")), ("n", (1, "active"))])
def test_on_a_terminal_suspending_asks(
    acme: str, run: Run, start: Start, answer: str, end: tuple[int, str]
) -> None:
    """Threat 117."""
    ours, theirs = os.openpty()
    os.write(ours, f"{answer}\n".encode())
    with start("tenant", "suspend", acme, stdin=theirs) as process:
        out, err = process.communicate(timeout=30)
    os.close(ours)
    os.close(theirs)
    assert (process.returncode, status(run, acme)) == end, out + err
    assert "Every request to acme will be refused until it is resumed. Go on?" in err


def test_a_list_can_be_narrowed_and_paged(installed: object, run: Run) -> None:
    run("tier", "set", "gold")
    for slug in ("a", "b", "c"):
        run("tenant", "create", slug, "--tier", "gold", "--name", f"Corp {slug}")
    run("tenant", "suspend", "b", "--yes")

    def listed(*arguments: str) -> list[str]:
        out = run("tenant", "list", "--format", "json", *arguments).out
        return [record["slug"] for record in json.loads(out)]

    assert listed("--tier", "gold", "--limit", "2") == ["a", "b"]
    assert listed("--after", "b") == ["c"]
    assert listed("--status", "suspended") == ["b"]
    assert listed("--text", "corp C") == ["c"]
    assert run("tenant", "list", "--text", "nothing").out == "no such tenants\n"


@pytest.mark.parametrize(("form", "empty"), [("json", "[]\n"), ("yaml", "[]\n")])
def test_a_list_of_none_is_still_a_list(installed: object, run: Run, form: str, empty: str) -> None:
    assert run("tenant", "list", "--format", form).out == empty


def test_deleting_needs_yes_and_tells_the_way_back(acme: str, run: Run) -> None:
    """threat 117"""
    refused = run("tenant", "delete", acme)
    assert (refused.status, refused.out) == (1, "")
    assert "in 30 days it is destroyed. Nobody" in refused.err
    done = run("tenant", "delete", acme, "--yes")
    assert "no worker knows it any more within 2s" in done.out
    assert "manage.py tenant restore acme" in done.out


def test_a_deleted_tenant_comes_back(acme: str, run: Run) -> None:
    run("tenant", "delete", acme, "--yes")
    gone = run("tenant", "show", acme)
    assert re.fullmatch(r"error: tenant 'acme' was deleted .*: tenant restore acme\n", gone.err)
    assert run("tenant", "list").out == "no tenants yet\n"
    assert "restorable until" in run("tenant", "list", "--deleted").out
    assert run("tenant", "restore", acme).out.startswith("tenant acme is active; ")
    assert run("token", "issue", acme, "--subject", "alice").status == 0


@pytest.mark.parametrize(
    "slug", ["-x", "--help", "a\x1b[2J", "", "../x", "%", "@file", "\uff41cme"]
)
@pytest.mark.parametrize("verb", ["create", "show", "delete", "restore", "suspend"])
def test_a_name_is_never_an_option_or_a_command_to_the_terminal(
    acme: str, run: Run, verb: str, slug: str
) -> None:
    """threats 49, 117"""
    yes = ("--yes",) if verb in {"delete", "suspend"} else ()
    done = run("tenant", verb, *yes, "--", slug)
    assert (done.status, done.out) == (1, "")
    assert "\x1b" not in done.err


def test_quiet_says_nothing(acme: str, run: Run) -> None:
    commands = [("tenant", "update", acme, "--name", "x"), ("role", "set", acme, "a")]
    commands += [("tier", "set", "gold"), ("tenant", "delete", acme, "--yes")]
    assert [run(*command, "--quiet") for command in commands] == [(0, "", "")] * 4
