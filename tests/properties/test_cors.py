"""CORS headers against an oracle that compares lists of words, rule by rule."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tenantauth.layers.cors import Cors
from tenantauth.origins import OriginSet
from tenantauth.policy import CorsRule, TenantPolicy
from tenantauth.reply import HeaderList
from tenantauth.testing import make_policy
from tests.support import make_context


@dataclass(frozen=True)
class Words:
    """An origin, or a pattern of origins, taken apart."""

    scheme: str
    labels: tuple[str, ...]
    port: str = ""

    def __str__(self) -> str:
        return f"{self.scheme}://{'.'.join(self.labels)}{self.port}"


SCHEMES = st.sampled_from(["http", "https"])
PORTS = st.sampled_from(["", ":8443", ":3000"])
# Few words, so that the origins drawn often nearly meet the patterns.
LABELS = st.lists(st.sampled_from(["a", "b", "app"]), max_size=3)
EXACT = st.builds(Words, SCHEMES, LABELS.map(lambda some: (*some, "acme", "test")), PORTS)
WILD = st.builds(Words, SCHEMES, LABELS.map(lambda some: ("*", *some, "acme", "test")), PORTS)
NOISE = st.sampled_from([".evil.test", "/", ":443", " ", "\r\nX: 1", "\x00", ".", ", https://a"])
SENT = EXACT.map(str) | st.none()
FOREIGN = st.builds("{}{}".format, EXACT, NOISE) | st.just("null") | st.text()

PATHS = st.lists(st.sampled_from(["a", "b", "ab"]), max_size=3).map(
    lambda some: "/" + "/".join(some)
)


@dataclass(frozen=True)
class Drawn:
    """A rule and what it was made of."""

    path: str
    patterns: tuple[Words, ...] | None  # None is any origin
    credentials: bool

    def rule(self) -> CorsRule:
        texts = ["*"] if self.patterns is None else map(str, self.patterns)
        credentials = self.credentials and self.patterns is not None
        return CorsRule(OriginSet.parse(texts), path=self.path, credentials=credentials)


RULES = st.lists(
    st.builds(
        Drawn, PATHS, st.none() | st.lists(EXACT | WILD, max_size=3).map(tuple), st.booleans()
    ),
    max_size=3,
    unique_by=lambda drawn: drawn.path,
)
OWN_NAMES = ["Access-Control-Allow-Origin", "access-control-allow-credentials", "X-Own"]
OWN_NAMES += ["ACCESS-CONTROL-EXPOSE-HEADERS", "Access-control-x", "Content-Type"]
OWN_VALUES = st.sampled_from(["*", "true", "https://evil.test", "x"])
OWN = st.lists(st.tuples(st.sampled_from(OWN_NAMES), OWN_VALUES), max_size=4)
VARY = st.lists(st.sampled_from(["Cookie", "origin", "Accept, Origin", "*", ""]), max_size=3)


def segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def rule_for(rules: list[Drawn], path: str) -> Drawn | None:
    asked = segments(path)
    by_prefix = {tuple(segments(drawn.path)): drawn for drawn in rules}
    prefixes = [tuple(asked[:length]) for length in range(len(asked), -1, -1)]
    return next((by_prefix[prefix] for prefix in prefixes if prefix in by_prefix), None)


def allows(pattern: Words, origin: str) -> bool:
    scheme, _, rest = origin.partition("://")
    host, colon, port = rest.partition(":")
    labels = host.split(".")
    return (scheme, colon + port) == (pattern.scheme, pattern.port) and (
        len(labels) == len(pattern.labels)
        and all(own in ("*", label) for own, label in zip(pattern.labels, labels, strict=True))
    )


def expected_acao(rules: list[Drawn], path: str, origin: str | None) -> str | None:
    """Say what a page of this origin is told; the origins drawn are as browsers write them."""
    drawn = rule_for(rules, path)
    if drawn is not None and drawn.patterns is None:
        return "*"
    if drawn is None or drawn.patterns is None or origin is None:
        return None
    return origin if any(allows(pattern, origin) for pattern in drawn.patterns) else None


def policy_of(rules: list[Drawn]) -> TenantPolicy:
    return make_policy(cors=[drawn.rule() for drawn in rules])


def answered(
    rules: list[Drawn], path: str, origin: str | None, own: HeaderList, *, preflight: bool
) -> HeaderList:
    asked = "PUT" if preflight else None
    context = make_context(policy_of(rules), path=path, origin=origin, preflight_for=asked)
    headers = list(own)
    cors = Cors()
    cors.admit(context)
    cors.finish(context, headers)
    return headers


def cors_of(headers: HeaderList) -> HeaderList:
    return [header for header in headers if header[0].lower().startswith("access-control-")]


@given(RULES, PATHS, SENT, st.booleans())
def test_the_allowed_origin_is_the_oracles(
    rules: list[Drawn], path: str, origin: str | None, preflight: bool
) -> None:
    """Threat 63, threat 70."""
    headers = answered(rules, path, origin, [], preflight=preflight)
    told = [value for name, value in headers if name == "Access-Control-Allow-Origin"]
    expected = expected_acao(rules, path, origin)
    assert told == ([] if expected is None else [expected])
    assert told or not cors_of(headers)


@given(RULES, PATHS, FOREIGN, st.booleans(), OWN)
def test_what_browsers_never_send_gets_no_header_of_cors(
    rules: list[Drawn], path: str, origin: str, preflight: bool, own: HeaderList
) -> None:
    """Threat 63: not even one that the app wrote; any origin is told `*` and nothing of itself."""
    headers = cors_of(answered(rules, path, origin, own, preflight=preflight))
    drawn = rule_for(rules, path)
    if drawn is not None and drawn.patterns is None:
        assert headers[0] == ("Access-Control-Allow-Origin", "*")
    else:
        assert headers == []


@given(RULES, PATHS, SENT | FOREIGN, st.booleans())
def test_credentials_only_ever_come_with_an_exact_origin(
    rules: list[Drawn], path: str, origin: str | None, preflight: bool
) -> None:
    """Threat 64."""
    headers = dict(answered(rules, path, origin, [], preflight=preflight))
    drawn = rule_for(rules, path)
    if "Access-Control-Allow-Credentials" in headers:
        assert drawn is not None
        assert drawn.credentials
        assert headers["Access-Control-Allow-Origin"] == origin != "*"


@given(RULES, PATHS, SENT | FOREIGN, st.booleans(), VARY)
def test_answers_vary_whenever_the_rule_depends_on_the_origin(
    rules: list[Drawn], path: str, origin: str | None, preflight: bool, own: list[str]
) -> None:
    """Threat 65: in one line, and whatever the app varies by stays."""
    headers = answered(rules, path, origin, [("Vary", v) for v in own], preflight=preflight)
    words = {w.strip().lower() for name, v in headers if name == "Vary" for w in v.split(",")}
    drawn = rule_for(rules, path)
    if drawn is not None and drawn.patterns:
        assert words & {"origin", "*"}
    assert {w.strip().lower() for v in own for w in v.split(",")} - {""} <= words


@given(RULES, PATHS, SENT | FOREIGN, st.booleans(), OWN)
def test_the_apps_own_cors_headers_never_leave(
    rules: list[Drawn], path: str, origin: str | None, preflight: bool, own: HeaderList
) -> None:
    """Threat 68."""
    ours = answered(rules, path, origin, [], preflight=preflight)
    kept = [header for header in own if not header[0].lower().startswith("access-control-")]
    assert answered(rules, path, origin, own, preflight=preflight) == kept + ours
