"""What is wrong, or will be, with an installation: one small function a subject.

Ids are stable: TA1xx settings, TA2xx database and master key, TA3xx tenants, TA4xx signing keys,
TA5xx limits, TA6xx the app (`tenants.check_app`); TA034 is that of the tenants file. The functions
only read.
"""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tenantauth.errors import SettingsError
from tenantauth.hosts import is_loopback
from tenantauth.limiting.state_url import StateUrl
from tenantauth.limiting.stores import why_not_reachable
from tenantauth.outbound.connect import foreseen_refusal
from tenantauth.outbound.networks import Reach
from tenantauth.settings import Settings
from tenantauth.units import format_duration
from tenants import migrations
from tenants.app_cors import NO_APP, AppCors
from tenants.check_sharing import check_shared_keys, check_shared_tokens
from tenants.compile import compile_tenant
from tenants.errors import MasterKeyError, RegistryError
from tenants.finding import Finding
from tenants.key_rows import rules_of, to_records
from tenants.lifetimes import Lifetimes
from tenants.master_keys import MasterKeys
from tenants.models import TenantRow
from tenants.records import record_of
from tenants.registry import Registry
from tenants.role_names import roles_that_lead_nowhere
from tenants.row_specs import issuer_spec, lenient_strings
from tenants.shared_tokens import Trust, Trusts
from tenants.tenant_pages import pages
from tenants.values import RESTORABLE_FOR, KeyRecord, LimitSpec, TenantRecord


def check(registry: Registry, app: AppCors = NO_APP) -> list[Finding]:
    """Return all findings; tenants are looked at when the database can be read.

    ``app`` is what the app that they are served by says of CORS.
    """
    master_key, database = [*check_master_key(registry.settings)], [*check_database(registry)]
    state = check_state_store(registry.settings)
    findings = [*check_settings(registry.settings), *state, *master_key, *database]
    if _has_error(database):
        return findings
    if not _has_error(master_key):
        findings += check_readiness(registry)
    findings += check_overdue(registry)
    findings += check_tiers(registry)
    findings += check_shared_keys(registry)
    trusts = Trusts()
    for rows in pages(registry, {}, select(TenantRow).options(selectinload("*"))):
        for row in rows:
            findings += check_tenant(row, registry, app)
            for issuer in row.trusted_issuers:
                trusts.add(Trust(row.id, row.slug, issuer_spec(issuer, lenient_strings)))
    return [*findings, *check_shared_tokens(trusts)]


def check_tenant(row: TenantRow, registry: Registry, app: AppCors = NO_APP) -> Iterator[Finding]:
    """Find everything in one tenant; all that belongs to it must be loaded."""
    settings, tenant = registry.settings, record_of(row, registry.settings)
    keys = to_records(row.keys, rules_of(row, settings.staleness_s))
    yield from check_policy(row, registry)
    yield from check_cors(tenant, app)
    yield from check_resolving(tenant, settings)
    yield from check_limits(tenant.limits, settings, _place(tenant))
    yield from check_issuers(tenant, settings)
    yield from check_keys(tenant, keys, registry.now())
    yield from check_lifetimes(tenant, settings.staleness_s)


