"""What several ways of resolving say together."""

from dataclasses import replace
from wsgiref.types import WSGIEnvironment

import pytest

from tenantauth.agreement import Agreement
from tenantauth.environ import read_request
from tenantauth.errors import RegistryUnavailableError, StackError, UnresolvedError
from tenantauth.identity import Tenant
from tenantauth.request import RequestFacts
from tenantauth.resolve import ByHeader, ByHost, Resolver, resolve_by
from tenantauth.settings import Settings
from tenantauth.testing import FakePolicySource, make_policy, make_token

ACME, GLOBEX = make_policy("acme"), make_policy("globex")
ALL = ("host", "path", "header", "issuer")


@pytest.fixture
def source() -> FakePolicySource:
    return FakePolicySource([ACME, GLOBEX])


def settle(
    source: FakePolicySource, host: str, path: str = "/r", **headers: str
) -> tuple[str, str, str]:
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "HTTP_HOST": host,
        "wsgi.url_scheme": "http",
        **headers,
    }
    request = read_request(environ, received_at=0.0, proxies=1, host_proxies=0)
    agreement = Agreement(resolve_by(Settings(resolve=ALL)), proxies=1)
    policy, moved = agreement.settle(request, environ, source)
    return policy.tenant.slug, environ.get("SCRIPT_NAME", ""), moved.path


def refused(source: FakePolicySource, host: str, path: str = "/r", **headers: str) -> str:
    with pytest.raises(UnresolvedError) as caught:
        settle(source, host, path, **headers)
    return caught.value.code


def bearer(policy_of: str) -> str:
    return "Bearer " + make_token({"acme": ACME, "globex": GLOBEX}[policy_of])


@pytest.mark.parametrize(
    ("host", "path", "moved"),
    [
        ("acme.localhost", "/r", ("", "/r")),
        ("localhost", "/t/acme/r", ("/t/acme", "/r")),
        ("acme.localhost", "/t/acme/r", ("/t/acme", "/r")),
        ("acme.localhost", "/t/nobody/r", ("", "/t/nobody/r")),
        ("acme.localhost", "/t/nobody/../r", ("", "/t/nobody/../r")),
        ("acme.localhost", "/t/ACME/r", ("", "/t/ACME/r")),
    ],
    ids=["host", "path", "both", "an ordinary path", "an ordinary path with dots", "no slug"],
)
def test_host_and_path_name_one_tenant(
    source: FakePolicySource, host: str, path: str, moved: tuple[str, str]
) -> None:
    assert settle(source, host, path) == ("acme", *moved)


def test_a_path_on_anothers_host_is_a_conflict(source: FakePolicySource) -> None:
    """Threat 46."""
    assert refused(source, "acme.localhost", "/t/globex/r") == "tenant_conflict"
    with pytest.raises(UnresolvedError, match=r"^ways_disagree$") as caught:
        settle(source, "acme.localhost", "//t/globex/r")
    assert caught.value.code == "tenant_conflict"


@pytest.mark.parametrize("host", ["unknown.test", "localhost.evil.test"])
def test_a_path_on_a_host_that_nobody_owns_names_nobody(
    source: FakePolicySource, host: str
) -> None:
    """Threats 46 and 47."""
    assert refused(source, host, "/t/acme/r") == "unknown_tenant"


@pytest.mark.parametrize(
    ("host", "path", "slug", "code"),
    [
        ("globex.localhost", "/r", "acme", "tenant_conflict"),
        ("localhost", "/t/globex/r", "acme", "tenant_conflict"),
        ("unknown.test", "/t/globex/r", "acme", "tenant_conflict"),
        ("localhost", "/t/nobody/r", "acme", "unknown_tenant"),
        ("localhost", "/t/ACME/r", "acme", "unknown_tenant"),
        ("acme.localhost", "/r", "nobody", "unknown_tenant"),
        ("acme.localhost", "/r", "acme,globex", "invalid_request"),
    ],
)
def test_a_header_that_disagrees_is_refused(
    source: FakePolicySource, host: str, path: str, slug: str, code: str
) -> None:
    """Threat 46."""
    assert refused(source, host, path, HTTP_X_TENANT=slug) == code


@pytest.mark.parametrize("host", ["unknown.test", "localhost", "acme.localhost"])
def test_a_header_answers_where_the_host_is_nobodys(source: FakePolicySource, host: str) -> None:
    assert settle(source, host, HTTP_X_TENANT="acme") == ("acme", "", "/r")


