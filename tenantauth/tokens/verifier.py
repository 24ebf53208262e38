"""The verifier: a stranger's text becomes verified claims, or one of our errors.

The order is the defence. Size and shape, then the header, then the key by ``kid`` from the
tenant's own ring, then the signature under the key's own algorithm, and only then the claims.
Nothing in a token chooses a key, an algorithm or an address (RFC 8725 sections 3.1 and 3.10).
"""

from collections.abc import Mapping

from joserfc.jws import JWSRegistry

from tenantauth.errors import TokenError
from tenantauth.keyring import KeyRing, VerificationKey
from tenantauth.policy import TenantPolicy
from tenantauth.tokens.claims import VerifiedClaims, check_claims
from tenantauth.tokens.strict import decode_segment, parse_object, split_compact

_ACCESS_TOKEN_TYPES = frozenset({"at+jwt", "application/at+jwt"})  # RFC 9068 section 4

# These change the rules of reading, and this reader knows no such rule (RFC 7515 4.1.11).
_FORBIDDEN_PARAMETERS = frozenset({"crit", "b64", "zip", "enc"})


def verify(untrusted_token: str, policy: TenantPolicy, now_s: float) -> VerifiedClaims:
    """Verify an access token of this tenant at this wall time.

    Raises:
        TokenError: for anything else than a valid token, whatever the input.
    """
    header_segment, payload_segment, signature_segment = split_compact(untrusted_token)
    header = parse_object(decode_segment(header_segment))
    key = find_key(header, policy.keyring)
    signature = decode_segment(signature_segment)
    payload = decode_segment(payload_segment)
    signing_input = untrusted_token.rpartition(".")[0].encode("ascii")
    if not _signature_holds(key, signing_input, signature):
        raise TokenError("bad_signature")
    return check_claims(parse_object(payload), policy, now_s)


def find_key(header: Mapping[str, object], keyring: KeyRing) -> VerificationKey:
    """Return the ring's key for a header that is itself acceptable.

    Raises:
        TokenError: when the type is not an access token's, a parameter would change the rules,
            ``kid`` is missing or unknown, or ``alg`` is not the key's own.
    """
    token_type = header.get("typ")
    if not isinstance(token_type, str) or token_type.lower() not in _ACCESS_TOKEN_TYPES:
        raise TokenError("wrong_type")
    if not _FORBIDDEN_PARAMETERS.isdisjoint(header):
        raise TokenError("forbidden_header")
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise TokenError("no_kid")
    key = keyring.get(kid)
    if key is None:
        raise TokenError("unknown_key")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in key.header_algorithms:
        raise TokenError("wrong_algorithm")
    return key


def _signature_holds(key: VerificationKey, signing_input: bytes, signature: bytes) -> bool:
    # The algorithm's model, not `jws.deserialize_compact`: that would parse the header again, with
    # rules of its own, and pick the algorithm from it.
    model = JWSRegistry.algorithms[key.algorithm]
    try:
        return model.verify(signing_input, signature, key.key) is True
    except Exception:  # noqa: BLE001  # what models raise for odd signatures is documented nowhere
        return False
