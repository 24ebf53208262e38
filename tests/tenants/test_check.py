import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, select, update

from tenantauth.errors import SettingProblem, SettingsError
from tenantauth.limit import Limit
from tenantauth.origins import OriginSet
from tenantauth.policy import CorsRule
from tenantauth.settings import Settings
from tenantauth.testing import ManualClock
from tenantauth.units import Rate
from tenants.app_cors import NO_APP, AppCors
from tenants.check import (
    check,
    check_issuers,
    check_limits,
    check_master_key,
    check_resolving,
    check_settings,
    check_state_store,
    check_unreadable_settings,
)
from tenants.finding import Finding
from tenants.models import IssuerRow, KeyRow, LimitRow, TenantRow
from tenants.registry import Registry
from tenants.spec import TenantSpec
from tenants.values import CorsSpec, IssuerSpec

BURST = Limit("burst", Rate(10, 60), burst=5)
SHADOW = Limit("shadow", Rate(10, 60), mode="shadow")
OUTAGE = Limit("outage", Rate(10, 60), on_outage="closed")


def ids(findings: Iterable[Finding]) -> list[str]:
    return [finding.id for finding in findings]


def _is_of(*slugs: str) -> ColumnElement[bool]:
    return IssuerRow.tenant_id.in_(select(TenantRow.id).where(TenantRow.slug.in_(slugs)))


def found(registry: Registry) -> dict[str, Finding]:
    return {finding.id: finding for finding in check(registry)}


def test_a_fresh_installation_has_no_errors_and_no_warnings(registry: Registry) -> None:
    registry.tenants.create("acme", origins=["https://app.acme.test"])
    assert {finding.severity for finding in check(registry)} == {"info"}


def test_every_id_has_three_digits_and_every_finding_a_hint(registry: Registry) -> None:
    registry.tenants.create("acme", limits=[BURST, SHADOW, OUTAGE])
    for finding in check(registry):
        assert re.fullmatch(r"TA\d{3}", finding.id)
        assert finding.hint


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"STALENES": "2s"}, "TA102"),
        ({"BASE_URL": "http://api.example.test"}, "TA103"),
        ({"ALLOW_HTTP": "1"}, "TA104"),
        ({"RESOLVE": "issuer"}, "TA107"),
    ],
    ids=["an unknown name", "http outside loopback", "tokens over http", "tokens alone"],
)
def test_a_setting_is_found(values: dict[str, str], expected: str) -> None:
    settings = Settings.from_mapping({f"TENANTAUTH_{name}": text for name, text in values.items()})
    assert expected in ids(check_settings(settings))


def test_loopback_over_http_is_fine() -> None:
    assert ids(check_settings(Settings())) == []


@pytest.mark.parametrize(
    ("workers", "severity"), [("", "info"), ("1", "info"), ("x", "info"), ("2", "warning")]
)
def test_counters_in_memory_are_told_and_with_several_workers_warned_of(
    workers: str, severity: str
) -> None:
    (finding,) = check_state_store(Settings(), workers)
    assert (finding.id, finding.severity) == ("TA105", severity)


def test_a_state_store_out_of_reach_is_an_error_without_its_password() -> None:
    """Threat 78, threat 106."""
    (finding,) = check_state_store(Settings(state_url="redis://:hunter2@127.0.0.1:1"))
    assert (finding.id, finding.severity) == ("TA106", "error")
    assert "hunter2" not in repr(finding)


@pytest.mark.server
def test_a_state_store_within_reach_is_fine(redis_url: str) -> None:
    assert ids(check_state_store(Settings(state_url=redis_url))) == []


def test_what_an_outage_does_is_acted_on_with_a_shared_store(registry: Registry) -> None:
    tenant = registry.tenants.create("acme", limits=[OUTAGE])
    assert ids(check_limits(tenant.limits, Settings(state_url="redis://cache"), "acme")) == []


def test_each_setting_that_cannot_work_is_an_error_at_its_name() -> None:
    problems = SettingProblem("A", "bad: very; set in stone", "mend it"), SettingProblem("B", "odd")
    findings = check_unreadable_settings(SettingsError(problems))
    assert [(f.severity, f.place, f.text, f.hint) for f in findings] == [
        ("error", "A", "bad: very; set in stone", "mend it"),
        ("error", "B", "odd", "change the setting, or remove it"),
    ]


@pytest.mark.parametrize(
    ("mode", "expected"), [(0o600, []), (0o644, ["TA202"]), (0o620, ["TA201"])]
)
def test_the_master_keys_file_mode_is_looked_at(
    settings: Settings, mode: int, expected: list[str]
) -> None:
    """Threat 108."""
    Path(settings.master_key_file).chmod(mode)
    assert ids(check_master_key(settings)) == expected


def test_a_missing_master_key_is_an_error(registry: Registry) -> None:
    """Threat 109."""
    Path(registry.settings.master_key_file).unlink()
    assert ids(check(registry)) == ["TA105", "TA201"]


