import base64
import traceback
from time import perf_counter

import pytest

from tenantauth.errors import TokenError
from tenantauth.tokens.strict import (
    MAX_DEPTH,
    MAX_TOKEN_CHARS,
    decode_segment,
    parse_object,
    split_compact,
)


def nested(depth: int) -> bytes:
    return b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)


def test_tokens_are_bounded_in_size_and_depth() -> None:
    """Threat 22, threat 23: operators set the bounds of their proxies by these."""
    assert (MAX_TOKEN_CHARS, MAX_DEPTH) == (8192, 20)


def test_a_compact_token_has_three_segments() -> None:
    assert split_compact("head.body.mac") == ("head", "body", "mac")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("a", id="one"),
        pytest.param("a.b", id="two"),
        pytest.param("a.b.c.d", id="four"),
        pytest.param("a.b.c.d.e", id="jwe"),
        pytest.param("a\u2024b\u2024c", id="one-dot-leader"),
        pytest.param("a\uff0eb\uff0ec", id="fullwidth-stop"),
        pytest.param("a\u3002b\u3002c", id="ideographic-stop"),
    ],
)
def test_another_number_of_segments_is_refused(text: str) -> None:
    """Threat 14, threat 17: segment counts and lookalike dots."""
    with pytest.raises(TokenError, match="not_compact_jws"):
        split_compact(text)


def test_the_largest_token_is_read_and_one_character_more_is_not() -> None:
    """Threat 23."""
    assert split_compact("a.b.".ljust(MAX_TOKEN_CHARS, "c"))
    with pytest.raises(TokenError, match="too_large"):
        split_compact("a.b.".ljust(MAX_TOKEN_CHARS + 1, "c"))


@pytest.mark.parametrize("text", ["." * 10**7, "a" * 10**7, "[" * 10**7], ids=[".", "a", "["])
def test_a_huge_token_is_refused_at_once(text: str) -> None:
    """Threat 23: segments of 10^7 octets, 10^7 dots."""
    began = perf_counter()
    with pytest.raises(TokenError, match="too_large"):
        split_compact(text)
    assert perf_counter() - began < 0.1


@pytest.mark.parametrize("data", [b"a", b"ab", b"abc", b"\xfb\xff", bytes(10), bytes(11)])
def test_a_canonical_segment_is_decoded(data: bytes) -> None:
    assert decode_segment(base64.urlsafe_b64encode(data).rstrip(b"=").decode()) == data


@pytest.mark.parametrize(
    "segment",
    [
        pytest.param("", id="empty"),
        pytest.param("YQ==", id="padding"),
        pytest.param("YWI=", id="one-padding"),
        pytest.param("-_+/", id="standard-alphabet"),
        pytest.param("YR", id="spare-bits-of-two"),
        pytest.param("YWJ", id="spare-bits-of-three"),
        pytest.param("YWJjZ", id="one-character-left"),
        pytest.param("YWJj\n", id="newline-at-the-end"),
        pytest.param(" YWJj", id="space"),
        pytest.param("YW Jj", id="space-inside"),
        pytest.param("YW\x00Jj", id="nul-inside"),
        pytest.param("YW!Jj", id="junk-inside"),
        pytest.param("YW\u0663j", id="arabic-digit"),
        pytest.param("\uff39\uff37\uff2a\uff4a", id="fullwidth"),
        pytest.param("\ud800", id="surrogate"),
    ],
)
def test_another_spelling_of_a_segment_is_refused(segment: str) -> None:
    """Threat 17, threat 18: one token, one text."""
    with pytest.raises(TokenError, match="base64url"):
        decode_segment(segment)


