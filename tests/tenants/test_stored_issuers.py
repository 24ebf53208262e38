"""Issuers that a tenant trusts: stored, compiled, and asked by the verifier."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import update

from tenantauth.errors import TokenError
from tenantauth.policy import TenantPolicy
from tenantauth.ports import TenantKey
from tenantauth.tokens.verifier import verify
from tenants.errors import ConflictError, InvalidError
from tenants.keys import published
from tenants.models import IssuerRow
from tenants.registry import Registry
from tenants.spec import TenantSpec
from tenants.spec_check import MAX_ISSUERS
from tenants.values import IssuerSpec
from tests.partners import AUDIENCE, ISSUER, KEY, partner_token


def key_set() -> Mapping[str, object]:
    return published([KEY.verification_key()])


PARTNER = IssuerSpec(
    ISSUER,
    jwks=key_set(),
    audience=(AUDIENCE,),
    algorithms=("RS256",),
    roles_claim="realm_access.roles",
    role_map={"partner-admin": "analyst"},
    requires_any_role=("analyst",),
)


def policy_of(registry: Registry, slug: str = "acme") -> TenantPolicy:
    return registry.source().get(TenantKey("slug", slug))


def make(registry: Registry, slug: str, *issuers: IssuerSpec) -> None:
    registry.tenants.add(TenantSpec(slug, slug, trusted_issuers=issuers))


def test_a_token_of_a_stored_issuer_passes_at_its_tenant_alone(registry: Registry) -> None:
    """threat 44"""
    make(registry, "acme", PARTNER)
    make(registry, "globex")
    token = partner_token(realm_access={"roles": ["partner-admin", "other"]})
    now_s = registry.clock.now()
    assert verify(token, policy_of(registry), now_s).roles == {"analyst"}
    with pytest.raises(TokenError):
        verify(token, policy_of(registry, "globex"), now_s)


def test_every_field_is_stored(registry: Registry) -> None:
    make(registry, "acme", PARTNER)
    assert registry.tenants.get("acme").trusted_issuers == (PARTNER,)


@pytest.mark.parametrize(
    ("match", "other", "clash"),
    [({}, {}, True), ({"org": "1"}, {}, True), ({"org": "1"}, {"org": "2"}, False)],
    ids=["no rules", "one rule", "rules that exclude each other"],
)
def test_two_tenants_cannot_share_the_tokens_of_one_issuer(
    registry: Registry, match: dict[str, str], other: dict[str, str], *, clash: bool
) -> None:
    """threat 44"""
    make(registry, "acme", replace(PARTNER, match=match))
    if clash:
        with pytest.raises(ConflictError, match="'acme'"):
            make(registry, "globex", replace(PARTNER, match=other))
    else:
        make(registry, "globex", replace(PARTNER, match=other))


def test_a_tenant_cannot_trust_its_neighbour(registry: Registry) -> None:
    """threat 44: a tenant's tokens pass at that tenant alone."""
    neighbour = registry.tenants.create("globex").issuer
    with pytest.raises(ConflictError, match="'globex'"):
        make(registry, "acme", replace(PARTNER, issuer=neighbour))


def test_a_tenant_cannot_become_an_issuer_that_another_trusts(registry: Registry) -> None:
    """threat 44"""
    make(registry, "acme", PARTNER)
    with pytest.raises(ConflictError, match="'acme'"):
        registry.tenants.create("globex", issuer=ISSUER)


def test_a_tenant_trusts_so_many_issuers_and_no_more(registry: Registry) -> None:
    """threat 102: workers keep the keys of each in a table that all tenants share."""
    many = [replace(PARTNER, issuer=f"https://id-{at}.test") for at in range(MAX_ISSUERS + 1)]
    with pytest.raises(InvalidError, match="at most 50 issuers"):
        make(registry, "acme", *many)
    make(registry, "acme", *many[:-1])


def test_callers_of_two_issuers_cannot_have_one_name(registry: Registry) -> None:
    """threat 44: stored, it would end all trust of the tenant at once."""
    first = replace(PARTNER, subject_prefix="partner:")
    second = replace(first, issuer="https://other.test", subject_prefix="partner:x")
    make(registry, "acme", first)
    with pytest.raises(InvalidError, match="subject_prefix"):
        registry.issuers.add("acme", second)
    assert policy_of(registry).trusted_issuers != ()


def test_a_tenant_does_not_trust_itself_as_an_issuer_outside(registry: Registry) -> None:
    """threat 44"""
    own = registry.tenants.create("acme").issuer
    with pytest.raises(InvalidError, match="share a name"):
        registry.issuers.add("acme", replace(PARTNER, issuer=own))


def test_one_issuer_that_cannot_be_read_harms_no_other(registry: Registry) -> None:
    make(registry, "acme", PARTNER, replace(PARTNER, issuer="https://other.test"))
    with registry.begin(write=True) as session:
        broken = update(IssuerRow).where(IssuerRow.issuer == ISSUER)
        session.execute(broken.values(audience="not a list"))
    assert [each.issuer for each in policy_of(registry).trusted_issuers] == ["https://other.test"]
