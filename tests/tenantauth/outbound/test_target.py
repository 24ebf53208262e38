from ipaddress import IPv4Address, IPv6Address
from typing import Literal

import pytest

from tenantauth.outbound.target import Target


@pytest.mark.parametrize(
    ("url", "parts", "authority"),
    [
        ("https://idp.test/jwks", ("https", "idp.test", 443, "/jwks"), "idp.test"),
        ("https://IDP.Test.:443", ("https", "idp.test", 443, "/"), "idp.test"),
        ("https://idp.test:84/a?b=c", ("https", "idp.test", 84, "/a?b=c"), "idp.test:84"),
        ("http://localhost:94/k", ("http", "localhost", 94, "/k"), "localhost:94"),
        ("https://[2a00::0:1]/k", ("https", "2a00::1", 443, "/k"), "[2a00::1]"),
        ("https://xn--bcher-kva.test", ("https", "xn--bcher-kva.test", 443, "/"), None),
        ("https://8.8.8.8/@a:b", ("https", "8.8.8.8", 443, "/@a:b"), "8.8.8.8"),
    ],
)
def test_a_url_has_one_reading(
    url: str, parts: tuple[Literal["https", "http"], str, int, str], authority: str | None
) -> None:
    target = Target.parse(url)
    assert target == Target(*parts)
    assert target.authority == (authority or target.host)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://127.0.0.1/", IPv4Address("127.0.0.1")),
        ("https://[::1]/", IPv6Address("::1")),
        ("https://[::ffff:127.0.0.1]/", IPv6Address("::ffff:127.0.0.1")),
        ("https://127.0.0.1.test/", None),
        ("https://0x7f.test/", None),
    ],
)
def test_an_address_is_told_from_a_name(
    url: str, address: IPv4Address | IPv6Address | None
) -> None:
    assert Target.parse(url).literal == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "idp.test/jwks",
        "//idp.test/jwks",
        "ftp://idp.test/",
        "file:///etc/passwd",
        "gopher://idp.test/",
        "https:///jwks",
        "https:idp.test",
        "https://user@idp.test/",
        "https://user:pass@idp.test/",
        "https://8.8.8.8@127.0.0.1/",
        "https://@idp.test/",
        "https://idp.test/#fragment",
        "https://idp.test/a b",
        "https://idp.test/\r\nX: y",
        "https://idp.test\t/",
        "https://idp.test\\@127.0.0.1/",
        "https://idp.test:0/",
        "https://idp.test:65536/",
        "https://idp.test:x/",
        "https://münchen.test/",
        "https://①②⑦.0.0.1/",
        "https://127。0。0。1/",
        "https://%31%32%37.0.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://017700000001/",
        "https://127.1/",
        "https://127.0.1/",
        "https://127.0.0.1.0x/",
        "https://1.2.3.4.5/",
        "https://0/",
        "https://256.0.0.1/",
        "https://[::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://[::1/",
        "https://[v1.a]/",
        "https://a..b/",
        "https://idp.test/" + "a" * 2048,
    ],
    ids=lambda url: ascii(url)[1:40],
)
def test_any_other_spelling_is_refused(url: str) -> None:
    """Threat 112: what resolvers and browsers read as an address is not told apart by luck."""
    with pytest.raises(ValueError, match=r"."):
        Target.parse(url)
