from dataclasses import replace

import pytest

from tenantauth.settings import Settings
from tenantauth.testing import ManualClock
from tenants.declare.plan import Plan
from tenants.errors import MasterKeyError
from tenants.registry import Registry
from tests.tenants.declare.kit import WHOLE, exported, file, refusals, tenants
from tests.tenants.services.test_at_once import at_once


def actions(registry: Registry) -> list[tuple[str, str | None]]:
    return [(event.action, event.tenant) for event in reversed(registry.audit.list())]


def test_a_new_tenant_has_everything_and_serves(registry: Registry) -> None:
    done = registry.tenants_file.apply(file(WHOLE))
    acme = registry.tenants.get("acme")
    assert (done.count("create"), acme.tier, acme.hosts) == (1, "gold", ("api.acme.test",))
    assert [limit.burst for limit in acme.limits] == [20, None]
    assert registry.tokens.issue("acme", "alice").token


def test_a_second_apply_writes_nothing(registry: Registry) -> None:
    registry.tenants_file.apply(file(WHOLE))
    before = actions(registry), registry.source().generation()
    assert registry.tenants_file.apply(file(WHOLE)).is_empty
    assert (actions(registry), registry.source().generation()) == before


def test_each_changed_tenant_leaves_an_event_and_the_file_comes_last(registry: Registry) -> None:
    registry.tenants_file.apply(file(WHOLE))
    assert actions(registry) == [("tier.set", None), ("tenant.create", "acme"), ("apply", None)]
    event = registry.audit.list()[0]
    assert event.after is not None
    assert (event.after["digest"], event.after["created"]) == (file(WHOLE).digest, 1)


def test_an_event_holds_what_differs_and_nothing_else(registry: Registry) -> None:
    registry.tenants.create("acme", name="Old")
    registry.tenants_file.apply(tenants("- {slug: acme, name: New}\n"))
    event = registry.audit.list(tenant="acme")[0]
    assert (event.before, event.after) == ({"name": "Old"}, {"name": "New"})


def test_a_change_counts_one_version_and_one_generation(registry: Registry) -> None:
    registry.tenants.create("acme")
    generation = registry.source().generation()
    registry.tenants_file.apply(tenants("- {slug: acme, name: New}\n"))
    assert registry.tenants.get("acme").version == 2
    assert registry.source().generation() != generation


def test_tenants_swap_hosts_and_issuers(registry: Registry) -> None:
    registry.tenants_file.apply(
        tenants(
            "- {slug: a, hosts: [one.test], issuer: https://one.test}\n"
            "- {slug: b, hosts: [two.test], issuer: https://two.test}\n"
        )
    )
    registry.tenants_file.apply(
        tenants(
            "- {slug: a, hosts: [two.test], issuer: https://two.test}\n"
            "- {slug: b, hosts: [one.test], issuer: https://one.test}\n"
        )
    )
    assert registry.tenants.get("a").hosts == ("two.test",)
    assert registry.tenants.get("b").issuer == "https://one.test"


def test_a_host_passes_to_a_new_tenant(registry: Registry) -> None:
    registry.tenants.create("old", hosts=["api.test"])
    registry.tenants_file.apply(
        tenants(
            "- {slug: a, hosts: [api.test]}\n- {slug: old, hosts: [old.test], issuer: https://old.test}\n"
        )
    )
    assert registry.tenants.get("a").hosts == ("api.test",)


def test_pruning_resets_what_is_absent_and_deletes_who_is(registry: Registry) -> None:
    registry.tenants_file.apply(file(WHOLE))
    registry.tenants.create("globex")
    done = registry.tenants_file.apply(tenants("- slug: acme\n"), prune=True)
    acme = registry.tenants.get("acme")
    assert (acme.name, acme.tier, acme.limits, acme.hosts) == ("acme", None, (), ())
    assert acme.issuer == "http://acme.localhost:8000"
    assert [record.slug for record in registry.tenants.list()] == ["acme"]
    assert registry.tiers.list() == []
    assert (done.count("delete"), len(done.tiers)) == (1, 1)


def test_pruning_leaves_the_tier_of_a_deleted_tenant(registry: Registry) -> None:
    """The tenant may come back."""
    registry.tenants_file.apply(file(WHOLE))
    registry.tenants_file.apply(file("version: 1"), prune=True)
    assert [tier.name for tier in registry.tiers.list()] == ["gold"]


def test_a_tier_that_changes_is_a_change_of_its_tenants(registry: Registry) -> None:
    registry.tenants_file.apply(file(WHOLE))
    version = registry.tenants.get("acme").version
    registry.tenants_file.apply(file(WHOLE.replace("5000/minute", "6/minute")))
    assert registry.tenants.get("acme").version == version + 1


def test_another_algorithm_replaces_the_pending_key(registry: Registry) -> None:
    registry.tenants.create("acme")
    registry.tenants_file.apply(tenants("- {slug: acme, tokens: {algorithm: EdDSA}}\n"))
    keys = {(key.state, key.algorithm) for key in registry.keys.list("acme")}
    assert keys == {("active", "ES256"), ("grace", "ES256"), ("pending", "EdDSA")}
    assert registry.tenants.get("acme").algorithm == "EdDSA"


def test_what_is_refused_while_it_is_shown_is_not_written(registry: Registry) -> None:
    class StopError(Exception):
        pass

    def refuse(_plan: Plan) -> None:
        raise StopError

    with pytest.raises(StopError):
        registry.tenants_file.apply(file(WHOLE), agree=refuse)
    assert (actions(registry), registry.tiers.list()) == ([], [])


def test_one_finding_keeps_everything_from_being_written(registry: Registry) -> None:
    registry.tenants.create("globex", hosts=["api.acme.test"])
    before = exported(registry)
    assert [each.id for each in refusals(registry, file(WHOLE))] == ["TA032", "TA033"]
    assert exported(registry) == before


def test_a_plan_that_has_become_another_is_shown_again(registry: Registry) -> None:
    """Threat 118: nobody agrees to what was not shown."""
    registry.tenants.create("acme", name="Old")
    shown: list[Plan] = []

    def meddle(plan: Plan) -> None:
        if not shown:
            registry.tenants.suspend("acme")
        shown.append(plan)

    source = tenants("- {slug: acme, name: New, status: active}\n")
    registry.tenants_file.apply(source, agree=meddle)
    assert [len(plan.tenants[0].differences) for plan in shown] == [1, 2]
    assert registry.tenants.get("acme").status == "active"


def test_of_three_that_apply_one_file_one_writes(registry: Registry, settings: Settings) -> None:
    """Threat 118."""
    told = at_once(settings, *[lambda own: own.tenants_file.apply(file(WHOLE))] * 3)
    assert told == ["done"] * 3
    assert actions(registry).count(("tenant.create", "acme")) == 1
    assert len(registry.keys.list("acme")) == 2


def test_without_the_right_master_key_nothing_is_made(
    registry: Registry, settings: Settings
) -> None:
    lost = Registry(settings=replace(settings, master_key_file="no.key"))
    with pytest.raises(MasterKeyError):
        lost.tenants_file.apply(file(WHOLE))
    lost.dispose()
    assert registry.tenants.list() == []


def test_first_keys_are_dated_when_they_are_stored(registry: Registry, clock: ManualClock) -> None:
    """A pending key counts as published from then on, however long the others took to make."""
    registry.tenants_file.apply(file(WHOLE), agree=lambda _plan: clock.advance(3600))
    assert {key.created_at for key in registry.keys.list("acme")} == {registry.now()}
