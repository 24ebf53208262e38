from time import perf_counter

import pytest

from tenantauth.hosts import is_loopback, normalise_host

SPELLINGS = [
    pytest.param("acme.test", id="canonical"),
    pytest.param("ACME.Test", id="case"),
    pytest.param("acme.test.", id="trailing-dot"),
    pytest.param("acme.test:443", id="port"),
    pytest.param("acme.test:", id="empty-port"),
    pytest.param("Acme.Test.:8443", id="case-dot-and-port"),
    pytest.param("\uff41\uff43\uff4d\uff45.test", id="fullwidth"),
    pytest.param("acme\u3002test", id="ideographic-dot"),
    pytest.param("acme.test\uff0e", id="fullwidth-trailing-dot"),
    pytest.param("ac\u00adme.test", id="soft-hyphen"),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_a_host_is_one_host(spelling: str) -> None:
    """Threat 45."""
    assert normalise_host(spelling) == "acme.test"


@pytest.mark.parametrize("spelling", ["bücher.test", "BÜCHER.test", "XN--BCHER-KVA.test.:80"])
def test_a_name_beyond_ascii_is_kept_in_a_labels(spelling: str) -> None:
    """Threat 45: IDNA."""
    assert normalise_host(spelling) == "xn--bcher-kva.test"


@pytest.mark.parametrize(
    "name",
    ["straße.test", "STRA\u1e9eE.test", "βόλος.test", "a\u200db.test", "a\u200cb.test"],
    ids=["sharp-s", "capital-sharp-s", "final-sigma", "joiner", "non-joiner"],
)
def test_a_name_that_browsers_would_write_otherwise_is_refused(name: str) -> None:
    """Threat 45: IDNA 2003 makes ``strasse.test`` of it, which somebody else may own."""
    with pytest.raises(ValueError, match="xn--"):
        normalise_host(name)


@pytest.mark.parametrize(
    ("spelling", "host"),
    [
        ("[::1]", "[::1]"),
        ("[::1]:8000", "[::1]"),
        ("[0:0:0::1]:", "[::1]"),
        ("[2001:DB8::A]", "[2001:db8::a]"),
        ("[::ffff:192.0.2.1]", "[::ffff:c000:201]"),
    ],
)
def test_an_ipv6_literal_keeps_its_brackets_and_has_one_form(spelling: str, host: str) -> None:
    assert normalise_host(spelling) == host


@pytest.mark.parametrize("host", ["192.0.2.1", "192.0.2.1:8000", "192.0.2.1."])
def test_an_ipv4_literal_is_a_host_since_health_checks_use_it(host: str) -> None:
    assert normalise_host(host) == "192.0.2.1"


@pytest.mark.parametrize(
    "host",
    ["127.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "127.0.0.01", "256.0.0.1", "a.1", "a.0x"],
)
def test_a_name_that_browsers_read_as_another_address_is_refused(host: str) -> None:
    """Threat 45: they send the address, so the name as written would never match."""
    with pytest.raises(ValueError, match="four decimal numbers"):
        normalise_host(host)


@pytest.mark.parametrize("host", ["1.test", "0x7f.test", "1.0xg", "127.0.0.1.test"])
def test_a_number_in_front_is_a_name(host: str) -> None:
    assert normalise_host(host) == host


@pytest.mark.parametrize(
    "host",
    [f"{'a' * 63}.test", f"{'a.' * 126}a", f"{'a.' * 126}a.:65535", "_dmarc.acme_corp.test", "a"],
    ids=["longest-label", "longest-name", "longest-text", "underscores", "one-letter"],
)
def test_a_host_at_its_bounds_is_accepted(host: str) -> None:
    assert normalise_host(host) == host.removesuffix(":65535").removesuffix(".")


MALFORMED = [
    pytest.param("", id="empty"),
    pytest.param(".", id="dot"),
    pytest.param(":80", id="port-alone"),
    pytest.param("acme.test..", id="two-trailing-dots"),
    pytest.param("acme..test", id="empty-label"),
    pytest.param(".acme.test", id="leading-dot"),
    pytest.param("acme.test,globex.test", id="list"),
    pytest.param("acme.test globex.test", id="space"),
    pytest.param(" acme.test", id="leading-space"),
    pytest.param("acme.test\n", id="newline"),
    pytest.param("acme.test:80\n", id="newline-behind-port"),
    pytest.param("acme.test\r\nX: y", id="crlf"),
    pytest.param("acme.test\x00", id="nul"),
    pytest.param("user@acme.test", id="userinfo"),
    pytest.param("user:80@acme.test", id="userinfo-like-a-port"),
    pytest.param("acme.test/path", id="path"),
    pytest.param("acme.test\\path", id="backslash"),
    pytest.param("acme.test?query", id="query"),
    pytest.param("acme.test#fragment", id="fragment"),
    pytest.param("acme%2etest", id="escape"),
    pytest.param("*.acme.test", id="wildcard"),
    pytest.param("-acme.test", id="leading-hyphen"),
    pytest.param("acme-.test", id="trailing-hyphen"),
    pytest.param(f"{'a' * 64}.test", id="long-label"),
    pytest.param("a." * 126 + "aa", id="long-name"),
    pytest.param("acme.test:http", id="port-name"),
    pytest.param("acme.test:-1", id="negative-port"),
    pytest.param("acme.test:\u0663", id="arabic-port"),
    pytest.param("acme.test:1:2", id="two-ports"),
    pytest.param("acme.test:123456", id="long-port"),
    pytest.param("::1", id="ipv6-without-brackets"),
    pytest.param("[", id="bracket"),
    pytest.param("[]", id="empty-brackets"),
    pytest.param("[::1", id="open-bracket"),
    pytest.param("[::1]x", id="text-behind-bracket"),
    pytest.param("[::1]:x", id="ipv6-port-name"),
    pytest.param("[::1%eth0]", id="ipv6-zone"),
    pytest.param("[127.0.0.1]", id="ipv4-in-brackets"),
    pytest.param("[:::]", id="ipv6-malformed"),
    pytest.param("\uff0facme.test", id="fullwidth-slash"),
    pytest.param("user\uff20acme.test", id="fullwidth-at"),
    pytest.param("acme\uff1a80", id="fullwidth-colon"),
    pytest.param("\u2100.test", id="account-of"),
    pytest.param("\u200b.test", id="zero-width-space"),
    pytest.param("\ud800.test", id="surrogate"),
    pytest.param("xn--é.test", id="a-label-beyond-ascii"),
]


@pytest.mark.parametrize("host", MALFORMED)
def test_a_malformed_host_is_refused(host: str) -> None:
    """Threat 45: an unknown or malformed host never falls back to a tenant."""
    with pytest.raises(ValueError, match="not a host"):
        normalise_host(host)


@pytest.mark.parametrize("text", ["é", "é.", "a", ".", "[", ":", "[:", "\ud800", "\uff0e"])
def test_a_very_long_host_is_refused_at_once_and_not_repeated(text: str) -> None:
    started = perf_counter()
    with pytest.raises(ValueError, match="too long") as caught:
        normalise_host(text * 1_000_000)
    assert perf_counter() - started < 0.5
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize(
    "host",
    ["localhost", "acme.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:7f00:1]"],
)
def test_names_and_literals_of_this_machine_are_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["acme.test", "notlocalhost", "localhost.test", "128.0.0.1", "192.0.2.1", "[::]", "127.1", ""],
)
def test_anything_else_is_not_loopback(host: str) -> None:
    assert not is_loopback(host)
