"""Keys that others made, judged before a tenant signs or verifies with them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from joserfc.jws import JWSRegistry

from tenantauth.errors import TokenError
from tenantauth.jwk import PRIVATE_MEMBERS, check_purpose, read_jwk
from tenantauth.keyring import SYMMETRIC, VerificationKey
from tenantauth.tokens.strict import decode_segment
from tenants.hmac_secrets import check_secret
from tenants.key_files import read_members
from tenants.keys import ALGORITHMS, PrivateKey, import_private_jwk, private_bytes, shown_jwk

ImportState = Literal["pending", "active", "grace"]

# It stands in the header of tokens that exist already, so it is nearly free; not in a terminal.
_KID = re.compile(r"[!-~]{1,128}", re.ASCII)
_MEMBERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "EC": frozenset({"kty", "crv", "x", "y", "d"}),
        "OKP": frozenset({"kty", "crv", "x", "d"}),
        "RSA": frozenset({"kty", "n", "e", "d", "p", "q", "dp", "dq", "qi"}),
    }
)


@dataclass(frozen=True, slots=True)
class ImportedKey:
    """A good key of others; ``private_jwk_bytes`` is for the vault, absent in a public key.

    A symmetric key always has them: it verifies with its secret.
    """

    kid: str
    algorithm: str
    public_jwk: dict[str, str]
    private_jwk_bytes: bytes | None = field(repr=False)


def read_key(
    data: bytes,
    *,
    kid: str,
    algorithm: str | None = None,
    state: ImportState = "grace",
    password: bytes | None = None,
) -> ImportedKey:
    """Read a key file: PEM, JWK, a JWK set with this ``kid`` in it, or a bare HMAC secret.

    The algorithm is the one given, else the key's own, else what is usual for its kind (RS256 for
    RSA); two that disagree are refused.

    Raises:
        ValueError: saying what is wrong with it, without a part of it.
    """
    if not _KID.fullmatch(kid):
        raise ValueError("a kid is 1 to 128 printable ASCII characters without spaces")
    if algorithm is not None and algorithm not in ALGORITHMS:
        raise ValueError(f"{algorithm!r} is not one of: {', '.join(ALGORITHMS)}")
    members = read_members(data, kid=kid, is_secret=algorithm in SYMMETRIC, password=password)
    if members.get("kid", kid) != kid:
        raise ValueError("the key has another kid of its own")
    members = {**members, "kid": kid}
    if members.get("kty") == "oct":
        return _read_secret(members, kid, algorithm)
    return _read_pair(members, algorithm, signs=state != "grace")


def _read_secret(members: Mapping[str, object], kid: str, algorithm: str | None) -> ImportedKey:
    for operation in ("sign", "verify"):
        check_purpose(members, operation)
    named = members.get("alg", algorithm)
    if named not in SYMMETRIC or algorithm not in (None, named):
        raise ValueError("a symmetric key is one for HS256 or HS512: its alg or --algorithm says")
    try:
        secret = decode_segment(str(members.get("k")))
    except TokenError:
        raise ValueError("its k is not canonical base64url") from None
    check_secret(secret, str(named))
    key = import_private_jwk({"kty": "oct", "k": str(members["k"])})
    return ImportedKey(kid, str(named), shown_jwk(key, kid, str(named)), private_bytes(key))


def _read_pair(members: Mapping[str, object], algorithm: str | None, *, signs: bool) -> ImportedKey:
    is_private = "d" in members
    if "k" in members or "oth" in members:
        raise ValueError("it has members of a symmetric or multi-prime key")
    if not is_private and not PRIVATE_MEMBERS.isdisjoint(members):
        raise ValueError("it has parts of a private key, but not all of them")
    if signs and not is_private:
        raise ValueError("it is a public key; to sign, the private half is needed")
    check_purpose(members, "sign" if is_private else "verify")
    hidden = PRIVATE_MEMBERS | {"key_ops"}
    shown = {name: value for name, value in members.items() if name not in hidden}
    public = read_jwk(shown, algorithms=ALGORITHMS if algorithm is None else {algorithm})
    published = shown_jwk(public.key, public.kid, public.algorithm)
    private = private_bytes(_read_private(members, public)) if is_private else None
    return ImportedKey(public.kid, public.algorithm, published, private)


def _read_private(members: Mapping[str, object], public: VerificationKey) -> PrivateKey:
    names = _MEMBERS[public.key.key_type] & members.keys()
    probe, signs = b"a probe", JWSRegistry.algorithms[public.algorithm]
    try:
        key = import_private_jwk({name: str(members[name]) for name in names})
        # Whether the halves belong together is shown by using them.
        if signs.verify(probe, signs.sign(probe, key), public.key):
            return key
    except Exception:  # noqa: BLE001, S110  # what the library raises for odd keys is not documented
        pass
    raise ValueError("its private half cannot be read, or belongs to another public key")
