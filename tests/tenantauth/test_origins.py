import re
from contextlib import nullcontext
from time import perf_counter

import pytest

from tenantauth.origins import OriginPattern, OriginSet


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("https://app.acme.test", "https://app.acme.test"),
        ("https://App.ACME.test", "https://app.acme.test"),
        ("https://app.acme.test.", "https://app.acme.test"),
        ("https://app.acme.test:443", "https://app.acme.test"),
        ("https://app.acme.test:08443", "https://app.acme.test:8443"),
        ("http://app.acme.test:80", "http://app.acme.test"),
        ("http://app.acme.test:443", "http://app.acme.test:443"),
        ("https://bücher.test", "https://xn--bcher-kva.test"),
        ("http://app.acme.test:1", "http://app.acme.test:1"),
        ("http://app.acme.test:65535", "http://app.acme.test:65535"),
        ("http://[0:0::1]:3000", "http://[::1]:3000"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("https://*.apps.acme.test:8443", "https://*.apps.acme.test:8443"),
        ("https://*.Apps.acme.test.", "https://*.apps.acme.test"),
        ("https://*.bücher\u3002test", "https://*.xn--bcher-kva.test"),
        ("https://*.*.acme.test", "https://*.*.acme.test"),
        ("https://a.*.acme.test", "https://a.*.acme.test"),
        ("http://*.localhost:8000", "http://*.localhost:8000"),
    ],
)
def test_an_origin_is_kept_in_the_form_that_browsers_send(text: str, canonical: str) -> None:
    assert str(OriginPattern.parse(text)) == canonical


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("null", id="null"),
        pytest.param("*", id="any"),
        pytest.param("app.acme.test", id="no-scheme"),
        pytest.param("//app.acme.test", id="relative"),
        pytest.param("ftp://app.acme.test", id="scheme"),
        pytest.param("*://app.acme.test", id="any-scheme"),
        pytest.param("https://", id="no-host"),
        pytest.param("https://app.acme.test/", id="slash"),
        pytest.param("https://app.acme.test/path", id="path"),
        pytest.param("https://app.acme.test?q", id="query"),
        pytest.param("https://app.acme.test#f", id="fragment"),
        pytest.param("https://user:pw@app.acme.test", id="userinfo"),
        pytest.param("https://app.acme.test\n", id="newline"),
        pytest.param("https://app.acme.test\r\nX: y", id="crlf"),
        pytest.param(" https://app.acme.test", id="space"),
        pytest.param("https://a.test,https://b.test", id="list"),
        pytest.param("https://app.acme.test:", id="empty-port"),
        pytest.param("https://app.acme.test:0", id="port-zero"),
        pytest.param("https://app.acme.test:65536", id="port-too-large"),
        pytest.param("https://app.acme.test:*", id="any-port"),
        pytest.param("https://*:443*", id="wildcard-in-the-port"),
        pytest.param("https://app.acme.test:\u0663", id="arabic-port"),
        pytest.param("https://app.acme.test\\.evil.test", id="backslash"),
        pytest.param("https://^app.*", id="regex"),
        pytest.param("https://[::1", id="open-bracket"),
        pytest.param("https://[.]", id="bad-ipv6"),
        pytest.param("https://\ud800.test", id="surrogate"),
        pytest.param("https://\x00", id="nul"),
        pytest.param("https://straße.test", id="another-name-in-browsers"),
    ],
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    """Threat 63, threat 69: nothing but an origin enters a policy."""
    with pytest.raises(ValueError, match=re.escape(f"{text!r} is not an origin")):
        OriginPattern.parse(text)


@pytest.mark.parametrize(
    "text",
    ["https://app*.acme.test", "https://*app.acme.test", "https://**.acme.test"],
)
def test_a_partial_wildcard_is_refused(text: str) -> None:
    """Threat 64: regex or partial wildcards."""
    with pytest.raises(ValueError, match="whole label"):
        OriginPattern.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://*",
        "https://*.",
        "https://*.com",
        "https://*.com.",
        "https://*.*",
        "https://*.*.com",
        "https://*.com\u3002",
        "https://app.*",
        "https://app.*.com",
        "https://localhost.*",
    ],
)
def test_a_wildcard_over_what_nobody_owns_is_refused(text: str) -> None:
    """Threat 64."""
    with pytest.raises(ValueError, match="a domain of its own"):
        OriginPattern.parse(text)


