"""Tokens whose signature held, remembered: a signature costs more than all else of a request.

It is the only thing that a hit saves. Claims, times and the key's being in use are looked at each
time, so the answer is the same as without the cache.
"""

import hashlib
import threading
import weakref
from collections.abc import Callable
from typing import NamedTuple

from tenantauth.fair_table import FairTable
from tenantauth.keyring import VerificationKey
from tenantauth.per_process import PerProcess
from tenantauth.policy import TenantPolicy
from tenantauth.ports import KeySource
from tenantauth.tokens.claims import VerifiedClaims
from tenantauth.tokens.strict import MAX_TOKEN_CHARS
from tenantauth.tokens.verifier import ProvenToken, accept, look_up, prove, read_claims
from tenantauth.trusted_issuer import TrustedIssuer

DEFAULT_SIZE = 4096


class Verifier:
    """Verifies access tokens, and remembers up to ``size`` of them; 0 remembers none.

    When it is full, the tenant with the most tokens loses its oldest. Only tokens that were proven
    take a place, and what is kept of one is a hash, however much it says. Safe to share between
    threads.
    """

    def __init__(self, key_source: KeySource | None = None, *, size: int = DEFAULT_SIZE) -> None:
        self._key_source = key_source
        self._size = size
        # A lock that another thread held while the process forked would never be free again.
        self._proofs = PerProcess(lambda: _Proofs(size))

    def verify(self, untrusted_token: str, policy: TenantPolicy, now_s: float) -> VerifiedClaims:
        """Verify an access token, as `tenantauth.tokens.verifier.verify` does.

        Raises:
            TokenError: for anything else than a valid token, whatever the input.
            IssuerUnavailableError: when the keys of the trusted issuer cannot be known now.
        """
        # What is longer is no token, and nobody should have it hashed.
        if not self._size or len(untrusted_token) > MAX_TOKEN_CHARS:
            return accept(prove(untrusted_token, policy, self._key_source), policy, now_s)
        # The whole text: a part of it could be the same in another token (RFC 7515 section 5.2).
        digest = hashlib.sha256(untrusted_token.encode("utf-8", "surrogatepass")).digest()
        proofs = self._proofs.get()
        proof = proofs.of(digest, policy)
        if proof is None or not self._is_of_current_key(proof, policy):
            proven = prove(untrusted_token, policy, self._key_source)
            proofs.keep(digest, policy, proven)
        else:
            proven = ProvenToken(proof.key, proof.issuer, read_claims(untrusted_token))
        return accept(proven, policy, now_s)

    @property
    def remembered(self) -> int:
        """How many tokens are remembered now."""
        return len(self._proofs.get())

    def _is_of_current_key(self, proof: "_Proof", policy: TenantPolicy) -> bool:
        if proof.issuer is None:
            return policy.keyring.get(proof.key.kid) is proof.key
        # What a policy does not hold changes beside it.
        return look_up(policy, proof.issuer, proof.key.kid, self._key_source) is proof.key


class _Proof(NamedTuple):
    """What proved a token: the policy and its key, or that of a trusted issuer."""

    policy: Callable[[], TenantPolicy | None]
    key: VerificationKey
    issuer: TrustedIssuer | None


class _Proofs:
    def __init__(self, size: int) -> None:
        self._lock = threading.Lock()
        self._table: FairTable[bytes, _Proof] = FairTable(size)

    def of(self, digest: bytes, policy: TenantPolicy) -> _Proof | None:
        with self._lock:
            proof = self._table.get(policy.tenant.id, digest)
        # Not the version: a restored registry may count to the same number again.
        return proof if proof is not None and proof.policy() is policy else None

    def keep(self, digest: bytes, policy: TenantPolicy, proven: ProvenToken) -> None:
        proof = _Proof(weakref.ref(policy), proven.key, proven.issuer)
        with self._lock:
            self._table.put(policy.tenant.id, digest, proof)

    def __len__(self) -> int:
        return len(self._table)