def check_unreadable_settings(error: SettingsError) -> Iterator[Finding]:
    """Find values that cannot work; nothing else can be looked at then."""
    for item in error.items:
        hint = item.hint or "change the setting, or remove it"
        yield Finding("TA101", "error", item.name or "settings", item.text, hint)


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Find names that are no settings, and tokens that travel in clear."""
    for item in settings.unknown:
        hint = item.hint or "correct the name, or remove it"
        yield Finding("TA102", "error", item.name, item.text, hint)
    base = urlsplit(settings.base_url)
    if base.scheme == "http" and not is_loopback(settings.base_host):
        text = "tenants live at plain http addresses, where tokens are refused"
        yield Finding("TA103", "warning", "TENANTAUTH_BASE_URL", text, "write https://…")
    if settings.allow_http:
        text = "tokens are accepted over plain http, where anybody on the way can read them"
        yield Finding("TA104", "warning", "TENANTAUTH_ALLOW_HTTP", text, "use https, remove this")
    if settings.resolve == ("issuer",):
        text = "only tokens name tenants, and neither a preflight nor a reader of keys carries one"
        yield Finding("TA107", "warning", "TENANTAUTH_RESOLVE", text, "add host, path or header")


def check_state_store(settings: Settings, workers: str | None = None) -> Iterator[Finding]:
    """Find counters that are not shared, or cannot be reached.

    ``workers`` is the number that servers start by the usual variable, ``WEB_CONCURRENCY``.
    """
    place = "TENANTAUTH_STATE_URL"
    if StateUrl.parse(settings.state_url).is_memory:
        workers = os.environ.get("WEB_CONCURRENCY", "") if workers is None else workers
        several = workers.isdecimal() and int(workers) > 1
        text = "each worker counts for itself: n workers admit up to n times a limit"
        hint = "serve with one worker, or write redis://…"
        yield Finding("TA105", "warning" if several else "info", place, text, hint)
    elif (reason := why_not_reachable(settings.state_url)) is not None:
        hint = "start it, or correct the setting; until then limits do as their on_outage says"
        yield Finding("TA106", "error", place, reason, hint)


_KEY_HINT = "where there was one before, put it back from its backup"
_DATABASE_HINT = "where there was one before, start it or correct the setting"


def check_master_key(settings: Settings) -> Iterator[Finding]:
    """Find a master key that cannot be used, or that too many people can."""
    place = "TENANTAUTH_MASTER_KEY" + ("_FILE" if settings.master_key is None else "")
    try:
        keys = MasterKeys.load(settings)
    except MasterKeyError as error:
        yield Finding("TA201", "error", place, error.message, _KEY_HINT)
        return
    for sentence in keys.findings:
        yield Finding("TA202", "warning", place, sentence, "chmod 600")


def check_database(registry: Registry) -> Iterator[Finding]:
    """Find a database that is not there, or not at the newest schema."""
    place = "TENANTAUTH_DATABASE_URL"
    try:
        found, newest = migrations.current(registry.engine), migrations.head()
    except RegistryError as error:
        yield Finding("TA203", "error", place, error.message, _DATABASE_HINT)
        return
    if found != newest:
        text = f"the schema is {found or 'missing'}, the newest is {newest}"
        yield Finding("TA204", "error", place, text, "run db upgrade")


def check_readiness(registry: Registry) -> Iterator[Finding]:
    """Find a master key that does not open what is stored."""
    if (reason := registry.ready()) is not None:
        hint = "tenants cannot sign until the right key is back"
        yield Finding("TA205", "error", "master key", reason, hint)


def check_policy(tenant: TenantRow, registry: Registry) -> Iterator[Finding]:
    """Find rows that the tenant's policy cannot be made of."""
    settings = registry.settings
    try:
        findings = compile_tenant(
            tenant,
            base_host=settings.base_host,
            staleness_s=settings.staleness_s,
            vault=lambda: registry.vault,
        ).findings
    except MasterKeyError as error:
        findings = (f"its HMAC keys verify nothing: {error.message}",)
    for sentence in findings:
        hint = "correct it; until then workers do without it, or serve what they knew before"
        yield Finding("TA301", "error", _place(tenant), sentence, hint)


def check_cors(tenant: TenantRecord, app: AppCors = NO_APP) -> Iterator[Finding]:
    """Find tenants that no page can call, or with a token, and origins of too many owners."""
    if not any(rule.origins for rule in tenant.cors or app.defaults):
        text, hint = "no page on another origin can call it", "fine for machines; else add origins"
        if not tenant.cors and not app.known:
            text = f"{text}, unless the app's own rules (cors=) let it"
            hint = f"{hint}; with --app, the app's rules count"
        yield Finding("TA302", "info", _place(tenant), text, hint)
    for spec in app.keeping_tokens_back(tenant.cors):
        place, hint = _place(tenant, f"cors {spec.path}"), "allow the header Authorization"
        text = "pages can send no token there: Authorization is not among its allowed headers"
        if app.known:
            yield Finding("TA310", "warning", place, f"{text}, and routes need one", hint)
        else:
            hint = f"{hint}, unless no route there needs a token"
            yield Finding("TA310", "info", place, text, hint)
    for rule in tenant.cors:
        wild = [origin for origin in rule.origins if "*" in origin]
        if wild and rule.credentials:
            text = f"every host of {', '.join(wild)} may call with credentials"
            place = _place(tenant, f"cors {rule.path}")
            yield Finding("TA303", "warning", place, text, "list the origins one by one")


def check_resolving(tenant: TenantRecord, settings: Settings) -> Iterator[Finding]:
    """Find tenants that requests cannot name as their settings expect."""
    if settings.resolve == ("issuer",) and any(rule.origins for rule in tenant.cors):
        text = "it has CORS rules, and no preflight can name it: browsers send them without a token"
        hint = "add host, path or header to TENANTAUTH_RESOLVE"
        yield Finding("TA304", "warning", _place(tenant), text, hint)
    if "path" in settings.resolve and settings.base_host in tenant.hosts:
        text = f"its host {settings.base_host} names nobody: tenants share it by their paths"
        yield Finding("TA305", "error", _place(tenant), text, "give it another host")
    if tenant.hosts and "host" not in settings.resolve:
        text = f"its own host {tenant.hosts[0]} names nobody: TENANTAUTH_RESOLVE has no host"
        yield Finding("TA306", "info", _place(tenant), text, "add host to let it answer there")


