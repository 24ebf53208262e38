"""From verified claims to the identity that the app sees."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

from tenantauth.identity import Identity, freeze
from tenantauth.policy import TenantPolicy
from tenantauth.tokens.claims import VerifiedClaims


def to_identity(claims: VerifiedClaims, policy: TenantPolicy) -> Identity:
    """Return who calls: roles with what they inherit, and what they permit."""
    return Identity(
        tenant=policy.tenant.slug,
        subject=claims.subject,
        # RFC 9068 section 2.2: without a resource owner, `sub` is the client itself.
        kind="client" if claims.subject == claims.client_id else "user",
        client_id=claims.client_id,
        roles=policy.roles.effective_roles(claims.roles),
        permissions=policy.roles.permissions(claims.roles),
        scopes=claims.scopes,
        claims=cast(Mapping[str, object], freeze(claims.members)),
        issuer=claims.issuer,
        token_id=claims.token_id,
        session_id=claims.session_id,
        auth_time=None if claims.auth_time_s is None else _utc(claims.auth_time_s),
        acr=claims.acr,
        amr=claims.amr,
        issued_at=_utc(claims.issued_at_s),
        expires_at=_utc(claims.expires_at_s),
    )


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
