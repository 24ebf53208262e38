from typing import Any

import pytest

from tenantauth.context import RequestContext
from tenantauth.layers.cors import Cors
from tenantauth.origins import OriginSet
from tenantauth.policy import ALWAYS_EXPOSED, CorsRule, TenantPolicy
from tenantauth.reply import Answer, HeaderList, Refusal
from tenantauth.route_cors import RouteCors
from tenantauth.testing import make_policy
from tests.support import make_context

APP = "https://app.acme.test"
ACME = make_policy(origins=[APP, "https://*.apps.acme.test"])
ANYBODY = make_policy(cors=[CorsRule(OriginSet.parse(["*"]))])
NOBODY = make_policy(cors=[CorsRule(OriginSet())])
WITHOUT = make_policy()

ORIGINS = [
    pytest.param("null", id="null"),
    pytest.param("", id="empty"),
    pytest.param("https://evil.test", id="any"),
    pytest.param("https://app.acme.test.evil.test", id="suffix"),
    pytest.param("https://evilapp.acme.test", id="prefix"),
    pytest.param("https://x.app.acme.test", id="subdomain"),
    pytest.param("https://appXacme.test", id="dot-as-any-character"),
    pytest.param("http://app.acme.test", id="scheme"),
    pytest.param("https://app.acme.test:8443", id="port"),
    pytest.param("https://app.acme.test:443", id="default-port-written"),
    pytest.param("https://APP.acme.test", id="case"),
    pytest.param("https://app.acme.test/", id="slash"),
    pytest.param("https://app.acme.test, https://evil.test", id="list"),
    pytest.param("https://app.acme.test https://evil.test", id="two"),
    pytest.param("https://app.acme.test\r\nX-Evil: 1", id="crlf"),
    pytest.param("https://app.acme.test\x00", id="nul"),
    pytest.param("https://user@app.acme.test", id="userinfo"),
    pytest.param("https://apps.acme.test", id="wildcard-none"),
    pytest.param("https://a.b.apps.acme.test", id="wildcard-two"),
    pytest.param("https://.apps.acme.test", id="wildcard-empty"),
    pytest.param("https://*.apps.acme.test", id="wildcard-itself"),
    pytest.param("https://a.apps.acme.test.evil.test", id="wildcard-suffix"),
    pytest.param("file://", id="file"),
]


def answered(
    context: RequestContext, *headers: tuple[str, str], cors: Cors | None = None
) -> HeaderList:
    """Take a request through the layer; return the headers that leave it."""
    cors = cors or Cors()
    assert cors.admit(context) == (Answer(204) if context.is_preflight else None)
    answer = list(headers)
    cors.finish(context, answer)
    return answer


def names(headers: HeaderList) -> list[str]:
    return [name for name, _ in headers]


def test_a_page_of_an_allowed_origin_may_read_the_answer() -> None:
    assert answered(make_context(ACME, origin=APP)) == [
        ("Vary", "Origin"),
        ("Access-Control-Allow-Origin", APP),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Expose-Headers", ", ".join(ALWAYS_EXPOSED)),
    ]


