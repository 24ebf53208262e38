"""Targets at the short texts of requests and of tenants' settings."""

from contextlib import suppress

from benchmarks.fuzzing.target import Target, encoded, text_of
from tenantauth.environ import canonical_address
from tenantauth.errors import TokenError
from tenantauth.hosts import normalise_host
from tenantauth.origins import OriginPattern, OriginSet
from tenantauth.outbound.target import Target as Address
from tenantauth.paths import check_prefix, covers
from tenantauth.tokens.transport import read_bearer
from tenantauth.units import Rate, format_duration, parse_duration

_ALLOWED = OriginSet.parse(["https://app.acme.test", "https://*.apps.acme.test:8443"])


def _read_host(data: bytes) -> None:
    try:
        host = normalise_host(text_of(data))
    except ValueError:
        return
    assert normalise_host(host) == host == host.lower()
    assert host.isascii()
    assert not set(host) & set(" /\\@,%?#*\r\n\t\x00")


def _read_origin(data: bytes) -> None:
    text = text_of(data)
    # One host, one scheme, one port, nothing around them: else another one's page reads answers.
    if _ALLOWED.allows(text):
        assert text == "https://app.acme.test" or (
            text.startswith("https://")
            and text.endswith(".apps.acme.test:8443")
            and text.count(".") == 3
            and text.isascii()
            and text.isprintable()
        )
    try:
        pattern = OriginPattern.parse(text)
    except ValueError:
        return
    assert OriginPattern.parse(str(pattern)) == pattern
    assert str(pattern).isascii()
    assert str(pattern).isprintable()


def _read_authorization(data: bytes) -> None:
    field = text_of(data)
    try:
        token = read_bearer({"HTTP_AUTHORIZATION": field})
    except TokenError:
        return
    if token is not None:
        scheme, _, rest = field.partition(" ")
        assert (scheme.lower(), rest.lstrip(" ")) == ("bearer", token)


def _read_amount(data: bytes) -> None:
    text = text_of(data)
    with suppress(ValueError):
        rate = Rate.parse(text)
        assert Rate.parse(str(rate)) == rate
    try:
        seconds = parse_duration(text)
    except ValueError:
        return
    assert parse_duration(format_duration(seconds)) == seconds


def _read_prefix(data: bytes) -> None:
    text = text_of(data)
    covers("/reports", text)
    try:
        prefix = check_prefix(text)
    except ValueError:
        return
    assert check_prefix(prefix) == prefix
    assert covers(prefix, prefix)
    assert covers(prefix, f"{prefix}/below")


def _read_address(data: bytes) -> None:
    address = canonical_address(text_of(data))
    assert address == "" or set(address) <= set("0123456789abcdef.:/")


def _read_url(data: bytes) -> None:
    try:
        where = Address.parse(text_of(data))
    except ValueError:
        return
    assert where.scheme in ("https", "http")
    assert 0 < where.port <= 65_535
    assert where.host.isascii()
    assert not set(where.host) & set(" /\\@,%?#*\r\n\t\x00")
    assert where.path.startswith("/")
    assert where.path.isascii()
    assert where.path.isprintable()


TARGETS = (
    Target(
        "host",
        _read_host,
        encoded(
            *(
                "acme.localhost",
                "ACME.localhost.:8000",
                "[::1]:80",
                "[::ffff:1.2.3.4]",
                "xn--a.test",
            ),
            *(
                "b\u00fccher.test",
                "\uff41cme.test",
                "a\u3002test",
                "a@b",
                "a,b",
                "a b",
                "",
                "1.2.3.4",
            ),
            *("stra\u00dfe.test", "a\u200db.test", "[::1%25lo]", "a" * 64 + ".test", "\udc80"),
        ),
        encoded(
            ".", ":", "[", "]", "%", "@", ",", "xn--", "localhost", "\u3002", "\u00ad", "\u2488"
        ),
    ),
    Target(
        "origin",
        _read_origin,
        encoded(
            *("https://app.acme.test", "https://a.apps.acme.test:8443", "https://*.acme.test"),
            *("null", "*", "https://app.acme.test.evil.test", "https://app.acme.test@evil.test"),
            *("HTTPS://app.acme.test", "https://[::1]:8443", "file://", "https://*.com", "//a"),
        ),
        encoded(
            "https://", "http://", "*", ".", ":", ":443", "@", "/", "\\", "null", "\u3002", "["
        ),
    ),
    Target(
        "url",
        _read_url,
        encoded(
            *("https://login.test/jwks", "http://127.0.0.1:8000/a?b=c", "https://[::1]:8443/"),
            *("https://user@login.test", "https://login.test#a", "https://127.1/", "https://a:0"),
            *("https://0x7f000001/", "file:///etc/passwd", "https:login.test", "https://a\\@b"),
        ),
        encoded("https://", "http:", "//", "@", ":", "#", "?", "\\", "%", "[", "]", "0x", "127.1"),
    ),
    Target(
        "authorization",
        _read_authorization,
        encoded(
            *(
                "Bearer a.b.c",
                "bearer  a",
                "BEARER\ta",
                "Bearer",
                "Basic YTpi",
                "Bearer a, Bearer b",
            ),
            *("Basic YTpi,Bearer a", "Bearer\u00a0a", 'Bearer token="a"', "", "Digest a=b"),
        ),
        encoded("Bearer ", "bearer", ",", ", ", " ", "\t", "=", "Basic ", "\u00a0", "\u212a"),
    ),
    Target(
        "amount",
        _read_amount,
        encoded(
            *("100/minute", "100/15 minutes", "5 per 2 hours", "1/0 minute", "10/second;20/day"),
            *("500ms", "2s", "15m", "12h", "30d", "0s", "007s", "1.5s", "\u0663s", "9" * 40),
        ),
        encoded("/", " per ", "minute", "seconds", ";", ",", "0", "month", "ms", "d", "-", "e9"),
    ),
    Target(
        "prefix",
        _read_prefix,
        encoded("/", "/reports", "/a/b/", "//a", "/a/../b", "/a%2fb", "/a?b", "/*", "a", ""),
        encoded("/", "//", "..", ".", "%2e", "*", "?", "#", "\\", "\x00", "\u2215"),
    ),
    Target(
        "address",
        _read_address,
        encoded(
            *(
                "192.0.2.1",
                "192.0.2.1:8000",
                "2001:db8::1",
                "[2001:db8::1]:443",
                "::ffff:192.0.2.1",
            ),
            *(
                "010.0.0.1",
                "::1",
                "fe80::1%eth0",
                "unknown",
                "_hidden",
                "",
                "1.2.3",
                "\u0661.2.3.4",
            ),
        ),
        encoded(":", "::", "[", "]", ".", "%", "ffff", "0x", "/64"),
    ),
)
