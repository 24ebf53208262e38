"""Public keys as strangers write them (RFC 7517), read strictly: the library reads too much.

One key has one spelling, one use and one algorithm here. A weak or malformed key is refused with a
reason, and only that key: others beside it are none the worse.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from joserfc.jwk import ECKey, OKPKey, RSAKey

from tenantauth.errors import TokenError
from tenantauth.keyring import PublicKey, VerificationKey
from tenantauth.public_numbers import check_ed25519, check_point, check_rsa
from tenantauth.tokens.strict import decode_segment, parse_object

MAX_JWKS_BYTES = 256 * 1024
MAX_KEYS = 100
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

# By type and curve; the first is meant where a key names no algorithm.
_ALGORITHMS: Mapping[tuple[str, str | None], tuple[str, ...]] = MappingProxyType(
    {
        ("EC", "P-256"): ("ES256",),
        ("EC", "P-384"): ("ES384",),
        ("OKP", "Ed25519"): ("EdDSA",),
        ("RSA", None): ("RS256", "PS256"),
    }
)
PUBLIC_ALGORITHMS = tuple(name for names in _ALGORITHMS.values() for name in names)
_COORDINATE_BYTES = MappingProxyType({"P-256": 32, "P-384": 48})


@dataclass(frozen=True, slots=True)
class RefusedKey:
    """A key of a set that is not used; ``kid`` is ``None`` where it has none that can be told."""

    kid: str | None
    reason: str


def read_jwks(
    untrusted: bytes | Mapping[str, object],
    *,
    algorithms: Collection[str] = PUBLIC_ALGORITHMS,
) -> tuple[tuple[VerificationKey, ...], tuple[RefusedKey, ...]]:
    """Return the good keys of a set, and why the others are refused.

    Of two keys with one ``kid`` the first is used. Nothing past the first 100 keys is looked at.

    Raises:
        ValueError: when it is no key set at all.
    """
    members = parse_members(untrusted) if isinstance(untrusted, bytes) else untrusted
    entries = members.get("keys")
    if not isinstance(entries, list):
        raise ValueError("it is no key set: it has no list of keys")
    good: dict[str, VerificationKey] = {}
    refused: list[RefusedKey] = []
    for entry in entries[:MAX_KEYS]:
        try:
            key = read_jwk(entry, algorithms=algorithms)
            if key.kid in good:
                raise ValueError("an earlier key of the set has the same kid")
        except ValueError as error:
            refused.append(RefusedKey(_kid_of(entry), str(error)))
        else:
            good[key.kid] = key
    if len(entries) > MAX_KEYS:
        refused.append(RefusedKey(None, f"there are more than {MAX_KEYS} keys"))
    return tuple(good.values()), tuple(refused)


def read_jwk(
    untrusted: object, *, algorithms: Collection[str] = PUBLIC_ALGORITHMS
) -> VerificationKey:
    """Return the key of a public JWK, bound to its ``alg``, or the first that fits of those given.

    Raises:
        ValueError: saying why the key is not used, whatever the input; it never quotes the key.
    """
    if not isinstance(untrusted, Mapping):
        raise ValueError("a key is a JSON object")
    kid = read_kid(untrusted)
    # Told first: who sends a secret has to know, whatever else is wrong with it.
    if not PRIVATE_MEMBERS.isdisjoint(untrusted) or untrusted.get("kty") == "oct":
        raise ValueError("it holds private or symmetric members, and a public key is due")
    check_purpose(untrusted, "verify")
    algorithm = _algorithm_of(untrusted, algorithms)
    return VerificationKey(kid, algorithm, "active", _import(untrusted))


def read_kid(untrusted: Mapping[str, object]) -> str:
    """Return the key's name.

    Raises:
        ValueError: when it has none, or one that is not 1 to 255 printable characters.
    """
    kid = untrusted.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= 255 or not kid.isprintable():
        raise ValueError("its kid is missing, or not 1 to 255 printable characters")
    return kid


def check_purpose(untrusted: Mapping[str, object], operation: str) -> None:
    """Accept a key that is for signatures, and for this: ``sign`` or ``verify``.

    Raises:
        ValueError: when its ``use`` or ``key_ops`` (RFC 7517 4.2, 4.3) say otherwise.
    """
    if untrusted.get("use", "sig") != "sig":
        raise ValueError("its use is not sig")
    operations = untrusted.get("key_ops", [operation])
    if not isinstance(operations, list) or operation not in operations:
        raise ValueError(f"its key_ops do not hold {operation}")
    if any(other not in ("sign", "verify") for other in operations):
        raise ValueError("its key_ops hold other uses than signatures")


def parse_members(untrusted_json: bytes) -> dict[str, object]:
    """Return the members of a JSON object in which no name stands twice.

    Raises:
        ValueError: when it is larger than 256 KiB, or anything else.
    """
    if len(untrusted_json) > MAX_JWKS_BYTES:
        raise ValueError(f"it is larger than {MAX_JWKS_BYTES // 1024} KiB")
    try:
        return parse_object(untrusted_json)
    except TokenError:
        raise ValueError("it is no strict JSON object (or a name stands twice in one)") from None


def _algorithm_of(untrusted: Mapping[str, object], algorithms: Collection[str]) -> str:
    kty, curve = untrusted.get("kty"), untrusted.get("crv")
    fitting: tuple[str, ...] = ()
    if isinstance(kty, str) and (curve is None or isinstance(curve, str)):
        fitting = _ALGORITHMS.get((kty, curve), ())
    if not fitting:
        raise ValueError("its kty and crv are none of: EC P-256 or P-384, OKP Ed25519, RSA")
    named = untrusted.get("alg")
    named = "EdDSA" if named == "Ed25519" else named  # RFC 9864
    if named is not None and named not in fitting:
        raise ValueError(f"its alg is none of a key of this kind ({', '.join(fitting)})")
    allowed = {"EdDSA" if name == "Ed25519" else name for name in algorithms}
    for algorithm in fitting if named is None else (named,):
        if algorithm in allowed:
            return str(algorithm)
    kind = "an RSA key" if kty == "RSA" else f"a key on {curve}"
    named_as = " or ".join(fitting if named is None else (str(named),))
    raise ValueError(f"it is {kind}: {named_as}, not {', '.join(sorted(algorithms))}")


def _import(untrusted: Mapping[str, object]) -> PublicKey:
    kty = str(untrusted["kty"])
    try:
        return _IMPORTERS[kty](untrusted)
    except ValueError:
        raise
    except Exception:  # noqa: BLE001  # what the library raises for odd keys is documented nowhere
        raise ValueError("the library cannot read it") from None


def _import_ec(untrusted: Mapping[str, object]) -> ECKey:
    curve = str(untrusted["crv"])
    x, y = (_bytes_of(untrusted, name, _COORDINATE_BYTES[curve]) for name in ("x", "y"))
    check_point(curve, int.from_bytes(x, "big"), int.from_bytes(y, "big"))
    try:
        return ECKey.import_key(_members(untrusted, "crv", "x", "y"))
    except ValueError:
        # The library's own sentence speaks to programmers.
        raise ValueError(f"its point is not on the curve {curve}") from None


def _import_okp(untrusted: Mapping[str, object]) -> OKPKey:
    check_ed25519(_bytes_of(untrusted, "x", 32))
    return OKPKey.import_key(_members(untrusted, "crv", "x"))


def _import_rsa(untrusted: Mapping[str, object]) -> RSAKey:
    modulus, exponent = (int.from_bytes(_bytes_of(untrusted, name), "big") for name in ("n", "e"))
    check_rsa(modulus, exponent)
    return RSAKey.import_key(_members(untrusted, "n", "e"))


_IMPORTERS: Mapping[str, Callable[[Mapping[str, object]], PublicKey]] = MappingProxyType(
    {"EC": _import_ec, "OKP": _import_okp, "RSA": _import_rsa}
)


def _members(untrusted: Mapping[str, object], *names: str) -> dict[str, str | list[str]]:
    # Only what was looked at reaches the library.
    return {"kty": str(untrusted["kty"]), **{name: str(untrusted[name]) for name in names}}


def _bytes_of(untrusted: Mapping[str, object], name: str, length: int | None = None) -> bytes:
    text = untrusted.get(name)
    try:
        value = decode_segment(text) if isinstance(text, str) else b""
    except TokenError:
        raise ValueError(f"its {name} is not canonical base64url") from None
    if not value or (length is not None and len(value) != length):
        raise ValueError(f"its {name} is missing or of another length")
    return value


def _kid_of(untrusted: object) -> str | None:
    try:
        return read_kid(untrusted) if isinstance(untrusted, Mapping) else None
    except ValueError:
        return None
