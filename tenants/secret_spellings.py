"""What a secret says once it is read as a text: in UTF-16, escapes, base64 or hexadecimal."""

import base64
import re
from collections.abc import Iterator

# Base64 in a manifest, of what a script had put into base64 before, of hexadecimal digits.
_MAX_DEPTH = 3
_BYTE_ORDER_MARK = re.compile(rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)")
_ESCAPE = re.compile(rb"(?:%|\\x)([0-9a-fA-F]{2})")
_SPACE = re.compile(rb"\\[nrt]|&#(?:10|13|[xX][aAdD]);|\s")
# What stands around and between the digits: padding, quotes, the separators of lists and dumps.
_AROUND_BASE64 = re.compile(rb"[\"':,=]")
_AROUND_HEX = re.compile(rb"0[xX]|[\"':,;=\[\]{}-]")
_HEX = re.compile(rb"[0-9a-fA-F]+")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]+")
# Behind `PUBLIC_KEY=`, or between tags; words and names are shorter.
_RUN = re.compile(rb"[A-Za-z0-9+/_-]{40,}")


def spellings(secret: bytes, depth: int = _MAX_DEPTH) -> Iterator[bytes]:
    """Yield the secret itself, then all that it can be read as; also that again, some levels deep.

    Reading is lenient: a guesser does not mind missing padding, a cut last digit, or what stands
    around a long run of digits.
    """
    ends = secret.removesuffix(b"\n"), secret.removesuffix(b"\r\n")
    plain = _BYTE_ORDER_MARK.sub(b"", secret).replace(b"\0", b"")
    unescaped = _ESCAPE.sub(lambda escape: bytes.fromhex(escape[1].decode()), plain)
    yield from dict.fromkeys((secret, *ends, plain, unescaped))
    if depth:
        for said in _decoded(_SPACE.sub(b"", unescaped)):
            yield from spellings(said, depth - 1)


def _decoded(text: bytes) -> Iterator[bytes]:
    runs = _RUN.findall(text)
    for around, digits, decode in (
        (_AROUND_HEX, _HEX, _from_hex),
        (_AROUND_BASE64, _BASE64, _from_base64),
    ):
        for run in dict.fromkeys((around.sub(b"", text), *runs)):
            if digits.fullmatch(run):
                yield decode(run)


def _from_hex(digits: bytes) -> bytes:
    return bytes.fromhex(digits[: len(digits) // 2 * 2].decode())


def _from_base64(digits: bytes) -> bytes:
    filled = digits + b"A" * (-len(digits) % 4)
    return base64.b64decode(filled.replace(b"-", b"+").replace(b"_", b"/"))[: len(digits) * 3 // 4]
