from wsgiref.types import WSGIEnvironment

import pytest
from werkzeug.test import create_environ

from tenantauth.environ import (
    GRANT,
    REQUEST_ID,
    TENANTLESS,
    canonical_address,
    clean,
    grant_of,
    read_request,
    request_id,
)
from tenantauth.identity import Grant, Identity, Tenant
from tenantauth.request import RequestFacts


def read(proxies: int = 0, host_proxies: int = 0, **environ: str) -> RequestFacts:
    given: WSGIEnvironment = {**create_environ(base_url="http://acme.localhost"), **environ}
    return read_request(given, received_at=7.0, proxies=proxies, host_proxies=host_proxies)


def test_keys_of_ours_and_inherited_identities_are_removed() -> None:
    """Threat 53: nothing that an outer server or middleware left says who calls."""
    environ: WSGIEnvironment = {
        "tenantauth.grant": "forged",
        "tenantauth.flask.match": "forged",
        "REMOTE_USER": "root",
        "AUTH_TYPE": "Basic",
        "REQUEST_METHOD": "GET",
    }
    clean(environ)
    assert environ == {"REQUEST_METHOD": "GET"}


@pytest.mark.parametrize(
    "key", ["REMOTE_USER", "AUTH_TYPE", "TENANTAUTH_GRANT", "TENANTAUTH.GRANT"]
)
def test_a_field_called_as_what_the_stack_writes_does_not_reach_the_app(key: str) -> None:
    """Threat 53: `Remote-User`, as callers send it."""
    environ: WSGIEnvironment = {f"HTTP_{key}": "root", "REQUEST_METHOD": "GET"}
    clean(environ)
    assert environ == {"REQUEST_METHOD": "GET"}


@pytest.mark.parametrize("key", [GRANT, REQUEST_ID, TENANTLESS])
def test_what_the_stack_says_in_the_environ_is_never_inherited(key: str) -> None:
    """Threat 53."""
    environ: WSGIEnvironment = {key: "forged", "REQUEST_METHOD": "GET"}
    clean(environ)
    assert environ == {"REQUEST_METHOD": "GET"}


def test_apps_without_flask_find_the_grant_by_its_name() -> None:
    assert (GRANT, REQUEST_ID) == ("tenantauth.grant", "tenantauth.request_id")


def test_a_request_says_what_it_is() -> None:
    facts = read(
        REQUEST_METHOD="POST",
        PATH_INFO="/a/b",
        HTTP_HOST="ACME.localhost:8000",
        REMOTE_ADDR="192.0.2.7",
        HTTP_ORIGIN="https://app.test",
    )
    assert facts == RequestFacts(
        "POST", "/a/b", "acme.localhost", "http", "192.0.2.7", 7.0, "https://app.test"
    )


@pytest.mark.parametrize("sent", ["PUT", "put", ""])
def test_a_preflight_says_what_it_asks_for_as_it_was_sent(sent: str) -> None:
    asked = read(
        REQUEST_METHOD="OPTIONS",
        HTTP_ORIGIN="https://app.test",
        HTTP_ACCESS_CONTROL_REQUEST_METHOD=sent,
    )
    assert asked.untrusted_preflight_method == sent


@pytest.mark.parametrize(
    ("path_info", "path"),
    [
        ("", "/"),
        ("reports", "/reports"),
        ("//reports", "/reports"),
        ("/a//b", "/a//b"),
        ("/\xc3\xa9", "/é"),
        ("/\xff", "/\ufffd"),
    ],
    ids=["empty", "no slash", "two slashes", "slashes inside", "utf-8", "not utf-8"],
)
def test_a_path_is_read_as_routing_reads_it(path_info: str, path: str) -> None:
    """Threats 48 and 73: no spelling of a path leads to a route and past its limits."""
    assert read(PATH_INFO=path_info).path == path


def test_a_method_is_read_as_routing_reads_it() -> None:
    """Threat 73: a POST in small letters is a POST to Flask, and so to limits."""
    environ: WSGIEnvironment = {"REQUEST_METHOD": "post"}
    clean(environ)
    assert environ["REQUEST_METHOD"] == "POST"


@pytest.mark.parametrize(
    "host",
    ["", "a b", "a,b", "u@acme.localhost", "acme.localhost/x", "[::1", "acme.localhost:x"],
)
def test_a_missing_or_malformed_host_is_refused(host: str) -> None:
    """Threats 45 and 47: it never becomes SERVER_NAME, nor the empty name of a default tenant."""
    with pytest.raises(ValueError, match="host"):
        read(HTTP_HOST=host, SERVER_NAME="acme.localhost")


@pytest.mark.parametrize("host", ["ac\xadme.localhost", "acm\xaa.localhost", "b\xfccher.test"])
def test_a_host_of_bytes_outside_ascii_is_refused(host: str) -> None:
    """Threat 45: IDNA would make ``acme`` of it, and a cache in front saw another host."""
    refused = pytest.raises(ValueError, match="bytes outside ASCII")
    with refused:
        read(HTTP_HOST=host)
    with refused:
        read(0, 1, HTTP_X_FORWARDED_HOST=host)
    with refused:
        read(HTTP_HOST="acme.localhost", RAW_URI=f"http://{host}/")


