"""Records as JSON."""

import json
from datetime import UTC, datetime, timedelta, timezone

from tenants.registry import Registry
from tenants.values import KeyRecord, to_json

NOON = datetime(2026, 1, 31, 14, 0, tzinfo=timezone(timedelta(hours=2)))


def test_a_time_is_written_in_utc_with_a_z() -> None:
    assert to_json(KeyRecord("k1", "ES256", "active", NOON))["created_at"] == "2026-01-31T12:00:00Z"


def test_a_missing_time_is_null() -> None:
    assert to_json(KeyRecord("k1", "ES256", "active", NOON))["grace_at"] is None


def test_a_tenant_survives_the_way_through_json(registry: Registry) -> None:
    record = registry.tenants.create("acme", origins=["https://app.acme.test"])
    members = json.loads(json.dumps(to_json(record)))
    assert members["cors"][0]["origins"] == ["https://app.acme.test"]
    assert members["version"] == record.version


def test_origins_are_those_of_the_rule_for_the_root(registry: Registry) -> None:
    assert registry.tenants.create("acme", origins=["https://a.test"]).origins == (
        "https://a.test",
    )
    assert registry.tenants.create("globex").origins == ()


def test_times_of_records_are_aware(registry: Registry) -> None:
    assert registry.tenants.create("acme").created_at.tzinfo is UTC
