"""Host names in one canonical form, so that no two spellings are two tenants."""

import ipaddress
import re

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
# What browsers and resolvers read as a number, and the whole name then as an IPv4 address, as
# `127.1` and `0x7f000001` (WHATWG URL 3.5).
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_PORT = re.compile(r":[0-9]{0,5}", re.ASCII)
_MAX_LENGTH = 260  # 253 of name (RFC 1035 2.3.4), a trailing dot and a port

# Python's codec is IDNA 2003 and would write these as other letters or none, where browsers (IDNA
# 2008) keep them: the name of somebody else.
_OTHERWISE_IN_BROWSERS = re.compile("[\u00df\u1e9e\u03c2\u200c\u200d]")


def normalise_host(untrusted_host: str) -> str:
    """Return a host in lower case, without port and trailing dot, in A-labels (RFC 5890).

    An IPv6 literal keeps its brackets. Raises `ValueError` when it is no host (RFC 9112 3.2):
    empty, a list, with user information, path, white space or control characters, or one that
    browsers take for another IPv4 address.
    """
    host = untrusted_host
    if len(host) > _MAX_LENGTH:
        raise ValueError("not a host: it is too long")
    if host.startswith("["):
        return _normalise_ipv6(host)
    name, colon, port = host.partition(":")
    if colon and not _PORT.fullmatch(colon + port):
        raise ValueError("not a host: the port is not a number")
    if not name.isascii():
        name = _to_ascii(name)
    name = name.lower().removesuffix(".")
    if not name or len(name) > 253 or not all(map(_LABEL.fullmatch, name.split("."))):
        raise ValueError("not a host name")
    if _NUMBER.fullmatch(name.rpartition(".")[2]) and address_of(name) is None:
        raise ValueError("not a host name: an IPv4 address is written as four decimal numbers")
    return name


def _normalise_ipv6(host: str) -> str:
    literal, bracket, port = host[1:].partition("]")
    if not bracket or (port and not _PORT.fullmatch(port)):
        raise ValueError("not a host: the IPv6 literal is malformed")
    if "%" in literal:
        raise ValueError("not a host: an IPv6 literal has no zone here")
    try:
        address = ipaddress.IPv6Address(literal)
    except ValueError:
        raise ValueError("not a host: the IPv6 literal is malformed") from None
    if address.ipv4_mapped is not None:
        # As browsers write it; Python 3.13 began to write the last part with dots.
        high, low = divmod(int(address.ipv4_mapped), 0x10000)
        return f"[::ffff:{high:x}:{low:x}]"
    return f"[{address.compressed}]"


def _to_ascii(name: str) -> str:
    if _OTHERWISE_IN_BROWSERS.search(name):
        raise ValueError("not a host name here: write it with its xn-- labels")
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError("not a host name: it cannot be written in IDNA") from None


def address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a normalised host is, with brackets or without, or ``None``."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Tell whether a normalised host is ``localhost``, below it, or a loopback literal."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = address_of(host)
    # Only newer Pythons look into an IPv4-mapped address by themselves.
    address = getattr(address, "ipv4_mapped", None) or address
    return address is not None and address.is_loopback