@pytest.mark.parametrize(
    "host", ["*.-a.test", "*..a.test", "*.a.test..", "\uff0a.a.test", "*." + "a." * 126 + "test"]
)
def test_the_fixed_labels_of_a_wildcard_obey_the_rules_of_host_names(host: str) -> None:
    with pytest.raises(ValueError, match="is not an origin: not a host"):
        OriginPattern.parse(f"https://{host}")


@pytest.mark.parametrize("host", ["*.a\u2024b.test", "*.a\u2025b.test", "*.\u2488com"], ids=ascii)
def test_odd_dots_beside_a_wildcard_are_refused_in_words(host: str) -> None:
    """Threat 64: which label is the star would depend on who splits the name."""
    with pytest.raises(ValueError, match=r"plain dots|not a host name"):
        OriginPattern.parse(f"https://{host}")


@pytest.mark.parametrize("text", ["https://app.acme.test/", "http://localhost:3000//"])
def test_an_origin_with_a_slash_is_refused_with_the_one_without(text: str) -> None:
    with pytest.raises(ValueError, match=f"write it without the slash: {text.rstrip('/')}\\)$"):
        OriginPattern.parse(text)


ALLOWED = OriginSet.parse(
    ["https://app.acme.test", "https://*.apps.acme.test", "http://*.*.dev.test:3000"]
)


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.acme.test",
        "https://one.apps.acme.test",
        "https://xn--bcher-kva.apps.acme.test",
        "http://a.b.dev.test:3000",
    ],
)
def test_listed_origins_and_single_labels_of_wildcards_are_allowed(origin: str) -> None:
    assert ALLOWED.allows(origin)


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param("https://evil.test", id="any"),
        pytest.param("null", id="null"),
        pytest.param("", id="empty"),
        pytest.param("*", id="star"),
        pytest.param("https://app.acme.test.evil.test", id="suffixed"),
        pytest.param("https://evilapp.acme.test", id="prefixed"),
        pytest.param("https://x.app.acme.test", id="subdomain"),
        pytest.param("https://acme.test", id="parent"),
        pytest.param("https://appxacme.test", id="dot-as-any-character"),
        pytest.param("http://app.acme.test", id="scheme"),
        pytest.param("https://app.acme.test:8443", id="port"),
        pytest.param("https://app.acme.test:443", id="default-port-spelled-out"),
        pytest.param("https://app.acme.test.", id="trailing-dot"),
        pytest.param("https://APP.acme.test", id="case"),
        pytest.param("HTTPS://app.acme.test", id="scheme-case"),
        pytest.param("https://app.acme.test/", id="slash"),
        pytest.param("https://app.acme.test ", id="space"),
        pytest.param("https://user@app.acme.test", id="userinfo"),
        pytest.param("https://app.acme.test, https://app.acme.test", id="two"),
        pytest.param("https://apps.acme.test", id="wildcard-apex"),
        pytest.param("https://one.two.apps.acme.test", id="wildcard-two-labels"),
        pytest.param("https://.apps.acme.test", id="wildcard-empty-label"),
        pytest.param("https://*.apps.acme.test", id="wildcard-itself"),
        pytest.param("https://oneapps.acme.test", id="wildcard-glued"),
        pytest.param("https://one.apps.acme.test.evil.test", id="wildcard-suffixed"),
        pytest.param("https://evil.test?.apps.acme.test", id="wildcard-query"),
        pytest.param("https://evil.test#.apps.acme.test", id="wildcard-fragment"),
        pytest.param("https://evil.test/.apps.acme.test", id="wildcard-path"),
        pytest.param("https://evil.test\\.apps.acme.test", id="wildcard-backslash"),
        pytest.param("https://evil%2f.apps.acme.test", id="wildcard-escape"),
        pytest.param("https://evil@.apps.acme.test", id="wildcard-userinfo"),
        pytest.param("https://[::1].apps.acme.test", id="wildcard-ipv6"),
        pytest.param("https://ONE.apps.acme.test", id="wildcard-case"),
        pytest.param("https://one.apps.acme.test:443", id="wildcard-default-port"),
        pytest.param("https://one.apps.acme.test:8443", id="wildcard-port"),
        pytest.param("http://one.apps.acme.test", id="wildcard-scheme"),
        pytest.param("http://one.apps.acme.test:443", id="wildcard-scheme-alone"),
        pytest.param("https://one.apps.acme.test\n", id="wildcard-newline"),
        pytest.param("https://one\x00.apps.acme.test", id="wildcard-nul"),
        pytest.param("https://bücher.apps.acme.test", id="wildcard-not-in-a-labels"),
        pytest.param("https://\ud800.apps.acme.test", id="wildcard-surrogate"),
        pytest.param("http://a.b.dev.test", id="wildcards-without-their-port"),
    ],
)
def test_anything_near_an_allowed_origin_is_refused(origin: str) -> None:
    """Threat 63: what other decisions reflected."""
    assert not ALLOWED.allows(origin)


