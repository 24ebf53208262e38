"""A target at key sets, as identity providers publish them and operators import them."""

import json

from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from benchmarks.fuzzing.target import Target, encoded
from tenantauth.jwk import MAX_KEYS, read_jwks

_EC = ECKey.generate_key("P-256").as_dict(private=False) | {"kid": "ec", "use": "sig"}
_P384 = ECKey.generate_key("P-384").as_dict(private=False) | {"kid": "p384", "alg": "ES384"}
_ED = OKPKey.generate_key("Ed25519").as_dict(private=False) | {"kid": "ed", "alg": "EdDSA"}
_RSA = RSAKey.generate_key(2048).as_dict(private=False) | {"kid": "rsa", "key_ops": ["verify"]}
_OCT = OctKey.generate_key(256).as_dict() | {"kid": "oct"}
_GOOD = (_EC, _P384, _ED, _RSA)

# Weak, malformed or of another purpose; each stands beside a good one.
_BAD: tuple[object, ...] = (
    _OCT,
    _EC | {"d": _EC["x"]},
    _EC | {"x": _EC["y"]},
    _EC | {"x": "A" * 43, "y": "A" * 43},
    _EC | {"crv": "P-384"},
    _EC | {"use": "enc"},
    _EC | {"alg": "none"},
    _ED | {"x": "AQ" + "A" * 41},
    _ED | {"key_ops": ["verify", "deriveKey"]},
    _RSA | {"e": "Aw"},
    _RSA | {"e": "AQ"},
    _RSA | {"n": "AQAB"},
    _RSA | {"n": "_" * 2_800},
    _RSA | {"kty": "XX"},
    _RSA | {"kid": ["rsa"]},
    None,
    [],
    5,
)


def _read(data: bytes) -> None:
    try:
        good, refused = read_jwks(data)
    except ValueError:
        return
    assert len(good) + len(refused) <= MAX_KEYS + 1
    assert len({key.kid for key in good}) == len(good)
    for key in good:
        assert not isinstance(key.key, OctKey)
        assert not key.key.is_private
    assert all(each.reason for each in refused)


def _written(*keys: object) -> str:
    return json.dumps({"keys": keys})


TARGETS = (
    Target(
        "keys",
        _read,
        encoded(*map(_written, _GOOD), *(_written(bad, _EC) for bad in _BAD), "[]", '{"keys":{}}'),
        encoded(
            *('"kty"', '"kid"', '"crv"', '"x"', '"y"', '"n"', '"e"', '"use"', '"key_ops"', '"alg"'),
            *('"d"', '"k"', '"RSA"', '"EC"', '"OKP"', '"P-256"', '"P-384"', '"Ed25519"', '"sig"'),
            *("null", "[", "]", "{", "}", ",", ":", "AQAB", "AAAA", "_", "=", "\\ud800", "1e9"),
        ),
    ),
)
