import pytest

from tenants.demo.cast import ACME, GLOBEX, TENANTS, DemoTenant, other_than


@pytest.mark.parametrize(("tenant", "other"), [(ACME, GLOBEX), (GLOBEX, ACME)])
def test_each_tenant_has_the_other(tenant: DemoTenant, other: DemoTenant) -> None:
    assert other_than(tenant) is other


def test_a_user_is_found_by_subject() -> None:
    assert ACME.person("bob") == ACME.people[1]


@pytest.mark.parametrize("subject", ["grace", "", None, 7, ["ada"]], ids=repr)
def test_nobody_else_is_found(subject: object) -> None:
    assert ACME.person(subject) is None


@pytest.mark.parametrize("tenant", TENANTS, ids=lambda tenant: tenant.slug)
def test_a_limit_is_met_soon_and_over_within_a_minute(tenant: DemoTenant) -> None:
    assert tenant.limit.rate.amount <= 10
    assert tenant.limit.rate.window_s <= 60


@pytest.mark.parametrize("tenant", TENANTS, ids=lambda tenant: tenant.slug)
def test_the_words_for_a_limit_are_true(tenant: DemoTenant) -> None:
    rate = tenant.limit.rate
    assert tenant.quota.startswith(f"{rate.amount} calls in {rate.window_s} s")
