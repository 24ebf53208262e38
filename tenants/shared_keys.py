"""Keys that several tenants have: who steals one signs for them all."""

from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tenants.lifecycle import VERIFYING
from tenants.models import KeyRow, TenantRow
from tenants.tenant_rows import ALIVE


def shared_keys(session: Session) -> Iterator[tuple[tuple[str, str], ...]]:
    """Yield for each key in use that several tenants have their slugs with its kid there.

    Public keys are told apart by their fingerprints. Those of HMAC secrets are made under a key of
    each tenant, and match nowhere; keys of early versions have none.
    """
    used = select(KeyRow.fingerprint, TenantRow.slug, KeyRow.kid).join(
        TenantRow, TenantRow.id == KeyRow.tenant_id
    )
    used = used.where(ALIVE, KeyRow.state.in_(VERIFYING), KeyRow.fingerprint.is_not(None))
    several = (
        select(KeyRow.fingerprint)
        .where(KeyRow.fingerprint.is_not(None))
        .group_by(KeyRow.fingerprint)
        .having(func.count() > 1)
    )
    query = used.where(KeyRow.fingerprint.in_(several)).order_by(KeyRow.fingerprint, TenantRow.slug)
    for _, rows in groupby(session.execute(query), key=lambda row: row.fingerprint):
        owners = tuple((row.slug, row.kid) for row in rows)
        if len(owners) > 1:
            yield owners
