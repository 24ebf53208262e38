"""``issuer``."""

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from tests.tenants.cli.kit import Run

PARTNER = "https://login.partner.test"
URI = ("--jwks-uri", f"{PARTNER}/jwks", "--audience", "https://api.acme.test")
PUBLIC = {**ECKey.generate_key("P-256").as_dict(private=False), "kid": "a"}


def test_an_issuer_is_trusted_with_all_that_is_said(acme: str, run: Run) -> None:
    options = ("--match", "org=org_1", "--match", "verified=true", "--match", "level=2")
    roles = ("--roles-claim", "realm_access.roles", "--role-map", "admin=analyst")
    assert run("issuer", "add", acme, PARTNER, *URI, *options, *roles).status == 0
    (issuer,) = json.loads(run("issuer", "list", acme, "--format", "json").out)
    assert issuer["match"] == {"org": "org_1", "verified": True, "level": 2}
    assert issuer["role_map"] == {"admin": "analyst"}
    assert issuer["jwks_uri"] == f"{PARTNER}/jwks"


def test_keys_can_come_from_a_file(acme: str, run: Run, folder: Path) -> None:
    (folder / "jwks.json").write_text(json.dumps({"keys": [PUBLIC]}))
    done = run("issuer", "add", acme, PARTNER, "--jwks-file", "jwks.json", "--audience", "x")
    assert done.status == 0, done.err
    assert "1 inline" in run("issuer", "list", acme).out


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b" " * 1_000_001, b'{"keys": []}']
)
def test_a_file_that_holds_no_keys_is_one_line(
    acme: str, run: Run, folder: Path, content: bytes
) -> None:
    (folder / "jwks.json").write_bytes(content)
    done = run("issuer", "add", acme, PARTNER, "--jwks-file", "jwks.json", "--audience", "x")
    assert (done.status, done.err.count("\n")) == (1, 1)


def test_a_private_key_is_refused_and_not_repeated(acme: str, run: Run, folder: Path) -> None:
    """threats 33, 108"""
    (folder / "jwks.json").write_text(json.dumps({"keys": [{**PUBLIC, "d": "c2VjcmV0"}]}))
    done = run("issuer", "add", acme, PARTNER, "--jwks-file", "jwks.json", "--audience", "x")
    assert "of jwks" in done.err
    assert "c2VjcmV0" not in done.err + run("audit", "list", "--format", "json").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((PARTNER,), "say where its keys are: --jwks-uri URL, or --jwks-file FILE"),
        ((PARTNER, *URI, "--jwks-file", "missing.json"), "give one"),
        ((PARTNER, *URI[:2]), "--audience is missing"),
        ((PARTNER, *URI, "--roles-claim", "roles"), "--roles-claim and --role-map are given"),
        ((PARTNER, *URI, "--role-map", "a=b"), "--roles-claim and --role-map are given"),
        ((PARTNER, *URI, "--algorithm", "HS256"), "HS256"),
        ((PARTNER, *URI, "--match", "org"), "NAME=VALUE"),
        (("http://a.test", *URI), "must be https"),
        ((PARTNER, "--jwks-file", "missing.json", "--audience", "x"), "cannot be read"),
    ],
)
def test_an_issuer_that_cannot_work_is_refused(
    acme: str, run: Run, arguments: tuple[str, ...], said: str
) -> None:
    """threats 12, 38"""
    done = run("issuer", "add", acme, *arguments)
    assert done.status == 1
    assert said in done.err
    assert run("issuer", "list", acme).out == "only its own tokens\n"


def test_other_terms_have_to_be_meant(acme: str, run: Run) -> None:
    run("issuer", "add", acme, PARTNER, *URI)
    again = ("issuer", "add", acme, PARTNER, *URI, "--algorithm", "EdDSA")
    refused = run(*again).err
    assert "on other terms: algorithms RS256, ES256 → EdDSA; with --replace" in refused
    assert run(*again, "--replace").status == 0


def test_trust_ends_after_asking(acme: str, run: Run) -> None:
    """threat 117"""
    run("issuer", "add", acme, PARTNER, *URI)
    refused = run("issuer", "remove", acme, PARTNER)
    consequence = f"every token of {PARTNER} will be refused at tenant acme within 2s"
    assert refused.err == f"error: {consequence}. Nobody can be asked here: add --yes to agree\n"
    assert run("issuer", "remove", acme, PARTNER, "--yes").status == 0
    assert "does not trust" in run("issuer", "remove", acme, PARTNER, "--yes").err