def test_a_preflight_is_answered_with_the_rule_itself() -> None:
    """Threat 66: it needs no token and reaches nothing further in."""
    assert answered(make_context(ACME, origin=APP, preflight_for="PUT")) == [
        ("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
        ("Access-Control-Allow-Origin", APP),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE"),
        ("Access-Control-Allow-Headers", "Authorization, Content-Type"),
        ("Access-Control-Max-Age", "600"),
    ]


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("preflight_for", [None, "GET"], ids=["actual", "preflight"])
def test_another_origin_gets_no_cors_header(origin: str, preflight_for: str | None) -> None:
    """Threat 63: reflection, null, suffix, prefix, subdomain, dot, scheme, port."""
    headers = answered(make_context(ACME, origin=origin, preflight_for=preflight_for))
    assert names(headers) == ["Vary"]


@pytest.mark.parametrize("origin", [APP, "https://evil.test", "null", None])
@pytest.mark.parametrize("preflight_for", [None, "GET"], ids=["actual", "preflight"])
def test_every_answer_that_depends_on_the_origin_says_so(
    origin: str | None, preflight_for: str | None
) -> None:
    """Threat 65: allowed, refused and Origin-less answers."""
    headers = answered(make_context(ACME, origin=origin, preflight_for=preflight_for))
    assert dict(headers)["Vary"].startswith("Origin")


@pytest.mark.parametrize("origin", [APP, "null", "https://evil.test\r\nX: y", None])
def test_any_origin_is_a_constant_without_credentials(origin: str | None) -> None:
    """Threat 64, threat 65: never with credentials nor as an echo, and without an Origin too."""
    headers = dict(answered(make_context(ANYBODY, origin=origin)))
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers.keys() == {"Access-Control-Allow-Origin", "Access-Control-Expose-Headers"}


@pytest.mark.parametrize("policy", [NOBODY, WITHOUT], ids=["no origins", "no rule"])
@pytest.mark.parametrize("preflight_for", [None, "GET"], ids=["actual", "preflight"])
def test_no_origins_is_no_cors(policy: TenantPolicy, preflight_for: str | None) -> None:
    assert answered(make_context(policy, origin=APP, preflight_for=preflight_for)) == []


def test_another_tenants_origin_is_refused() -> None:
    """Threat 70."""
    globex = make_policy("globex", origins=["https://app.globex.test"])
    assert names(answered(make_context(globex, origin=APP))) == ["Vary"]


@pytest.mark.parametrize("preflight_for", [None, "GET"], ids=["actual", "preflight"])
def test_no_answer_is_kept_for_another_tenant(preflight_for: str | None) -> None:
    """Threat 66, threat 70: one layer answers all, each by its own rule."""
    other = "https://app.globex.test"
    cors, globex = Cors(), make_policy("globex", origins=[other])
    for policy, origin, is_told in (
        (ACME, APP, True),
        (globex, APP, False),
        (globex, other, True),
        (ACME, other, False),
    ):
        context = make_context(policy, origin=origin, preflight_for=preflight_for)
        found = names(answered(context, cors=cors))
        assert ("Access-Control-Allow-Origin" in found) is is_told


@pytest.mark.parametrize(
    "name",
    [
        "Access-Control-Allow-Origin",
        "access-control-allow-origin",
        "ACCESS-CONTROL-ALLOW-CREDENTIALS",
        "Access-Control-Allow-Private-Network",
        "Access-Control-Anything",
    ],
)
@pytest.mark.parametrize("origin", [APP, "https://evil.test", None])
@pytest.mark.parametrize(
    "policy", [ACME, ANYBODY, NOBODY, WITHOUT], ids=["acme", "anybody", "nobody", "without"]
)
def test_the_apps_own_cors_headers_are_replaced(
    name: str, origin: str | None, policy: TenantPolicy
) -> None:
    """Threat 68, threat 71: two ACAO fields, application headers beside ours."""
    context = make_context(policy, origin=origin)
    assert answered(context, (name, "theirs")) == answered(context)


def test_other_headers_of_the_app_stay() -> None:
    headers = answered(
        make_context(ACME), ("Content-Type", "text/plain"), ("X-Access-Control", "1")
    )
    assert headers[:2] == [("Content-Type", "text/plain"), ("X-Access-Control", "1")]


@pytest.mark.parametrize("asked", ["DELETE", "GE", "get", "X", "*", "VERSION-CONTROL"])
def test_a_preflights_question_is_never_echoed(asked: str) -> None:
    """Threat 69: no reflection, no substring match."""
    context = make_context(ACME, origin=APP, preflight_for=asked)
    context.environ["HTTP_ACCESS_CONTROL_REQUEST_HEADERS"] = "X-Evil, Author"
    assert answered(context) == answered(make_context(ACME, origin=APP, preflight_for="GET"))


@pytest.mark.parametrize(
    ("asked", "header", "reason"),
    [
        pytest.param("", "", "one method", id="no-method"),
        pytest.param("GET, PUT", "", "one method", id="two-methods"),
        pytest.param("PUT\r\nX-Evil: 1", "", "one method", id="line-break-in-the-method"),
        pytest.param("PUT\n", "", "one method", id="line-break-behind-the-method"),
        pytest.param("M" * 65, "", "one method", id="endless-method"),
        pytest.param("P\u00dcT", "", "one method", id="letters-of-no-method"),
        pytest.param("PUT", "X-A: 1", "list of names", id="no-names"),
        pytest.param("PUT", "x-a,\r\nx-b", "list of names", id="line-break-in-names"),
        pytest.param("PUT", "x" * 4097, "too long", id="endless-names"),
    ],
)
def test_a_preflight_that_no_browser_writes_is_refused(
    asked: str, header: str, reason: str
) -> None:
    """Threat 69: and nothing of it comes back."""
    context = make_context(ACME, origin=APP, preflight_for=asked)
    context.environ["HTTP_ACCESS_CONTROL_REQUEST_HEADERS"] = header
    refusal = Cors().admit(context)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, reason in refusal.reason) == ("invalid_request", True)


