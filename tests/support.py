"""What tests of several rooms share: the kit's context and time, threads, servers not there."""

import os
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

import pytest

from tenantauth.testing import make_context
from tenantauth.testing.clock import START_S as NOW

__all__ = ["NOW", "in_threads", "make_context", "missing"]


def missing(reason: str) -> NoReturn:
    """Skip, or fail where every server must be there."""
    if os.environ.get("TEST_REQUIRE_SERVERS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def in_threads(action: Callable[[], object], *, times: int, threads: int = 4) -> None:
    """Do something so many times in each of several threads, and wait for them.

    They take turns as often as the interpreter can, so that a missing lock shows.
    """

    def repeat() -> None:
        for _ in range(times):
            action()

    workers = [threading.Thread(target=repeat) for _ in range(threads)]
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        sys.setswitchinterval(usual_s)
