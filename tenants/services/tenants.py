"""Tenants: made, shown, suspended and resumed."""

import uuid
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select

from tenantauth.limit import Limit
from tenantauth.names import Names, each_name
from tenantauth.roles import RoleDefinition
from tenants import audit
from tenants.core import Core
from tenants.document import to_document
from tenants.generation import bump
from tenants.key_maker import KeyMaker
from tenants.keys import DEFAULT_ALGORITHM
from tenants.lifecycle import KeyChain
from tenants.lifetimes import Lifetimes
from tenants.models import TenantRow
from tenants.readiness import check_master_keys
from tenants.records import record_of
from tenants.spec import TenantSpec, rules_of_origins
from tenants.spec_check import checked
from tenants.spec_rows import new_row
from tenants.tenant_changes import TenantChanges, refuse_conflicts
from tenants.tenant_rows import ALIVE, find_whole, with_parts
from tenants.values import CorsSpec, LimitSpec, RoleSpec, TenantRecord


class TenantService:
    """The customers of the platform."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._changes = TenantChanges(core)

    def create(
        self,
        slug: str,
        *,
        name: str | None = None,
        hosts: Names = (),
        origins: Names = (),
        credentials: bool = False,
        cors: Iterable[CorsSpec] = (),
        limits: Iterable[Limit] = (),
        roles: Iterable[RoleDefinition] = (),
        algorithm: str = DEFAULT_ALGORITHM,
        issuer: str | None = None,
        audience: Names = (),
        lifetimes: Lifetimes | None = None,
    ) -> TenantRecord:
        """Make a tenant with its first two signing keys: after this it serves.

        A bare string is one host, origin or audience. ``origins`` and ``credentials`` are the CORS
        rule for ``/``, beside those of ``cors``.
        `TenantSpec` says what is the default of each; `add` takes all that a tenant can be.

        Raises:
            RegistryError: as `add` does.
        """
        wanted = TenantSpec(
            slug=slug,
            name=slug if name is None else name,
            hosts=each_name(hosts),
            issuer=issuer or "",
            audience=each_name(audience),
            algorithm=algorithm,
            cors=(*rules_of_origins(origins, credentials=credentials), *cors),
            limits=tuple(map(LimitSpec.of, limits)),
            roles=tuple(map(RoleSpec.of, roles)),
            lifetimes=lifetimes or Lifetimes(),
        )
        return self.add(wanted)

    def add(self, wanted: TenantSpec) -> TenantRecord:
        """Make a tenant with its first two signing keys, in one transaction.

        Raises:
            InvalidError: naming every value that cannot work.
            ConflictError: when the slug, a host or the issuer is another tenant's.
            MasterKeyError: when the keys cannot be sealed, or others' were sealed otherwise.
        """
        core = self._core
        wanted = checked(wanted, core.settings)
        # With another key file, this tenant's keys would open where the others' do not.
        check_master_keys(core)
        tenant_id = uuid.uuid4().hex
        data_key, wrapped = core.vault.new_data_key(tenant_id)
        now = core.now()
        # Made before the transaction: an RSA key takes longer than other writers should wait.
        maker = KeyMaker(wanted.algorithm, lambda: data_key)
        chain = KeyChain().settle(now, maker)
        with core.begin(write=True) as session:
            refuse_conflicts(session, {tenant_id: wanted}, core.settings.base_host)
            row = new_row(tenant_id, wanted, wrapped, now)
            row.keys = [maker.row(tenant_id, life) for life in chain.keys]
            session.add(row)
            bump(session, row, now)
            record = record_of(row, core.settings)
            after = {**to_document(wanted), "keys": [life.kid for life in chain.keys]}
            audit.record(
                session,
                at=now,
                actor=core.actor,
                action="tenant.create",
                tenant=row.slug,
                after=after,
            )
        return record

    def list(self) -> list[TenantRecord]:
        """Return all tenants by slug."""
        query = with_parts(select(TenantRow).where(ALIVE).order_by(TenantRow.slug))
        with self._core.begin() as session:
            return [record_of(row, self._core.settings) for row in session.scalars(query)]

    def get(self, slug: str) -> TenantRecord:
        """Return one tenant.

        Raises:
            NotFoundError: when there is none.
        """
        with self._core.begin() as session:
            return record_of(find_whole(session, slug), self._core.settings)

    def suspend(self, slug: str) -> TenantRecord:
        """Refuse every request of a tenant; done twice, it changes nothing.

        Raises:
            NotFoundError: when there is none.
        """
        return self._changes.make(
            slug, "tenant.suspend", lambda spec: replace(spec, status="suspended")
        )

    def resume(self, slug: str) -> TenantRecord:
        """Serve a suspended tenant again; done twice, it changes nothing.

        Raises:
            NotFoundError: when there is none.
        """
        return self._changes.make(
            slug, "tenant.resume", lambda spec: replace(spec, status="active")
        )
