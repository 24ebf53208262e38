"""Workers that are told to end before they can hear it: none may miss the signal.

Until a worker of gunicorn has set its own handlers it has those of the process that forked it,
which only take a note, in a list that nobody reads in the worker. A signal at that time would be
lost, and the server wait for that worker until its graceful time is over.
"""

import os
import signal

_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


def hear_signals_from_birth() -> None:
    """Let every child of this process end by the signals that it gets before it handles them."""
    parent = os.getpid()

    def before() -> None:
        if os.getpid() == parent:
            signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)

    def in_parent() -> None:
        if os.getpid() == parent:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)

    def in_child() -> None:
        if os.getppid() == parent:
            for number in _ENDING:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)

    os.register_at_fork(before=before, after_in_parent=in_parent, after_in_child=in_child)
