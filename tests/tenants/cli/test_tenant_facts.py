from tenants.cli.tenant_facts import COLUMNS, facts_of
from tenants.registry import Registry


def test_a_bare_tenant_has_no_origins_limits_or_roles(registry: Registry) -> None:
    facts = facts_of(registry.tenants.create("acme"))
    assert (facts["origins"], facts["limits"], facts["roles"]) == (None, None, None)


def test_origins_are_told_by_path(registry: Registry) -> None:
    facts = facts_of(registry.tenants.create("acme", origins=["https://a.test", "https://b.test"]))
    assert facts["origin /"] == "https://a.test, https://b.test"


def test_a_column_has_a_value_for_every_tenant(registry: Registry) -> None:
    record = registry.tenants.create("acme")
    assert [read(record) for read in COLUMNS.values()] == [
        "acme",
        "acme",
        "active",
        "http://acme.localhost:8000",
        None,
        "ES256",
        [],
    ]
