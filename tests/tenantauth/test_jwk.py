"""Public keys as strangers write them."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from tenantauth.jwk import MAX_JWKS_BYTES, MAX_KEYS, read_jwk, read_jwks
from tenantauth.testing.tokens import encode_bytes

EC = {**ECKey.generate_key("P-256").as_dict(private=False), "kid": "ec"}
P384 = {**ECKey.generate_key("P-384").as_dict(private=False), "kid": "p384"}
ED = {**OKPKey.generate_key("Ed25519").as_dict(private=False), "kid": "ed"}
RSA_PRIVATE = RSAKey.generate_key(2048)
RSA = {**RSA_PRIVATE.as_dict(private=False), "kid": "rsa"}
P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
SECRET = {**OctKey.generate_key(256).as_dict(), "kid": "oct"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
names = st.sampled_from(["kty", "kid", "crv", "x", "y", "n", "e", "use", "key_ops", "alg", "d"])


@pytest.mark.parametrize(
    ("jwk", "algorithm"),
    [
        (EC, "ES256"),
        (P384, "ES384"),
        (ED, "EdDSA"),
        ({**ED, "alg": "Ed25519"}, "EdDSA"),
        (RSA, "RS256"),
        ({**EC, "kid": "a" * 255, "key_ops": ["sign", "verify"]}, "ES256"),
        ({**RSA, "alg": "PS256", "use": "sig", "key_ops": ["verify"], "x5t": "a"}, "PS256"),
    ],
)
def test_a_good_key_is_bound_to_one_algorithm(jwk: dict[str, Any], algorithm: str) -> None:
    key = read_jwk(jwk)
    assert (key.kid, key.algorithm, key.state) == (jwk["kid"], algorithm, "active")
    assert not key.key.is_private


def test_where_a_key_names_none_the_first_allowed_algorithm_is_its_own() -> None:
    assert read_jwk(RSA, algorithms={"PS256"}).algorithm == "PS256"
    with pytest.raises(ValueError, match="it is an RSA key: RS256 or PS256, not ES256"):
        read_jwk(RSA, algorithms={"ES256"})


@pytest.mark.parametrize("name", ["EdDSA", "Ed25519"])
def test_an_ed25519_key_is_allowed_by_both_of_its_names(name: str) -> None:
    assert read_jwk(ED, algorithms={name}).algorithm == "EdDSA"


@pytest.mark.parametrize(
    ("jwk", "reason"),
    [
        pytest.param({**EC, "kty": "XX"}, "kty", id="unknown kty"),
        pytest.param({**EC, "crv": "P-384"}, "length", id="curve swapped"),
        pytest.param({**EC, "crv": "secp256k1"}, "kty and crv", id="other curve"),
        pytest.param({**RSA, "crv": "P-256"}, "kty and crv", id="curve of an RSA key"),
        pytest.param({**EC, "x": EC["y"]}, "not on the curve P-256", id="off the curve"),
        pytest.param({**EC, "x": "AAAA"}, "length", id="short x"),
        pytest.param({**EC, "y": f"{EC['y']}="}, "base64url", id="padded"),
        pytest.param({**EC, "y": None}, "y is missing", id="y is null"),
        pytest.param({**EC, "use": "enc"}, "use is not sig", id="for encryption"),
        pytest.param({**EC, "use": ["sig"]}, "use is not sig", id="use is a list"),
        pytest.param({**EC, "key_ops": ["sign"]}, "hold verify", id="only signs"),
        pytest.param({**EC, "key_ops": "verify"}, "hold verify", id="key_ops is a text"),
        pytest.param({**EC, "key_ops": ["verify", "deriveKey"]}, "other uses", id="derives"),
        pytest.param({**EC, "alg": "none"}, "alg is none", id="alg none"),
        pytest.param({**EC, "alg": "RS256"}, "alg is none", id="alg of another family"),
        pytest.param({**RSA, "alg": "HS256"}, "alg is none", id="symmetric alg"),
        pytest.param({**EC, "alg": ["ES256"]}, "alg is none", id="alg is a list"),
        pytest.param({**EC, "d": EC["x"]}, "private", id="private member"),
        pytest.param({**RSA_PRIVATE.as_dict(private=True), "kid": "r"}, "private", id="private"),
        pytest.param(SECRET, "symmetric", id="symmetric"),
        pytest.param({**EC, "kid": None}, "kid", id="no kid"),
        pytest.param({**EC, "kid": "a\n"}, "kid", id="line end in the kid"),
        pytest.param({**EC, "kid": "a" * 256}, "kid", id="long kid"),
        pytest.param({**RSA, "e": "Aw"}, "exponent", id="exponent 3"),
        pytest.param({**EC, "kid": ""}, "kid", id="empty kid"),
        pytest.param({"kty": "oct", "kid": "o"}, "symmetric", id="symmetric, without its secret"),
        pytest.param({**RSA, "n": 5}, "n is missing", id="n is a number"),
        pytest.param({**EC, "x": encode_bytes(P256.to_bytes(32))}, "below", id="x is the prime"),
        pytest.param({**ED, "x": encode_bytes(bytes(32))}, "small order", id="small order"),
        pytest.param([EC], "object", id="list"),
    ],
)
def test_a_key_that_is_not_good_is_refused_with_its_reason(jwk: Any, reason: str) -> None:
    """threat 12, threat 13, threat 33, threat 35"""
    with pytest.raises(ValueError, match=reason) as caught:
        read_jwk(jwk)
    assert str(EC["x"]) not in str(caught.value)


@pytest.mark.parametrize("name", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
@pytest.mark.parametrize("jwk", [EC, ED, RSA], ids=["EC", "OKP", "RSA"])
def test_threat_33_one_private_member_is_enough(jwk: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError, match="private"):
        read_jwk({**jwk, name: "AQAB"})


def test_threat_34_one_bad_key_never_loses_the_good_ones() -> None:
    bad = [{**EC, "kid": "bad", "use": "enc"}, {"kty": "XX", "kid": "new"}, None, 5, {}, SECRET]
    good, refused = read_jwks({"keys": [bad[0], EC, *bad[1:], RSA]})
    assert [key.kid for key in good] == ["ec", "rsa"]
    assert [each.kid for each in refused] == ["bad", "new", None, None, None, "oct"]
    assert all(each.reason for each in refused)


def test_threat_32_of_two_keys_with_one_kid_the_first_is_used() -> None:
    good, refused = read_jwks({"keys": [EC, {**ED, "kid": "ec"}]})
    assert [key.algorithm for key in good] == ["ES256"]
    assert [each.reason for each in refused] == ["an earlier key of the set has the same kid"]


def test_a_set_is_read_up_to_its_hundredth_key() -> None:
    keys = [{**EC, "kid": f"k{i}"} for i in range(MAX_KEYS + 5)]
    assert read_jwks({"keys": keys[:MAX_KEYS]})[1] == ()
    good, refused = read_jwks({"keys": keys})
    assert len(good) == MAX_KEYS
    assert [each.reason for each in refused] == ["there are more than 100 keys"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"keys": {}}',
        b'{"keys": [], "keys": []}',
        b"\xff",
        b'{"keys": [NaN]}',
        b"[" * 5000,
        b" " * (MAX_JWKS_BYTES + 1),
    ],
    ids=["empty", "list", "no list", "twice", "not UTF-8", "NaN", "deep", "large"],
)
def test_what_is_no_set_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="it "):
        read_jwks(data)


def test_threat_114_a_set_is_read_up_to_256_kib() -> None:
    text = json.dumps({"keys": [EC]}).encode().ljust(256 * 1024)
    assert len(read_jwks(text)[0]) == 1
    with pytest.raises(ValueError, match="larger than 256 KiB"):
        read_jwks(text + b" ")


def test_threat_19_a_member_that_stands_twice_in_a_key_is_refused() -> None:
    text = json.dumps({"keys": [EC]}).replace('"kty"', '"kid": "other", "kty"', 1)
    with pytest.raises(ValueError, match="stands twice"):
        read_jwks(text.encode())


@given(data=st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_raise_anything_but_a_value_error(data: bytes) -> None:
    with suppress(ValueError):
        read_jwks(data)


@given(base=st.sampled_from([EC, P384, ED, RSA]), changes=st.dictionaries(names, json_values))
def test_threat_34_no_damaged_key_raises_or_loses_the_one_beside_it(
    base: dict[str, Any], changes: dict[str, Any]
) -> None:
    good, refused = read_jwks({"keys": [{**base, **changes}, {**EC, "kid": "beside"}]})
    assert good[-1].kid == "beside" or changes.get("kid") == "beside"
    assert len(good) + len(refused) == 2