@pytest.mark.parametrize("target", ["", "http://x/"])
def test_a_request_without_a_host_is_refused(target: str) -> None:
    """Threats 46 and 47: also where its target or a proxy names one."""
    environ = create_environ(headers={"X-Forwarded-Host": "acme.localhost"})
    environ["RAW_URI"] = target
    del environ["HTTP_HOST"]
    with pytest.raises(ValueError, match="not a host"):
        read_request(environ, received_at=7.0, proxies=0, host_proxies=int(bool(target)))


def test_a_request_without_a_path_is_for_the_root() -> None:
    environ = create_environ(base_url="http://acme.localhost")
    del environ["PATH_INFO"]
    assert read_request(environ, received_at=7.0, proxies=0, host_proxies=0).path == "/"


@pytest.mark.parametrize(
    "target",
    ["http://globex.localhost/a", "HTTPS://globex.localhost:1", "x://[::1", "http:///a", "x://"],
)
def test_a_target_that_names_another_host_is_refused(target: str) -> None:
    """Threat 46: RFC 9112 would have it win, so no reader on the way may see two."""
    with pytest.raises(ValueError, match=r"host|netloc|IPv6"):
        read(RAW_URI=target)
    with pytest.raises(ValueError, match=r"host|netloc|IPv6"):
        read(RAW_URI="", REQUEST_URI=target)


@pytest.mark.parametrize(
    "target", ["", "*", "/a?u=http://x.test", "//x.test/a", "http://ACME.localhost.:81/a"]
)
def test_any_other_target_says_nothing_of_the_host(target: str) -> None:
    assert read(RAW_URI=target).host == "acme.localhost"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.9", "192.0.2.7"),
        (1, "203.0.113.1, 198.51.100.9", "198.51.100.9"),
        (2, "203.0.113.1, 198.51.100.9", "203.0.113.1"),
        (3, "203.0.113.1, 198.51.100.9", "192.0.2.7"),
        (1, "not an address", "192.0.2.7"),
        (1, "", "192.0.2.7"),
    ],
    ids=["nobody is believed", "the last", "the one before", "too few", "nonsense", "nothing"],
)
def test_as_many_proxies_as_configured_are_believed(
    proxies: int, forwarded: str, address: str
) -> None:
    """Threat 72: what a caller writes itself stands to the left of what proxies add."""
    facts = read(proxies, REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR=forwarded)
    assert facts.address == address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "scheme"),
    [
        (0, "https", "http"),
        (1, "https", "https"),
        (1, "gopher", "http"),
        (1, "https, http", "http"),
        (2, "https", "https"),
        (2, "https, http", "https"),
        (3, "https, http", "http"),
    ],
)
def test_the_scheme_is_the_one_a_proxy_vouches_for(
    proxies: int, forwarded: str, scheme: str
) -> None:
    assert read(proxies, HTTP_X_FORWARDED_PROTO=forwarded).scheme == scheme


def test_a_proxy_may_say_that_its_caller_came_in_plain() -> None:
    environ = create_environ(base_url="https://a.test", headers={"X-Forwarded-Proto": "http"})
    assert read_request(environ, received_at=7.0, proxies=1, host_proxies=0).scheme == "http"


def test_a_forwarded_host_is_not_believed_with_the_address() -> None:
    """Threat 46: proxies for addresses and proxies for hosts are counted apart."""
    assert read(1, 0, HTTP_X_FORWARDED_HOST="globex.localhost").host == "acme.localhost"
    assert read(0, 1, HTTP_X_FORWARDED_HOST="x.test, globex.localhost").host == "globex.localhost"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("::1", "::1"),
        ("::1%\x00any text", "::1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("fe80::1%" + "z" * 72, "fe80::/64"),
        ("fe80::1%" + "z" * 73, ""),
        ("::ffff:192.0.2.1%eth0", "192.0.2.1"),
        ("192.0.2.1:80", "192.0.2.1"),
        ("[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"),
        ("192.0.2.1:x", ""),
        ("unknown", ""),
        ("010.0.0.1", ""),
        ("", ""),
    ],
)
def test_a_caller_has_one_address(text: str, address: str) -> None:
    """Threat 72: a customer's /64 is one caller, and so is the mapped spelling of an IPv4."""
    assert canonical_address(text) == address


def test_a_trusted_proxy_names_the_request() -> None:
    assert request_id({"HTTP_X_REQUEST_ID": "abc-1.2_3"}, trusted=True) == "abc-1.2_3"


@pytest.mark.parametrize("untrusted", ["", "a b", "a\r\nb", "x" * 65, "é"])
def test_a_malformed_request_id_is_replaced(untrusted: str) -> None:
    """Threat 107: an id is written to logs and headers."""
    made = request_id({"HTTP_X_REQUEST_ID": untrusted}, trusted=True)
    assert made != untrusted
    assert made.isalnum()
    assert len(made) == 16


def test_a_caller_never_names_its_request() -> None:
    assert request_id({"HTTP_X_REQUEST_ID": "mine"}, trusted=False) != "mine"
    assert request_id({}, trusted=False) != request_id({}, trusted=False)


def test_a_grant_is_what_the_stack_handed_over() -> None:
    grant = Grant(Tenant("id", "acme", "Acme", "https://acme.test"), Identity("acme"))
    assert grant_of({GRANT: grant}) is grant


@pytest.mark.parametrize("environ", [{}, {GRANT: "root"}], ids=["none", "forged"])
def test_without_a_grant_there_is_nobody(environ: WSGIEnvironment) -> None:
    """Threat 53: only the stack's own value is a grant."""
    with pytest.raises(RuntimeError, match="past the stack"):
        grant_of(environ)
