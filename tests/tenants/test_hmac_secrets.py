"""HMAC secrets that others chose."""

import base64
import secrets
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.hmac_secrets import MAX_SECRET_BYTES, MIN_BITS, check_secret, guess_bits
from tests.tenants.key_forms import (
    CLOTHINGS,
    P256,
    RSA,
    bare_forms,
    private_der,
    private_pem,
)


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
        b"hunter2!" * 4 + b"h",
        b"Passw0rd" * 5 + b"P",
        bytes(64),
        bytes(range(64)),
        bytes(range(0, 64, 2)),
        b"0123456789abcdef" * 4,
        b"adgjmpsvybehknqtwzcfiloruxadgjmp",
        b"changeme" + b"\0" * 24,
        b"my-super-secret-jwt-key-for-production-2024",
        b"your-256-bit-secret-your-256-bit-secret",
        b"a-string-secret-at-least-256-bits-long",
        b"super_secret_jwt_key_change_me_please_123",
        b"correct horse battery staple correct horse",
        b"acme-corporation-production-jwt-signing-key-2024",
        b"TheQuickBrownFoxJumpsOverTheLazyDog",
        b"CorrectHorseBatteryStaple-2024-Production",
        b"P@ssw0rd123!P4ssw0rd456!Pa55word789!",
        b"S3cr3tK3yF0rJWTs1gn1ngD3v3l0pm3nt",
        b"qwertyuiopasdfghjklzxcvbnm123456",
        b"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.",
        b"!QAZ2wsx#EDC4rfv%TGB6yhn&UJM8ik,",
        b"poiuytrewqlkjhgfdsamnbvcxz0987654321",
        b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        b"5f4dcc3b5aa765d61d8327deb882cf99" * 2,
    ],
    ids=repr,
)
def test_threat_6_a_guessable_secret_is_refused_and_not_repeated(secret: bytes) -> None:
    with pytest.raises(ValueError, match="can be guessed") as caught:
        check_secret(secret, "HS256")
    assert secret.decode() not in str(caught.value)


@pytest.mark.parametrize("clothing", CLOTHINGS)
def test_threat_6_a_guessable_secret_is_so_in_any_spelling(clothing: str) -> None:
    for secret in (b"my-super-secret-password-for-jwt", b"secret" * 8, b"a" * 64, bytes(range(32))):
        with pytest.raises(ValueError, match="can be guessed"):
            check_secret(CLOTHINGS[clothing](secret), "HS256")


@pytest.mark.parametrize(
    "secret",
    [b"my-secret-password", b"changeme-changeme", b"hunter2hunter2hunter2", bytes(range(16))],
    ids=repr,
)
def test_threat_6_what_hides_in_the_spelling_may_be_shorter(secret: bytes) -> None:
    spelled = base64.b64encode(base64.b64encode(secret)), secret.hex().encode()
    for each in spelled:
        with pytest.raises(ValueError, match="can be guessed"):
            check_secret(each, "HS256")


@pytest.mark.parametrize("clothing", CLOTHINGS)
def test_threat_2_a_public_key_is_no_secret_in_any_clothing(clothing: str) -> None:
    for data in (bare_forms(P256) | {"RSA": bare_forms(RSA)["PKCS1"]}).values():
        secret = CLOTHINGS[clothing](data)
        with pytest.raises(ValueError, match=r"^it is .* let everybody sign") as caught:
            check_secret(secret, "HS256")
        assert repr(secret)[2:-1] not in str(caught.value)


@pytest.mark.parametrize("clothing", CLOTHINGS)
def test_a_private_key_is_to_be_imported_as_what_it_is(clothing: str) -> None:
    for data in (private_der(P256), private_pem(RSA)):
        with pytest.raises(ValueError, match=r"^it is a private key and no HMAC"):
            check_secret(CLOTHINGS[clothing](data), "HS256")


@given(st.integers(), st.integers(16, 64), st.sampled_from(sorted(CLOTHINGS)))
def test_any_random_secret_passes(seed: int, size: int, clothing: str) -> None:
    secret = CLOTHINGS[clothing](Random(seed).randbytes(size))
    if len(secret) >= 32:
        check_secret(secret, "HS256")


def test_threat_6_letters_of_a_text_are_worth_72_bits_from_36_on() -> None:
    letters = b"bdbgbkboqbvbxfhfjflfnfpfrftfvfzgkgmg"
    assert guess_bits(letters) == MIN_BITS == 72
    check_secret(letters, "HS256")
    with pytest.raises(ValueError, match="can be guessed"):
        check_secret(letters[:-1], "HS256")


def test_threat_6_of_digits_as_much_is_asked_as_of_the_bytes_they_stand_for() -> None:
    digits = b"151955111159511995511511955115599519595911155195"
    assert guess_bits(digits) < 54 < guess_bits(bytes.fromhex(digits.decode()))
    with pytest.raises(ValueError, match="can be guessed"):
        check_secret(digits, "HS256")


def test_threat_6_a_secret_of_the_largest_size_passes() -> None:
    check_secret(secrets.token_bytes(MAX_SECRET_BYTES), "HS256")


def test_threat_6_of_a_decoded_byte_as_much_is_asked_as_of_one_of_32() -> None:
    """53.2 bits in 24 bytes; 54 are due."""
    with pytest.raises(ValueError, match="can be guessed"):
        check_secret(base64.b64encode(b"passwordKNBDGZRGCGRXVNXN"), "HS256")


@given(st.integers())
def test_32_random_digits_pass(seed: int) -> None:
    check_secret(Random(seed).randbytes(16).hex().encode(), "HS256")
    check_secret(b"8106b3cbd54288a6aadccc8876524241", "HS256")


@pytest.mark.parametrize(
    ("secret", "bits"),
    [
        (b"secretPASSWORD", 0),
        (b"authentication", 0),
        (b"", 0),
        (b"xqzw", 8),
        (b"xQ zW", 10),
        (b"xQzW", 8),
        (b"xqzxqzxqzx", 4.75),
        (b"x7x9x7", 6.34),
        (b"xyzabc7", 4.75),
        (b"aceg7579", 10),
        (b"adgjm", 2),
        (b"5ecret p@$$w0rd", 0),
        (b"asdfgh", 2),
        (b"lkjgfdsa", 2),
        (b"!@#$%^", 2),
        (b"ewq", 2),
        (b"180396", 15.51),
        (b"!QAZ@WSX", 2),
        (b"axqzwb99", 16),
        (b"xqzwb-7", 14),
        (b"xqzwb%7", 19.65),
        (b"7xqzwbk", 19.65),
        (b"xqzWBka", 19.65),
        (b"XazWibOk", 16),
        (b"XodWpdOk", 22.46),
        (b"15195", 7.92),
    ],
    ids=repr,
)
def test_what_a_guesser_has_to_find_is_estimated(secret: bytes, bits: float) -> None:
    assert guess_bits(secret) == pytest.approx(bits, abs=0.02)


def test_random_secrets_pass_in_every_usual_spelling() -> None:
    for _ in range(500):
        for secret in (secrets.token_bytes(32), secrets.token_urlsafe(32).encode()):
            assert guess_bits(secret) > MIN_BITS
        assert guess_bits(secrets.token_hex(32).encode()) > MIN_BITS