def test_an_object_is_read() -> None:
    text = '{"a": [1, 2.5, null, true, {"b": "\u00e9"}]}'
    assert parse_object(text.encode()) == {"a": [1, 2.5, None, True, {"b": "\u00e9"}]}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b'{"iss":"a","iss":"b"}', id="plain"),
        pytest.param(rb'{"iss":"a","\u0069ss":"b"}', id="escaped"),
        pytest.param(b'{"a":{"b":1,"b":1}}', id="nested"),
        pytest.param(b'{"a":[{"b":1,"b":2}]}', id="in-a-list"),
    ],
)
def test_a_name_that_stands_twice_is_refused(text: bytes) -> None:
    """Threat 19: two readers, two meanings."""
    with pytest.raises(TokenError, match="not_strict_json"):
        parse_object(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"a":1}'.encode("utf-16"), id="utf-16"),
        pytest.param('{"a":1}'.encode("utf-16-le"), id="utf-16-without-mark"),
        pytest.param('{"a":1}'.encode("utf-32"), id="utf-32"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', id="byte-order-mark"),
        pytest.param('{"a":"\u00e9"}'.encode("latin-1"), id="latin-1"),
        pytest.param(b'{"a":"\xc0\xaf"}', id="overlong"),
        pytest.param(b'{"a":"\xed\xa0\x80"}', id="encoded-surrogate"),
        pytest.param(rb'{"a":"\ud800"}', id="escaped-surrogate"),
        pytest.param(rb'{"\udc00":1}', id="surrogate-in-a-name"),
        pytest.param(rb'{"a":[["\ud800"]]}', id="surrogate-deeper"),
        pytest.param(b'{"a":NaN}', id="nan"),
        pytest.param(b'{"a":Infinity}', id="infinity"),
        pytest.param(b'{"a":-Infinity}', id="minus-infinity"),
        pytest.param(b'{"a":1e400}', id="becomes-infinite"),
        pytest.param(b'{"a":-1e400}', id="becomes-minus-infinite"),
        pytest.param(b'{"a":1} x', id="trailing-text"),
        pytest.param(b'{"a":1}{"b":2}', id="two-objects"),
        pytest.param(b'{"a":1}\x00', id="trailing-nul"),
        pytest.param(b'/**/{"a":1}', id="comment"),
        pytest.param(b'{"a":1,}', id="trailing-comma"),
        pytest.param(b"{'a':1}", id="single-quotes"),
        pytest.param(b'{"a":"\n"}', id="raw-control-character"),
        pytest.param(b"", id="empty"),
    ],
)
def test_what_is_no_strict_json_is_refused(text: bytes) -> None:
    """Threat 20."""
    with pytest.raises(TokenError, match="not_strict_json"):
        parse_object(text)


@pytest.mark.parametrize(
    "text", [b"[]", b"null", b"true", b"1", b'"alg"', b'["alg"]', b'[{"alg":"ES256"}]']
)
def test_what_is_no_object_is_refused(text: bytes) -> None:
    """Threat 21."""
    with pytest.raises(TokenError, match="not_an_object"):
        parse_object(text)


def test_objects_nest_up_to_the_bound() -> None:
    assert parse_object(nested(MAX_DEPTH))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(nested(MAX_DEPTH + 1), id="one-too-deep"),
        pytest.param(nested(100), id="100"),
        pytest.param(nested(30_000), id="30000"),
        pytest.param(b"[" * 30_000, id="30000-open-lists"),
        pytest.param(b'{"a":' + b"[" * 100 + b"]" * 100 + b"}", id="lists"),
    ],
)
def test_deeper_nesting_is_refused(text: bytes) -> None:
    """Threat 22: never a RecursionError."""
    with pytest.raises(TokenError, match="not_strict_json"):
        parse_object(text)


@pytest.mark.parametrize("digits", [4_301, 8_000])
def test_an_integer_too_long_to_convert_is_refused(digits: int) -> None:
    """Threat 22: 4000-digit integers."""
    with pytest.raises(TokenError, match="not_strict_json"):
        parse_object(b'{"exp":' + b"9" * digits + b"}")


def test_thousands_of_members_are_read_in_a_moment() -> None:
    """Threat 22, threat 102."""
    text = "{" + ",".join(f'"m{n}":{n}' for n in range(5_000)) + "}"
    began = perf_counter()
    assert len(parse_object(text.encode())) == 5_000
    assert perf_counter() - began < 0.5


@pytest.mark.parametrize("text", [b'{"a":"%s"', b'{"%s":1,"%s":2}', b'{"a":"%s\xff"}'])
def test_an_error_shows_nothing_of_the_token(text: bytes) -> None:
    """Threat 106: neither in its text nor in the traceback that a log would print."""
    secret = "hunter2"
    with pytest.raises(TokenError) as caught:
        parse_object(text.replace(b"%s", secret.encode()))
    assert secret not in "".join(traceback.format_exception(caught.value))
