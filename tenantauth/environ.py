"""The WSGI environ, read and cleaned once: what clients may not say, and what they are."""

import ipaddress
import re
import secrets
from functools import lru_cache
from urllib.parse import urlsplit
from wsgiref.types import WSGIEnvironment

from tenantauth.hosts import normalise_host
from tenantauth.identity import Grant
from tenantauth.paths import routed_path
from tenantauth.request import RequestFacts

GRANT = "tenantauth.grant"
REQUEST_ID = "tenantauth.request_id"
TENANTLESS = "tenantauth.tenantless"

# Also as a field that a caller sends: `Tenantauth-Grant` becomes HTTP_TENANTAUTH_GRANT.
_OURS = ("tenantauth.", "HTTP_TENANTAUTH")
# Set by servers or by outer middleware, or sent as `Remote-User`, where some apps and libraries
# look for what a proxy has proven: never inherited by the app.
_IDENTITY_KEYS = ("REMOTE_USER", "AUTH_TYPE", "HTTP_REMOTE_USER", "HTTP_AUTH_TYPE")
_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]+)?|([0-9.]+):[0-9]+", re.ASCII)
# More than any has: an IPv6 address 45 at the most, brackets and a port 8, a zone 16 (IFNAMSIZ).
_MAX_ADDRESS_CHARS = 80
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


def clean(environ: WSGIEnvironment) -> None:
    """Remove every key by which an identity could be smuggled past the stack.

    The method is put in capitals, as Werkzeug reads it: ``get`` must not escape a rule for GET.
    """
    environ["REQUEST_METHOD"] = environ["REQUEST_METHOD"].upper()
    for key in [key for key in environ if key.startswith(_OURS)]:
        del environ[key]
    for key in _IDENTITY_KEYS:
        environ.pop(key, None)


def grant_of(environ: WSGIEnvironment) -> Grant:
    """Return what the stack handed to the app: the tenant and who calls.

    Raises:
        RuntimeError: when it handed nothing.
    """
    grant = environ.get(GRANT)
    if not isinstance(grant, Grant):
        raise RuntimeError(
            "this request has no tenant: it came past the stack, or its path is tenantless"
        )
    return grant


def request_id(environ: WSGIEnvironment, *, trusted: bool) -> str:
    """Return the request's id: the proxy's when one is trusted and it is well formed, or new."""
    untrusted_id = environ.get("HTTP_X_REQUEST_ID", "")
    if trusted and _REQUEST_ID.fullmatch(untrusted_id):
        return str(untrusted_id)
    return secrets.token_hex(8)


def read_request(
    environ: WSGIEnvironment, *, received_at: float, proxies: int, host_proxies: int
) -> RequestFacts:
    """Read what the request says of itself; proxies are believed by their number, from the right.

    Raises:
        ValueError: when the host is missing, malformed (RFC 9112 section 3.2), or not the one in
            the request line (section 3.2.2).
    """
    _check_target(environ)
    host = _from_proxies(environ.get("HTTP_X_FORWARDED_HOST"), host_proxies)
    untrusted_scheme = environ.get("HTTP_X_FORWARDED_PROTO", "")
    # Many proxies set this field and do not append: a single value is the nearest one's word.
    scheme = _from_proxies(
        untrusted_scheme, proxies if "," in untrusted_scheme else min(proxies, 1)
    )
    return RequestFacts(
        method=environ["REQUEST_METHOD"],
        path=routed_path(environ.get("PATH_INFO", "")),
        host=_received_host(host if host is not None else environ.get("HTTP_HOST", "")),
        scheme=scheme if scheme in ("http", "https") else environ["wsgi.url_scheme"],
        address=_address(environ, proxies),
        received_at=received_at,
        untrusted_origin=environ.get("HTTP_ORIGIN"),
        untrusted_preflight_method=preflight_method(environ),
    )


def preflight_method(environ: WSGIEnvironment) -> str | None:
    """Return what method a CORS preflight asks for; ``None`` when the request is not one."""
    if environ["REQUEST_METHOD"] != "OPTIONS" or "HTTP_ORIGIN" not in environ:
        return None
    return environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD")


def _check_target(environ: WSGIEnvironment) -> None:
    # An absolute target wins over the Host field; some servers hand on both, and do not compare.
    untrusted_target = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or "")
    if "://" not in untrusted_target or untrusted_target.startswith("/"):
        return
    authority = urlsplit(untrusted_target).netloc
    if _received_host(authority) != _received_host(environ.get("HTTP_HOST", "")):
        raise ValueError("the target names another host than the Host field")


def _received_host(untrusted_host: str) -> str:
    # Servers hand on bytes as Latin-1. Read as letters, IDNA would fold or drop some of them, and
    # a cache or filter in front has seen another host. Browsers send A-labels (RFC 9110 7.2).
    if not untrusted_host.isascii():
        raise ValueError("not a host: it has bytes outside ASCII")
    return normalise_host(untrusted_host)


def _from_proxies(untrusted_values: str | None, proxies: int) -> str | None:
    """Return the value that the outermost trusted proxy added to a list header."""
    if not proxies or not untrusted_values:
        return None
    values = [value.strip() for value in untrusted_values.split(",")]
    return values[-proxies] if len(values) >= proxies else None


def _address(environ: WSGIEnvironment, proxies: int) -> str:
    forwarded = _from_proxies(environ.get("HTTP_X_FORWARDED_FOR"), proxies)
    if forwarded is not None and (address := canonical_address(forwarded)):
        return address
    return canonical_address(environ.get("REMOTE_ADDR", ""))


def canonical_address(text: str) -> str:
    """Return one spelling per caller: IPv4 as it is, IPv6 by its /64, ``""`` for anything else.

    One customer holds a whole /64, so single IPv6 addresses would be free identities. Some proxies
    write a port behind the address, which is no part of it.
    """
    return _read_address(text) if len(text) <= _MAX_ADDRESS_CHARS else ""


# Strangers can fill it, and gain nothing: what is kept follows from the text alone, takes less
# than 2 MB, and whose address is pushed out is read anew in microseconds.
@lru_cache(maxsize=4096)
def _read_address(text: str) -> str:
    if match := _WITH_PORT.fullmatch(text):
        text = match[1] or match[2]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    if address.is_loopback:
        return "::1"  # Without the zone, which may be any text and is written with the address.
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
