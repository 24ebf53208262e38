"""What is wrong with a text that is no token, or has a segment that cannot be read."""

from collections.abc import Mapping
from types import MappingProxyType

from tenantauth.errors import TokenError
from tenantauth.tokens.strict import MAX_TOKEN_CHARS, decode_segment, parse_object

_OF_SEGMENT: Mapping[str, str] = MappingProxyType(
    {
        "not_base64url": "is not base64url",
        "not_canonical_base64url": "is base64url in another than the one right spelling",
        "not_strict_json": "is not strict JSON",
        "not_an_object": "is not a JSON object",
    }
)
SHAPES = frozenset({"too_large", "not_compact_jws", *_OF_SEGMENT})


def explain_shape(reason: str, untrusted_token: str) -> str:
    """Return a sentence for one of ``SHAPES``."""
    if reason == "too_large":
        return f"it has {len(untrusted_token)} characters, and the most is {MAX_TOKEN_CHARS}"
    segments = untrusted_token.split(".")
    if reason == "not_compact_jws":
        return _of_count(len(segments))
    if segments[2:] == [""]:
        return "it is not signed: its third segment is empty, as with alg 'none'"
    return f"its {_unreadable(segments)} segment {_OF_SEGMENT[reason]}"


def _of_count(count: int) -> str:
    if count == 5:
        return "it has five segments, as an encrypted token has (JWE), and three are due"
    if count == 1:
        return "it is no JWT, which has three segments; an opaque token only its issuer can read"
    return f"it is not three segments with a dot between them, but {count}"


def _unreadable(segments: list[str]) -> str:
    for name, segment in zip(("header", "claims"), segments, strict=False):
        try:
            parse_object(decode_segment(segment))
        except TokenError:
            return name
    return "signature"
