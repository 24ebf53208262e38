"""What tenants stand beside."""

from tenants.neighbours import SqlNeighbours
from tenants.registry import Registry
from tenants.spec import TenantSpec
from tenants.values import IssuerSpec

PARTNER = IssuerSpec("https://idp.test", jwks_uri="https://idp.test/jwks", audience=("x",))


def test_a_name_is_told_with_its_owner_who_may_be_deleted(registry: Registry) -> None:
    acme = registry.tenants.create("acme", hosts=["api.acme.test"])
    registry.tenants.delete("acme")
    with registry.begin() as session:
        stored = SqlNeighbours(session)
        owners = [
            *stored.owners("slug", ["acme", "nobody"]),
            *stored.owners("host", ["api.acme.test"]),
            *stored.owners("issuer", [acme.issuer]),
        ]
    assert [owner.name for owner in owners] == ["acme", "api.acme.test", acme.issuer]
    assert {(each.tenant_id, each.slug, each.deleted_at) for each in owners} == {
        (acme.id, "acme", registry.now())
    }


def test_more_names_than_one_statement_takes_are_asked_for(registry: Registry) -> None:
    registry.tenants.create("acme")
    names = [*(f"tenant-{number}" for number in range(1200)), "acme"]
    with registry.begin() as session:
        owners = [*SqlNeighbours(session).owners("slug", names)]
    assert [owner.slug for owner in owners] == ["acme"]


def test_trust_in_an_issuer_is_told_as_it_was_written(registry: Registry) -> None:
    tenant = registry.tenants.add(TenantSpec("acme", "acme", trusted_issuers=(PARTNER,)))
    with registry.begin() as session:
        (trust,) = SqlNeighbours(session).trusts([PARTNER.issuer, "https://other.test"])
    assert (trust.tenant_id, trust.slug, trust.spec) == (tenant.id, "acme", PARTNER)
