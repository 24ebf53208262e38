from ipaddress import ip_address

import pytest

from tenantauth.outbound.networks import NamedNetwork, Reach, is_public

INNER = [
    "0.0.0.0",  # noqa: S104  # nothing is bound
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "2606:4700::1111%1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "192.1.0.1", "2606:4700::1111", "2a00:1450::1"]


@pytest.mark.parametrize("address", INNER)
def test_an_address_with_a_special_meaning_is_not_public(address: str) -> None:
    """Threat 112."""
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_an_ordinary_address_is_public(address: str) -> None:
    assert is_public(ip_address(address))
    assert Reach().permits(ip_address(address), 443, encrypted=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_nothing_public_is_reached_without_encryption(address: str) -> None:
    """Threat 114: on the way, anybody could answer."""
    assert not Reach().permits(ip_address(address), 80, encrypted=False)


@pytest.mark.parametrize(
    ("text", "address", "port", "holds"),
    [
        ("10.2.0.0/16", "10.2.3.4", 443, True),
        ("10.2.0.0/16", "10.3.3.4", 443, False),
        ("127.0.0.1", "127.0.0.1", 9400, True),
        ("127.0.0.1", "127.0.0.2", 9400, False),
        ("127.0.0.1:9400", "127.0.0.1", 9400, True),
        ("127.0.0.1:9400", "127.0.0.1", 9401, False),
        ("10.2.0.0/16:8443", "10.2.3.4", 8443, True),
        ("10.2.0.0/16:8443", "10.2.3.4", 443, False),
        ("fd12:3456::/32", "fd12:3456::1", 443, True),
        ("::1", "::1", 443, True),
        ("[::1]:9400", "::1", 9400, True),
        ("[::1]:9400", "::1", 443, False),
        ("[fd12::/16]", "fd12::7", 443, True),
        ("127.0.0.1", "::ffff:127.0.0.1", 443, False),
    ],
)
def test_a_named_network_holds_what_it_says(
    text: str, address: str, port: int, holds: bool
) -> None:
    """Threat 112: what is named opens no more than that."""
    reach = Reach([NamedNetwork.parse(text)])
    for encrypted in (True, False):
        assert reach.permits(ip_address(address), port, encrypted=encrypted) is holds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "localhost",
        "10.2.0.1/16",
        "0.0.0.0/0",
        "::/0",
        "10.0.0.0/7",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:x",
        "[::1",
        "[::1]9400",
        "0x7f.0.0.1",
        "127.1",
    ],
)
def test_another_text_names_no_network(text: str) -> None:
    """Threat 112: nor is one that is larger than anybody's."""
    with pytest.raises(ValueError, match="is not a network"):
        NamedNetwork.parse(text)
