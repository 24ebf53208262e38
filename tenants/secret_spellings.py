"""What a secret says once it is read as a text: in UTF-16, base64, base64url or hexadecimal."""

import base64
import re
from collections.abc import Iterator

# Base64 in a manifest, of what a script had put into base64 before, of hexadecimal digits.
_MAX_DEPTH = 3
_BYTE_ORDER_MARK = re.compile(rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)")
# What stands between and around the digits: white space, padding, quotes, a line end as in `.env`.
_BETWEEN = re.compile(rb"\A0[xX]|\\[nr]|[\s\"':,=]")
_HEX = re.compile(rb"[0-9a-fA-F]+")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]+")


def spellings(secret: bytes, depth: int = _MAX_DEPTH) -> Iterator[bytes]:
    """Yield the secret itself, then all that it can be read as; also that again, some levels deep.

    Reading is lenient: a guesser does not mind missing padding or a cut last digit.
    """
    yield secret
    for line_end in (b"\n", b"\r\n"):
        if secret.endswith(line_end):
            yield secret.removesuffix(line_end)
    plain = _BYTE_ORDER_MARK.sub(b"", secret).replace(b"\0", b"")
    if plain != secret:
        yield plain
    digits = _BETWEEN.sub(b"", plain)
    if depth and _HEX.fullmatch(digits):
        yield from spellings(bytes.fromhex(digits[: len(digits) // 2 * 2].decode()), depth - 1)
    if depth and _BASE64.fullmatch(digits):
        yield from spellings(_from_base64(digits), depth - 1)


def _from_base64(digits: bytes) -> bytes:
    filled = digits + b"A" * (-len(digits) % 4)
    return base64.b64decode(filled.replace(b"-", b"+").replace(b"_", b"/"))[: len(digits) * 3 // 4]
