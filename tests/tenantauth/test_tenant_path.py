"""Tenants below a path: what names one, and what the app sees then."""

from wsgiref.types import WSGIEnvironment

import pytest

from tenantauth.environ import read_request
from tenantauth.errors import UnresolvedError
from tenantauth.ports import TenantKey
from tenantauth.request import RequestFacts
from tenantauth.tenant_path import ByPath, TenantPath


def environ_of(
    path_info: str, script_name: str = "", host: str = "api.test:8443"
) -> WSGIEnvironment:
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path_info,
        "SCRIPT_NAME": script_name,
        "HTTP_HOST": host,
        "wsgi.url_scheme": "http",
    }


def facts_of(environ: WSGIEnvironment) -> RequestFacts:
    return read_request(environ, received_at=0.0, proxies=0, host_proxies=0)


def named(environ: WSGIEnvironment) -> TenantKey | None:
    return ByPath("api.test").resolve(facts_of(environ), environ)


@pytest.mark.parametrize(
    ("path_info", "slug", "rest"),
    [
        ("/t/acme", "acme", "/"),
        ("/t/acme/", "acme", "/"),
        ("/t/acme/reports/7", "acme", "/reports/7"),
        ("/t/acme//reports", "acme", "//reports"),
        ("/t/acme/t/globex", "acme", "/t/globex"),
        ("/t/" + "a" * 63, "a" * 63, "/"),
        ("//t/acme/x", "acme", "/x"),
        ("t/acme/x", "acme", "/x"),
        ("/t/acme/a\nb", "acme", "/a\nb"),
        ("/t/acme/\xc3\xa9", "acme", "/\xc3\xa9"),
        ("/t/acme/\xff", "acme", "/\xff"),
        (
            "/.well-known/oauth-authorization-server/t/acme",
            "acme",
            "/.well-known/oauth-authorization-server",
        ),
        (
            "/.well-known/oauth-protected-resource/t/acme",
            "acme",
            "/.well-known/oauth-protected-resource",
        ),
    ],
)
def test_a_path_names_a_tenant_and_the_rest_is_the_apps(
    path_info: str, slug: str, rest: str
) -> None:
    """Threat 48: leading slashes are read as routing reads them."""
    environ = environ_of(path_info)
    assert named(environ) == TenantKey("slug", slug)
    assert TenantPath.read(environ) == TenantPath(slug, rest)


@pytest.mark.parametrize(
    "path_info",
    [
        *("/t", "/t/", "/t//acme", "/t/./acme", "/t/../acme"),
        *("/t/ACME", "/t/-a/x", "/t/a_b", "/t/acme;x=1/y", "/t/acme\n", "/t/ acme"),
        *("/t/%61cme", "/t/acm\xc3\xa9", "/t/\xff/x", "/t/" + "a" * 64),
    ],
)
def test_a_near_miss_below_the_prefix_is_nobodys(path_info: str) -> None:
    """Threats 46 and 49: on the base host nothing else lives there."""
    with pytest.raises(UnresolvedError) as caught:
        named(environ_of(path_info))
    assert (caught.value.code, caught.value.reason) == ("unknown_tenant", "path_without_slug")


@pytest.mark.parametrize(
    "path_info",
    [
        *("", "/", "/T/acme", "/tt/acme", "/reports/t/acme", "/%74/acme", "\u00ff/t/acme"),
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/acme",
        "/.well-known/oauth-authorization-server/t/acme/x",
        "/.well-known/jwks.json/t/acme",
    ],
)
def test_any_other_path_names_nobody(path_info: str) -> None:
    """Threat 46."""
    assert named(environ_of(path_info)) is None


@pytest.mark.parametrize("host", ["api.test", "API.test.", "api.test:1"])
def test_the_port_and_spelling_of_the_base_host_do_not_matter(host: str) -> None:
    assert named(environ_of("/t/acme", host=host)) == TenantKey("slug", "acme")


@pytest.mark.parametrize("host", ["acme.test", "acme.api.test", "test"])
def test_on_another_host_a_path_names_nobody(host: str) -> None:
    """Threat 47."""
    assert named(environ_of("/t/acme", host=host)) is None


@pytest.mark.parametrize(
    ("before", "after"), [("", "/t/acme"), ("/v1", "/v1/t/acme"), ("/v1/", "/v1/t/acme")]
)
def test_the_prefix_moves_behind_what_was_there_before(before: str, after: str) -> None:
    environ = environ_of("/t/acme//r\xc3\xa9sum\xc3\xa9", before)
    moved = TenantPath("acme", "//r\xc3\xa9sum\xc3\xa9").move(environ, facts_of(environ))
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == (after, "//r\xc3\xa9sum\xc3\xa9")
    assert moved.path == "/résumé"


def test_what_is_not_utf_8_is_read_as_routing_reads_it() -> None:
    environ = environ_of("/t/acme/\xff")
    assert TenantPath("acme", "/\xff").move(environ, facts_of(environ)).path == "/\ufffd"


@pytest.mark.parametrize("rest", ["/..", "/.", "/../globex", "/a/../../globex/b", "/a/./b"])
def test_a_dot_segment_is_refused_and_moves_nothing(rest: str) -> None:
    """Threat 48: a proxy that resolves it finds another tenant there."""
    environ = environ_of("/t/acme" + rest)
    before = dict(environ)
    with pytest.raises(UnresolvedError) as caught:
        TenantPath("acme", rest).move(environ, facts_of(environ))
    assert (caught.value.code, caught.value.reason) == ("invalid_request", "dot_segment")
    assert environ == before


@pytest.mark.parametrize("rest", ["/...", "/a..b", "/.well-known/jwks.json", "/a./b", "/.a"])
def test_dots_in_names_are_no_dot_segments(rest: str) -> None:
    environ = environ_of("/t/acme" + rest)
    assert TenantPath("acme", rest).move(environ, facts_of(environ)).path == rest