@pytest.mark.parametrize("header", ["", "x-a", "x-a,x-b", "X-A , x-b", "*", ",", "x-a," * 1024])
@pytest.mark.parametrize("asked", ["get", "*", "M" * 64])
def test_a_preflight_that_a_browser_may_write_is_answered(asked: str, header: str) -> None:
    context = make_context(ACME, origin=APP, preflight_for=asked)
    context.environ["HTTP_ACCESS_CONTROL_REQUEST_HEADERS"] = header
    assert Cors().admit(context) == Answer(204)


def test_a_refused_preflight_allows_no_method() -> None:
    """Threat 69: also when a layer outside of this one refused it."""
    context = make_context(ACME, origin=APP, preflight_for="PUT")
    assert Cors().admit(context) == Answer(204)
    context.refusal = Refusal("invalid_request")
    headers: HeaderList = []
    Cors().finish(context, headers)
    assert names(headers)[1:] == [
        "Access-Control-Allow-Origin",
        "Access-Control-Allow-Credentials",
        "Access-Control-Expose-Headers",
    ]


OPENED = make_policy(cors=[CorsRule(OriginSet.parse([APP]), private_network=True)])
PRIVATE = "Access-Control-Allow-Private-Network"


@pytest.mark.parametrize(
    ("policy", "asked", "origin", "told"),
    [
        pytest.param(OPENED, "true", APP, "true", id="asked-and-allowed"),
        pytest.param(OPENED, None, APP, None, id="not-asked"),
        pytest.param(OPENED, "1", APP, None, id="asked-oddly"),
        pytest.param(OPENED, "true", "https://evil.test", None, id="another-origin"),
        pytest.param(ACME, "true", APP, None, id="not-allowed"),
    ],
)
def test_private_networks_open_by_rule_and_when_asked_only(
    policy: TenantPolicy, asked: str | None, origin: str, told: str | None
) -> None:
    """Threat 71."""
    context = make_context(policy, origin=origin, preflight_for="GET")
    if asked is not None:
        context.environ["HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK"] = asked
    assert dict(answered(context)).get(PRIVATE) == told


def test_a_preflight_varies_by_what_it_may_say_of_private_networks() -> None:
    """Threat 65, threat 71."""
    varied = dict(answered(make_context(OPENED, preflight_for="GET", origin=APP)))["Vary"]
    assert varied.endswith(", Access-Control-Request-Private-Network")
    assert dict(answered(make_context(OPENED, origin=APP)))["Vary"] == "Origin"


@pytest.mark.parametrize("preflight_for", [None, "GET"], ids=["actual", "preflight"])
def test_private_networks_are_never_opened_unasked(preflight_for: str | None) -> None:
    """Threat 71."""
    context = make_context(ACME, origin=APP, preflight_for=preflight_for)
    context.environ["HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK"] = "true"
    assert "Access-Control-Allow-Private-Network" not in names(answered(context))


@pytest.mark.parametrize(
    "context",
    [
        pytest.param(make_context(ACME, method="OPTIONS"), id="no-origin-no-method"),
        pytest.param(make_context(ACME, method="OPTIONS", origin=APP), id="no-requested-method"),
        pytest.param(make_context(ACME, preflight_for="GET"), id="no-origin"),
    ],
)
def test_a_plain_options_goes_on(context: RequestContext) -> None:
    """Threat 55: only a real preflight is answered before authentication."""
    assert Cors().admit(context) is None


def test_a_get_that_looks_like_a_preflight_goes_on() -> None:
    """Threat 55."""
    context = make_context(ACME, origin=APP, headers={"Access-Control-Request-Method": "GET"})
    assert Cors().admit(context) is None


def test_a_post_that_says_it_is_a_preflight_goes_on() -> None:
    """Threat 55: the method is that of the request line, whatever a header overrides."""
    headers = {"Access-Control-Request-Method": "GET", "X-Http-Method-Override": "OPTIONS"}
    context = make_context(ACME, method="POST", origin=APP, headers=headers)
    assert Cors().admit(context) is None


def test_the_rule_of_the_longest_prefix_decides() -> None:
    admin = CorsRule(OriginSet.parse(["https://admin.acme.test"]), path="/admin")
    policy = make_policy(origins=[APP], cors=[admin])
    assert names(answered(make_context(policy, origin=APP, path="/admin/users"))) == ["Vary"]
    assert "Access-Control-Allow-Origin" in names(answered(make_context(policy, origin=APP)))


