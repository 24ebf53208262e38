"""The verifier: a stranger's text becomes verified claims, or one of our errors.

The order is the defence. Size, shape and strict JSON; then ``iss``, which must be the tenant's or
of an issuer that it trusts already, and selects among these and nothing else; then the header, the
key by ``kid`` from that issuer's keys alone, the signature under the key's own algorithm, and only
then the claims. Nothing in a token chooses an algorithm or an address (RFC 8725 sections 3.1 and
3.10).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from joserfc.jws import JWSRegistry

from tenantauth.errors import IssuerUnavailableError, TokenError
from tenantauth.keyring import KeyRing, VerificationKey
from tenantauth.policy import TenantPolicy
from tenantauth.ports import KeySource
from tenantauth.tokens.claims import VerifiedClaims, check_claims
from tenantauth.tokens.strict import decode_segment, parse_object, split_compact
from tenantauth.tokens.trusted_claims import check_trusted_claims
from tenantauth.trusted_issuer import TrustedIssuer

ACCESS_TOKEN_TYPES = frozenset({"at+jwt"})  # RFC 9068 section 4

# These change the rules of reading, and this reader knows no such rule (RFC 7515 4.1.11).
FORBIDDEN_PARAMETERS = frozenset({"crit", "b64", "zip", "enc"})


def verify(
    untrusted_token: str,
    policy: TenantPolicy,
    now_s: float,
    key_source: KeySource | None = None,
) -> VerifiedClaims:
    """Verify an access token for this tenant, of its own or of an issuer that it trusts.

    Raises:
        TokenError: for anything else than a valid token, whatever the input.
        IssuerUnavailableError: when the keys of the trusted issuer cannot be known now.
    """
    return accept(prove(untrusted_token, policy, key_source), policy, now_s)


@dataclass(frozen=True, slots=True, repr=False)
class ProvenToken:
    """What a token says, and the key that it is proven to be signed by; its time may be over.

    ``issuer`` is the trusted issuer of that key, ``None`` for a key of the tenant's own.
    """

    key: VerificationKey
    issuer: TrustedIssuer | None
    claims: Mapping[str, object]


def prove(
    untrusted_token: str, policy: TenantPolicy, key_source: KeySource | None = None
) -> ProvenToken:
    """Read a token and check its signature: all of verification that time does not change.

    Raises:
        TokenError, IssuerUnavailableError: as `verify`.
    """
    header_segment, payload_segment, signature_segment = split_compact(untrusted_token)
    header = parse_object(decode_segment(header_segment))
    untrusted_claims = parse_object(decode_segment(payload_segment))
    signature = decode_segment(signature_segment)
    issuer = _select_issuer(untrusted_claims.get("iss"), policy)
    if issuer is None:
        key = find_key(header, policy.keyring)
    else:
        key = find_issuer_key(header, policy, issuer, key_source)
    signing_input = untrusted_token.rpartition(".")[0].encode("ascii")
    if not _signature_holds(key, signing_input, signature):
        raise TokenError("bad_signature")
    return ProvenToken(key, issuer, untrusted_claims)


def read_claims(untrusted_token: str) -> Mapping[str, object]:
    """Return what a token says, whoever has written it.

    Raises:
        TokenError: when it cannot be read.
    """
    return parse_object(decode_segment(split_compact(untrusted_token)[1]))


def accept(proven: ProvenToken, policy: TenantPolicy, now_s: float) -> VerifiedClaims:
    """Check the claims of a proven token for this tenant, now.

    Raises:
        TokenError: when one of them does not hold.
    """
    if proven.issuer is None:
        return check_claims(proven.claims, policy, now_s)
    return check_trusted_claims(proven.claims, proven.issuer, policy, now_s)


def find_key(header: Mapping[str, object], keyring: KeyRing) -> VerificationKey:
    """Return the tenant's own key for a header that is itself acceptable.

    Raises:
        TokenError: when the type is not an access token's, a parameter would change the rules,
            ``kid`` is missing or unknown, or ``alg`` is not the key's own.
    """
    key = keyring.get(_check_header(header, ACCESS_TOKEN_TYPES))
    if key is None:
        raise TokenError("unknown_key")
    return _check_algorithm(header, key)


def find_issuer_key(
    header: Mapping[str, object],
    policy: TenantPolicy,
    issuer: TrustedIssuer,
    key_source: KeySource | None,
) -> VerificationKey:
    """Return a trusted issuer's key for a header that is itself acceptable.

    Raises:
        TokenError: as `find_key`, also when the tenant does not allow this algorithm.
        IssuerUnavailableError: when the issuer's keys cannot be known now.
    """
    key = look_up(policy, issuer, _check_header(header, issuer.typ), key_source)
    if key is None:
        raise TokenError("unknown_issuer_key")
    if issuer.algorithms.isdisjoint(key.header_algorithms):
        raise TokenError("algorithm_not_allowed")
    return _check_algorithm(header, key)


def look_up(
    policy: TenantPolicy, issuer: TrustedIssuer, kid: str, key_source: KeySource | None
) -> VerificationKey | None:
    """Return the key that an issuer which this policy trusts has now by this ``kid``, or ``None``.

    Raises:
        IssuerUnavailableError: when that cannot be known now.
    """
    if issuer.keys is not None:
        return issuer.keys.get(kid)
    if key_source is None:
        raise IssuerUnavailableError("nothing here fetches the keys of trusted issuers")
    return key_source.find(policy.tenant.id, issuer, kid)


def _select_issuer(untrusted_issuer: object, policy: TenantPolicy) -> TrustedIssuer | None:
    """Return the trusted issuer of this name; ``None`` is the tenant itself."""
    issuer = policy.trusted_issuer(untrusted_issuer)
    # Told before header and key, which are of nobody whom the tenant knows.
    if issuer is None and untrusted_issuer != policy.tokens.issuer:
        raise TokenError("wrong_issuer")
    return issuer


def _check_header(header: Mapping[str, object], types: frozenset[str]) -> str:
    token_type = header.get("typ")
    # RFC 7515 4.1.9: `application/` may be left out, and case does not matter.
    if not isinstance(token_type, str):
        raise TokenError("wrong_type")
    if token_type.lower().removeprefix("application/") not in types:
        raise TokenError("wrong_type")
    if not FORBIDDEN_PARAMETERS.isdisjoint(header):
        raise TokenError("forbidden_header")
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise TokenError("no_kid")
    return kid


def _check_algorithm(header: Mapping[str, object], key: VerificationKey) -> VerificationKey:
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
