"""Roles that a tenant does not have."""

from dataclasses import replace

import pytest

from tenants.check import check_issuers
from tenants.errors import ConflictError, InvalidError
from tenants.registry import Registry
from tenants.role_names import nearest_role, roles_that_lead_nowhere
from tenants.values import IssuerSpec, RoleSpec
from tests.servers.databases import on
from tests.tenants.declare.kit import refusals, tenants

PARTNER = IssuerSpec(
    "https://login.partner.test",
    jwks_uri="https://login.partner.test/jwks",
    audience=("x",),
    roles_claim="roles",
    role_map={"boss": "analyts", "aide": "viewer"},
    requires_any_role=("viewer", "nosuch"),
)
GOOD = replace(PARTNER, role_map={"aide": "viewer"}, requires_any_role=("viewer",))


@pytest.fixture
def acme(registry: Registry) -> Registry:
    registry.tenants.create("acme")
    return registry


def declare(registry: Registry, *names: str) -> None:
    for name in names:
        registry.roles.set("acme", RoleSpec(name))


@pytest.mark.parametrize(
    ("role", "hint"),
    [("analyts", "did you mean 'analyst'?"), ("x", "it has: analyst, viewer")],
)
def test_the_nearest_role_is_told(role: str, hint: str) -> None:
    assert nearest_role(role, {"viewer", "analyst"}) == hint


def test_each_role_that_leads_nowhere_has_its_place() -> None:
    found = [*roles_that_lead_nowhere([GOOD, PARTNER], {"viewer", "analyst"})]
    assert [problem.place for problem in found] == [
        ("trusted_issuers", 1, "role_map"),
        ("trusted_issuers", 1, "requires_any_role"),
    ]
    assert "'boss' to 'analyts', which is no role" in found[0].sentence
    assert found[0].hint == "did you mean 'analyst'?"


def test_a_tenant_that_declares_roles_takes_no_others_from_an_issuer(acme: Registry) -> None:
    declare(acme, "viewer", "analyst")
    with pytest.raises(InvalidError) as caught:
        acme.issuers.add("acme", PARTNER)
    assert len(caught.value.problems) == 2
    acme.issuers.add("acme", GOOD)


@on("sqlite")
def test_a_tenants_file_is_held_to_the_same(registry: Registry) -> None:
    (finding,) = refusals(
        registry,
        tenants(
            """\
- slug: acme
  roles: {analyst: {}}
  trusted_issuers:
    - issuer: https://login.test
      jwks_uri: https://login.test/jwks
      audience: [x]
      roles_claim: roles
      role_map: {boss: analyts}
"""
        ),
    )
    assert (finding.line, finding.id, finding.hint) == (10, "TA024", "did you mean 'analyst'?")


def test_a_tenant_without_roles_is_free(acme: Registry) -> None:
    record = acme.issuers.add("acme", PARTNER)
    assert [*check_issuers(record, acme.settings)] == []


def test_a_first_role_can_be_declared_beside_an_issuer_and_check_tells(acme: Registry) -> None:
    acme.issuers.add("acme", PARTNER)
    declare(acme, "viewer")
    found = [*check_issuers(acme.tenants.get("acme"), acme.settings)]
    assert [(each.id, each.severity) for each in found] == [("TA309", "warning")] * 2
    declare(acme, "analyts", "nosuch")
    assert [*check_issuers(acme.tenants.get("acme"), acme.settings)] == []


def test_what_leads_nowhere_already_keeps_nobody_from_another_change(acme: Registry) -> None:
    acme.issuers.add("acme", PARTNER)
    declare(acme, "viewer")
    assert acme.tenants.update("acme", name="Acme").name == "Acme"


def test_a_role_that_callers_of_an_issuer_need_stays(acme: Registry) -> None:
    declare(acme, "viewer", "analyst")
    needs = replace(GOOD, role_map={"x": "analyst"})
    acme.issuers.add("acme", needs)
    with pytest.raises(ConflictError, match="have or need of: https://login"):
        acme.roles.remove("acme", "viewer")