def test_another_master_key_than_the_one_used_is_an_error(
    registry: Registry, settings: Settings
) -> None:
    """Threat 109."""
    registry.tenants.create("acme")
    registry.dispose()
    file = Path(settings.master_key_file)
    key_id, _, _ = file.read_text().partition(":")
    file.write_text(f"{key_id}:{'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='}\n")
    assert found(registry)["TA205"].severity == "error"


def test_a_missing_database_is_an_error_and_the_last_thing_looked_at(tmp_path: Path) -> None:
    nowhere = Settings(database_url=f"sqlite:///{tmp_path}/no.db", master_key_file="no.key")
    assert ids(check(Registry(settings=nowhere))) == ["TA105", "TA201", "TA203"]


def test_an_empty_database_is_an_error(empty_database_url: str) -> None:
    registry = Registry(settings=Settings(database_url=empty_database_url, master_key="k"))
    assert found(registry)["TA204"].hint == "run db upgrade"
    registry.dispose()


def test_a_row_that_cannot_be_read_is_an_error_at_its_tenant(registry: Registry) -> None:
    registry.tenants.create("acme", limits=[BURST])
    with registry.begin(write=True) as session:
        session.execute(update(LimitRow).values(rate="often"))
    finding = found(registry)["TA301"]
    assert (finding.severity, finding.place) == ("error", "tenant acme")
    assert "often" in finding.text


def test_a_tenant_without_origins_is_worth_knowing(registry: Registry) -> None:
    registry.tenants.create("acme")
    assert found(registry)["TA302"].severity == "info"


NO_PAGE = "no page on another origin can call it"
DEFAULTS = (CorsRule(OriginSet.parse(["https://a.test"])),)


@pytest.mark.parametrize(
    ("app", "cors", "said"),
    [
        (NO_APP, (), f"{NO_PAGE}, unless the app's own rules (cors=) let it"),
        (NO_APP, (CorsSpec(),), NO_PAGE),
        (AppCors(), (), NO_PAGE),
        (AppCors(DEFAULTS), (), None),
        (AppCors(DEFAULTS), (CorsSpec(),), NO_PAGE),
    ],
    ids=["no app", "no app, a rule", "without", "with defaults", "a rule of its own"],
)
def test_an_apps_rules_count_for_a_tenant_without_any(
    registry: Registry, app: AppCors, cors: tuple[CorsSpec, ...], said: str | None
) -> None:
    registry.tenants.create("acme", cors=cors)
    texts = [each.text for each in check(registry, app) if each.id == "TA302"]
    assert texts == ([said] if said else [])


@pytest.mark.parametrize(
    ("app", "severity"),
    [
        (NO_APP, "info"),
        (AppCors(token_paths=("/upload/<int:id>",)), "warning"),
        (AppCors(token_paths=("/",)), None),
    ],
    ids=["no app", "a route that needs a token", "none"],
)
def test_a_rule_by_which_pages_can_send_no_token_is_found(
    registry: Registry, app: AppCors, severity: str | None
) -> None:
    """Threat 67: the page sees a failed preflight and nothing else."""
    registry.tenants.create("acme", origins=["https://a.test"])
    registry.origins.add("acme", "https://a.test", path="/upload", allow_headers="X-Part")
    found = [each for each in check(registry, app) if each.id == "TA310"]
    assert [each.severity for each in found] == ([severity] if severity else [])
    assert {each.place for each in found} <= {"tenant acme, cors /upload"}


def test_wildcard_origins_with_credentials_are_a_warning(registry: Registry) -> None:
    registry.tenants.create("acme", origins=["https://*.apps.acme.test"], credentials=True)
    finding = found(registry)["TA303"]
    assert (finding.severity, finding.place) == ("warning", "tenant acme, cors /")


def test_exact_origins_with_credentials_are_fine(registry: Registry) -> None:
    registry.tenants.create("acme", origins=["https://app.acme.test"], credentials=True)
    assert found(registry).keys() == {"TA105"}


@pytest.mark.parametrize(
    ("resolve", "expected"),
    [
        (("issuer",), ["TA304", "TA306"]),
        (("issuer", "host"), []),
        (("host", "path"), ["TA305"]),
        (("path",), ["TA305", "TA306"]),
        (("header",), ["TA306"]),
    ],
    ids=", ".join,
)
def test_a_tenant_that_requests_cannot_name_is_told(
    registry: Registry, resolve: tuple[str, ...], expected: list[str]
) -> None:
    tenant = registry.tenants.create("acme", hosts=["api.test"], origins=["https://a.test"])
    settings = Settings(base_url="https://api.test", resolve=resolve)
    assert ids(check_resolving(tenant, settings)) == expected


