"""The numbers of a public key, checked where libraries accept a weak or impossible key."""

from types import MappingProxyType

MIN_RSA_BITS = 2048  # RFC 7518 section 3.3
MAX_RSA_BITS = 8192  # One verification takes 16 times as long as with 2048.

_FIELDS = MappingProxyType(
    {
        "P-256": 2**256 - 2**224 + 2**192 + 2**96 - 1,
        "P-384": 2**384 - 2**128 - 2**96 + 2**32 - 1,
    }
)

_P25519 = 2**255 - 19
_D25519 = -121665 * pow(121666, -1, _P25519) % _P25519
# The y of a point of order 8; with its negative, 0, 1 and -1 it is all points of small order.
_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER = frozenset({0, 1, _P25519 - 1, _ORDER_8, _P25519 - _ORDER_8})


def check_rsa(modulus: int, exponent: int) -> None:
    """Accept a modulus of 2048 to 8192 bits with an exponent as FIPS 186-5 section 5.1 wants it.

    The exponent ends at 32 bits here, as in other libraries: a longer one makes verification slow.

    Raises:
        ValueError: saying what is wrong.
    """
    bits = modulus.bit_length()
    if bits < MIN_RSA_BITS:
        raise ValueError(f"an RSA key has {MIN_RSA_BITS} bits or more, not {bits}")
    if bits > MAX_RSA_BITS:
        raise ValueError(f"an RSA key has {MAX_RSA_BITS} bits at most, not {bits}")
    if modulus % 2 == 0:
        raise ValueError("the modulus is even, so it is no product of two large primes")
    if exponent % 2 == 0 or not 65537 <= exponent < 2**32:
        raise ValueError("the exponent is not an odd number from 65537 on, of 32 bits at most")


def check_point(curve: str, x: int, y: int) -> None:
    """Accept the coordinates of a point of ``P-256`` or ``P-384`` (SEC 1 section 3.2.2.1).

    The curves' order is prime, so a point on them has no small order.

    Raises:
        ValueError: when a coordinate is no number of the field; whether the point is on the curve
            is the library's to say.
    """
    if not (x < _FIELDS[curve] and y < _FIELDS[curve]):
        raise ValueError("a coordinate is not below the prime of its curve")
    if x == y == 0:
        raise ValueError("the point is (0, 0), which no curve has")


def check_ed25519(encoded: bytes) -> None:
    """Accept 32 bytes that are a point of large order (RFC 8032 sections 5.1.3 and 5.1.7).

    Raises:
        ValueError: when they are no canonical point, or one of the eight under which some
            signatures hold for any message.
    """
    y = int.from_bytes(encoded, "little") & (2**255 - 1)
    if y >= _P25519:
        raise ValueError("the point is not in its one right spelling")
    if y in _SMALL_ORDER:
        raise ValueError("the point has a small order")
    square = (y * y - 1) * pow(_D25519 * y * y + 1, -1, _P25519) % _P25519
    if pow(square, (_P25519 - 1) // 2, _P25519) != 1:
        raise ValueError("it is no point of the curve")
