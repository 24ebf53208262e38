from dataclasses import replace
from typing import Any

import pytest

from tenantauth.identity import Identity, Tenant
from tenantauth.keyring import KeyRing
from tenantauth.limit import Limit
from tenantauth.origins import OriginSet
from tenantauth.policy import CorsRule, TenantPolicy, TokenRules, covering_rule
from tenantauth.trusted_issuer import TrustedIssuer
from tenantauth.units import Rate
from tests.partners import trust

ACME = OriginSet.parse(["https://app.acme.test"])
ANYBODY = OriginSet.parse(["*"])


def policy(*cors: CorsRule, limits: tuple[Limit, ...] = ()) -> TenantPolicy:
    return TenantPolicy(
        tenant=Tenant("1", "acme", "Acme", "https://acme.test"),
        version=1,
        tokens=TokenRules("https://acme.test", frozenset({"https://acme.test"})),
        keyring=KeyRing(),
        cors=cors,
        limits=limits,
    )


def test_any_origin_with_credentials_cannot_be_built() -> None:
    """Threat 64: `*` with credentials."""
    with pytest.raises(ValueError, match="credentials"):
        CorsRule(ANYBODY, credentials=True)


def test_any_origin_never_reaches_into_a_private_network() -> None:
    """Threat 64, threat 71."""
    with pytest.raises(ValueError, match="private_network"):
        CorsRule(ANYBODY, private_network=True)


def test_a_rule_that_says_origins_only_opens_nothing_more() -> None:
    """Threat 64: no cookies, no private network, no header of any name."""
    rule = CorsRule(ACME)
    assert (rule.credentials, rule.private_network, rule.max_age_s) == (False, False, 600)
    assert rule.methods_value == "GET, POST, PUT, PATCH, DELETE"
    assert rule.allow_headers_value == "Authorization, Content-Type"


def test_listed_origins_may_reach_into_a_private_network() -> None:
    assert CorsRule(ACME, private_network=True).private_network


def test_listed_origins_may_have_credentials() -> None:
    assert CorsRule(ACME, credentials=True).credentials


@pytest.mark.parametrize("field", ["methods", "allow_headers", "expose_headers"])
@pytest.mark.parametrize(
    "name",
    [
        "*",
        "",
        "X-A, X-B",
        "X A",
        "X:",
        "X-A\r\nSet-Cookie: a=b",
        "X-A\n",
        "X-\x00",
        "X-\u00c9",
        '"',
    ],
)
def test_a_name_that_is_no_token_is_refused(field: str, name: str) -> None:
    """Threat 69: CR LF in tenant-supplied policy, and threat 64: `*` in lists."""
    fields: dict[str, Any] = {field: ("X-Fine", name)}
    with pytest.raises(ValueError, match="is not a method or header name"):
        CorsRule(ACME, **fields)


def test_header_values_are_joined_once() -> None:
    rule = CorsRule(ACME, methods=("GET", "PUT"), allow_headers=("X-A", "X-B"))
    assert rule.methods_value == "GET, PUT"
    assert rule.allow_headers_value == "X-A, X-B"


def test_refusals_are_always_readable_by_pages() -> None:
    rule = CorsRule(ACME, expose_headers=("X-Total-Count", "Retry-After"))
    assert rule.expose_headers_value == (
        "RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id, X-Total-Count"
    )


@pytest.mark.parametrize("max_age_s", [-1, 86_401, 10**9])
def test_a_preflight_is_kept_a_day_at_the_most(max_age_s: int) -> None:
    with pytest.raises(ValueError, match="max_age"):
        CorsRule(ACME, max_age_s=max_age_s)


@pytest.mark.parametrize("max_age_s", [0, 86_400])
def test_a_preflight_age_at_its_bound_is_accepted(max_age_s: int) -> None:
    assert CorsRule(ACME, max_age_s=max_age_s).max_age_s == max_age_s


@pytest.mark.parametrize(
    ("origins", "varies"), [(ACME, True), (ANYBODY, False), (OriginSet(), False)]
)
def test_answers_vary_where_they_depend_on_the_origin(origins: OriginSet, *, varies: bool) -> None:
    assert CorsRule(origins).varies is varies


@pytest.mark.parametrize(
    ("path", "prefix"),
    [
        ("/", "/"),
        ("/elsewhere", "/"),
        ("/apiary", "/"),
        ("/api", "/api"),
        ("/api/v1", "/api"),
        ("/api/public", "/api/public"),
        ("//api//public/x", "/api/public"),
    ],
)
def test_the_longest_matching_prefix_wins(path: str, prefix: str) -> None:
    rules = [CorsRule(ACME, path=path) for path in ("/api", "/", "/api/public/")]
    found = covering_rule(policy(*rules).cors, path)
    assert found is not None
    assert found.path == prefix


