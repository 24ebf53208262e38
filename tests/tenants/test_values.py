"""What services hand out."""

from datetime import UTC, datetime, timedelta, timezone

from tenants.registry import Registry
from tenants.values import as_text

NOON = datetime(2026, 1, 31, 14, 0, tzinfo=timezone(timedelta(hours=2)))


def test_a_time_is_written_in_utc_with_a_z() -> None:
    assert as_text(NOON) == "2026-01-31T12:00:00Z"


def test_origins_are_those_of_the_rule_for_the_root(registry: Registry) -> None:
    assert registry.tenants.create("acme", origins=["https://a.test"]).origins == (
        "https://a.test",
    )
    assert registry.tenants.create("globex").origins == ()


def test_times_of_records_are_aware(registry: Registry) -> None:
    assert registry.tenants.create("acme").created_at.tzinfo is UTC
