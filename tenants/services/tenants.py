"""Tenants: made, shown, suspended and resumed."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from tenantauth.limit import Limit
from tenantauth.roles import RoleDefinition
from tenants import audit
from tenants.core import Core
from tenants.errors import ConflictError, NotFoundError
from tenants.generation import bump
from tenants.key_maker import KeyMaker
from tenants.keys import DEFAULT_ALGORITHM
from tenants.lifecycle import KeyChain
from tenants.lifetimes import Lifetimes
from tenants.models import HostRow, InstallationRow, TenantRow
from tenants.new_tenant import SLUG, NewTenant, rules_of_origins
from tenants.readiness import check_master_keys
from tenants.records import new_row, record_of
from tenants.values import CorsSpec, Status, TenantRecord, to_json


class TenantService:
    """The customers of the platform."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def create(
        self,
        slug: str,
        *,
        name: str | None = None,
        hosts: Iterable[str] = (),
        origins: Iterable[str] = (),
        credentials: bool = False,
        cors: Iterable[CorsSpec] = (),
        limits: Iterable[Limit] = (),
        roles: Iterable[RoleDefinition] = (),
        algorithm: str = DEFAULT_ALGORITHM,
        issuer: str | None = None,
        audience: Iterable[str] = (),
        lifetimes: Lifetimes | None = None,
    ) -> TenantRecord:
        """Make a tenant with its first two signing keys: after this it serves.

        ``origins`` and ``credentials`` are the CORS rule for ``/``, beside those of ``cors``.
        `NewTenant` says what is the default of each; `add` takes all that a tenant can be.

        Raises:
            RegistryError: as `add` does.
        """
        wanted = NewTenant(
            slug=slug,
            name=slug if name is None else name,
            hosts=tuple(hosts),
            issuer=issuer or "",
            audience=tuple(audience),
            algorithm=algorithm,
            cors=(*rules_of_origins(origins, credentials=credentials), *cors),
            limits=tuple(limits),
            roles=tuple(roles),
            lifetimes=lifetimes or Lifetimes(),
        )
        return self.add(wanted)

    def add(self, wanted: NewTenant) -> TenantRecord:
        """Make a tenant with its first two signing keys, in one transaction.

        Raises:
            InvalidError: naming every value that cannot work.
            ConflictError: when the slug, a host or the issuer is another tenant's.
            MasterKeyError: when the keys cannot be sealed, or others' were sealed otherwise.
        """
        core = self._core
        wanted = wanted.checked(core.settings)
        # With another key file, this tenant's keys would open where the others' do not.
        check_master_keys(core)
        tenant_id = uuid.uuid4().hex
        data_key, wrapped = core.vault.new_data_key(tenant_id)
        now = core.now()
        # Made before the transaction: an RSA key takes longer than other writers should wait.
        maker = KeyMaker(wanted.algorithm, lambda: data_key)
        chain = KeyChain().settle(now, maker)
        with core.begin(write=True) as session:
            _refuse_conflicts(session, wanted, core.settings.base_host)
            row = new_row(tenant_id, wanted, wrapped, now)
            row.keys = [maker.row(tenant_id, life) for life in chain.keys]
            session.add(row)
            bump(session, row, now)
            record = record_of(row, core.settings)
            after = {**to_json(record), "keys": [life.kid for life in chain.keys]}
            self._record(session, "tenant.create", row.slug, now, after=after)
        return record

    def list(self) -> list[TenantRecord]:
        """Return all tenants by slug."""
        query = _loaded(select(TenantRow).order_by(TenantRow.slug))
        with self._core.begin() as session:
            return [record_of(row, self._core.settings) for row in session.scalars(query)]

    def get(self, slug: str) -> TenantRecord:
        """Return one tenant.

        Raises:
            NotFoundError: when there is none.
        """
        with self._core.begin() as session:
            return record_of(_find(session, slug), self._core.settings)

    def suspend(self, slug: str) -> TenantRecord:
        """Refuse every request of a tenant; done twice, it changes nothing.

        Raises:
            NotFoundError: when there is none.
        """
        return self._set_status(slug, "suspended", "tenant.suspend")

    def resume(self, slug: str) -> TenantRecord:
        """Serve a suspended tenant again; done twice, it changes nothing.

        Raises:
            NotFoundError: when there is none.
        """
        return self._set_status(slug, "active", "tenant.resume")

    def _set_status(self, slug: str, status: Status, action: str) -> TenantRecord:
        with self._core.begin(write=True) as session:
            row = _find(session, slug, for_update=True)
            if row.status != status:
                now = self._core.now()
                before = {"status": row.status}
                row.status = status
                bump(session, row, now)
                self._record(session, action, slug, now, before=before, after={"status": status})
            return record_of(row, self._core.settings)

    def _record(
        self,
        session: Session,
        action: str,
        slug: str,
        at: datetime,
        *,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object],
    ) -> None:
        actor = self._core.actor
        audit.record(
            session, at=at, actor=actor, action=action, tenant=slug, before=before, after=after
        )


def _find(session: Session, slug: str, *, for_update: bool = False) -> TenantRow:
    query = _loaded(select(TenantRow).where(TenantRow.slug == slug))
    if for_update:
        query = query.with_for_update(key_share=True)
    # What is no slug is nobody's, and could be a text that no driver takes.
    row = session.scalar(query) if SLUG.fullmatch(slug) else None
    if row is None:
        raise NotFoundError(f"there is no tenant {slug[:80]!r}")
    return row


def _loaded(query: Select[TenantRow]) -> Select[TenantRow]:
    return query.where(TenantRow.status != "deleted").options(
        selectinload(TenantRow.hosts),
        selectinload(TenantRow.cors_rules),
        selectinload(TenantRow.limits),
        selectinload(TenantRow.roles),
    )


def _refuse_conflicts(session: Session, wanted: NewTenant, base_host: str) -> None:
    # PostgreSQL lets two writers look at the same time: with this row locked, one looks alone.
    session.execute(select(InstallationRow.id).with_for_update(key_share=True))
    conflicts = list(_conflicts(session, wanted, base_host))
    if conflicts:
        raise ConflictError("; ".join(conflicts))


def _conflicts(session: Session, wanted: NewTenant, base_host: str) -> Iterator[str]:
    if session.scalar(select(TenantRow.id).where(TenantRow.slug == wanted.slug)):
        yield f"slug {wanted.slug!r} is taken"
    if session.scalar(select(TenantRow.id).where(TenantRow.issuer == wanted.issuer)):
        yield f"issuer {wanted.issuer!r} is taken"
    # `<slug>.<base host>` belongs to that slug, whether its tenant lives there now or not.
    own = f"{wanted.slug}.{base_host}"
    hosts = select(HostRow.host).where(HostRow.host.in_({own, *wanted.hosts})).order_by("host")
    for host in session.scalars(hosts):
        yield f"host {host!r} is taken"
    labels = {host.removesuffix(f".{base_host}") for host in wanted.hosts if host != own}
    slugs = select(TenantRow.slug).where(TenantRow.slug.in_(labels - set(wanted.hosts)))
    for slug in session.scalars(slugs.order_by(TenantRow.slug)):
        yield f"host '{slug}.{base_host}' belongs to the tenant {slug!r}"
