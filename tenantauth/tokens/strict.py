"""Strict reading of token segments, before any library sees them.

One token has one spelling and one meaning here: canonical base64url (RFC 4648 section 3.5), UTF-8,
no duplicate members (RFC 8725 section 2.6), finite numbers, bounded depth.
"""

import base64
import json
import math
import re
from typing import NoReturn

from tenantauth.errors import TokenError

MAX_TOKEN_CHARS = 8192
MAX_DEPTH = 20

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def split_compact(untrusted_token: str) -> tuple[str, str, str]:
    """Return the three segments of a compact JWS (RFC 7515 section 7.1).

    Raises:
        TokenError: when it is too large or has another shape.
    """
    if len(untrusted_token) > MAX_TOKEN_CHARS:
        raise TokenError("too_large")
    segments = untrusted_token.split(".", 3)
    if len(segments) != 3:
        raise TokenError("not_compact_jws")
    return segments[0], segments[1], segments[2]


def decode_segment(untrusted_segment: str) -> bytes:
    """Return the bytes of a canonical, unpadded base64url text.

    Raises:
        TokenError: when it is empty, has other characters, padding or spare bits.
    """
    if not _BASE64URL.fullmatch(untrusted_segment) or len(untrusted_segment) % 4 == 1:
        raise TokenError("not_base64url")
    decoded = base64.urlsafe_b64decode(untrusted_segment + "=" * (-len(untrusted_segment) % 4))
    if base64.urlsafe_b64encode(decoded).rstrip(b"=").decode() != untrusted_segment:
        raise TokenError("not_canonical_base64url")
    return decoded


def parse_object(untrusted_json: bytes) -> dict[str, object]:
    """Return the members of a JSON object.

    Raises:
        TokenError: when it is anything else, has a name twice, a number that is not finite or a
            lone surrogate, or is nested more than 20 deep.
    """
    try:
        value = json.loads(
            untrusted_json.decode("utf-8"),
            object_pairs_hook=_unique_members,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
        _check_tree(value)
    except (ValueError, RecursionError):
        # ValueError is the parent of the decoders' errors, also of an integer of 4,301 digits.
        raise TokenError("not_strict_json") from None
    if not isinstance(value, dict):
        raise TokenError("not_an_object")
    return value


def _unique_members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name stands twice")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is not finite")
    return number


def _check_tree(value: object) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[object] = []
        for node in level:
            if isinstance(node, dict):
                below += node.keys()
                below += node.values()
            elif isinstance(node, list):
                below += node
            elif isinstance(node, str):
                node.encode("utf-8")  # A lone surrogate, written as an escape, raises here.
        if not below:
            return
        level = below
    raise ValueError("nested too deeply")
