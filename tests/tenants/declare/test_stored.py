"""What a tenants file is planned against: a registry, or none."""

from tenants.declare.stored import NothingStored, SqlStored, Stored
from tenants.registry import Registry
from tenants.spec import TenantSpec
from tests.tenants.declare.kit import WHOLE, file

PARTNER = "https://login.partner.test"


def answers(stored: Stored) -> list[object]:
    """Return what is answered to everything that planning asks."""
    return [
        [*stored.slugs()],
        [*stored.specs(("acme",))],
        {**stored.tiers()},
        [*stored.tiers_of_tenants()],
        [*stored.tier_names()],
        [*stored.owners("slug", ["acme"])],
        [*stored.owners("host", ["api.acme.test"])],
        [*stored.owners("issuer", ["https://api.acme.test"])],
        [*stored.trusts([PARTNER])],
        stored.outside(),
    ]


def test_no_registry_answers_as_an_empty_one(registry: Registry) -> None:
    with registry.begin() as session:
        assert answers(NothingStored()) == answers(SqlStored(session))


def test_a_registry_answers_with_what_it_has(registry: Registry) -> None:
    registry.tenants_file.apply(file(WHOLE))
    registry.tenants.add(TenantSpec("late", "late"))
    with registry.begin() as session:
        for answer, empty in zip(
            answers(SqlStored(session)), answers(NothingStored()), strict=True
        ):
            assert answer != empty
