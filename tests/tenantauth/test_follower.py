import logging
import threading

import pytest

from tenantauth.errors import RegistryUnavailableError
from tenantauth.follower import Follower


class Target:
    """Something to refresh that can be made unreachable."""

    def __init__(self) -> None:
        self.down = False
        self.refreshed = threading.Semaphore(0)

    def refresh(self) -> None:
        self.refreshed.release()
        if self.down:
            raise RegistryUnavailableError("down")


def test_it_refreshes_until_it_is_stopped() -> None:
    target = Target()
    follower = Follower(target, interval_s=0.001)
    follower.start()
    assert all(target.refreshed.acquire(timeout=10) for _ in range(3))
    follower.stop()
    assert not follower._thread.is_alive()


def test_an_outage_does_not_end_it() -> None:
    target = Target()
    target.down = True
    follower = Follower(target, interval_s=0.001)
    follower.start()
    assert all(target.refreshed.acquire(timeout=10) for _ in range(3))
    follower.stop()


def test_loss_and_return_are_said_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    target = Target()
    follower = Follower(target, interval_s=60.0)
    for down in (False, True, True, False, False):
        target.down = down
        follower.step()
    assert [record.getMessage() for record in caplog.records] == [
        "the registry cannot be reached; what is known of it serves on",
        "the registry is back",
    ]


def test_it_never_keeps_a_process_alive() -> None:
    target = Target()
    follower = Follower(target, interval_s=0.001)
    follower.start()
    assert follower._thread.daemon
    follower.stop()


def test_it_ends_with_what_it_follows() -> None:
    """Threat 80: apps that are made and dropped, as tests do, leave no threads behind."""
    target = Target()
    follower = Follower(target, interval_s=0.001)
    follower.start()
    del target
    follower._thread.join(timeout=10)
    assert not follower._thread.is_alive()
    assert not follower.step()
