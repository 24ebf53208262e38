"""What is left when a command ends before its time, or runs beside others."""

import json
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.tenants.cli.kit import Run, Start


def test_a_full_disk_is_one_line_and_nothing_half_written(
    acme: str, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """threat 97: a file that may not grow is what a full disk is to SQLite."""
    before = run("tenant", "show", acme, "--format", "json").out
    connect = sqlite3.connect

    def with_no_room(*args: object, **options: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **options)  # type: ignore[call-overload]
        connection.execute("PRAGMA max_page_count = 1")  # as small as it can be: as it is
        return connection

    monkeypatch.setattr(sqlite3, "connect", with_no_room)
    many = [f"--host=h{number}.acme.test" for number in range(400)]
    refused = run("tenant", "update", acme, *many, "--yes")
    monkeypatch.setattr(sqlite3, "connect", connect)
    assert (refused.status, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert "full" in refused.err
    assert run("tenant", "show", acme, "--format", "json").out == before
    assert [event["action"] for event in events(run)] == ["tenant.create"]


def test_a_killed_command_has_done_all_or_nothing(acme: str, run: Run, start: Start) -> None:
    """threats 97, 118: killed while it waits to write, and at whatever moment comes."""
    lock = sqlite3.connect("tenantauth.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    with start("limit", "set", acme, "a=1/minute") as process:
        with pytest.raises(Exception, match="timed out"):
            process.wait(timeout=2)
        process.send_signal(signal.SIGKILL)
    lock.execute("ROLLBACK")
    lock.close()
    assert run("limit", "list", acme).out == "no limits\n"
    assert [event["action"] for event in events(run)] == ["tenant.create"]
    assert run("limit", "set", acme, "a=1/minute").status == 0


def test_commands_that_run_at_once_lose_nothing(acme: str, run: Run, manage: Run) -> None:
    """threat 118"""
    with ThreadPoolExecutor(3) as threads:
        done = list(
            threads.map(
                lambda number: manage("limit", "set", acme, f"l{number}=1/minute"), range(3)
            )
        )
    assert [each.status for each in done] == [0, 0, 0]
    limits = json.loads(run("limit", "list", acme, "--format", "json").out)
    assert {held["limit"]["name"] for held in limits} == {"l0", "l1", "l2"}
    assert len(events(run)) == 4


def events(run: Run) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = json.loads(run("audit", "list", "--format", "json").out)
    return listed
