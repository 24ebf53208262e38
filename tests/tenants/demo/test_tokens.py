import pytest

from tenants.demo.cast import ACME, TENANTS, DemoTenant, Person
from tenants.demo.place import Place
from tenants.demo.tokens import fill_wallet, write_header_file
from tenants.registry import Registry

PEOPLE = [(tenant, person) for tenant in TENANTS for person in tenant.people]
ADA = ACME.people[0]


@pytest.mark.parametrize(("tenant", "person"), PEOPLE, ids=[p.subject for _, p in PEOPLE])
def test_a_wallet_holds_what_its_labels_say(
    registry: Registry, tenant: DemoTenant, person: Person
) -> None:
    wallet = fill_wallet(registry, tenant, person)
    valid, expired, foreign = map(
        registry.tokens.inspect, (wallet.valid, wallet.expired, wallet.foreign)
    )
    assert (valid.valid, valid.claims["sub"]) == (True, person.subject)
    assert expired.tenant == tenant.slug
    assert str(expired.reason).startswith("it has expired (exp)")
    assert foreign.valid
    assert foreign.tenant != tenant.slug


def test_a_token_is_good_for_an_hour(registry: Registry) -> None:
    claims = registry.tokens.inspect(fill_wallet(registry, ACME, ADA).valid).claims
    assert int(str(claims["exp"])) - int(str(claims["iat"])) == 3600


def test_a_wallet_shows_no_token(registry: Registry) -> None:
    """Threat 106: what is logged by mistake holds no token."""
    assert "eyJ" not in repr(fill_wallet(registry, ACME, ADA))


def test_a_header_file_is_for_its_owner_only(registry: Registry, place: Place) -> None:
    """Threat 108: tokens on disk are not for others."""
    write_header_file(place, ADA, "token")
    file = place.header_file("ada")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text() == "Authorization: Bearer token\n"


def test_a_new_token_replaces_the_old_one(registry: Registry, place: Place) -> None:
    write_header_file(place, ADA, "a-long-one")
    write_header_file(place, ADA, "short")
    assert place.header_file("ada").read_text() == "Authorization: Bearer short\n"