@pytest.mark.parametrize("origin", ["null", "https://app.acme.test", ""])
def test_no_origins_allow_nothing(origin: str) -> None:
    nothing = OriginSet.parse([])
    assert not nothing
    assert not nothing.allows(origin)


@pytest.mark.parametrize("texts", [["https://a.test"], ["https://*.a.test"], ["*"]])
def test_a_set_with_an_origin_is_true(texts: list[str]) -> None:
    assert OriginSet.parse(texts)


def test_a_star_alone_is_any_origin() -> None:
    anybody = OriginSet.parse(["*"])
    assert anybody.any_origin
    assert anybody.allows("https://somebody.test")


@pytest.mark.parametrize("texts", [["*", "https://a.test"], ["https://a.test", "*"], ["*", "*"]])
def test_a_star_in_a_list_is_refused(texts: list[str]) -> None:
    """Threat 64."""
    with pytest.raises(ValueError, match="stands alone"):
        OriginSet.parse(texts)


def test_one_bad_origin_spoils_the_set() -> None:
    with pytest.raises(ValueError, match="null"):
        OriginSet.parse(["https://a.test", "null"])


@pytest.mark.parametrize("text", ["null", "*", "https://A.test", "https://*.a.test", "a.test"])
def test_a_set_built_by_hand_holds_canonical_exact_origins_only(text: str) -> None:
    """Threat 63: `null` cannot be allowed by any way in."""
    with pytest.raises(ValueError, match="canonical"):
        OriginSet(exact=frozenset({text}))


def test_a_set_built_by_hand_cannot_be_any_origin_and_a_list() -> None:
    """Threat 64."""
    with pytest.raises(ValueError, match="stands alone"):
        OriginSet(exact=frozenset({"https://a.test"}), any_origin=True)


@pytest.mark.parametrize("text", ["a.", "é.", "*.", "a", "é", "*", "[", ":", "\ud800"])
def test_a_very_long_origin_is_refused_in_bounded_time(text: str) -> None:
    started = perf_counter()
    assert not ALLOWED.allows(f"https://{text * 100_000}apps.acme.test")
    assert perf_counter() - started < 1


@pytest.mark.parametrize(("length", "fits"), [(253, True), (254, False)])
def test_a_wildcards_name_is_as_long_as_a_name_may_be(length: int, fits: bool) -> None:
    """The star counts for one character, the least that a label has."""
    labels = "*." + ".".join(["a" * 63] * 3)
    text = f"https://{labels}.{'b' * (length - len(labels) - 1)}"
    with nullcontext() if fits else pytest.raises(ValueError, match="host"):
        assert str(OriginPattern.parse(text)) == text


def test_a_wildcard_stands_before_names_and_never_before_an_address() -> None:
    """Threat 64: a number in front is a name like any other, one at the end an address."""
    assert str(OriginPattern.parse("https://*.1.test")) == "https://*.1.test"
    for text in ("https://*.a.1", "https://*.0.0.1", "https://192.*.2.1"):
        with pytest.raises(ValueError, match="an IPv4 address is written"):
            OriginPattern.parse(text)


def test_any_origin_has_no_company() -> None:
    """Threat 64: neither of exact ones nor of wildcards."""
    wildcard = OriginPattern.parse("https://*.apps.acme.test")
    with pytest.raises(ValueError, match="alone"):
        OriginSet(wildcards=(wildcard,), any_origin=True)
    with pytest.raises(ValueError, match="alone"):
        OriginSet(exact=frozenset({"https://app.acme.test"}), any_origin=True)


def test_above_localhost_any_label_may_be_a_wildcard() -> None:
    pages = OriginSet.parse(iter(["http://a.*.localhost", "https://app.test"]))
    assert pages.allows("http://a.b.localhost")
    assert pages.allows("https://app.test")
    assert not pages.allows("http://b.b.localhost")