def test_headers_of_the_rule_are_sent_only_where_they_belong() -> None:
    rule = CorsRule(OriginSet.parse([APP]), expose_headers=("X-Total",), max_age_s=0)
    policy = make_policy(cors=[rule])
    actual = dict(answered(make_context(policy, origin=APP)))
    preflight = dict(answered(make_context(policy, origin=APP, preflight_for="GET")))
    assert actual["Access-Control-Expose-Headers"].endswith(", X-Total")
    assert preflight["Access-Control-Max-Age"] == "0"
    assert "Access-Control-Allow-Credentials" not in actual | preflight
    assert not {"Access-Control-Max-Age", "Access-Control-Allow-Methods"} & actual.keys()


@pytest.mark.parametrize("policy", [ACME, NOBODY, WITHOUT], ids=["acme", "nobody", "without"])
def test_a_published_document_is_for_any_origin_to_get(policy: TenantPolicy) -> None:
    context = make_context(policy, origin="null", published=True, preflight_for="GET")
    headers = dict(answered(context))
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Access-Control-Allow-Methods"] == "GET"


@pytest.mark.parametrize("policy", [ACME, NOBODY, WITHOUT], ids=["acme", "nobody", "without"])
def test_a_published_document_is_for_any_origin(policy: TenantPolicy) -> None:
    context = make_context(policy, origin="https://evil.test", published=True)
    assert answered(context) == [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Expose-Headers", ", ".join(ALWAYS_EXPOSED)),
    ]


def test_the_layer_says_that_it_answers_preflights() -> None:
    """Threat 66: by this the stack knows to ask for the route of the real request."""
    assert (Cors().name, *Cors().provides) == ("cors", "cors_rule")


NARROW = RouteCors(methods=("GET",), allow_headers=("X-Key",), max_age_s=5)


def with_defaults(policy: TenantPolicy, *defaults: CorsRule, **fields: Any) -> CorsRule | None:
    context = make_context(policy, **fields)
    Cors(defaults=defaults).admit(context)
    return context.cors_rule


def test_a_route_replaces_fields_of_the_tenants_rule() -> None:
    context = make_context(ACME, origin=APP, preflight_for="GET", cors=NARROW)
    assert dict(answered(context)).items() >= {
        ("Access-Control-Allow-Origin", APP),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", "GET"),
        ("Access-Control-Allow-Headers", "X-Key"),
        ("Access-Control-Max-Age", "5"),
    }


@pytest.mark.parametrize("policy", [WITHOUT, NOBODY], ids=["no rule", "no origins"])
def test_a_route_lets_no_origin_in_that_the_tenant_does_not(policy: TenantPolicy) -> None:
    """Threat 70."""
    context = make_context(policy, origin=APP, cors=NARROW)
    assert "Access-Control-Allow-Origin" not in names(answered(context))


def test_the_default_rule_is_for_tenants_without_one() -> None:
    default = CorsRule(OriginSet.parse(["https://all.test"]))
    assert with_defaults(WITHOUT, default) is default
    assert with_defaults(WITHOUT) is None
    assert with_defaults(ACME, default) is ACME.cors[0]


def test_default_rules_are_found_by_path_as_a_tenants_are() -> None:
    api = CorsRule(OriginSet.parse(["https://api.test"]), path="/reports")
    everywhere = CorsRule(OriginSet.parse(["https://all.test"]))
    assert with_defaults(WITHOUT, everywhere, api) is api
    assert with_defaults(WITHOUT, everywhere, api, path="/other") is everywhere
    assert with_defaults(WITHOUT, api, path="/other") is None


def test_two_default_rules_for_one_path_are_refused() -> None:
    with pytest.raises(ValueError, match="share a path"):
        Cors(defaults=[CorsRule(OriginSet()), CorsRule(OriginSet())])


def test_a_tenant_that_wants_no_cors_gets_none_by_default() -> None:
    """Threat 70: a rule without origins, or for other paths, is the tenant's own word."""
    default = CorsRule(OriginSet.parse(["https://all.test"]))
    elsewhere = make_policy(cors=[CorsRule(OriginSet.parse([APP]), path="/v1")])
    assert with_defaults(NOBODY, default) is NOBODY.cors[0]
    assert with_defaults(elsewhere, default, path="/v2") is None


def test_a_route_replaces_fields_of_the_default_rule_too() -> None:
    rule = with_defaults(WITHOUT, CorsRule(OriginSet.parse([APP])), cors=NARROW)
    assert rule is not None
    assert (rule.methods, rule.origins) == (("GET",), OriginSet.parse([APP]))
