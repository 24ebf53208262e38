"""HMAC secrets that others chose: long enough, not guessable, and no public key."""

import math
import re
from itertools import pairwise

from tenantauth.keyring import KINDS
from tenants.disguised_keys import half_of_pair
from tenants.published_secrets import is_published
from tenants.secret_spellings import spellings

MAX_SECRET_BYTES = 1024

# Less than the estimate for 32 random letters and digits, more than for what people think up.
MIN_BITS = 72
# What a secret says in base64 or hexadecimal is shorter than it; as much is asked of each byte.
_MIN_BITS_A_BYTE = MIN_BITS / 32
_HEX = re.compile(rb"(?:0x)?[0-9a-f:-]+", re.IGNORECASE)

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
    rb"auth|none|null|true|hmac|test|demo|here|this|with|your|very|long|key|for|the|my",
    re.IGNORECASE,
)
_LEET = bytes.maketrans(b"01!3457@$", b"oiieastas")
# Ways along a keyboard, row by row or column by column, shifted or not.
_WALKS = (
    b"1234567890",
    b"qwertyuiopasdfghjklzxcvbnm",
    b"qazwsxedcrfvtgbyhnujmikolp",
    b"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
)
_NEIGHBOURS = frozenset(frozenset(keys) for walk in _WALKS for keys in pairwise(walk))
_KEY = bytes(range(256)).lower().translate(bytes.maketrans(b"!@#$%^&*()<>:?", b"1234567890,.;/"))
# One letter of a text in words tells about this much (Shannon 1951 has 0.6 to 1.3). Of random
# lower-case letters more are asked for it: nothing short tells them from a text in any language.
_BITS_A_LETTER = 2.0
# What no text in words has: other characters, a number in front of a letter, two capitals together,
# a word in Camel Case without a vowel.
_NO_WORDS = re.compile(
    rb"[^\w\s.:!?,;'/-]|[0-9][A-Za-z]|[A-Z]{2}|[B-DF-HJ-NP-TV-XZ][b-df-hj-np-tv-xz]+(?![a-z])"
)
_LETTER = re.compile(rb"[A-Za-z]")


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
    return is_published(_period(spelling)) or guess_bits(spelling) < min(
        MIN_BITS, size * _MIN_BITS_A_BYTE
    )


def guess_bits(secret: bytes) -> float:
    """Return a rough estimate of what a guesser has to find out, in bits; of random bytes enough.

    Usual words, also in leet, repetitions of the whole, and bytes that go on from those before (the
    same, the next, by one difference, along a keyboard) are worth nothing.
    """
    text = _without_words(_period(secret))
    rest = _surprises(text)
    bits = len(rest) * math.log2(len(set(rest)) or 1)
    is_in_words = _LETTER.search(text) and not _NO_WORDS.search(text)
    return min(bits, len(text) * _BITS_A_LETTER) if is_in_words else bits


def _period(secret: bytes) -> bytes:
    # The shortest beginning that goes on repeating itself, the last time perhaps not to its end.
    lengths = (n for n in range(1, len(secret)) if secret.startswith(secret[n:]))
    return secret[: next(lengths, len(secret))]


def _without_words(secret: bytes) -> bytes:
    rest, end = b"", 0
    for word in _WORDS.finditer(secret.translate(_LEET)):
        rest += secret[end : word.start()]
        end = word.end()
    return rest + secret[end:]


def _surprises(data: bytes) -> bytes:
    triples = zip(data[:1] + data, data, data[1:], strict=False)
    return data[:1] + bytes(c for a, b, c in triples if not _follows(a, b, c))


def _follows(first: int, second: int, third: int) -> bool:
    step = third - second
    return abs(step) <= 1 or step == second - first or _is_walk(first, second, third)


def _is_walk(*keys: int) -> bool:
    return {frozenset((_KEY[a], _KEY[b])) for a, b in pairwise(keys)} <= _NEIGHBOURS
