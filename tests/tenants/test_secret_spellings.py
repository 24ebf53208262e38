"""What a secret says in another spelling."""

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.secret_spellings import spellings
from tests.tenants.key_forms import CLOTHINGS

LONG = base64.b64encode(b"hello" * 6)


@pytest.mark.parametrize("clothe", CLOTHINGS.values(), ids=CLOTHINGS.keys())
@given(data=st.binary(min_size=1))
def test_threat_2_whatever_is_spelled_is_found_again(
    clothe: Callable[[bytes], bytes], data: bytes
) -> None:
    spelled = clothe(data)
    found = list(spellings(spelled))
    assert found[0] == spelled
    assert data in found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(b"aGVsbG8", b"hello", id="no padding"),
        pytest.param(b"aGVsbG8h4", b"hello!", id="a digit too many"),
        pytest.param(b"aGVsbG9=", b"hello", id="spare bits"),
        pytest.param(b"+/-_", b"\xfb\xff\xbf", id="both alphabets"),
        pytest.param(b"68 65:6C,6c\t6f", b"hello", id="hex with separators"),
        pytest.param(b"0X68656c6c6f7", b"hello", id="half a byte too many"),
        pytest.param(b"'68656c6c6f'\\r\\n", b"hello", id="quotes and a written line end"),
        pytest.param("hello, world".encode("utf-16-be"), b"hello, world", id="UTF-16 BE"),
        pytest.param(b"\xfe\xff" + "hello".encode("utf-16-be"), b"hello", id="UTF-16 BE with BOM"),
        pytest.param(b"\xff\xfe" + "hello".encode("utf-16-le"), b"hello", id="UTF-16 LE with BOM"),
        pytest.param(b"\xef\xbb\xbfhello", b"hello", id="UTF-8 with BOM"),
        pytest.param(b"0xSuch", b"\xd3\x14\xae\x72", id="base64 that begins as hex may"),
        pytest.param(b"68-65-6C-6c-6f", b"hello", id="hex with dashes"),
        pytest.param(b"{0x68, 0X65, 0x6c, 0x6c, 0x6f};", b"hello", id="hex in a list of C"),
        pytest.param(rb"\x68\x65\x6C\x6c\x6f", b"hello", id="bytes of a text"),
        pytest.param(b"hello%2C+world%0a", b"hello,+world\n", id="per cent"),
        pytest.param(b"aGVs%62G8%3D", b"hello", id="base64 with per cents"),
        pytest.param(b"aGVs&#10;bG8&#xd;=\\t", b"hello", id="line ends of XML"),
        pytest.param(LONG + b";", b"hello" * 6, id="base64 before something"),
        pytest.param(b"data:;base64," + LONG, b"hello" * 6, id="base64 behind something"),
        pytest.param(b"<" + LONG[:7] + b" \n" + LONG[7:] + b">", b"hello" * 6, id="in lines"),
        pytest.param(b"<" + b"68656C6c6f" * 4 + b">", b"hello" * 4, id="hex in something"),
    ],
)
def test_threat_2_and_6_reading_is_as_lenient_as_a_guesser(text: bytes, says: bytes) -> None:
    assert says in spellings(text)


@pytest.mark.parametrize("spell", [base64.b64encode, base64.b16encode], ids=["base64", "hex"])
def test_reading_ends_after_three_levels(spell: Callable[[bytes], bytes]) -> None:
    """Else a long text would be read in more and more ways."""
    text = b"hello, world"
    for _ in range(3):
        text = spell(text)
    assert b"hello, world" in spellings(text)
    assert b"hello, world" not in spellings(spell(text))


def test_a_run_of_less_than_40_digits_is_a_word() -> None:
    assert set(spellings(b"!" + LONG[:39])) == {b"!" + LONG[:39]}


def test_what_is_escaped_in_a_decoded_text_is_read_too() -> None:
    assert b"hello" in spellings(base64.b64encode(b"h%65llo"))


@pytest.mark.parametrize("text", [b"", b"\0", b"secret text!", b"==", b"hello\x80" * 8], ids=repr)
def test_what_is_no_digits_is_not_decoded(text: bytes) -> None:
    assert set(spellings(text)) <= {text, b""}
