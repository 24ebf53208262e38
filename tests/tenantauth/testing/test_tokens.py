import base64
import json
from typing import Any

import pytest

from tenantauth.errors import TokenError
from tenantauth.testing import SigningKey, make_policy, make_token
from tenantauth.testing.tokens import REMOVED, encode_bytes, encode_segment
from tenantauth.tokens.verifier import verify
from tests.support import NOW

ACME = make_policy()


def read(token: str, segment: int) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[segment] + "=="))
    return members


def test_a_token_is_good_for_its_tenant() -> None:
    assert verify(make_token(ACME, "bob"), ACME, NOW).subject == "bob"


def test_what_is_left_out_has_a_name_that_stays() -> None:
    """Parametrised tests are called by it."""
    assert repr(REMOVED) == "REMOVED"


def test_a_token_says_what_an_access_token_says() -> None:
    """RFC 9068 section 2."""
    token = make_token(ACME)
    assert read(token, 0) == {"typ": "at+jwt", "alg": "ES256", "kid": "acme-1"}
    assert read(token, 1) == {
        "iss": "http://acme.localhost",
        "aud": "http://acme.localhost",
        "sub": "alice",
        "client_id": "web",
        "iat": 1_800_000_000,
        "exp": 1_800_000_900,
        "jti": "token-of-alice",
        "tenant": "acme",
    }


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_a_key_of_ones_own_really_signs(algorithm: str) -> None:
    key = SigningKey("own", algorithm)
    assert verify(make_token(ACME, key=key), make_policy(keys=[key]), NOW).subject == "alice"
    with pytest.raises(TokenError, match="unknown_key"):
        verify(make_token(ACME, key=key), ACME, NOW)


def test_members_can_be_replaced_and_removed() -> None:
    token = make_token(ACME, header={"typ": REMOVED, "x": 1}, jti=REMOVED, roles=["a"])
    assert read(token, 0) == {"alg": "ES256", "kid": "acme-1", "x": 1}
    assert "jti" not in read(token, 1)
    assert read(token, 1)["roles"] == ["a"]


def test_times_can_be_chosen() -> None:
    token = make_token(ACME, now_s=NOW - 1000, ttl_s=60)
    assert (read(token, 1)["iat"], read(token, 1)["exp"]) == (1_799_999_000, 1_799_999_060)


@pytest.mark.parametrize("data", [b"", b"a", b"\xfb\xff\xfe"])
def test_bytes_are_written_in_unpadded_base64url(data: bytes) -> None:
    text = encode_bytes(data)
    assert not set(text) & set("+/=")
    assert base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) == data


def test_a_segment_leaves_out_what_is_removed() -> None:
    assert encode_segment({"a": REMOVED}) == encode_bytes(b"{}")