def check_tiers(registry: Registry) -> Iterator[Finding]:
    """Find in tiers what `check_limits` finds in tenants."""
    for tier in registry.tiers.list():
        yield from check_limits(tier.limits, registry.settings, f"tier {tier.name}")


def check_overdue(registry: Registry) -> Iterator[Finding]:
    """Find deleted tenants that should not be there any more, nor their keys."""
    since = registry.now() - RESTORABLE_FOR
    for tenant in registry.tenants.each(status="deleted"):
        if tenant.deleted_at is not None and tenant.deleted_at <= since:
            text = "it was deleted more than 30 days ago, and its keys are still there"
            hint = "key rotate --due, every day by a timer"
            yield Finding("TA307", "warning", _place(tenant), text, hint)


def check_issuers(tenant: TenantRecord, settings: Settings) -> Iterator[Finding]:
    """Find issuers whose keys lie where nothing may connect, and roles of theirs that lead nowhere.

    Nothing is fetched or looked up.
    """
    reach = Reach(settings.issuer_networks)
    for issuer in tenant.trusted_issuers:
        reason = issuer.jwks_uri and foreseen_refusal(issuer.jwks_uri, reach)
        if reason:
            text = f"its keys are never fetched, so its callers are answered 503: {reason}"
            hint = "name its network in TENANTAUTH_ISSUER_NETWORKS, or correct jwks_uri"
            yield Finding("TA308", "error", _place(tenant, f"issuer {issuer.issuer}"), text, hint)
    declared = {role.name for role in tenant.roles}
    if declared:
        for problem in roles_that_lead_nowhere(tenant.trusted_issuers, declared):
            yield Finding("TA309", "warning", _place(tenant), problem.text, problem.hint)


def check_limits(limits: Sequence[LimitSpec], settings: Settings, owner: str) -> Iterator[Finding]:
    """Find what a limit declares and this version stores without acting on it."""
    in_memory = StateUrl.parse(settings.state_url).is_memory
    for limit in limits:
        place = f"{owner}, limit {limit.name}"
        if limit.burst is not None:
            text = f"burst {limit.burst} is not enforced yet: {limit.rate} is, in any window"
            yield Finding("TA501", "warning", place, text, "choose a rate that works without it")
        if limit.mode == "shadow":
            text = "shadow limits are not counted yet"
            yield Finding("TA503", "info", place, text, "nothing to do: it refuses nobody")
        if limit.on_outage != "local" and in_memory:
            text = f"on_outage {limit.on_outage} has nothing to act on: counters are in memory"
            yield Finding("TA504", "info", place, text, "nothing to do: they cannot be down")


def check_keys(tenant: TenantRecord, keys: Sequence[KeyRecord], now: datetime) -> Iterator[Finding]:
    """Find a tenant that cannot sign, has no successor published, or signs for too long."""
    states = [key.state for key in keys]
    for state, id_ in (("active", "TA401"), ("pending", "TA402")):
        if state not in states:
            text = f"there is no {state} key"
            yield Finding(id_, "error", _place(tenant), text, f"key rotate {tenant.slug}")
    for key in keys:
        if key.rotates_at is not None and now >= key.rotates_at:
            text = f"it has signed for more than {format_duration(tenant.rotate_every_s)}"
            place = _place(tenant, f"key {key.kid}")
            yield Finding("TA403", "warning", place, text, "key rotate --due, every day by a timer")


def check_lifetimes(tenant: TenantRecord, staleness_s: float) -> Iterator[Finding]:
    """Find times by which a rotation could break a live token."""
    lifetimes = Lifetimes(
        access_ttl_s=tenant.access_ttl_s,
        max_ttl_s=tenant.max_ttl_s,
        leeway_s=tenant.leeway_s,
        rotate_every_s=tenant.rotate_every_s,
        publish_ahead_s=tenant.publish_ahead_s,
    )
    for _, sentence in lifetimes.problems(staleness_s):
        yield Finding("TA404", "error", _place(tenant), sentence, "lower TENANTAUTH_STALENESS")


def _has_error(findings: Sequence[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


def _place(tenant: TenantRecord | TenantRow, part: str = "") -> str:
    return f"tenant {tenant.slug}" + (f", {part}" if part else "")
