"""``issuer keys``."""

import json
from collections.abc import Iterator

import pytest

from tests.servers.documents import DocumentServer, document, saying, serving
from tests.tenantauth.tokens.key_documents import jwk, key_set
from tests.tenants.cli.kit import Run

PARTNER = "https://login.partner.test"
BODY = key_set(jwk("good"), jwk("\x1b[2J"), jwk("enc", use="enc"))


@pytest.fixture
def server(acme: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[DocumentServer]:
    monkeypatch.setenv("TENANTAUTH_ISSUER_NETWORKS", "127.0.0.1")
    with serving(saying(document(BODY, b"Cache-Control: max-age=60"))) as server:
        uri = f"http://127.0.0.1:{server.port}/jwks"
        assert run("issuer", "add", acme, PARTNER, "--jwks-uri", uri, "--audience", "x").status == 0
        yield server


def test_each_key_is_told_with_whether_it_is_used(server: DocumentServer, run: Run) -> None:
    """Threat 107: what the issuer writes does not steer a terminal."""
    shown = run("issuer", "keys", "acme", PARTNER)
    assert (shown.status, shown.err) == (0, "")
    assert f"http://127.0.0.1:{server.port}/jwks" in shown.out
    assert "1m; a worker keeps them for 5m" in shown.out
    assert "its use is not sig" in shown.out
    assert "for ES256" in shown.out
    assert "\x1b" not in shown.out


def test_a_program_is_told_too(server: DocumentServer, run: Run) -> None:
    found = json.loads(run("issuer", "keys", "acme", PARTNER, "--format", "json").out)
    assert (found["max_age_s"], found["fresh_for_s"]) == (60, 300)
    assert [key["algorithm"] for key in found["keys"]] == ["ES256", None, None]


def test_nothing_that_listens_is_one_plain_line(server: DocumentServer, run: Run) -> None:
    server.close()
    refused = run("issuer", "keys", "acme", PARTNER)
    said = f"nobody listens at 127.0.0.1 port {server.port}\n"
    assert (refused.status, refused.out, refused.err.endswith(said)) == (1, "", True)


def test_an_address_that_a_worker_does_not_reach_is_not_reached(
    server: DocumentServer, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threat 112."""
    monkeypatch.delenv("TENANTAUTH_ISSUER_NETWORKS")
    refused = run("issuer", "keys", "acme", PARTNER)
    assert (refused.status, server.requests) == (1, [])


def test_the_nearest_issuer_is_named(server: DocumentServer, run: Run) -> None:
    refused = run("issuer", "keys", "acme", f"{PARTNER}/")
    hint = f"the nearest is '{PARTNER}' (a slash at the end differs)\n"
    assert (refused.status, refused.err.endswith(hint)) == (1, True)
