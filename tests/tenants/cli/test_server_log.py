import json
import logging
import sys

import pytest

from tenantauth.events import LogSink
from tenantauth.ports import RefusedEvent
from tenants.cli.server_log import JsonLines, Lines, write_log

EVENT = RefusedEvent("invalid_token", "expired", "r-1", "acme", "GET", "/\x1b[2J", "192.0.2.1")


@pytest.fixture
def records(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """A refusal as each form of the sink writes it."""
    caplog.set_level(logging.INFO, logger="tenantauth")
    for as_json in (False, True):
        LogSink(as_json=as_json).emit(EVENT)
    for record in caplog.records:
        record.created, record.msecs = 1_800_000_000.25, 250
    return caplog.records


def test_a_line_begins_with_its_time_and_level(records: list[logging.LogRecord]) -> None:
    line = Lines().format(records[0])
    assert line.startswith("2027-01-15T08:00:00Z INFO refused code=invalid_token reason=expired ")


def test_a_refusal_is_one_document_with_its_time_and_level(
    records: list[logging.LogRecord],
) -> None:
    """Threat 107: what callers send neither ends the line nor moves a cursor."""
    for record in records:
        line = JsonLines().format(record)
        said = json.loads(line)
        assert (said["time"], said["level"]) == ("2027-01-15T08:00:00.250Z", "info")
        assert (said["event"], said["untrusted_path"]) == ("refused", "/\x1b[2J")
        assert line.isprintable()


def test_a_failure_is_one_document_too() -> None:
    try:
        raise ZeroDivisionError("oops")
    except ZeroDivisionError:
        info = sys.exc_info()
    record = logging.LogRecord("tenantauth", logging.ERROR, "", 1, "%s failed", ("it",), info)
    line = JsonLines().format(record)
    said = json.loads(line)
    assert (said["level"], said["message"]) == ("error", "it failed")
    assert said["exception"].endswith("ZeroDivisionError: oops")
    assert "\n" not in line


def test_an_app_that_logs_its_own_way_is_left_alone() -> None:
    logger = logging.getLogger("tenantauth")
    own = logging.NullHandler()
    logger.addHandler(own)
    try:
        write_log(as_json=True)
        assert logger.handlers == [own]
    finally:
        logger.removeHandler(own)
