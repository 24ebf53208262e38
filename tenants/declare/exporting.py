"""The registry as a tenants file, tenant by tenant; what it writes, an apply takes and keeps."""

import json
from collections.abc import Iterator
from typing import Literal

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.declare.schema import VERSION
from tenants.declare.stored import PAGE
from tenants.document import Document, limit_document, to_document
from tenants.models import TenantRow
from tenants.row_specs import spec_of
from tenants.tenant_rows import ALIVE, with_parts
from tenants.tier_rows import limits_of_tier, read_tiers

FileForm = Literal["yaml", "json"]

_HEAD = "# All tenants and tiers of the registry, without keys and secrets.\n"


def export_text(session: Session, form: FileForm) -> Iterator[str]:
    """Yield the file piece by piece; the session must see one state of the database."""
    yield from _yaml(session) if form == "yaml" else _json(session)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    def ignore_aliases(self, data: object) -> bool:
        return True


def _yaml(session: Session) -> Iterator[str]:
    tiers = _tiers(session)
    yield f"{_HEAD}version: {VERSION}\n" + ("tiers: {}\n" if not tiers else _dump({"tiers": tiers}))
    yield "\ntenants:"
    empty = True
    for document in _tenants(session):
        yield "\n" + _dump([document])
        empty = False
    yield " []\n" if empty else ""


def _json(session: Session) -> Iterator[str]:
    head = json.dumps({"version": VERSION, "tiers": _tiers(session)}, indent=2)
    yield head.removesuffix("\n}") + ',\n  "tenants": ['
    separator = "\n"
    for document in _tenants(session):
        yield separator + json.dumps(document, indent=2)
        separator = ",\n"
    yield "\n]}\n"


def _tiers(session: Session) -> dict[str, Document]:
    return {
        name: {"limits": [limit_document(limit) for limit in limits_of_tier(row)]}
        for name, row in read_tiers(session).items()
    }


def _tenants(session: Session) -> Iterator[Document]:
    after = ""
    while True:
        later = select(TenantRow).where(ALIVE, TenantRow.slug > after)
        page = session.scalars(with_parts(later.order_by(TenantRow.slug).limit(PAGE))).all()
        yield from (to_document(spec_of(row)) for row in page)
        if len(page) < PAGE:
            return
        after = page[-1].slug
        session.expunge_all()


def _dump(document: object) -> str:
    written = _dumped(document, allow_unicode=True)
    # What a terminal might obey is escaped, at the price of all other letters of this tenant.
    if all(line.isprintable() for line in written.splitlines()):
        return written
    return _dumped(document, allow_unicode=False)


def _dumped(document: object, *, allow_unicode: bool) -> str:
    # Innermost lists and mappings on one line: a limit, a role, a list of hosts.
    written: str = yaml.dump(
        document,
        Dumper=_Dumper,
        sort_keys=False,
        default_flow_style=None,
        allow_unicode=allow_unicode,
        width=100,
    )
    return written
