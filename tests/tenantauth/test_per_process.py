import os
import threading
import weakref

import pytest

from tenantauth.per_process import PerProcess
from tests.tenantauth.forks import in_child


class Opener:
    """Counts how often a value is opened."""

    def __init__(self) -> None:
        self.opened = 0

    def __call__(self) -> int:
        self.opened += 1
        return os.getpid()


class Connection:
    """Something that a process must not share."""


def say_before_and_after(holder: PerProcess[int]) -> str:
    return f"{holder.opened} {holder.get() == os.getpid()}"


def test_nothing_is_opened_before_the_first_use() -> None:
    opener = Opener()
    assert PerProcess(opener).opened is None
    assert opener.opened == 0


def test_a_value_is_opened_once() -> None:
    opener = Opener()
    holder = PerProcess(opener)
    assert holder.get() == holder.get() == holder.opened
    assert opener.opened == 1


def test_many_threads_open_one_value() -> None:
    """Threat 80: the first requests of a worker come at once."""
    barrier = threading.Barrier(8)

    def open_value() -> object:
        opened.append(1)
        return object()

    def use() -> None:
        barrier.wait()
        seen.append(holder.get())

    opened: list[int] = []
    seen: list[object] = []
    holder = PerProcess(open_value)
    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 1
    assert len(set(map(id, seen))) == 1


def test_a_failed_opening_is_tried_again() -> None:
    failures = [OSError("not yet")]

    def open_value() -> int:
        if failures:
            raise failures.pop()
        return 5

    holder = PerProcess(open_value)
    with pytest.raises(OSError, match="not yet"):
        holder.get()
    assert holder.get() == 5


def test_a_forked_child_opens_its_own() -> None:
    """Threat 80: a parent's threads and connections are dead or shared in its child."""
    holder = PerProcess(Opener())
    assert holder.get() == os.getpid()
    assert in_child(lambda: say_before_and_after(holder)) == "None True"
    assert holder.opened == os.getpid()


def test_a_lock_held_while_forking_does_not_block_the_child() -> None:
    """Threat 80: the thread that held it does not exist there."""
    opening, release = threading.Event(), threading.Event()

    def open_value() -> int:
        if threading.current_thread() is not threading.main_thread():
            opening.set()
            release.wait()
        return os.getpid()

    holder = PerProcess(open_value)
    thread = threading.Thread(target=holder.get)
    thread.start()
    opening.wait()
    try:
        assert in_child(lambda: say_before_and_after(holder)) == "None True"
    finally:
        release.set()
        thread.join()


def test_a_taken_value_is_its_owners_to_close() -> None:
    opener = Opener()
    holder = PerProcess(opener)
    assert holder.take() is None
    assert holder.get() == holder.take()
    assert holder.opened is None
    holder.get()
    assert opener.opened == 2


def test_a_forked_child_does_not_close_what_its_parent_holds() -> None:
    """Threat 80: a connection that is collected in a child would be closed under the parent."""
    closed: list[int] = []
    holder = PerProcess(Connection)
    weakref.finalize(holder.get(), lambda: closed.append(os.getpid()))
    assert in_child(lambda: f"{type(holder.get()).__name__} {closed}") == "Connection []"
