"""Between a tenant's key rows and the pure life cycle: read, and compare-and-set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenantauth.keyring import SYMMETRIC
from tenants.errors import ConflictError, InvalidError
from tenants.key_maker import KeyMaker, needs_secret, public_fingerprint
from tenants.lifecycle import HOLDING_SECRET, VERIFYING, KeyChain, KeyLife, RotationRules
from tenants.models import KeyRow, TenantRow
from tenants.row_specs import lifetimes_of
from tenants.tenant_rows import find_tenant
from tenants.values import KeyRecord, KeyState
from tenants.vault import WrappedKey


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a change of a tenant's keys is decided on; ``row_versions`` say whether it still is."""

    tenant_id: str
    slug: str
    algorithm: str
    data_key: WrappedKey
    chain: KeyChain
    rules: RotationRules
    row_versions: Mapping[str, int]


def read_keys(session: Session, tenant_id: str) -> list[KeyRow]:
    """Return a tenant's key rows, the oldest first."""
    query = select(KeyRow).where(KeyRow.tenant_id == tenant_id).order_by(KeyRow.id)
    return list(session.scalars(query))


def rules_of(tenant: TenantRow, staleness_s: float) -> RotationRules:
    """Return the times that rotations of this tenant keep."""
    return RotationRules(lifetimes_of(tenant), staleness_s)


def read_snapshot(session: Session, slug: str, staleness_s: float) -> Snapshot:
    """Read what a change of the tenant's keys is decided on.

    Raises:
        NotFoundError: when there is no such tenant.
    """
    tenant = find_tenant(session, slug)
    rows = read_keys(session, tenant.id)
    return Snapshot(
        tenant.id,
        tenant.slug,
        tenant.algorithm,
        WrappedKey(tenant.master_key_id, tenant.wrapped_data_key),
        KeyChain(tuple(map(to_life, rows))),
        rules_of(tenant, staleness_s),
        {row.kid: row.row_version for row in rows},
    )


def write_chain(session: Session, snapshot: Snapshot, chain: KeyChain, maker: KeyMaker) -> None:
    """Store how the chain differs from the snapshot's.

    Raises:
        ConflictError: when one of the changed keys is no longer as the snapshot has it. Changes
            that meet no common row meet the unique indexes on active and pending keys.
        InvalidError: when symmetric and public keys would verify side by side, or a leaked key
            comes back by another name.
    """
    rows = {row.kid: row for row in read_keys(session, snapshot.tenant_id)}
    was_mixed = _is_mixed(rows.values())
    changed = changes(snapshot.chain, chain)
    for life in changed:
        row = rows.get(life.kid)
        if snapshot.row_versions.get(life.kid) != (row and row.row_version):
            raise ConflictError(f"key {life.kid} was changed meanwhile")
    # Keys leave a state before others enter it: the unique indexes look at each statement.
    for life in sorted(changed, key=lambda life: life.state in HOLDING_SECRET):
        row = rows.get(life.kid)
        if row is None:
            new = maker.row(snapshot.tenant_id, life)
            _refuse_twin(new, rows.values())
            session.add(new)
        else:
            _enter(row, life)
        session.flush()
    # What hands in the database have mixed can still be rotated, and refused after a leak.
    if not was_mixed and _is_mixed(read_keys(session, snapshot.tenant_id)):
        raise InvalidError(["HMAC keys are never beside public keys in one tenant"])


def _refuse_twin(new: KeyRow, rows: Iterable[KeyRow]) -> None:
    """Refuse a key that the tenant has by another name: refusing one would leave the other good."""
    for row in rows:
        # A row of an earlier version has no fingerprint, and was no symmetric key.
        if (row.fingerprint or public_fingerprint(row.public_jwk)) != new.fingerprint:
            continue
        if row.state == "compromised":
            raise InvalidError(["it is a key of this tenant that is compromised, by another name"])
        if row.state in VERIFYING:
            raise InvalidError([f"the tenant has this key already, as {row.kid!r}"])


def _is_mixed(rows: Iterable[KeyRow]) -> bool:
    # A verifier of both is one confusion away from taking a published key for a secret.
    verifying = {row.algorithm in SYMMETRIC for row in rows if row.state in VERIFYING}
    return len(verifying) > 1


def changes(before: KeyChain, after: KeyChain) -> tuple[KeyLife, ...]:
    """Return the keys of the later chain that are new or differ."""
    return tuple(key for key in after.keys if before.get(key.kid) != key)


def to_life(row: KeyRow) -> KeyLife:
    """Return where the key of a row stands."""
    return KeyLife(
        row.kid,
        row.created_at,
        cast(KeyState, row.state),
        row.activated_at,
        row.grace_at,
        row.retired_at,
        row.compromised_at,
    )


def to_records(rows: Iterable[KeyRow], rules: RotationRules) -> list[KeyRecord]:
    """Return rows as the services hand them out."""
    return [_to_record(row, rules) for row in rows]


def _to_record(row: KeyRow, rules: RotationRules) -> KeyRecord:
    life = to_life(row)
    return KeyRecord(
        row.kid,
        row.algorithm,
        life.state,
        life.created_at,
        life.activated_at,
        life.grace_at,
        life.retired_at,
        life.compromised_at,
        rules.may_promote_at(life) if life.state == "pending" else None,
        rules.due_at(life) if life.state == "active" else None,
        rules.over_at(life) if life.state == "grace" else None,
    )


def _enter(row: KeyRow, life: KeyLife) -> None:
    row.state = life.state
    row.activated_at = life.activated_at
    row.grace_at = life.grace_at
    row.retired_at = life.retired_at
    row.compromised_at = life.compromised_at
    if not needs_secret(row.algorithm, life.state):
        row.sealed_private = None
