"""Connecting to an address that was checked, and not to what a name means a moment later."""

import socket
import ssl
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address

from tenantauth.errors import FetchError, RefusedAddressError
from tenantauth.hosts import is_loopback
from tenantauth.outbound.deadline import Deadline
from tenantauth.outbound.networks import Address, Reach, read_address
from tenantauth.outbound.target import Target

Lookup = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host as texts; raises `OSError` when it has none."""

_LOCALHOST = IPv4Address("127.0.0.1")
_MAX_TRIED = 4


def system_lookup(host: str, port: int) -> Sequence[str]:
    """Return what the system's resolver says."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class Connector:
    """Opens connections to what ``reach`` permits.

    A name is looked up once; every address that it has must be permitted, and the connection goes
    to one of these (so no second look-up can lead elsewhere). TLS checks the certificate for the
    name, with the system's authorities unless ``tls`` has others.
    """

    def __init__(
        self,
        reach: Reach,
        *,
        lookup: Lookup = system_lookup,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._reach = reach
        self._lookup = lookup
        self._tls = tls

    def open(self, target: Target, deadline: Deadline) -> socket.socket:
        """Return a connected socket, within TLS where the target is encrypted.

        Raises:
            RefusedAddressError: when an address of the host may not be connected to.
            OSError: when no address can be reached in time, or the certificate does not hold.
        """
        addresses = self._addresses(target)
        sock = _connect_to_any(addresses[:_MAX_TRIED], target.port, deadline)
        if not target.encrypted:
            return sock
        try:
            sock.settimeout(deadline.left_s())
            return self._context().wrap_socket(sock, server_hostname=target.host)
        except BaseException:
            sock.close()
            raise

    def _addresses(self, target: Target) -> list[Address]:
        literal = target.literal
        if literal is not None:
            addresses: list[Address] = [literal]
        else:
            addresses = [read_address(text) for text in self._lookup(target.host, target.port)]
        if not addresses:
            raise FetchError("the host has no address")
        for address in addresses:
            if not self._reach.permits(address, target.port, encrypted=target.encrypted):
                raise RefusedAddressError(_why_refused(target))
        return addresses

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls


def foreseen_refusal(url: str, reach: Reach) -> str | None:
    """Return why a URL can lead nowhere, as far as its text tells; no name is looked up."""
    try:
        target = Target.parse(url)
    except ValueError as error:
        return str(error)
    address = target.literal or (_LOCALHOST if is_loopback(target.host) else None)
    if address is None or reach.permits(address, target.port, encrypted=target.encrypted):
        return None
    return _why_refused(target)


def _why_refused(target: Target) -> str:
    if target.encrypted:
        return "the host has an address that is neither public nor named in the settings"
    return "plain http is for addresses that the settings name"


def _connect_to_any(addresses: Sequence[Address], port: int, deadline: Deadline) -> socket.socket:
    failure: OSError = TimeoutError()
    for tried, address in enumerate(addresses):
        # One that swallows packets must not use up the time of the others.
        share_s = deadline.left_s() / (len(addresses) - tried)
        try:
            return socket.create_connection((str(address), port), timeout=share_s)
        except OSError as error:
            failure = error
    raise failure
