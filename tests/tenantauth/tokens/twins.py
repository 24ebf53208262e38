"""The other good signature that every ECDSA token has."""

from tenantauth.testing.tokens import encode_bytes
from tenantauth.tokens.strict import decode_segment

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def ecdsa_twin(token: str) -> str:
    """Return an ES256 token with n - s in the place of s."""
    signing_input, _, signature = token.rpartition(".")
    good = decode_segment(signature)
    other = P256_ORDER - int.from_bytes(good[32:], "big")
    return f"{signing_input}.{encode_bytes(good[:32] + other.to_bytes(32, 'big'))}"
