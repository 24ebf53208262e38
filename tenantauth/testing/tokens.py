"""Really signed tokens for tests, good ones and bad ones."""

import base64
import json
from collections.abc import Mapping

from joserfc.jws import JWSRegistry

from tenantauth.policy import TenantPolicy
from tenantauth.testing.clock import START_S
from tenantauth.testing.policies import SigningKey


class _Removed:
    """Nothing, by name: what tests are called must not change from run to run."""

    def __repr__(self) -> str:
        return "REMOVED"


REMOVED = _Removed()
"""As the value of a claim or header parameter: leave it out."""


def make_token(
    policy: TenantPolicy,
    subject: str = "alice",
    *,
    now_s: float = START_S,
    ttl_s: float = 900.0,
    key: SigningKey | None = None,
    header: Mapping[str, object] | None = None,
    **claims: object,
) -> str:
    """Return an access token of the policy's tenant, signed by ``key`` (its first by default).

    ``header`` and ``claims`` replace members, or remove them with `REMOVED`.
    """
    key = key or SigningKey(f"{policy.tenant.slug}-1")
    members = {
        "iss": policy.tokens.issuer,
        "aud": min(policy.tokens.audience),
        "sub": subject,
        "client_id": "web",
        "iat": int(now_s),
        "exp": int(now_s + ttl_s),
        "jti": f"token-of-{subject}",
        "tenant": policy.tenant.slug,
        **claims,
    }
    parameters = {"typ": "at+jwt", "alg": key.algorithm, "kid": key.kid, **(header or {})}
    signing_input = f"{encode_segment(parameters)}.{encode_segment(members)}"
    signature = JWSRegistry.algorithms[key.algorithm].sign(signing_input.encode(), key.private)
    return f"{signing_input}.{encode_bytes(signature)}"


def encode_segment(members: Mapping[str, object]) -> str:
    """Write members as a token segment, leaving out the removed ones."""
    kept = {name: value for name, value in members.items() if value is not REMOVED}
    return encode_bytes(json.dumps(kept).encode())


def encode_bytes(data: bytes) -> str:
    """Write bytes in unpadded base64url."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
