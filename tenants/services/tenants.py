"""Tenants: made, shown, changed, suspended, deleted and brought back."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Unpack

from tenantauth.limit import Limit
from tenantauth.names import Names, each_name
from tenantauth.roles import RoleDefinition
from tenants import audit
from tenants.core import Core
from tenants.document import to_document
from tenants.errors import InvalidError
from tenants.generation import bump
from tenants.key_maker import KeyMaker
from tenants.keys import DEFAULT_ALGORITHM
from tenants.lifecycle import KeyChain
from tenants.lifetimes import Lifetimes
from tenants.readiness import check_master_keys
from tenants.records import record_of
from tenants.spec import TenantSpec, rules_of_origins
from tenants.spec_check import checked
from tenants.spec_rows import new_row
from tenants.tenant_changes import TenantChanges, refuse_conflicts
from tenants.tenant_pages import TenantFilter, pages
from tenants.tenant_removals import TenantRemovals, destroy_overdue
from tenants.tenant_rows import all_slugs, find_whole
from tenants.updates import TenantMembers, updated
from tenants.values import CorsSpec, LimitSpec, RoleSpec, TenantRecord


class TenantService:
    """The customers of the platform."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._changes = TenantChanges(core)
        self._removals = TenantRemovals(core)

    def create(
        self,
        slug: str,
        *,
        name: str | None = None,
        tier: str | None = None,
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

        A bare string is one host, origin or audience. ``tier`` names one that is there already.
        ``origins`` and ``credentials`` are the CORS rule for ``/``, beside those of ``cors``.
        `TenantSpec` says what is the default of each; `add` takes all that a tenant can be.

        Raises:
            RegistryError: as `add` does.
        """
        wanted = TenantSpec(
            slug=slug,
            name=slug if name is None else name,
            tier=tier,
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
            destroy_overdue(session, core)
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

    def list(self, limit: int | None = None, **wanted: Unpack[TenantFilter]) -> list[TenantRecord]:
        """Return the tenants that are wanted, by slug: all, but for deleted ones.

        Raises:
            InvalidError: when the limit is below one.
        """
        if limit is not None and limit < 1:
            raise InvalidError([f"the limit is at least 1, not {limit}"])
        return [*islice(self.each(**wanted), limit)]

    def each(self, **wanted: Unpack[TenantFilter]) -> Iterator[TenantRecord]:
        """Yield the same one after the other, whatever their number, read as they are asked for.

        A tenant that is made or changed meanwhile may be met as it was before; none is met twice.
        """
        for rows in pages(self._core, wanted):
            for row in rows:
                yield record_of(row, self._core.settings)

    def slugs(self) -> Sequence[str]:
        """Return the slugs of all tenants that are not deleted, in order."""
        with self._core.begin() as session:
            return all_slugs(session)

    def get(self, slug: str) -> TenantRecord:
        """Return one tenant.

        Raises:
            NotFoundError: when there is none.
        """
        with self._core.begin() as session:
            return record_of(find_whole(session, slug), self._core.settings)

    def update(self, slug: str, **members: Unpack[TenantMembers]) -> TenantRecord:
        """Change members of a tenant; those that are not given stay as they are.

        Another issuer, fewer audiences and a shorter ``max_ttl_s`` refuse tokens that live.

        Raises:
            NotFoundError: when there is no such tenant.
            InvalidError: naming every value that cannot work.
            ConflictError: when another tenant has a host or the issuer.
        """
        return self._changes.make(slug, "tenant.update", lambda spec: updated(spec, members))

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

    def delete(self, slug: str) -> TenantRecord:
        """Stop serving a tenant; for 30 days it can come back, then nothing is left of it.

        Its slug, hosts and issuer are nobody else's until then.

        Raises:
            NotFoundError: when there is none, or it is deleted already.
        """
        return self._removals.delete(slug)

    def restore(self, slug: str) -> TenantRecord:
        """Bring a deleted tenant back as it was; one that is not deleted stays as it is.

        Raises:
            NotFoundError: when there is none, or it was deleted more than 30 days ago.
        """
        return self._removals.restore(slug)

    def purge_due(self) -> tuple[str, ...]:
        """Destroy each tenant that was deleted 30 days ago, its keys first; made for timers."""
        return self._removals.purge_due()
