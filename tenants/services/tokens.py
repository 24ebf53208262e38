"""Access tokens: issued under a tenant's active key, and inspected."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenantauth.names import Names, each_name
from tenantauth.outbound.fetch import make_fetcher
from tenantauth.per_process import PerProcess
from tenantauth.tokens.remote_keys import RemoteKeys
from tenantauth.tokens.strict import MAX_TOKEN_CHARS
from tenantauth.trusted_issuer import TrustedIssuer, prefix_of
from tenants.core import Core
from tenants.errors import InvalidError, RegistryError
from tenants.issue.inspection import Inspection, inspect
from tenants.issue.mint import Issuer, SigningKey, build_claims, sign
from tenants.issue.opened_keys import OpenedKeys
from tenants.issue.wanted import WantedToken
from tenants.issuer_keys import IssuerKey, fetch_keys
from tenants.models import IssuerRow, KeyRow, RoleRow, TenantRow
from tenants.role_names import nearest_role
from tenants.source import SqlPolicySource
from tenants.tenant_rows import ALIVE, find_tenant
from tenants.values import IssuerSpec
from tenants.vault import WrappedKey

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new access token; its claims are public, the token itself opens doors."""

    token: str = field(repr=False)
    expires_in_s: int
    claims: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _SealedKey:
    tenant_id: str
    kid: str
    algorithm: str
    private: bytes = field(repr=False)
    data_key: WrappedKey


