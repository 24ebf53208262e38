import signal
import subprocess
import sys

import pytest

# A parent whose handlers take a note, as the server's do; its child is told to end at once, while
# it still sleeps with what it has inherited.
FORKING = """
import os, signal, time
from tenants.cli.newborn import hear_signals_from_birth

noted = []
number = signal.Signals({number})
signal.signal(number, lambda *_: noted.append(number))
hear_signals_from_birth()
child = os.fork()
if child == 0:
    time.sleep(2)
    os._exit(0)
os.kill(child, number)
ended_by = os.WTERMSIG(os.waitpid(child, 0)[1])
os.kill(os.getpid(), number)
print(ended_by, *noted)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_child_ends_by_a_signal_that_comes_too_early(number: signal.Signals) -> None:
    """Its parent takes its own notes as ever."""
    command = [sys.executable, "-c", FORKING.format(number=int(number))]
    said = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout
    assert said.split() == [str(int(number)), str(int(number))]
