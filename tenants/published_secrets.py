"""HMAC secrets that look random and that everybody knows."""

import hashlib

# SHA-256 of what they say, so that no scanner finds a secret here.
_PUBLISHED = frozenset(
    {
        # RFC 7515 appendix A.1.
        "c8ecc9361a05e285f04c26f9572131a6deab07e9e2b865053c6f75a4d8bd2b32",
        # RFC 7520 section 3.5.
        "73ec74458059c70cae3f0ade8663fe0da1dc4b114ed8cdac75364140b4458a4c",
        # Flask's documentation of SECRET_KEY.
        "a5aa976fe0932dfa4e28efad79b2bdf0ab22a79a346ed3fe9e0aeda30ab3fd1d",
        # FastAPI's tutorial on OAuth2 with JWT.
        "4d0f8dec4515d07a611c502f22adb95c854d943d6122fb8f96c9503b42356bac",
        # Tutorials of Spring Security, read as hexadecimal.
        "136cb1c5a79bc9d943efda382fde1bfa26e0e140ff444657cf7fb056e2977b1c",
        # The same, read as base64.
        "b3f6f5d4f9cee4e99fe5db63234b775a205edc23efbbff87acc308626b5fd24a",
    }
)
_WORDS = (b"", b"admin", b"changeme", b"password", b"secret", b"test")
_HASHES = ("md5", "sha1", "sha256", "sha384", "sha512")
_HASHED_WORDS = frozenset(
    hashlib.new(name, word, usedforsecurity=False).digest() for name in _HASHES for word in _WORDS
)


def is_published(secret: bytes) -> bool:
    """Tell whether the bytes stand in documentation that many copy from, or are a word's hash."""
    return secret in _HASHED_WORDS or hashlib.sha256(secret).hexdigest() in _PUBLISHED
