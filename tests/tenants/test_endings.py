"""What a change of a tenant ends."""

from dataclasses import replace

import pytest

from tenantauth.settings import Settings
from tenants.endings import ended_by
from tenants.lifetimes import Lifetimes
from tenants.spec import TenantSpec
from tenants.values import IssuerSpec

PARTNER = IssuerSpec(
    "https://login.test",
    jwks={"keys": [{"kid": "a"}, {"kid": "b"}]},
    audience=("x",),
    algorithms=("RS256",),
    match={"org": 1},
    roles_claim="roles",
    role_map={"boss": "admin"},
    requires_any_role=("admin",),
)
SPEC = TenantSpec(
    "acme",
    "Acme",
    hosts=("a.test", "b.test"),
    issuer="https://a.test",
    audience=("x", "y"),
    trusted_issuers=(PARTNER,),
)


def ended(after: TenantSpec, before: TenantSpec = SPEC, settings: Settings | None = None) -> str:
    return "; ".join(ended_by(before, after, settings or Settings()))


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (replace(SPEC, issuer="https://b.test"), "every token issued as https://a.test"),
        (replace(SPEC, audience=("x",)), "tokens for y alone"),
        (replace(SPEC, lifetimes=Lifetimes(max_ttl_s=3600)), "issued for more than 1h"),
        (replace(SPEC, trusted_issuers=()), "tokens of issuer https://login.test may end"),
    ],
    ids=["issuer", "audience", "max_ttl", "trusted issuer"],
)
def test_what_ends_live_tokens_is_known_before(after: TenantSpec, said: str) -> None:
    assert said in ended(after)


@pytest.mark.parametrize(
    "after",
    [
        replace(SPEC, audience=("x", "y", "z")),
        replace(SPEC, lifetimes=Lifetimes(max_ttl_s=2 * 86400)),
        replace(SPEC, name="New", hosts=("b.test", "a.test", "c.test")),
    ],
    ids=["audience", "max_ttl", "hosts"],
)
def test_what_only_widens_ends_nothing(after: TenantSpec) -> None:
    assert not ended(after)


@pytest.mark.parametrize(
    ("before", "after", "gone"),
    [
        ((), ("a.test",), "http://acme.localhost:8000 will stop answering"),
        (("a.test",), (), "http://a.test:8000 will stop answering"),
        (("a.test", "b.test"), ("b.test", "c.test"), "http://a.test:8000 will stop answering"),
    ],
    ids=["the first own host", "the last own host", "one of several"],
)
def test_an_address_that_ends_is_told(
    before: tuple[str, ...], after: tuple[str, ...], gone: str
) -> None:
    assert ended(replace(SPEC, hosts=after), replace(SPEC, hosts=before)) == gone


def test_hosts_that_name_nobody_end_no_address() -> None:
    settings = Settings(resolve=("path",))
    assert not ended(SPEC, replace(SPEC, hosts=()), settings)


WIDER = {
    "typ": replace(PARTNER, typ=("AT+JWT", "JWT")),
    "algorithm": replace(PARTNER, algorithms=("RS256", "PS256")),
    "audience": replace(PARTNER, audience=("x", "y")),
    "match": replace(PARTNER, match={}),
    "role": replace(PARTNER, role_map={"boss": "admin", "aide": "viewer"}),
    "entry": replace(PARTNER, requires_any_role=("admin", "viewer")),
    "no entry": replace(PARTNER, requires_any_role=()),
    "key": replace(PARTNER, jwks={"keys": [{"kid": "b"}, {"kid": "a"}, {"kid": "c"}]}),
}
NARROWER = {
    "typ": replace(PARTNER, typ=("JWT",)),
    "algorithm": replace(PARTNER, algorithms=("ES256",)),
    "audience": replace(PARTNER, audience=("y",)),
    "match": replace(PARTNER, match={"org": 1, "team": 2}),
    "type of a match": replace(PARTNER, match={"org": True}),
    "role": replace(PARTNER, role_map={"boss": "viewer"}),
    "roles_claim": replace(PARTNER, roles_claim="groups"),
    "entry": replace(PARTNER, requires_any_role=("viewer",)),
    "key": replace(PARTNER, jwks={"keys": [{"kid": "a"}]}),
    "jwks_uri": replace(PARTNER, jwks=None, jwks_uri="https://login.test/jwks"),
    "subject": replace(PARTNER, subject_claim="email"),
    "prefix": replace(PARTNER, subject_prefix="p:"),
}


@pytest.mark.parametrize("wider", WIDER.values(), ids=WIDER)
def test_an_issuer_trusted_with_more_ends_nothing(wider: IssuerSpec) -> None:
    assert not ended(replace(SPEC, trusted_issuers=(wider,)))


@pytest.mark.parametrize("narrower", NARROWER.values(), ids=NARROWER)
def test_an_issuer_trusted_with_less_may_end_tokens(narrower: IssuerSpec) -> None:
    assert ended(replace(SPEC, trusted_issuers=(narrower,)))


def test_a_first_rule_on_roles_may_end_tokens() -> None:
    free = replace(SPEC, trusted_issuers=(replace(PARTNER, requires_any_role=()),))
    assert ended(SPEC, free)


def test_rs256_beside_ps256_may_rebind_keys_without_an_algorithm() -> None:
    pss = replace(SPEC, trusted_issuers=(replace(PARTNER, algorithms=("PS256",)),))
    both = replace(SPEC, trusted_issuers=(replace(PARTNER, algorithms=("PS256", "RS256")),))
    assert ended(both, pss)
