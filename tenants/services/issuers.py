"""Trusted issuers: whose tokens a tenant takes beside its own."""

from dataclasses import replace

from tenants.core import Core
from tenants.errors import ConflictError, NotFoundError
from tenants.spec import TenantSpec
from tenants.tenant_changes import TenantChanges
from tenants.values import IssuerSpec, TenantRecord


class IssuerService:
    """Adds, removes and lists the issuers outside that a tenant trusts."""

    def __init__(self, core: Core) -> None:
        self._changes = TenantChanges(core)

    def add(self, slug: str, issuer: IssuerSpec, *, replacing: bool = False) -> TenantRecord:
        """Trust an issuer; with ``replacing`` in place of what is said of it so far.

        Raises:
            NotFoundError: when there is no such tenant.
            InvalidError: naming every value that cannot work.
            ConflictError: when it is trusted already on other terms, or when another tenant would
                take the same tokens.
        """

        def change(spec: TenantSpec) -> TenantSpec:
            known = _find(spec, issuer.issuer)
            if known not in (None, issuer) and not replacing:
                raise ConflictError(f"tenant {slug!r} trusts {issuer.issuer!r} on other terms")
            others = (each for each in spec.trusted_issuers if each.issuer != issuer.issuer)
            return replace(spec, trusted_issuers=(*others, issuer)).sorted()

        return self._changes.make(slug, "issuer.add", change)

    def remove(self, slug: str, issuer: str) -> TenantRecord:
        """Trust an issuer no more: its tokens are refused.

        Raises:
            NotFoundError: when there is no such tenant, or it does not trust the issuer.
        """

        def change(spec: TenantSpec) -> TenantSpec:
            if _find(spec, issuer) is None:
                raise NotFoundError(f"tenant {slug!r} does not trust {issuer[:200]!r}")
            left = tuple(each for each in spec.trusted_issuers if each.issuer != issuer)
            return replace(spec, trusted_issuers=left)

        return self._changes.make(slug, "issuer.remove", change)

    def list(self, slug: str) -> tuple[IssuerSpec, ...]:
        """Return the issuers that a tenant trusts.

        Raises:
            NotFoundError: when there is no such tenant.
        """
        return self._changes.read(slug).trusted_issuers


def _find(spec: TenantSpec, issuer: str) -> IssuerSpec | None:
    return next((each for each in spec.trusted_issuers if each.issuer == issuer), None)