def test_the_issuer_is_asked_only_when_nothing_else_answers(source: FakePolicySource) -> None:
    """Threat 44: a good token of another tenant chooses nothing where the host has spoken."""
    globex = bearer("globex")
    assert settle(source, "acme.localhost", HTTP_AUTHORIZATION=globex)[0] == "acme"
    assert settle(source, "unknown.test", HTTP_AUTHORIZATION=globex)[0] == "globex"


def test_an_issuer_and_a_path_that_disagree_are_a_conflict(source: FakePolicySource) -> None:
    """Threat 46."""
    acme = bearer("acme")
    code = refused(source, "unknown.test", "/t/globex/r", HTTP_AUTHORIZATION=acme)
    assert code == "tenant_conflict"
    moved = settle(source, "unknown.test", "/t/acme/r", HTTP_AUTHORIZATION=acme)
    assert moved == ("acme", "/t/acme", "/r")


@pytest.mark.parametrize("authorization", ["", "Bearer junk", "Bearer a.b.c"])
def test_without_any_answer_there_is_no_tenant(
    source: FakePolicySource, authorization: str
) -> None:
    """Threat 47."""
    assert refused(source, "localhost", HTTP_AUTHORIZATION=authorization) == "unknown_tenant"


def test_what_is_missing_is_told_to_operators(source: FakePolicySource) -> None:
    with pytest.raises(UnresolvedError) as caught:
        settle(source, "localhost")
    assert caught.value.reason == "no_token_names_a_tenant"
    with pytest.raises(UnresolvedError) as caught:
        settle(source, "localhost", HTTP_AUTHORIZATION="Bearer junk")
    assert caught.value.reason == "nothing_names_a_tenant"


def test_an_issuer_that_nobody_has_is_unknown(source: FakePolicySource) -> None:
    stranger = "Bearer " + make_token(make_policy("initech"))
    assert refused(source, "localhost", HTTP_AUTHORIZATION=stranger) == "unknown_tenant"


def test_tenants_are_compared_by_id_whatever_names_they_have(source: FakePolicySource) -> None:
    """A tenant renamed between two cached policies is one tenant still."""
    renamed = replace(
        ACME, tenant=Tenant(ACME.tenant.id, "acme-2", "Acme", ACME.tenant.issuer), hosts=frozenset()
    )
    source.put(renamed)
    assert settle(source, "acme.localhost", HTTP_X_TENANT="acme-2")[0] == "acme"


def test_a_registry_that_is_away_is_no_answer_of_any_way(source: FakePolicySource) -> None:
    """Threat 47: what cannot be known is not taken for a host of nobody."""
    source.down = True
    with pytest.raises(RegistryUnavailableError):
        settle(source, "acme.localhost", HTTP_X_TENANT="acme")


@pytest.mark.parametrize("ways", [(), []])
def test_a_stack_without_a_way_is_never_built(ways: list[Resolver]) -> None:
    with pytest.raises(StackError, match="needs a way"):
        Agreement(ways, proxies=0)


def test_a_header_from_nobody_is_believed_by_nobody() -> None:
    """Threat 46: without a proxy, callers write it."""
    with pytest.raises(StackError, match="trusted proxy"):
        Agreement([ByHost(), ByHeader()], proxies=0)


@pytest.mark.parametrize(
    ("ways", "fields"),
    [
        (("host", "path"), ()),
        (("host", "header"), ("X-Tenant",)),
        (("issuer",), ("Authorization",)),
        (ALL, ("X-Tenant", "Authorization")),
    ],
    ids=str,
)
def test_answers_vary_by_the_fields_that_name_tenants(
    ways: tuple[str, ...], fields: tuple[str, ...]
) -> None:
    """Threat 51: a cache between gives one tenant's answer to no other."""
    agreement = Agreement(resolve_by(Settings(resolve=ways)), proxies=1)
    assert agreement.varies_by == fields


def test_where_paths_name_nobody_they_are_the_apps(source: FakePolicySource) -> None:
    environ: WSGIEnvironment = {"PATH_INFO": "/t/globex/r"}
    request = RequestFacts("GET", "/t/globex/r", "acme.localhost", "http", "", 0.0)
    assert Agreement(ByHost(), proxies=0).settle(request, environ, source) == (ACME, request)


class Named:
    """A way of an app's own."""

    def resolve(self, request: RequestFacts, environ: WSGIEnvironment) -> None:
        """Name nobody."""


def test_one_way_needs_no_list(source: FakePolicySource) -> None:
    request = RequestFacts("GET", "/", "acme.localhost", "http", "", 0.0)
    assert Agreement(ByHost(), proxies=0).settle(request, {}, source)[0] is ACME
    with pytest.raises(UnresolvedError):
        Agreement(Named(), proxies=0).settle(request, {}, source)
