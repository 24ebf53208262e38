from datetime import UTC, datetime, timedelta

import pytest

from tenants.cli.key_facts import columns_at, since
from tenants.values import KeyRecord, KeyState

MADE = datetime(2026, 1, 31, 12, tzinfo=UTC)
LATER = MADE + timedelta(hours=2)


def in_state(state: KeyState) -> KeyRecord:
    return KeyRecord(
        *("kid", "ES256", state, MADE),
        activated_at=LATER if state == "active" else MADE,
        grace_at=LATER,
        retired_at=LATER,
        compromised_at=LATER,
        may_promote_at=MADE + timedelta(hours=1) if state == "pending" else None,
        rotates_at=LATER + timedelta(days=90) if state == "active" else None,
        retires_at=LATER + timedelta(days=1) if state == "grace" else None,
    )


@pytest.mark.parametrize(
    ("state", "entered"),
    [("pending", MADE), ("active", LATER), ("grace", LATER), ("retired", LATER)],
)
def test_a_key_is_in_its_state_since_it_entered_it(state: KeyState, entered: datetime) -> None:
    assert since(in_state(state)) == entered


@pytest.mark.parametrize(
    ("state", "now", "words"),
    [
        ("pending", MADE + timedelta(minutes=30), "may sign in 30m"),
        ("pending", LATER, "may sign now"),
        ("active", LATER + timedelta(days=80), "rotates in 10d"),
        ("active", LATER + timedelta(days=91), "rotates now"),
        ("grace", LATER + timedelta(hours=20), "retires in 4h"),
        ("retired", LATER, ""),
        ("compromised", LATER, ""),
    ],
)
def test_what_happens_next_is_told(state: KeyState, now: datetime, words: str) -> None:
    assert columns_at(now)["next"](in_state(state)) == words
