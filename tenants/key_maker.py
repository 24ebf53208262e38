"""New signing keys of a tenant: generated, and sealed before anything else sees the secret."""

from collections.abc import Callable

from tenants.keys import GeneratedKey, generate
from tenants.lifecycle import KeyLife
from tenants.models import KeyRow
from tenants.vault import DataKey


class KeyMaker:
    """Makes keys of one algorithm; a call makes one and answers with its ``kid``.

    ``open_data_key`` is asked only when a key is made: what makes none, such as refusing a leaked
    key in grace, must work without the master key.
    """

    def __init__(self, algorithm: str, open_data_key: Callable[[], DataKey]) -> None:
        self._algorithm = algorithm
        self._open_data_key = open_data_key
        self._made: dict[str, tuple[GeneratedKey, bytes]] = {}

    def __call__(self) -> str:
        data_key = self._open_data_key()
        key = generate(self._algorithm)
        self._made[key.kid] = key, data_key.seal(key.kid, key.private_jwk_bytes)
        return key.kid

    def row(self, tenant_id: str, life: KeyLife) -> KeyRow:
        """Return the row, in its first state, of a key that was made here."""
        key, sealed_private = self._made[life.kid]
        return KeyRow(
            tenant_id=tenant_id,
            kid=key.kid,
            algorithm=key.algorithm,
            public_jwk=key.public_jwk,
            created_at=life.created_at,
            state=life.state,
            activated_at=life.activated_at,
            sealed_private=sealed_private,
        )
