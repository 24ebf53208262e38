import json
import logging

import pytest

from tenantauth.health import Health, always_ready
from tenantauth.testing import ManualClock


class Worker:
    """Something that is ready or not, and counts how often it is asked."""

    def __init__(self, reason: str | None = None) -> None:
        self.reason = reason
        self.asked = 0

    def ready(self) -> str | None:
        self.asked += 1
        return self.reason


def test_a_process_that_lives_is_healthy_whatever_it_waits_for() -> None:
    worker = Worker("the database is away")
    answer = Health(worker.ready, ManualClock()).answer("/healthz")
    assert (answer.status, worker.asked) == (200, 0)


def test_a_ready_worker_says_so() -> None:
    answer = Health(always_ready, ManualClock()).answer("/readyz")
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "ok"})


def test_a_worker_that_cannot_serve_answers_503_and_when_to_ask_again() -> None:
    answer = Health(Worker("no key").ready, ManualClock()).answer("/readyz")
    assert answer.status == 503
    assert dict(answer.headers)["Retry-After"] == "2"


def test_why_it_cannot_serve_is_for_the_log_only(caplog: pytest.LogCaptureFixture) -> None:
    """Threat 106: the reason may name files and hosts, and anybody may ask."""
    answer = Health(Worker("no key in /etc/secret").ready, ManualClock()).answer("/readyz")
    assert b"secret" not in answer.body
    assert "/etc/secret" in caplog.text


def test_a_reason_is_logged_once_for_each_change(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    worker, clock = Worker("down"), ManualClock()
    health = Health(worker.ready, clock)
    for reason in ("down", "down", None, None):
        worker.reason = reason
        health.answer("/readyz")
        clock.advance(1.0)
    assert [record.getMessage() for record in caplog.records] == [
        "readiness: down",
        "readiness: ready again",
    ]


def test_one_question_a_second_reaches_the_registry() -> None:
    """Threat 100: health checks of strangers are no load."""
    worker, clock = Worker(), ManualClock()
    health = Health(worker.ready, clock)
    for _ in range(10):
        health.answer("/readyz")
    clock.advance(1.0)
    health.answer("/readyz")
    assert worker.asked == 2


def test_health_is_never_stored() -> None:
    for path in ("/healthz", "/readyz"):
        headers = dict(Health(always_ready, ManualClock()).answer(path).headers)
        assert headers["Cache-Control"] == "no-store"
