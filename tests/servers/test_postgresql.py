"""The servers that tests start are gone with the tests."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.servers.postgresql import Cluster

_STARTS = """
import sys, time
from pathlib import Path
from tests.servers.postgresql import make_cluster
cluster = make_cluster()
cluster.start()
print((cluster.folder / "data" / "postmaster.pid").read_text().split()[0], cluster.folder)
sys.stdout.flush()
time.sleep(60)
"""


def test_a_removed_server_leaves_nothing(postgresql_cluster: Cluster) -> None:
    postgresql_cluster.start()
    pid = int((postgresql_cluster.folder / "data" / "postmaster.pid").read_text().split()[0])
    postgresql_cluster.stop()
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_server_ends_with_the_process_that_started_it() -> None:
    root = Path(__file__).parents[2]
    starter = subprocess.Popen(
        [sys.executable, "-c", _STARTS], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    pid, folder = starter.stdout.readline().split()
    starter.kill()
    starter.communicate()
    deadline = time.monotonic() + 10
    while (Path(folder) / "data" / "postmaster.pid").exists():
        assert time.monotonic() < deadline, f"server {pid} goes on"
    subprocess.run(["rm", "-r", folder], check=True)
