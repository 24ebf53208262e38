import pytest

from tenantauth.limit import Limit
from tenantauth.origins import OriginSet
from tenantauth.policy import CorsRule
from tenantauth.testing import SigningKey, make_policy
from tenantauth.units import Rate


def test_a_policy_needs_nothing_but_its_defaults() -> None:
    policy = make_policy()
    assert policy.tenant.slug == "acme"
    assert policy.hosts == {"acme.localhost"}
    assert policy.tokens.audience == {policy.tokens.issuer} == {"http://acme.localhost"}
    assert [key.kid for key in policy.keyring] == ["acme-1"]
    assert (policy.limits, policy.cors, policy.suspended) == ((), (), False)


def test_two_tenants_share_nothing() -> None:
    acme, globex = make_policy(), make_policy("globex")
    assert acme.tenant.id != globex.tenant.id
    assert not acme.hosts & globex.hosts
    assert SigningKey("acme-1").public.as_dict() != SigningKey("globex-1").public.as_dict()


def test_origins_are_short_for_a_rule_with_credentials() -> None:
    rule = CorsRule(OriginSet(any_origin=True), path="/open")
    policy = make_policy(origins=["https://a.test"], cors=[rule])
    assert [(rule.path, rule.credentials) for rule in policy.cors] == [
        ("/open", False),
        ("/", True),
    ]


def test_everything_else_can_be_given() -> None:
    limit = Limit("all", Rate(1, 1))
    policy = make_policy(
        limits=[limit],
        roles={"admin": ["all"]},
        guard="2/minute",
        suspended=True,
        version=7,
        leeway_s=0.0,
        max_ttl_s=60.0,
    )
    assert (policy.limits, policy.guard, policy.version) == ((limit,), Rate(2, 60), 7)
    assert (policy.suspended, policy.tokens.leeway_s, policy.tokens.max_ttl_s) == (True, 0.0, 60.0)
    assert policy.roles.permissions(["admin"]) == {"all"}


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_a_public_half_holds_nothing_private(algorithm: str) -> None:
    """Threat 33, threat 106."""
    key = SigningKey("k", algorithm)
    assert key.private.is_private
    assert not key.public.is_private
    assert not {"d", "p", "q", "k"} & key.public.as_dict().keys()
    secret = str(key.private.as_dict(private=True)["d"])
    assert secret not in repr(key) + repr(key.verification_key())


def test_one_name_is_one_key_for_as_long_as_the_process_lives() -> None:
    first = SigningKey("first").public.as_dict()
    for number in range(70):
        SigningKey(f"other-{number}")
    assert SigningKey("first").public.as_dict() == first


def test_keys_of_one_name_and_two_algorithms_differ() -> None:
    assert SigningKey("k", "ES256").public.key_type != SigningKey("k", "EdDSA").public.key_type
