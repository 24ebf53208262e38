import pytest

from tenants.declare.declared import read_declared
from tenants.declare.plan import Kept, Plan
from tenants.declare.planning import make_plan
from tenants.declare.stored import SqlStored
from tenants.declare.text import FileText
from tenants.registry import Registry
from tenants.spec import TenantSpec
from tests.servers.databases import on
from tests.tenants.declare.kit import WHOLE, file, refusals, tenants


def plan(registry: Registry, source: FileText, *, prune: bool = False) -> Plan:
    return registry.tenants_file.plan(source, prune=prune)


def changed(made: Plan) -> list[tuple[str, ...]]:
    """Return every change of the one changed tenant, in words."""
    (change,) = made.tenants
    return [
        (each.kind, " ".join(each.path), str(each.before), str(each.after))
        for each in change.differences
    ]


def whole(registry: Registry) -> Registry:
    registry.tenants_file.apply(file(WHOLE))
    return registry


def test_planning_writes_nothing(registry: Registry) -> None:
    plan(registry, file(WHOLE))
    assert (registry.tenants.list(), registry.audit.list()) == ([], [])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("rate: 100/m", "rate: 9/m", ("change", "limits user rate", "100/minute", "9/minute")),
        ('crm: "4711"', 'crm: "12"', ("change", "metadata crm", "4711", "12")),
        ('crm: "4711"', 'a_secret: "12"', ("add", "metadata a_secret", "None", "***")),
        ("mode: shadow", "mode: enforce", ("remove", "limits export mode", "shadow", "None")),
        (
            ', "https://*.apps.acme.test"',
            "",
            ("remove", "cors / origins", "https://*.apps.acme.test", "None"),
        ),
        (
            "[GET, POST]",
            "[POST, GET]",
            ("change", "cors / methods", "['GET', 'POST']", "['POST', 'GET']"),
        ),
        (
            'permissions: ["reports:r',
            'permissions: [more, "reports:r',
            ("add", "roles viewer permissions", "None", "more"),
        ),
        (
            "org_id: org_123",
            "org_id: 7",
            ("change", "trusted_issuers https://login.partner.test match org_id", "org_123", "7"),
        ),
    ],
    ids=["rate", "metadata", "masked", "default", "origin", "order", "permission", "match"],
)
@on("sqlite")
def test_a_change_is_told_down_to_its_value(
    registry: Registry, old: str, new: str, told: tuple[str, ...]
) -> None:
    """Threat 106 (masked): a value whose name speaks of a secret is not shown."""
    assert WHOLE.count(old) >= 1
    found = changed(plan(whole(registry), file(WHOLE.replace(old, new, 1))))
    assert told in found


@on("sqlite")
def test_limits_in_another_order_are_a_change_that_can_be_seen(registry: Registry) -> None:
    a, b = "{name: a, rate: 1/minute}", "{name: b, rate: 2/minute}"
    registry.tenants_file.apply(tenants(f"- {{slug: acme, limits: [{a}, {b}]}}\n"))
    turned = plan(registry, tenants(f"- {{slug: acme, limits: [{b}, {a}]}}\n"))
    assert changed(turned) == [("change", "limits", "['a', 'b']", "['b', 'a']")]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "issuer: https://api",
            "issuer: https://new",
            "every token issued as https://api.acme.test will be refused",
        ),
        (
            "[https://api.example.test]",
            "[https://b.test]",
            "tokens for https://api.example.test alone will be refused",
        ),
        ("max_ttl: 24h", "max_ttl: 1h", "tokens that were issued for more than 1h will be refused"),
        ("status: active", "status: suspended", "it will be suspended: every request is refused"),
        ("match: {org_id", "match: {id", "tokens of issuer https://login.partner.test may end"),
        ("[api.acme.test]", "[]", "http://api.acme.test:8000 will stop answering"),
    ],
    ids=["issuer", "audience", "max_ttl", "status", "trusted issuer", "hosts"],
)
@on("sqlite")
def test_what_ends_live_tokens_is_said(
    registry: Registry, old: str, new: str, sentence: str
) -> None:
    made = plan(whole(registry), file(WHOLE.replace(old, new, 1)))
    assert made.consequences == (f"tenant acme: {sentence}",)


@on("sqlite")
def test_what_only_widens_trust_ends_nothing(registry: Registry) -> None:
    wider = WHOLE.replace("typ: [at+jwt]", "typ: [at+jwt, JWT]")
    made = plan(whole(registry), file(wider))
    assert (made.is_empty, made.consequences) == (False, ())


@on("sqlite")
def test_another_algorithm_is_said_to_rotate_in(registry: Registry) -> None:
    made = plan(whole(registry), file(WHOLE.replace("algorithm: EdDSA", "algorithm: ES256")))
    assert (made.tenants[0].rotates_into, made.consequences) == ("ES256", ())


