import json
import os
import socket
import time

import pytest

from tests.partners import AUDIENCE, ISSUER, partner_token
from tests.tenants.cli.kit import Run, Start


@pytest.fixture
def token(acme: str, run: Run) -> str:
    return run("token", "issue", acme, "--subject", "alice").out.strip()


def inspected(run: Run, token: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(
        run("token", "inspect", "--format", "json", stdin=token).out
    )
    return found


def test_in_a_pipe_nothing_but_the_token_is_printed(token: str) -> None:
    assert token.count(".") == 2
    assert token.isascii()
    assert not set(token) & set(" \n")


def test_on_a_terminal_the_command_to_try_is_printed_too(acme: str, start: Start) -> None:
    ours, theirs = os.openpty()
    with start("token", "issue", acme, "--subject", "a b", "--role", "c", stdout=theirs) as process:
        process.communicate(timeout=30)
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert "good for 15m" in shown
    assert "token issue acme --subject 'a b' --role c)" in shown


def test_what_is_asked_for_is_in_the_token(acme: str, run: Run) -> None:
    wanted = ["--role", "a", "--role", "b", "--scope", "c", "--ttl", "5m", "--client-id", "cli"]
    issued = run("token", "issue", acme, "--subject", "alice", *wanted).out
    claims = inspected(run, issued)["claims"]
    assert isinstance(claims, dict)
    assert (claims["sub"], claims["roles"], claims["scope"]) == ("alice", ["a", "b"], "c")
    assert (claims["client_id"], claims["exp"] - claims["iat"]) == ("cli", 300)


@pytest.mark.parametrize(
    "wanted",
    [["--subject", ""], ["--subject", "a", "--ttl", "999d"], ["--subject", "a", "--scope", "a b"]],
    ids=["no subject", "too long a life", "two scopes in one"],
)
def test_what_cannot_be_had_is_refused(acme: str, run: Run, wanted: list[str]) -> None:
    refused = run("token", "issue", acme, *wanted)
    assert (refused.status, refused.out, refused.err.count("\n")) == (1, "", 1)


@pytest.mark.parametrize("option", ["--subject", "--role", "--scope", "--client-id"])
def test_a_huge_text_is_not_repeated_whole(acme: str, run: Run, option: str) -> None:
    refused = run("token", "issue", acme, "--subject", "a", option, "x" * 9000)
    assert (refused.status, len(refused.err) < 200) == (1, True)


def test_a_good_token_is_valid(token: str, run: Run) -> None:
    shown = run("token", "inspect", stdin=f"{token}\n")
    assert (shown.status, shown.err) == (0, "")
    assert shown.out.endswith("\nvalid at tenant acme\n")


def test_a_time_is_shown_as_a_number_and_as_a_time(token: str, run: Run) -> None:
    shown = run("token", "inspect", stdin=token).out
    assert "\nexp         1" in shown
    assert " UTC)" in shown


def test_a_changed_token_is_told_which_check_fails(token: str, run: Run) -> None:
    header, claims, _ = token.split(".")
    refused = run("token", "inspect", stdin=f"{header}.{claims}.{'A' * 86}")
    assert refused.status == 1
    assert "as it says itself" in refused.out
    assert refused.err.startswith("error: the token is not valid: its signature does not hold")


@pytest.mark.parametrize(
    "text",
    [b"", b"\n", b"x.y.z", b"\x1b[2J.a.b", b"\xff\xfe", b"." * 100_000],
    ids=["nothing", "a line end", "no base64", "escape", "no UTF-8", "huge"],
)
def test_no_text_is_more_than_one_line(installed: object, run: Run, text: bytes) -> None:
    """Threat 107."""
    refused = run("token", "inspect", stdin=text)
    assert (refused.status, refused.err.count("\n")) == (1, 1)
    assert "\x1b" not in refused.out + refused.err


def test_a_token_is_never_an_argument(token: str, run: Run) -> None:
    """Threat 108: other users of the machine see arguments."""
    assert run("token", "inspect", token).status == 2


def test_a_program_is_told_too(token: str, run: Run) -> None:
    found = inspected(run, token)
    assert found.keys() == {"valid", "tenant", "reason", "header", "claims", "known", "caller"}
    assert (found["valid"], found["tenant"], found["reason"]) == (True, "acme", None)


def test_a_token_can_be_held_against_another_tenant(token: str, run: Run) -> None:
    run("tenant", "create", "globex")
    shown = run("token", "inspect", "--tenant", "globex", stdin=token)
    assert (shown.status, "is none that globex trusts; the nearest is" in shown.err) == (1, True)
    assert run("token", "inspect", "--tenant", "acme", stdin=token).status == 0


@pytest.mark.parametrize("before", ["Bearer ", "bearer  ", "Authorization: Bearer "])
def test_what_stands_before_a_copied_token_is_left_out(token: str, run: Run, before: str) -> None:
    assert run("token", "inspect", stdin=f"{before}{token}\n").status == 0


def test_the_caller_is_shown(acme: str, run: Run) -> None:
    token = run("token", "issue", acme, "--subject", "alice", "--role", "a", "--scope", "s").out
    shown = run("token", "inspect", stdin=token).out.splitlines()
    begin = shown.index("caller")
    facts = dict(line.split(maxsplit=1) for line in shown[begin + 1 : shown.index("", begin)])
    assert facts["subject"] == "alice  (user)"
    assert (facts["client"], facts["roles"], facts["scopes"]) == ("web", "a", "s")
    caller = inspected(run, token)["caller"]
    assert isinstance(caller, dict)
    assert (caller["subject"], caller["roles"], caller["unmapped_roles"]) == ("alice", ["a"], [])


def test_the_nearest_tenant_is_named(token: str, run: Run) -> None:
    refused = run("token", "inspect", "--tenant", "acne", stdin=token)
    assert refused.status == 1
    assert refused.err == "error: there is no tenant 'acne'; did you mean 'acme'?\n"


@pytest.fixture
def partner(acme: str, run: Run) -> str:
    """Trust an issuer at which nobody listens, and return a token of it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        uri = f"http://127.0.0.1:{listener.getsockname()[1]}/jwks"
    added = run("issuer", "add", acme, ISSUER, "--jwks-uri", uri, "--audience", AUDIENCE)
    assert added.status == 0
    return partner_token(now_s=time.time())


def test_those_that_trust_a_tokens_issuer_are_named(partner: str, run: Run) -> None:
    refused = run("token", "inspect", stdin=partner)
    assert refused.status == 1
    assert refused.err.endswith("; acme trusts this issuer: add --tenant acme\n")


def test_what_cannot_be_known_now_has_a_status_of_its_own(
    partner: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANTAUTH_ISSUER_NETWORKS", "127.0.0.1")
    unknown = run("token", "inspect", "--tenant", "acme", stdin=partner)
    assert unknown.status == 3
    assert unknown.err.startswith("error: whether it is valid cannot be known now: the keys at")
    assert "nobody listens at 127.0.0.1" in unknown.err


def test_a_wrong_issuer_is_told_as_such(acme: str, run: Run) -> None:
    """Threat 38: and not as a wrong type or key."""
    issuer = json.loads(run("tenant", "show", acme, "--format", "json").out)["issuer"]
    said = partner_token(iss=f"{issuer}/", header={"typ": "JWT"})
    refused = run("token", "inspect", "--tenant", acme, stdin=said)
    told = f"its iss '{issuer}/' is none that acme trusts; the nearest is '{issuer}'"
    assert refused.err == f"error: the token is not valid: {told} (a slash at the end differs)\n"
