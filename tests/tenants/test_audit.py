"""Writing audit events."""

import pytest

from tenants import audit
from tenants.registry import Registry


@pytest.mark.parametrize(
    "members",
    [
        {"client_secret": "hunter2"},
        {"Password": "hunter2"},
        {"access_token": "hunter2"},
        {"wrapped_data_key": "hunter2"},
        {"anything": b"hunter2"},
        {"nested": {"list": [{"private_jwk": "hunter2"}]}},
        {"list": [b"hunter2"]},
    ],
    ids=lambda members: next(iter(members)),
)
def test_a_secret_is_masked(members: dict[str, object]) -> None:
    """threat 106"""
    assert "hunter2" not in str(audit.masked(members))
    assert audit.MASK in str(audit.masked(members))


def test_what_is_no_secret_is_kept() -> None:
    members = {"status": "active", "hosts": ["a.test"], "nested": {"version": 3, "tier": None}}
    assert audit.masked(members) == members


def test_an_event_is_undone_with_its_change(registry: Registry) -> None:
    with pytest.raises(ZeroDivisionError), registry.begin(write=True) as session:
        audit.record(session, at=registry.now(), actor="me", action="try")
        raise ZeroDivisionError
    assert registry.audit.list() == []


@pytest.mark.parametrize("actor", ["cli:" + "x" * 500, "cli:\udcff"], ids=["long", "not text"])
def test_no_login_name_keeps_an_event_from_being_written(registry: Registry, actor: str) -> None:
    with registry.begin(write=True) as session:
        audit.record(session, at=registry.now(), actor=actor, action="try")
    assert registry.audit.list()[0].actor.startswith("cli:")
