"""Asking a forked child."""

import os
import signal
import warnings
from collections.abc import Callable


def in_child(say: Callable[[], str]) -> str:
    """Fork, and return what the child says: nothing when it is still silent after ten seconds."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # Python 3.12 warns of forks beside threads: being ready for them is what is tested.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        # A child that waits for a lock that nobody frees would have the tests wait, too.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(10)
        # Whatever happens, the child must never go on with its parent's test run.
        try:
            os.write(writing, say().encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said