@on("sqlite")
def test_absent_members_tenants_and_tiers_are_kept_and_listed(registry: Registry) -> None:
    registry.tenants.create("globex")
    made = plan(whole(registry), tenants("- {slug: acme, name: Acme Corp}\n"))
    assert made.is_empty
    assert made.kept == (
        Kept(
            "acme",
            (
                *("tier", "metadata", "guard", "hosts", "issuer", "audience", "tokens"),
                *("cors", "limits", "roles", "trusted_issuers"),
            ),
        ),
    )
    assert (made.kept_tenants, made.kept_tiers) == (("globex",), ("gold",))


@on("sqlite")
def test_a_member_that_is_given_replaces_the_stored_one_whole(registry: Registry) -> None:
    whole(registry)
    registry.tenants_file.apply(tenants("- {slug: acme, tokens: {access_ttl: 5m}}\n"))
    acme = registry.tenants.get("acme")
    assert (acme.access_ttl_s, acme.max_ttl_s, acme.algorithm) == (300, 86400, "ES256")


@on("sqlite")
def test_what_was_wrong_before_is_not_held_against_another_change(registry: Registry) -> None:
    whole(registry)
    with registry.begin(write=True) as session:
        session.connection().exec_driver_sql("UPDATE tenantauth_tenants SET guard = 'often'")
    made = plan(registry, tenants("- {slug: acme, name: New}\n"))
    assert changed(made) == [("change", "name", "Acme Corp", "New")]


@on("sqlite")
def test_a_tier_is_removed_only_when_nobody_has_it(registry: Registry) -> None:
    whole(registry)
    used = plan(registry, tenants("- {slug: acme, tier: gold}\n"), prune=True)
    unused = plan(registry, tenants("- {slug: acme}\n"), prune=True)
    assert (used.tiers, used.kept_tiers) == ((), ("gold",))
    assert [(tier.name, tier.action) for tier in unused.tiers] == [("gold", "delete")]


@pytest.mark.parametrize(
    "slug", ["'%'", "'a''; DROP TABLE x'", "--yes", "a/b", "ACME", "\uff41cme"]
)
@on("sqlite")
def test_a_slug_that_is_a_pattern_or_an_option_is_none(registry: Registry, slug: str) -> None:
    """Threat 49, threat 116."""
    registry.tenants.create("acme")
    assert [each.id for each in refusals(registry, tenants(f"- slug: {slug}\n"))] == ["TA011"]


@pytest.mark.parametrize("text", ["'; DROP TABLE tenantauth_tenants; --", "%_\\", "$1 :x ?"])
def test_texts_are_stored_as_they_are(registry: Registry, text: str) -> None:
    """Threat 116."""
    written = text.replace("'", "''")
    source = tenants(f"- {{slug: acme, name: '{written}', metadata: {{a: '{written}'}}}}\n")
    registry.tenants_file.apply(source)
    acme = registry.tenants.get("acme")
    assert (acme.name, acme.metadata) == (text, {"a": text})
    assert plan(registry, source).is_empty


@on("sqlite")
def test_a_file_that_names_one_tenant_touches_no_other(registry: Registry) -> None:
    """Threat 51."""
    registry.tenants.create("globex", name="Globex")
    whole(registry)
    made = plan(registry, tenants("- {slug: acme, name: New}\n"))
    assert [change.slug for change in made.tenants] == ["acme"]
    registry.tenants_file.apply(tenants("- {slug: acme, name: New}\n"))
    assert registry.tenants.get("globex").version == 1


@on("sqlite")
def test_a_registry_in_one_page_or_in_three_is_planned_alike(registry: Registry) -> None:
    slugs = [f"t{number:03}" for number in range(450)]
    source = tenants("".join(f"- {{slug: {slug}}}\n" for slug in slugs))
    made = plan(registry, source)
    assert [change.slug for change in made.tenants] == slugs
    assert isinstance(made.tenants[0].after, TenantSpec)


def test_of_an_earlier_plan_only_tenants_that_are_as_they_were_are_taken(
    registry: Registry,
) -> None:
    registry.tenants_file.apply(tenants("- {slug: a, name: A}\n- {slug: b, name: B}\n"))
    wanted = read_declared(tenants("- {slug: a, name: New}\n- {slug: b, name: New}\n"))
    with registry.begin() as session:
        earlier = make_plan(SqlStored(session), registry.settings, wanted, prune=False)
    registry.tenants.update("b", name="Other")
    with registry.begin() as session:
        plan = make_plan(
            SqlStored(session), registry.settings, wanted, prune=False, earlier=earlier
        )
    assert [change.before.name for change in plan.tenants if change.before] == ["A", "Other"]
    assert plan.tenants[0] is earlier.tenants[0]
