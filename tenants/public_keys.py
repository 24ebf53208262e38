"""What a stored signing key verifies with: its public half, or an unsealed secret."""

from collections.abc import Callable

from joserfc.jwk import OctKey

from tenantauth.jwk import PUBLIC_ALGORITHMS, read_jwk
from tenantauth.keyring import SYMMETRIC, PublicKey
from tenants.keys import import_private


def import_public_key(public_jwk: object, algorithm: str) -> PublicKey:
    """Return the key of a JWK (RFC 7517) that is to be used with this algorithm only.

    Raises:
        ValueError: when the algorithm is not supported, or `tenantauth.jwk.read_jwk` refuses the
            key.
    """
    if algorithm not in PUBLIC_ALGORITHMS:
        raise ValueError(f"{algorithm!r} is not one of: {', '.join(PUBLIC_ALGORITHMS)}")
    return read_jwk(public_jwk, algorithms={algorithm}).key


def import_verifying_key(
    public_jwk: object, algorithm: str, open_secret: Callable[[], bytes]
) -> PublicKey:
    """Return what verifies; ``open_secret`` is asked for symmetric keys only.

    Raises:
        ValueError: when the key cannot be read.
    """
    if algorithm not in SYMMETRIC:
        return import_public_key(public_jwk, algorithm)
    secret = import_private(open_secret())
    if not isinstance(secret, OctKey):
        raise ValueError(f"its secret is not one for {algorithm}")
    return secret
