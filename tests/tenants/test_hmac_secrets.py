"""HMAC secrets that others chose."""

import secrets

import pytest

from tenants.hmac_secrets import MIN_BITS, check_secret, guess_bits


@pytest.mark.parametrize(("algorithm", "size"), [("HS256", 32), ("HS512", 64)])
def test_threat_6_a_secret_is_as_long_as_its_hash(algorithm: str, size: int) -> None:
    check_secret(secrets.token_bytes(size), algorithm)
    with pytest.raises(ValueError, match=f"has {size} bytes or more, not {size - 1}"):
        check_secret(secrets.token_bytes(size - 1), algorithm)


@pytest.mark.parametrize("size", [0, 1025])
def test_threat_6_an_empty_or_endless_secret_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="a secret"):
        check_secret(secrets.token_bytes(size), "HS256")


@pytest.mark.parametrize(
    "secret",
    [
        b"secret" * 8,
        b"hunter2!" * 4 + b"h",
        b"Passw0rd" * 5 + b"P",
        b"a" * 64,
        bytes(64),
        bytes(range(64)),
        b"0123456789abcdef" * 4,
        b"changeme" + b"\0" * 24,
        b"my-super-secret-jwt-key-for-production-2024",
        b"your-256-bit-secret-your-256-bit-secret",
        b"a-string-secret-at-least-256-bits-long",
        b"super_secret_jwt_key_change_me_please_123",
        b"correct horse battery staple correct horse",
        b"qwertyuiopasdfghjklzxcvbnm123456",
    ],
    ids=repr,
)
def test_threat_6_a_guessable_secret_is_refused_and_not_repeated(secret: bytes) -> None:
    with pytest.raises(ValueError, match="can be guessed") as caught:
        check_secret(secret, "HS256")
    assert secret.decode() not in str(caught.value)


def test_random_secrets_pass_in_every_usual_spelling() -> None:
    for _ in range(500):
        for secret in (secrets.token_bytes(32), secrets.token_urlsafe(32).encode()):
            assert guess_bits(secret) > MIN_BITS
        assert guess_bits(secrets.token_hex(32).encode()) > MIN_BITS
