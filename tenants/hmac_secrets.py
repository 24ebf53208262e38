"""HMAC secrets that others chose: long enough, not guessable, and no public key."""

import math
import re
from itertools import pairwise

from tenantauth.keyring import KINDS
from tenants.disguised_keys import half_of_pair
from tenants.secret_spellings import spellings

MAX_SECRET_BYTES = 1024

# Less than the estimate for 32 random letters and digits, more than for what people think up.
MIN_BITS = 72
# What a secret says in base64 or hexadecimal is shorter than it; as much is asked of each byte.
_MIN_BITS_A_BYTE = MIN_BITS / 32
_HEX = re.compile(rb"[0-9a-f]+", re.IGNORECASE)

_OTHER_KEYS = {
    "public": "it is a public key or a certificate: as an HMAC secret it would let everybody sign",
    "private": "it is a private key and no HMAC secret: import it as PEM or JWK for what it is",
}

# What tutorials, templates and defaults are made of; long words first, as they hold short ones.
_WORDS = re.compile(
    rb"authentication|development|production|application|signature|changeit|changeme|password|"
    rb"internal|insecure|example|default|replace|private|service|signing|unknown|passwd|"
    rb"secret|change|please|qwerty|string|access|random|secure|sample|jwt|"
    rb"flask|django|token|super|dummy|admin|login|hello|world|local|value|least|bytes|"
    rb"auth|none|null|true|hmac|test|demo|here|this|with|your|very|long|key|the|my",
    re.IGNORECASE,
)
# One letter of a text in words tells about this much (Shannon 1951 has 0.6 to 1.3).
_BITS_A_LETTER = 2.0
_IN_WORDS = re.compile(rb"[a-z\s._:!?,-]+", re.IGNORECASE)


def check_secret(secret: bytes, algorithm: str) -> None:
    """Accept a secret of full length that nobody guesses or knows, as it is and decoded.

    Raises:
        ValueError: saying why not, without a part of the secret.
    """
    for spelling in spellings(secret):
        half = half_of_pair(spelling)
        if half is not None:
            raise ValueError(_OTHER_KEYS[half])
    least = KINDS[algorithm].secret_bytes
    if len(secret) < least:
        raise ValueError(f"a secret for {algorithm} has {least} bytes or more, not {len(secret)}")
    if len(secret) > MAX_SECRET_BYTES:
        raise ValueError(f"a secret has {MAX_SECRET_BYTES} bytes at most")
    if any(map(_is_guessable, spellings(secret))):
        raise ValueError(
            "the secret can be guessed: it repeats itself, counts up, or is made of usual words"
        )


def _is_guessable(spelling: bytes) -> bool:
    size = len(spelling) / 2 if _HEX.fullmatch(spelling) else len(spelling)
    return guess_bits(spelling) < min(MIN_BITS, size * _MIN_BITS_A_BYTE)


def guess_bits(secret: bytes) -> float:
    """Return a rough estimate of what a guesser has to find out, in bits; of random bytes enough.

    Usual words, repetitions of the whole, and bytes that repeat or count on from the one before
    are worth nothing.
    """
    rest = _WORDS.sub(b"", _period(secret))
    rest = rest[:1] + bytes(b for a, b in pairwise(rest) if abs(a - b) > 1)
    if not rest:
        return 0.0
    if _IN_WORDS.fullmatch(rest) and (rest.islower() or b" " in rest):
        return len(rest) * _BITS_A_LETTER
    return len(rest) * math.log2(len(set(rest)))


def _period(secret: bytes) -> bytes:
    # The shortest beginning that goes on repeating itself, the last time perhaps not to its end.
    lengths = (n for n in range(1, len(secret)) if secret.startswith(secret[n:]))
    return secret[: next(lengths, len(secret))]
