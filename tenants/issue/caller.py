"""Who the caller of a valid token is to the app, and what became of the roles it brought."""

from dataclasses import dataclass

from tenantauth.policy import TenantPolicy
from tenantauth.tokens.claims import VerifiedClaims
from tenantauth.tokens.mapping import to_identity
from tenantauth.trusted_issuer import TrustedIssuer


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller as views see it: ``roles`` with those that they inherit.

    ``unmapped_roles`` are a provider's that no ``role_map`` knows; ``note`` says why there may be
    no role at all.
    """

    subject: str
    kind: str
    client_id: str | None
    issuer: str
    roles: tuple[str, ...]
    unmapped_roles: tuple[str, ...]
    permissions: tuple[str, ...]
    scopes: tuple[str, ...]
    note: str | None = None


def caller_of(verified: VerifiedClaims, policy: TenantPolicy) -> Caller:
    """Return who the caller is at this tenant."""
    who = to_identity(verified, policy)
    issuer = policy.trusted_issuer(verified.issuer)
    return Caller(
        subject=verified.subject,
        kind=who.kind,
        client_id=who.client_id,
        issuer=verified.issuer,
        roles=tuple(sorted(who.roles)),
        unmapped_roles=() if issuer is None else _unmapped(verified, issuer),
        permissions=tuple(sorted(who.permissions)),
        scopes=tuple(sorted(who.scopes)),
        note=None if issuer is None else _note(verified, issuer),
    )


def _unmapped(verified: VerifiedClaims, issuer: TrustedIssuer) -> tuple[str, ...]:
    said = None if issuer.roles_path is None else issuer.roles_path.find(verified.members)
    names = said if isinstance(said, list) else [said]
    return tuple(sorted({n for n in names if isinstance(n, str)} - issuer.role_map.keys()))


def _note(verified: VerifiedClaims, issuer: TrustedIssuer) -> str | None:
    if issuer.roles_path is None:
        return "no roles_claim is set for this issuer, so none of its callers has a role"
    if issuer.roles_path.find(verified.members) is None:
        return f"roles_claim {issuer.roles_claim} found nothing in this token"
    return None
