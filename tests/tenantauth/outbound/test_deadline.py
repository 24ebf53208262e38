import socket
import time

import pytest

from tenantauth.outbound.deadline import BoundedSocket, Deadline


def test_a_deadline_says_what_is_left() -> None:
    assert 59 < Deadline(60).left_s() <= 60


def test_a_deadline_that_has_passed_is_an_error() -> None:
    with pytest.raises(TimeoutError):
        Deadline(0).left_s()


def test_a_socket_that_says_nothing_ends_in_time() -> None:
    """Threat 114."""
    ours, theirs = socket.socketpair()
    began_at = time.monotonic()
    with ours, theirs, pytest.raises(TimeoutError):
        BoundedSocket(ours, Deadline(0.1), 10).makefile("rb").read(1)
    assert time.monotonic() - began_at < 5


def test_a_socket_that_says_too_much_is_cut_off() -> None:
    """Threat 114."""
    ours, theirs = socket.socketpair()
    with ours, theirs, BoundedSocket(ours, Deadline(60), 10).makefile("rb") as file:
        theirs.sendall(b"x" * 11)
        with pytest.raises(OverflowError):
            file.read(11)


def test_what_is_sent_ends_in_time() -> None:
    """Threat 114: a peer that never reads."""
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(TimeoutError):
        BoundedSocket(ours, Deadline(0.1), 10).sendall(b"x" * 10_000_000)
