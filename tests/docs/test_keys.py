"""docs/keys.md: which tokens of before stay alive, and how."""

import json
import re
import shlex
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from joserfc import jwt
from joserfc.jwk import RSAKey

from tenants.cli import cli
from tests.tenants.key_forms import RSA, private_pem, public_pem

PAGE = (Path(__file__).parents[2] / "docs" / "keys.md").read_text(encoding="utf-8")
OWN = {"iss": "http://acme.localhost:8000", "aud": "http://acme.localhost:8000", "sub": "alice"}
FORMER = {"iss": "https://former.example.test", "aud": "https://api.example.test", "sub": "alice"}


def blocks(kind: str) -> list[str]:
    section = PAGE.partition("## Tokens of a former stack")[2].partition("\n## ")[0]
    return re.findall(rf"^```{kind}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def token(claims: dict[str, Any], **header: str) -> str:
    now = int(time.time())
    key = RSAKey.import_key(private_pem(RSA))
    return jwt.encode({"alg": "RS256", **header}, {**claims, "iat": now, "exp": now + 600}, key)


def run(line: str, stdin: str = "", *statuses: int) -> str:
    done = CliRunner(catch_exceptions=False).invoke(cli, shlex.split(line), input=stdin)
    assert done.exit_code in (0, *statuses), (line, done.output)
    return done.stdout


def is_valid(untrusted_token: str) -> bool:
    told = run("token inspect --tenant acme --format json", untrusted_token, 1)
    return bool(json.loads(told)["valid"])


@pytest.fixture(autouse=True)
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("init")
    run("tenant create acme --role analyst")
    Path("former.pub.pem").write_bytes(public_pem(RSA))


@pytest.mark.parametrize(
    ("claims", "header", "valid"),
    [
        ({}, {}, True),
        ({"tenant": None}, {}, False),
        ({"client_id": None}, {}, False),
        ({"jti": None}, {}, False),
        ({"aud": "x"}, {}, False),
        ({"iss": "x"}, {}, False),
        ({}, {"typ": "JWT"}, False),
        ({}, {"kid": "other"}, False),
    ],
    ids=["whole", "tenant", "client_id", "jti", "aud", "iss", "typ", "kid"],
)
def test_tokens_of_an_imported_key_must_be_as_the_table_says(
    claims: dict[str, Any], header: dict[str, str], *, valid: bool
) -> None:
    run("key import acme --file former.pub.pem --kid former-2026")
    whole = {**OWN, "tenant": "acme", "client_id": "web", "jti": "1", **claims}
    members = {name: value for name, value in whole.items() if value is not None}
    sent = token(members, **{"typ": "at+jwt", "kid": "former-2026", **header})
    assert is_valid(sent) is valid


def test_a_former_issuer_is_trusted_step_by_step() -> None:
    (code,) = blocks("python")
    exec(compile(code, "keys.md", "exec"), {})  # noqa: S102  # the page is ours
    (page,) = blocks("console")
    former = {**FORMER, "roles": ["analyst"]}
    old = token(former, typ="JWT", kid="former-2026")
    for line in page.splitlines():
        run(line.partition(" < ")[0].removeprefix("$ tenantauth "), old)
    assert is_valid(old)
    assert not is_valid(token(former, typ="JWT"))
    assert not is_valid(token(former, typ="id+jwt", kid="former-2026"))