def test_a_path_below_no_rule_has_none() -> None:
    assert covering_rule(policy(CorsRule(ACME, path="/api")).cors, "/other") is None
    assert covering_rule(policy().cors, "/") is None


@pytest.mark.parametrize("path", ["api", "/api/*", "/a?b", "/a\r\nX: y"])
def test_a_rule_for_what_is_no_path_prefix_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is not a path prefix"):
        CorsRule(ACME, path=path)


def test_two_rules_for_one_path_are_refused() -> None:
    with pytest.raises(ValueError, match="share a path"):
        policy(CorsRule(ACME, path="/api"), CorsRule(OriginSet(), path="/api/"))


def test_two_limits_of_one_name_are_refused() -> None:
    """Threat 75: they would share a counter."""
    with pytest.raises(ValueError, match="share a name"):
        policy(limits=(Limit("x", Rate(1, 1)), Limit("x", Rate(9, 9))))


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"issuer": ""}, id="no-issuer"),
        pytest.param({"audience": frozenset()}, id="no-audience"),
        pytest.param({"audience": frozenset({"a", ""})}, id="empty-audience"),
        pytest.param({"leeway_s": -1.0}, id="negative-leeway"),
        pytest.param({"leeway_s": 301.0}, id="leeway-too-large"),
        pytest.param({"leeway_s": float("nan")}, id="leeway-nan"),
        pytest.param({"max_ttl_s": 0.0}, id="no-lifetime"),
        pytest.param({"max_ttl_s": 367 * 86_400.0}, id="lifetime-too-large"),
        pytest.param({"max_ttl_s": float("inf")}, id="lifetime-infinite"),
        pytest.param({"max_ttl_s": float("nan")}, id="lifetime-nan"),
    ],
)
def test_token_rules_that_cannot_work_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"issuer|leeway"):
        TokenRules(**{"issuer": "https://acme.test", "audience": frozenset({"a"}), **fields})


@pytest.mark.parametrize(
    "fields",
    [{"leeway_s": 0.0}, {"leeway_s": 300.0}, {"max_ttl_s": 0.5}, {"max_ttl_s": 366 * 86_400.0}],
    ids=str,
)
def test_token_rules_at_their_bounds_are_accepted(fields: dict[str, Any]) -> None:
    TokenRules("https://acme.test", frozenset({"a"}), **fields)


def test_what_a_policy_does_not_say() -> None:
    said = policy()
    assert (said.suspended, said.guard, said.jwks_max_age_s) == (False, Rate(60, 60), 300)
    assert (said.tokens.max_ttl_s, said.tokens.leeway_s) == (86_400, 30)


def test_whoever_has_no_token_is_one_nobody_of_the_tenant() -> None:
    renamed = replace(policy(), tenant=Tenant("1", "acme-2", "Acme", "https://acme.test"))
    assert (policy().anonymous, renamed.anonymous) == (Identity("acme"), Identity("acme-2"))


def trusting(*issuers: TrustedIssuer) -> TenantPolicy:
    return replace(policy(), trusted_issuers=issuers)


def test_an_issuer_is_found_by_exactly_its_name() -> None:
    """Threat 38."""
    partner = trust("https://a.test")
    found = trusting(partner, trust("https://b.test"))
    assert found.trusted_issuer("https://a.test") is partner
    names: list[object] = ["https://a.test/", "https://A.test", "https://acme.test", "", None, []]
    assert [found.trusted_issuer(name) for name in names] == [None] * 6


@pytest.mark.parametrize(
    "issuers",
    [
        pytest.param([trust("i"), trust("i", subject_prefix="x:")], id="one name twice"),
        pytest.param([trust("https://acme.test")], id="the tenant's own name"),
        pytest.param(
            [trust("i", subject_prefix="a:"), trust("j", subject_prefix="a:")], id="one prefix"
        ),
        pytest.param(
            [trust("i", subject_prefix=each) for each in ("p", "q", "p:x", "o")],
            id="a prefix begins another",
        ),
        pytest.param(
            [trust("https://a.test"), trust("j", subject_prefix="https://a.test")],
            id="a prefix begins a name",
        ),
    ],
)
def test_issuers_that_could_name_one_caller_cannot_be_trusted_together(
    issuers: list[TrustedIssuer],
) -> None:
    """Threat 44."""
    with pytest.raises(ValueError, match=r"share a name|begins that of another"):
        trusting(*issuers)
