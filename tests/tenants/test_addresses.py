"""Addresses of tenants."""

import pytest

from tenantauth.settings import Settings
from tenants.addresses import address, default_issuer, issuer_problems, read_host

LOCAL = Settings()
HTTPS = Settings(base_url="https://api.example.com")
PATHS = Settings(base_url="https://api.example.com", resolve=("path", "host"))
PATHS_ALONE = Settings(resolve=("path",))
PATHS_HTTP = Settings(base_url="http://api.test:81", resolve=("path",))


@pytest.mark.parametrize(
    ("hosts", "settings", "expected"),
    [
        pytest.param((), LOCAL, "http://acme.localhost:8000", id="below the base host"),
        pytest.param(("a.test", "b.test"), LOCAL, "http://a.test:8000", id="first own host"),
        pytest.param((), HTTPS, "https://acme.api.example.com", id="no port"),
        pytest.param((), PATHS, "https://api.example.com/t/acme", id="path mode"),
        pytest.param(("a.test",), PATHS, "https://a.test", id="own host beside paths"),
        pytest.param(("a.test",), PATHS_ALONE, "http://localhost:8000/t/acme", id="paths alone"),
    ],
)
def test_an_address_has_the_scheme_and_port_of_the_base_url(
    hosts: tuple[str, ...], settings: Settings, expected: str
) -> None:
    assert address("acme", hosts, settings) == expected


@pytest.mark.parametrize(
    ("hosts", "settings", "expected"),
    [
        pytest.param((), LOCAL, "http://acme.localhost:8000", id="loopback"),
        pytest.param(("a.test",), LOCAL, "https://a.test", id="own host is meant as https"),
        pytest.param(("a.test",), HTTPS, "https://a.test", id="https"),
        pytest.param((), PATHS, "https://api.example.com/t/acme", id="path mode"),
        pytest.param((), PATHS_HTTP, "https://api.test/t/acme", id="path mode is meant as https"),
        pytest.param(("a.test",), Settings(allow_http=True), "http://a.test:8000", id="http set"),
    ],
)
def test_the_default_issuer_is_the_tenants_own_address(
    hosts: tuple[str, ...], settings: Settings, expected: str
) -> None:
    issuer = default_issuer("acme", hosts, settings)
    assert issuer == expected
    assert not list(issuer_problems(issuer, allow_http=settings.allow_http))


@pytest.mark.parametrize(
    ("text", "host"),
    [("API.Acme.test.", "api.acme.test"), ("bücher.test", "xn--bcher-kva.test"), ("a:80", "a")],
)
def test_two_spellings_are_one_host(text: str, host: str) -> None:
    """threat 45"""
    assert read_host(text) == host


@pytest.mark.parametrize(
    "text",
    ["", " ", "a b", "a/b", "u@a.test", "a,b", "a..b", "*.a.test", "a.test:x", "\x00", "\udcff"],
)
def test_what_is_no_host_is_refused(text: str) -> None:
    """threat 45, threat 49"""
    with pytest.raises(ValueError, match="is not a host"):
        read_host(text)


@pytest.mark.parametrize("text", ["127.0.0.1", "[::1]", "[::1]:80"])
def test_an_ip_address_cannot_name_a_tenant(text: str) -> None:
    """Threat 45, threat 49: the machine answers to it, whoever lives there."""
    with pytest.raises(ValueError, match="IP address"):
        read_host(text)


@pytest.mark.parametrize("text", ["10.1", "2130706433", "a.0x7f"])
def test_nor_can_what_browsers_read_as_one(text: str) -> None:
    with pytest.raises(ValueError, match="four decimal numbers"):
        read_host(text)


@pytest.mark.parametrize(
    "issuer",
    ["https://a.test", "https://a.test:8443/t/acme", "http://acme.localhost:8000", "http://[::1]"],
)
def test_an_issuer_is_an_https_url_or_loopback(issuer: str) -> None:
    assert not list(issuer_problems(issuer, allow_http=False))


@pytest.mark.parametrize(
    ("issuer", "words"),
    [
        ("acme", "not a URL"),
        ("https://", "not a URL"),
        ("https://u:p@a.test", "not a URL"),
        ("https://[::1", "not a URL"),
        ("https://a.test?x=1", "query"),
        ("https://a.test/#", "query or fragment"),
        ("http://a.test", "must be https outside loopback"),
        ("ftp://a.test", "must be https"),
        ("https://a.test/a b", "characters"),
        ("https://a.test/\x1b[31m", "characters"),
        ("https://a.test/é", "characters"),
        ("https://a.test/" + "x" * 600, "too long"),
    ],
)
def test_what_is_no_issuer_is_one_sentence(issuer: str, words: str) -> None:
    (problem,) = issuer_problems(issuer, allow_http=False)
    assert words in problem
    assert problem.isprintable()
