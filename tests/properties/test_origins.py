"""Origins against an oracle that knows nothing of patterns: it compares lists of words."""

from hypothesis import example, given
from hypothesis import strategies as st

from tenantauth.origins import OriginPattern, OriginSet

# Few words, so that the origins drawn often nearly meet the patterns.
LABEL = st.sampled_from(["a", "b", "app", "xn--bcher-kva"])
PORT = st.sampled_from(["", ":80", ":443", ":8443"])
SCHEME = st.sampled_from(["http", "https"])
HOST = st.lists(LABEL, min_size=1, max_size=4).map(lambda labels: ".".join([*labels, "test"]))
ORIGIN = st.builds("{}://{}{}".format, SCHEME, HOST, PORT)
WILD_HOST = st.builds(
    lambda wild, host: ".".join([*wild, host]),
    st.lists(st.sampled_from(["*", "a"]), min_size=1, max_size=3),
    HOST,
)
PATTERN = ORIGIN | st.builds("{}://{}{}".format, SCHEME, WILD_HOST, PORT)
NOISE = st.text(" ./:@*?#[]%\\\n\x00é\ud800", max_size=3)
SENT = ORIGIN | st.builds("{}{}{}".format, NOISE, ORIGIN, NOISE) | st.just("null") | st.text()


def words(origin: str) -> list[str]:
    scheme, _, rest = origin.partition("://")
    host, _, port = rest.partition(":")
    return [scheme, port or {"http": "80", "https": "443"}[scheme], *host.split(".")]


def is_as_browsers_write_it(origin: str) -> bool:
    scheme, _, rest = origin.partition("://")
    host, colon, port = rest.partition(":")
    default = {"http": "80", "https": "443"}.get(scheme)
    plain = set("abcdefghijklmnopqrstuvwxyz0123456789-_")
    return (
        default is not None
        and all(label and set(label) <= plain for label in host.split("."))
        and port != default
        and (not colon or (port.isascii() and port.isdigit()))
    )


def is_allowed(origin: str, pattern: str) -> bool:
    own, sent = words(pattern), words(origin)
    pairs = zip(own, sent, strict=False)
    return len(own) == len(sent) and all(a in ("*", b) for a, b in pairs)


@given(st.lists(PATTERN, max_size=4), SENT)
@example(["https://*.a.test"], "https://b.a.test")
@example(["https://*.a.test"], "https://b.a.test:443")
def test_a_set_allows_exactly_what_the_oracle_allows(patterns: list[str], origin: str) -> None:
    """Threat 63."""
    expected = is_as_browsers_write_it(origin) and any(is_allowed(origin, p) for p in patterns)
    assert OriginSet.parse(patterns).allows(origin) is expected


@given(st.lists(PATTERN, min_size=1, max_size=4), st.data())
def test_an_origin_made_from_a_pattern_is_allowed(patterns: list[str], data: st.DataObject) -> None:
    pattern = OriginPattern.parse(data.draw(st.sampled_from(patterns)))
    origin = str(pattern).replace("*", data.draw(LABEL))
    assert OriginSet.parse(patterns).allows(origin)


@given(PATTERN)
def test_a_pattern_is_read_back_from_its_own_text(text: str) -> None:
    pattern = OriginPattern.parse(text)
    assert OriginPattern.parse(str(pattern)) == pattern


@given(st.text() | NOISE.map("https://{}".format) | st.builds("{}{}".format, ORIGIN, NOISE))
@example("https://[.]")
@example("https://[:::::]")
@example("https://*.a\u2488b.test")
def test_any_text_is_a_pattern_with_one_spelling_or_a_value_error(text: str) -> None:
    """Threat 64, threat 69."""
    try:
        pattern = OriginPattern.parse(text)
    except ValueError:
        return
    assert OriginPattern.parse(str(pattern)) == pattern
    assert str(pattern).isascii()
    assert str(pattern).isprintable()


@given(st.lists(PATTERN, max_size=4), st.text() | NOISE)
def test_a_text_that_is_no_origin_is_never_allowed(patterns: list[str], text: str) -> None:
    allowed = OriginSet.parse(patterns)
    assert not allowed.allows("null")
    assert not allowed.allows(text)
