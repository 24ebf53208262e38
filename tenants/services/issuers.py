"""Trusted issuers: whose tokens a tenant takes beside its own."""

from collections.abc import Mapping
from dataclasses import fields, replace

from tenantauth.json_values import same_json
from tenantauth.outbound.fetch import make_fetcher
from tenants.core import Core
from tenants.errors import ConflictError, NotFoundError
from tenants.issuer_keys import IssuerKeys, fetch_keys
from tenants.near_issuer import nearest_issuer
from tenants.spec import TenantSpec
from tenants.tenant_changes import TenantChanges
from tenants.values import IssuerSpec, TenantRecord


class IssuerService:
    """Adds, removes and lists the issuers outside that a tenant trusts, and looks at their keys."""

    def __init__(self, core: Core) -> None:
        self._core = core
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
            if known is not None and known != issuer and not replacing:
                raise ConflictError(_other_terms(slug, known, issuer))
            others = (each for each in spec.trusted_issuers if each.issuer != issuer.issuer)
            return replace(spec, trusted_issuers=(*others, issuer)).sorted()

        return self._changes.make(slug, "issuer.add", change)

    def remove(self, slug: str, issuer: str) -> TenantRecord:
        """Trust an issuer no more: its tokens are refused.

        Raises:
            NotFoundError: when there is no such tenant, or it does not trust the issuer.
        """

        def change(spec: TenantSpec) -> TenantSpec:
            _known(slug, spec, issuer)
            left = tuple(each for each in spec.trusted_issuers if each.issuer != issuer)
            return replace(spec, trusted_issuers=left)

        return self._changes.make(slug, "issuer.remove", change)

    def keys(self, slug: str, issuer: str) -> IssuerKeys:
        """Return the keys that an issuer has now, fetched as a worker would, and which are used.

        Raises:
            NotFoundError: when there is no such tenant, or it does not trust the issuer.
            IssuerUnavailableError: when they cannot be had.
        """
        fetcher = make_fetcher(self._core.settings.issuer_networks)
        return fetch_keys(self.get(slug, issuer), fetcher)

    def get(self, slug: str, issuer: str) -> IssuerSpec:
        """Return what a tenant says of an issuer that it trusts.

        Raises:
            NotFoundError: when there is no such tenant, or it does not trust the issuer.
        """
        return _known(slug, self._changes.read(slug), issuer)

    def list(self, slug: str) -> tuple[IssuerSpec, ...]:
        """Return the issuers that a tenant trusts.

        Raises:
            NotFoundError: when there is no such tenant.
        """
        return self._changes.read(slug).trusted_issuers


def _find(spec: TenantSpec, issuer: str) -> IssuerSpec | None:
    return next((each for each in spec.trusted_issuers if each.issuer == issuer), None)


def _known(slug: str, spec: TenantSpec, issuer: str) -> IssuerSpec:
    found = _find(spec, issuer)
    if found is None:
        near = nearest_issuer(issuer, [each.issuer for each in spec.trusted_issuers])
        hint = f"; the nearest is {near}" if near else ""
        raise NotFoundError(f"tenant {slug!r} does not trust {issuer[:200]!r}{hint}")
    return found


def _other_terms(slug: str, known: IssuerSpec, wanted: IssuerSpec) -> str:
    names = [each.name for each in fields(IssuerSpec)]
    told = [_term(name, getattr(known, name), getattr(wanted, name)) for name in names]
    differing = "; ".join(filter(None, told))
    return (
        f"tenant {slug!r} trusts {wanted.issuer!r} on other terms: {differing}; with --replace"
        " the new ones stand in place of all that is said of it so far"
    )


def _term(name: str, known: object, wanted: object) -> str:
    if same_json(known, wanted):
        return ""
    if name == "jwks":
        return "jwks has other keys"  # Too long for a line, whatever it says.
    return f"{name} {_words(known)} → {_words(wanted)}"


def _words(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={each}" for name, each in value.items()) or "none"
    return str(value or "none")
