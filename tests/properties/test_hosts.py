"""What holds for every host name, whoever sends it."""

from ipaddress import IPv6Address

from hypothesis import assume, example, given
from hypothesis import strategies as st

from tenantauth.hosts import normalise_host

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
# Behind the last dot no number, which would make an address of the name.
LAST = LABEL.filter(lambda label: not label.isdigit() and not label.startswith("0x"))
NAME = st.tuples(st.lists(LABEL, max_size=4), LAST).map(lambda made: ".".join([*made[0], made[1]]))
PORT = st.none() | st.integers(0, 65_535)
FULLWIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def accepted(text: str) -> str | None:
    try:
        return normalise_host(text)
    except ValueError:
        return None


@given(st.text() | st.text("[]:.%@/,0aA-_\u3002\uff0e\u00df\u00ad\ud800\x00 é", max_size=300))
@example("a\u2488b.test")
@example("\u2026")
@example("[:::]")
def test_any_text_is_one_canonical_host_or_a_value_error(text: str) -> None:
    """Threat 45."""
    host = accepted(text)
    if host is not None:
        assert normalise_host(host) == host
        assert host.isascii()
        assert host == host.lower()
        assert not set(host) & set(" /\\@,%?#*\r\n\x00")


@given(NAME, PORT, st.booleans(), st.data())
def test_case_port_trailing_dot_and_width_make_no_other_host(
    name: str, port: int | None, dot: bool, data: st.DataObject
) -> None:
    """Threat 45: no two spellings are two tenants."""
    spelling = "".join(
        data.draw(st.sampled_from([c, c.upper(), chr(FULLWIDTH[ord(c)])])) for c in name
    )
    spelling += "." * dot + ("" if port is None else f":{port}")
    assume(not any(label.startswith("xn--") for label in name.split(".")))
    assert normalise_host(spelling) == name


@given(st.ip_addresses(v=6), PORT)
def test_every_spelling_of_an_ipv6_literal_is_one_host(
    address: IPv6Address, port: int | None
) -> None:
    suffix = "" if port is None else f":{port}"
    written = normalise_host(f"[{address.exploded.upper()}]{suffix}")
    # Pythons differ in how they write an IPv4-mapped address; hosts do not.
    assert IPv6Address(written.strip("[]")) == address
    assert written == normalise_host(written)
    assert "." not in written


@given(NAME, st.sampled_from(list(" ,/@\\?#%*\t\r\n\x00\"'<>[]{}|^`~!$&()+;=")), st.integers(0, 60))
def test_a_character_that_no_host_has_is_refused_wherever_it_stands(
    name: str, character: str, at: int
) -> None:
    """Threat 45: user information, path, list."""
    assert accepted(name[:at] + character + name[at:]) is None