class TokenService:
    """Issues and inspects access tokens; safe to share between threads."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._opened_keys = PerProcess(OpenedKeys)
        self._fetcher = make_fetcher(core.settings.issuer_networks)
        self._issuer_keys = RemoteKeys(self._fetcher)

    def issue(
        self,
        slug: str,
        subject: str,
        *,
        roles: Names = (),
        scopes: Names = (),
        ttl_s: float | None = None,
        client_id: str = "web",
        extra: Mapping[str, object] | None = None,
    ) -> IssuedToken:
        """Sign an RFC 9068 access token; ``extra`` are claims of the app's own.

        A bare string is one role or scope. ``ttl_s`` is 1 second to the tenant's ``max_ttl``, by
        default its ``access_ttl``. A token whose ``client_id`` is its subject is a client's own.

        Raises:
            NotFoundError: when there is no such tenant.
            InvalidError: when the tenant is suspended, or something wanted cannot be had.
            MasterKeyError: when the signing key cannot be opened.
        """
        wanted = WantedToken(
            subject=subject,
            client_id=client_id,
            roles=each_name(roles),
            scopes=each_name(scopes),
            extra=dict(extra or {}),
        )
        issuer, sealed, whole_ttl_s = self._read(slug, wanted, ttl_s)
        # Imported outside of the transaction: a key for RS256 takes its time.
        opened_keys = self._opened_keys.get()
        key = opened_keys.get(sealed.tenant_id, sealed.kid, lambda: self._open(sealed))
        claims = build_claims(wanted, issuer, int(self._core.clock.now()), whole_ttl_s)
        token = sign(claims, key)
        if len(token) > MAX_TOKEN_CHARS:
            raise InvalidError([f"the token would be larger than {MAX_TOKEN_CHARS} characters"])
        return IssuedToken(token, whole_ttl_s, claims)

    def inspect(self, untrusted_token: str, *, tenant: str | None = None) -> Inspection:
        """Hold a token against a tenant's rules, else those of the tenant that it names.

        Tokens of trusted issuers name none; the keys of such an issuer are fetched from where
        the tenant says, and kept as a worker keeps them. No token raises anything.

        Raises:
            RegistryUnavailableError: when the tenant cannot be looked up now.
        """
        return inspect(
            untrusted_token,
            SqlPolicySource(self._core).get,
            self._core.clock.now(),
            tenant,
            self._issuer_keys,
            keys_of=self._keys_of,
            trusting=self._trusting,
        )

    def _keys_of(self, issuer: TrustedIssuer) -> Sequence[IssuerKey]:
        spec = IssuerSpec(
            issuer.issuer, jwks_uri=issuer.jwks_uri, algorithms=tuple(issuer.algorithms)
        )
        return fetch_keys(spec, self._fetcher).keys

    def _trusting(self, untrusted_issuer: str) -> Sequence[str]:
        if not (untrusted_issuer.isascii() and untrusted_issuer.isprintable()):
            return ()  # No stored name looks like this, and a driver would stumble over it.
        slugs = select(TenantRow.slug).join(IssuerRow, IssuerRow.tenant_id == TenantRow.id)
        trusting = slugs.where(ALIVE, IssuerRow.issuer == untrusted_issuer)
        with self._core.begin() as session:
            return session.scalars(trusting.order_by(TenantRow.slug).limit(_MOST_NAMED)).all()

    def _read(
        self, slug: str, wanted: WantedToken, ttl_s: float | None
    ) -> tuple[Issuer, _SealedKey, int]:
        with self._core.begin() as session:
            tenant = find_tenant(session, slug)
            wanted_ttl_s = tenant.access_ttl_s if ttl_s is None else ttl_s
            _check(session, tenant, wanted, wanted_ttl_s)
            issuer = Issuer(tenant.slug, tenant.issuer, tuple(tenant.audience))
            return issuer, _read_active_key(session, tenant), int(wanted_ttl_s)

    def _open(self, sealed: _SealedKey) -> SigningKey:
        data_key = self._core.vault.unwrap(sealed.tenant_id, sealed.data_key)
        private = data_key.open(sealed.kid, sealed.private)
        return SigningKey.open(sealed.kid, sealed.algorithm, private)


def _read_active_key(session: Session, tenant: TenantRow) -> _SealedKey:
    query = select(KeyRow).where(KeyRow.tenant_id == tenant.id, KeyRow.state == "active")
    row = session.scalars(query).one_or_none()
    if row is None or row.sealed_private is None:
        raise RegistryError(f"tenant {tenant.slug!r} has no key to sign with; run: key rotate")
    wrapped = WrappedKey(tenant.master_key_id, tenant.wrapped_data_key)
    return _SealedKey(tenant.id, row.kid, row.algorithm, row.sealed_private, wrapped)


def _check(session: Session, tenant: TenantRow, wanted: WantedToken, ttl_s: float) -> None:
    problems = []
    if tenant.status != "active":
        problems.append(f"tenant {tenant.slug!r} is suspended: no token of it would be accepted")
    if not 1 <= ttl_s <= tenant.max_ttl_s:
        problems.append(
            f"a token of {tenant.slug!r} lives 1 to {tenant.max_ttl_s} s, not {ttl_s:g} s"
        )
    problems += _names_of_others(session, tenant, wanted)
    declared = session.scalars(select(RoleRow.name).where(RoleRow.tenant_id == tenant.id)).all()
    if declared:
        # Of a tenant without declared roles any name will do: its app gives them their meaning.
        problems += [_unknown(role, declared) for role in wanted.roles if role not in declared]
    if problems:
        raise InvalidError(problems)


def _names_of_others(session: Session, tenant: TenantRow, wanted: WantedToken) -> Iterator[str]:
    columns = select(IssuerRow.issuer, IssuerRow.subject_prefix)
    for issuer, given in session.execute(columns.where(IssuerRow.tenant_id == tenant.id)):
        prefix = prefix_of(issuer, given)
        for what, name in (("subject", wanted.subject), ("client id", wanted.client_id)):
            if name.startswith(prefix):
                yield (
                    f"the {what} {name!r} would be refused: what begins with {prefix!r} is a caller"
                    f" of {issuer}"
                )


def _unknown(role: str, declared: Iterable[str]) -> str:
    return f"the tenant has no role {role!r}; {nearest_role(role, declared)}"
