"""The whole stack against a model of browsers and one of shared caches, over random rules."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from tenantauth.defaults import default_layers
from tenantauth.origins import OriginSet
from tenantauth.policy import ALWAYS_EXPOSED, CorsRule
from tenantauth.resolve import ByHost
from tenantauth.route import RouteFacts
from tenantauth.stack import Stack
from tenantauth.testing import FakePolicySource, make_policy, make_token
from tests.properties.fetch_model import Call, Page, Read, SharedCache, fresh

# What each pattern stands for, said without reading it; whoever is in no row is a stranger.
COVERED = {
    "https://a.test": {"https://a.test"},
    "https://a.test:8443": {"https://a.test:8443"},
    "http://a.test": {"http://a.test"},
    "https://*.w.test": {"https://x.w.test", "https://y.w.test"},
    "*": None,
}
STRANGERS = ["null", "https://b.test", "https://a.test.b.test", "https://w.test"]
STRANGERS += ["https://x.y.w.test", "https://xw.test", "https://x.w.test:8443", "file://"]
ORIGINS = st.sampled_from(sorted(set().union(*filter(None, COVERED.values())))) | st.sampled_from(
    STRANGERS
)
NAMES = ["Authorization", "Content-Type", "X-Key"]


@dataclass(frozen=True)
class Drawn:
    """A rule before it is one."""

    patterns: tuple[str, ...]
    methods: tuple[str, ...]
    allow_headers: tuple[str, ...]
    expose_headers: tuple[str, ...]
    credentials: bool

    def rule(self, path: str) -> CorsRule:
        return CorsRule(
            OriginSet.parse(self.patterns),
            path,
            self.methods,
            self.allow_headers,
            self.expose_headers,
            self.credentials,
        )

    def lets_read(self, origin: str, call: Call) -> bool:
        everybody = self.patterns == ("*",) and not call.credentials
        covered = any(origin in (COVERED[each] or ()) for each in self.patterns)
        if not everybody and not (covered and (self.credentials or not call.credentials)):
            return False
        methods = {"GET", "HEAD", "POST", *self.methods}
        return call.sent_method in methods and set(call.unsafe_names) <= _lower(self.allow_headers)


def _lower(names: Iterable[str]) -> set[str]:
    return {name.lower() for name in names}


def some(values: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True).map(tuple)


EXACT = some([each for each in COVERED if each != "*"])
FIELDS = (some(["GET", "PUT", "PATCH", "DELETE"]), some(NAMES), some(["X-Total", "X-Own"]))
DRAWN = st.builds(Drawn, EXACT, *FIELDS, st.booleans()) | st.builds(
    Drawn, st.just(("*",)), *FIELDS, st.just(False)
)
# None has no rule; the second is for what lies below /v1.
RULES = st.tuples(st.none() | DRAWN, st.none() | DRAWN)
PATHS = st.sampled_from(["/", "/v1", "/v1/a", "/v10"])
CALLS = st.builds(
    Call,
    PATHS,
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "put", "PATCH", "patch", "DELETE"]),
    some([*NAMES, "Accept"]).map(lambda names: tuple((name, _value(name)) for name in names)),
    st.booleans(),
)
VARY = st.sampled_from(["", "Cookie", "Accept, origin", "*"])
Rules = tuple[Drawn | None, Drawn | None]


def _value(name: str) -> str:
    token = make_token(make_policy(), now_s=time.time()) if name == "Authorization" else ""
    return f"Bearer {token}" if token else "application/json"


def rule_for(rules: Rules, path: str) -> Drawn | None:
    below_v1 = path == "/v1" or path.startswith("/v1/")
    return rules[1] if below_v1 and rules[1] else rules[0]


def hostile_app(
    vary: str, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Let everybody in, as far as an app can."""
    headers = [("Access-Control-Allow-Origin", environ.get("HTTP_ORIGIN", "*"))]
    headers += [("Access-Control-Allow-Credentials", "true"), ("Vary", vary)]
    headers += [("Access-Control-Expose-Headers", "*"), ("X-Total", "1"), ("X-Own", "1")]
    start_response("200 OK", [*headers, ("Cache-Control", "public, max-age=60")])
    return [b"secret"]


class Open:
    """Routes that need no token: what shared caches keep."""

    def facts(self, environ: WSGIEnvironment, method: str) -> RouteFacts:
        return RouteFacts(authentication="optional")


def stack(rules: Rules, vary: str = "", routes: Open | None = None) -> WSGIApplication:
    paths = zip(("/", "/v1"), rules, strict=True)
    policy = make_policy(cors=[drawn.rule(path) for path, drawn in paths if drawn is not None])
    return Stack(
        partial(hostile_app, vary),
        default_layers(),
        resolve=ByHost(),
        source=FakePolicySource([policy]),
        routes=routes,
    )


@given(RULES, ORIGINS, CALLS, VARY)
def test_a_page_reads_exactly_what_the_rule_says(
    rules: Rules, origin: str, call: Call, vary: str
) -> None:
    """Threats 63, 64, 66 to 69: over everything that a script can ask for, refusals included."""
    read = Page(stack(rules, vary), origin).fetch(call)
    drawn = rule_for(rules, call.path)
    if drawn is None or not drawn.lets_read(origin, call):
        assert read is None
        return
    has_token = "authorization" in call.unsafe_names
    assert isinstance(read, Read)
    assert read.status == (200 if has_token else 401)
    apps_own = {"x-total", "x-own"} if has_token else set()
    assert read.headers & {"x-total", "x-own"} == apps_own & _lower(drawn.expose_headers)
    assert "x-request-id" in read.headers & _lower(ALWAYS_EXPOSED)


def cors_of(headers: Headers) -> list[tuple[str, str]]:
    return [header for header in headers if header[0].startswith("Access-Control-")]


@given(RULES, st.lists(st.tuples(PATHS, ORIGINS | st.none()), max_size=8), VARY)
def test_a_shared_cache_never_hands_one_origins_answer_to_another(
    rules: Rules, asked: list[tuple[str, str | None]], vary: str
) -> None:
    """Threat 65: whoever comes first, a page of a stranger or nobody's page at all."""
    app = stack(rules, vary, Open())
    cache = SharedCache(app)
    for path, origin in asked:
        sent = {"Origin": origin} if origin else {}
        assert cors_of(cache.get(path, sent)) == cors_of(fresh(app, path, sent))
