"""Which addresses may be connected to: public ones, and networks that an operator has named.

What counts is the address that a connection goes to, not the name it was found by.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# `is_global` differs between Pythons and lets some of these through, so they are written out.
_NOT_PUBLIC_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's metadata and wire server
        "169.254.0.0/16",  # link-local, and with it most metadata servers
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata server
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
    )
)
# Whatever embeds an IPv4 address outside it (mapped, compatible, NAT64) leads who knows where.
_PUBLIC_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)
_ENTRY = re.compile(r"\[(?P<v6>[^\]]+)\](?::(?P<port6>\d{1,5}))?|(?P<v4>[^:]+):(?P<port4>\d{1,5})")
_MIN_PREFIX = 8


@dataclass(frozen=True, slots=True)
class NamedNetwork:
    """A network that may be reached though it is not public; on ``port`` alone when there is one.

    Raises:
        ValueError: when it is larger than a /8, which is more than anybody runs.
    """

    network: Network
    port: int | None = None

    def __post_init__(self) -> None:
        if self.network.prefixlen < _MIN_PREFIX:
            raise ValueError(f"{self.network} is too large: name what is yours")
        if self.port is not None and not 0 < self.port < 65536:
            raise ValueError(f"{self.port} is not a port")

    @classmethod
    def parse(cls, text: str) -> "NamedNetwork":
        """Read ``10.2.0.0/16``, ``127.0.0.1:9400``, ``fd12::/16`` or ``[::1]:9400``.

        Raises:
            ValueError: when it is none of these, or has bits set behind its prefix.
        """
        entry = _ENTRY.fullmatch(text)
        network = text if entry is None else entry["v6"] or entry["v4"]
        port = None if entry is None else entry["port6"] or entry["port4"]
        try:
            return cls(ip_network(network), None if port is None else int(port))
        except ValueError as error:
            raise ValueError(f"{text!r} is not a network: {error}") from None

    def holds(self, address: Address, port: int) -> bool:
        """Tell whether this address and port belong to the network."""
        return address in self.network and self.port in (None, port)


class Reach:
    """What may be connected to: public addresses, and the named networks beside them."""

    def __init__(self, named: Iterable[NamedNetwork] = ()) -> None:
        self._named = tuple(named)

    def names(self, address: Address, port: int) -> bool:
        """Tell whether an operator has named this address."""
        return any(network.holds(address, port) for network in self._named)

    def permits(self, address: Address, port: int, *, encrypted: bool) -> bool:
        """Tell whether to connect; without encryption only to what was named."""
        return self.names(address, port) or (encrypted and is_public(address))


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the public internet, and of nothing special there."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _NOT_PUBLIC_V4)
    if address.scope_id is not None or address not in _PUBLIC_V6:
        return False
    return address.is_global and not any(address in network for network in _NOT_PUBLIC_V6)


def read_address(text: str) -> Address:
    """Return an address from its text, as a resolver gives it.

    Raises:
        ValueError: when it is none.
    """
    return ip_address(text)
