import json
import os
from pathlib import Path

import pytest

from tests.tenants.cli.kit import Run
from tests.tenants.key_forms import P256, RSA, private_pem, public_pem, secret_jwk


@pytest.fixture
def file(folder: Path) -> Path:
    path = folder / "old.pem"
    path.touch(mode=0o600)
    path.write_bytes(private_pem(P256))
    return path


def keys(run: Run, slug: str) -> dict[str, str]:
    listed = json.loads(run("key", "list", slug, "--format", "json").out)
    return {key["kid"]: key["state"] for key in listed}


def test_a_key_moves_in_and_only_verifies_unless_told(acme: str, run: Run, file: Path) -> None:
    done = run("key", "import", acme, "--file", str(file), "--kid", "2024-1")
    assert (done.status, done.err) == (0, "")
    assert "2024-1 (ES256) verifies until its last token has ended: retires in 24h" in done.out
    assert keys(run, acme)["2024-1"] == "grace"


def test_what_tokens_of_the_key_must_say_is_told(acme: str, run: Run, file: Path) -> None:
    done = run("key", "import", acme, "--file", str(file), "--kid", "2024-1")
    origin = "http://acme.localhost:8000"
    told = f"typ at+jwt, kid 2024-1, iss {origin}, aud {origin}, tenant acme, sub, client_id, jti"
    assert f"  its tokens pass when they say: {told}, iat and exp\n" in done.out


def test_an_active_key_signs_and_the_others_are_told(
    acme: str, run: Run, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANTAUTH_STALENESS", "100ms")
    options = ("--file", str(file), "--kid", "mine", "--state", "active")
    done = run("key", "import", acme, *options)
    assert "mine (ES256) signs from now on" in done.out
    token = run("token", "issue", acme, "--subject", "alice").out
    inspected = json.loads(run("token", "inspect", "--format", "json", stdin=token).out)
    assert (inspected["valid"], inspected["header"]["kid"]) == (True, "mine")


@pytest.mark.parametrize("form", ["pem", "secret"])
def test_threat_108_a_key_can_come_on_the_standard_input(acme: str, run: Run, form: str) -> None:
    data = public_pem(RSA) if form == "pem" else secret_jwk(os.urandom(32))
    slug = acme if form == "pem" else "machines"
    run("tenant", "create", "machines", "--algorithm", "HS256")
    options = ["--algorithm", "HS256"] if form == "secret" else []
    done = run("key", "import", slug, "--file", "-", "--kid", "old", *options, stdin=data)
    assert (done.status, done.err) == (0, "")
    assert "old" not in run("key", "jwks", slug).out or form == "pem"


def test_threat_108_a_password_is_asked_for_and_never_an_argument(
    acme: str, run: Run, file: Path
) -> None:
    file.write_bytes(private_pem(P256, password=b"let me in"))
    command = ("key", "import", acme, "--file", str(file), "--kid", "old")
    refused = run(*command)
    assert (refused.status, refused.err.count("\n")) == (1, 1)
    assert "--password-stdin" in refused.err
    assert run(*command, "--password-stdin", stdin="wrong\n").status == 1
    assert run(*command, "--password-stdin", stdin="let me in\n").status == 0


def test_threat_108_a_file_that_others_can_read_is_told(acme: str, run: Run, file: Path) -> None:
    file.chmod(0o644)
    done = run("key", "import", acme, "--file", str(file), "--kid", "old")
    assert done.err == f"warning: others can read {file}: chmod 600\n"


@pytest.mark.parametrize(
    "content",
    [public_pem(RSA), json.dumps({"kty": "OKP", "crv": "Ed25519", "x": "AA"}).encode()],
    ids=["pem", "jwk"],
)
def test_what_is_public_may_be_read_by_others(
    acme: str, run: Run, file: Path, content: bytes
) -> None:
    file.write_bytes(content)
    file.chmod(0o644)
    assert (
        "others can read"
        not in run(*("key", "import", acme, "--file", str(file), "--kid", "old")).err
    )


@pytest.mark.parametrize(
    "content",
    [secret_jwk(b"0" * 32), b'{"keys": [{"kty": "RSA", "d": "A"}]}', b'{"kty": "RSA"', b"x" * 40],
    ids=["secret", "private in a set", "unreadable", "bare"],
)
def test_threat_108_what_may_be_secret_is_for_nobody_else(
    acme: str, run: Run, file: Path, content: bytes
) -> None:
    file.write_bytes(content)
    file.chmod(0o644)
    done = run("key", "import", acme, "--file", str(file), "--kid", "old", "--algorithm", "HS256")
    assert done.err.startswith("warning: others can read")


def test_one_input_cannot_be_two_things(acme: str, run: Run) -> None:
    options = ("--file", "-", "--kid", "old", "--password-stdin")
    assert run("key", "import", acme, *options).status == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\x1b[2J", "is not a PEM"), (private_pem(P256)[:-40], "has no end")],
    ids=["escapes", "cut off"],
)
def test_threat_117_what_is_refused_is_one_harmless_line(
    acme: str, run: Run, file: Path, content: bytes, words: str
) -> None:
    file.write_bytes(content)
    refused = run("key", "import", acme, "--file", str(file), "--kid", "old")
    assert (refused.status, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert words in refused.err
    assert refused.err.removesuffix("\n").isprintable()


def test_threat_117_a_kid_may_look_like_an_option(acme: str, run: Run, file: Path) -> None:
    assert run("key", "import", acme, "--file", str(file), "--kid=--force").status == 0
    assert run("key", "retire", acme, "--force", "--yes", "--", "--force").status == 0
    assert keys(run, acme)["--force"] == "retired"
