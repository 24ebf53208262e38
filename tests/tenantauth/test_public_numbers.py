"""The numbers of public keys."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tenantauth.public_numbers import check_ed25519, check_point, check_rsa

ODD = 2**2047 + 1
P = 2**255 - 19
P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
P384 = int("f" * 63 + "e" + "ffffffff0000000000000000ffffffff", 16)
ORDER_8 = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)


@pytest.mark.parametrize("bits", [2048, 3072, 4096, 8192])
def test_usual_rsa_numbers_pass(bits: int) -> None:
    check_rsa(2 ** (bits - 1) + 1, 65537)
    check_rsa(2**bits - 1, 2**32 - 1)


@pytest.mark.parametrize(
    ("modulus", "exponent", "reason"),
    [
        pytest.param(2**511 + 1, 65537, "2048 bits or more, not 512", id="512 bits"),
        pytest.param(2**2046 + 1, 65537, "not 2047", id="a bit too few"),
        pytest.param(2**16383 + 1, 65537, "8192 bits at most, not 16384", id="huge"),
        pytest.param(ODD - 1, 65537, "even", id="even modulus"),
        *(
            pytest.param(ODD, exponent, "exponent", id=f"exponent {exponent}")
            for exponent in (0, 1, 2, 3, 65535, 65538, 2**32 + 1)
        ),
    ],
)
def test_threat_12_weak_and_costly_rsa_numbers_are_refused(
    modulus: int, exponent: int, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        check_rsa(modulus, exponent)


@pytest.mark.parametrize(
    ("x", "y"), [(0, 0), (P256, 5), (5, P256), (P256 + 5, 1)], ids=["0,0", "x = p", "y = p", "x>p"]
)
def test_threat_13_coordinates_outside_the_field_are_refused(x: int, y: int) -> None:
    with pytest.raises(ValueError, match=r"coordinate|\(0, 0\)"):
        check_point("P-256", x, y)


@pytest.mark.parametrize(("curve", "prime"), [("P-256", P256), ("P-384", P384)])
def test_threat_13_a_coordinate_is_below_the_prime_of_its_curve(curve: str, prime: int) -> None:
    check_point(curve, prime - 1, prime - 1)
    for x, y in ((prime, 1), (1, prime)):
        with pytest.raises(ValueError, match="not below the prime"):
            check_point(curve, x, y)


def test_generated_ed25519_points_pass() -> None:
    for _ in range(20):
        check_ed25519(Ed25519PrivateKey.generate().public_key().public_bytes_raw())


@pytest.mark.parametrize("sign", [0, 2**255], ids=["positive", "negative"])
@pytest.mark.parametrize(
    ("y", "reason"),
    [
        *((y, "small order") for y in (0, 1, P - 1, ORDER_8, P - ORDER_8)),
        *((y, "right spelling") for y in (P, P + 1, 2**255 - 1)),
        (2, "no point of the curve"),
    ],
)
def test_threat_10_points_that_sign_anything_are_refused(y: int, reason: str, sign: int) -> None:
    with pytest.raises(ValueError, match=reason):
        check_ed25519((y + sign).to_bytes(32, "little"))
