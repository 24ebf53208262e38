"""Become another program that ends with its parent: ``child.py UID PROGRAM ARGUMENT …``.

PostgreSQL refuses to run as root, so root gives its rights away first; 0 keeps the caller's.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def become(uid: int, command: list[str]) -> None:
    """Replace this process by the command."""
    os.chdir("/")
    if uid:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    # After setuid, which would clear it. Only Linux knows it; elsewhere the fixture's end does.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
    os.execv(command[0], command)  # noqa: S606  (there is no shell, on purpose)


if __name__ == "__main__":
    become(int(sys.argv[1]), sys.argv[2:])