@pytest.mark.parametrize(
    ("uri", "named", "expected"),
    [
        ("https://idp.test/jwks", "", []),
        ("https://10.2.0.7/jwks", "", ["TA308"]),
        ("https://10.2.0.7/jwks", "10.2.0.0/16", []),
        ("http://127.0.0.1:9400/jwks", "127.0.0.1:9401", ["TA308"]),
    ],
)
def test_keys_that_nothing_will_fetch_are_told(
    registry: Registry, uri: str, named: str, expected: list[str]
) -> None:
    """Threat 112."""
    partner = IssuerSpec("https://idp.test", jwks_uri=uri, audience=("x",))
    registry.tenants.create("acme")
    tenant = registry.issuers.add("acme", partner)
    settings = Settings.from_mapping({"TENANTAUTH_ISSUER_NETWORKS": named})
    assert ids(check_issuers(tenant, settings)) == expected


def test_tenants_that_would_take_the_same_token_are_told_however_they_came_to_it(
    registry: Registry,
) -> None:
    """Threat 44: rows can be older than the rule, or written by hand."""
    partner = IssuerSpec("https://idp.test", jwks_uri="https://idp.test/jwks", audience=("x",))
    for slug in ("acme", "globex", "apart"):
        issuer = replace(partner, match={"org": slug})
        registry.tenants.add(TenantSpec(slug, slug, trusted_issuers=(issuer,)))
    assert "TA034" not in found(registry)
    with registry.begin(write=True) as session:
        session.execute(update(IssuerRow).where(_is_of("acme", "globex")).values(match={"org": 1}))
    shared = [finding for finding in check(registry) if finding.id == "TA034"]
    assert [(finding.severity, finding.place) for finding in shared] == [
        ("error", "tenant acme, issuer https://idp.test"),
        ("error", "tenant globex, issuer https://idp.test"),
    ]
    assert "'globex'" in shared[0].text


@pytest.mark.parametrize(
    ("limit", "expected", "severity"),
    [
        (BURST, "TA501", "warning"),
        (SHADOW, "TA503", "info"),
        (OUTAGE, "TA504", "info"),
    ],
    ids=["burst", "shadow", "on_outage"],
)
def test_what_is_stored_and_not_enforced_is_told(
    registry: Registry, limit: Limit, expected: str, severity: str
) -> None:
    registry.tenants.create("acme", limits=[limit])
    finding = found(registry)[expected]
    assert (finding.severity, finding.place) == (severity, f"tenant acme, limit {limit.name}")


def test_a_plain_limit_is_enforced_as_it_is(registry: Registry) -> None:
    registry.tenants.create("acme", origins=["https://a.test"], limits=[Limit("a", Rate(1, 60))])
    assert found(registry).keys() == {"TA105"}


@pytest.mark.parametrize(("state", "expected"), [("active", "TA401"), ("pending", "TA402")])
def test_a_missing_key_is_an_error(registry: Registry, state: str, expected: str) -> None:
    registry.tenants.create("acme")
    with registry.begin(write=True) as session:
        session.execute(update(KeyRow).where(KeyRow.state == state).values(state="compromised"))
    assert found(registry)[expected].severity == "error"


def test_a_key_that_signs_for_too_long_is_a_warning(registry: Registry, clock: ManualClock) -> None:
    registry.tenants.create("acme")
    clock.advance(91 * 86_400)
    assert found(registry)["TA403"].severity == "warning"


def test_lifetimes_that_could_break_a_live_token_are_errors(registry: Registry) -> None:
    registry.tenants.create("acme")
    with registry.begin(write=True) as session:
        session.execute(update(TenantRow).values(publish_ahead_s=1))
    assert found(registry)["TA404"].severity == "error"


def test_a_rule_below_a_path_counts_as_origins(registry: Registry) -> None:
    rule = CorsSpec("/v1", ("https://a.test",), ("GET",), (), (), False, 600)
    registry.tenants.create("acme", cors=[rule])
    assert "TA302" not in found(registry)


@pytest.mark.parametrize(
    ("jwks_uri", "networks", "expected"),
    [
        ("http://127.0.0.1:9400/jwks", "10.0.0.0/8", ["TA308"]),
        ("http://127.0.0.1:9400/jwks", "127.0.0.1:9400", []),
        ("https://10.0.0.7/jwks", "127.0.0.1", ["TA308"]),
        ("https://login.partner.test/jwks", "127.0.0.1", []),
    ],
    ids=["loopback", "loopback, named", "a private address", "a name"],
)
def test_an_issuer_whose_keys_nothing_may_fetch_is_an_error(
    registry: Registry, jwks_uri: str, networks: str, expected: list[str]
) -> None:
    issuer = IssuerSpec("https://login.test", jwks_uri=jwks_uri, audience=("https://api.test",))
    tenant = registry.tenants.add(TenantSpec("acme", "acme", trusted_issuers=(issuer,)))
    settings = Settings.from_mapping({"TENANTAUTH_ISSUER_NETWORKS": networks})
    assert ids(check_issuers(tenant, settings)) == expected
