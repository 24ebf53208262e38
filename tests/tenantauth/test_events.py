import json
import logging
import re

import pytest

from tenantauth.events import Counters, Events, LogSink
from tenantauth.ports import RefusedEvent
from tenantauth.testing import RecordingSink
from tests.support import in_threads
from tests.tenantauth.forks import in_child

FORGED = [
    pytest.param("/a\r\nrefused code=none", id="crlf"),
    pytest.param("/a\nb", id="newline"),
    pytest.param("/\x1b[2J\x1b]0;owned\x07", id="terminal"),
    pytest.param("/\x9b2J", id="c1-control"),
    pytest.param("/\x00", id="nul"),
    pytest.param("/\x7f", id="delete"),
    pytest.param("/\u2028\u202e", id="unicode-line"),
    pytest.param("/\ud800", id="surrogate"),
    pytest.param('/" code="none', id="quote"),
    pytest.param("/ code=none", id="space"),
    pytest.param('/","code":"none', id="json"),
    pytest.param("/%s%(x)s{0}", id="format"),
]


# A word, or a JSON text where a word would not do.
PAIR = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|[^ "=\\]+)')


class Broken:
    """A sink that fails."""

    def emit(self, event: RefusedEvent) -> None:
        raise OSError("disk full")


def event(
    code: str = "invalid_token", tenant: str | None = "acme", path: str = "/reports"
) -> RefusedEvent:
    return RefusedEvent(code, "bad_signature", "r-1", tenant, "GET", path, "192.0.2.1")


def pairs(line: str) -> list[tuple[str, str]]:
    """Read a line of the console format back."""
    words = line.removeprefix("refused ")
    assert re.fullmatch(rf"{PAIR.pattern}(?: {PAIR.pattern})*", words)
    found = [(match[1], match[2]) for match in PAIR.finditer(words)]
    return [(name, json.loads(v) if v.startswith('"') else v) for name, v in found]


def logged(caplog: pytest.LogCaptureFixture, sink: LogSink, refused: RefusedEvent) -> str:
    with caplog.at_level(logging.INFO, "tenantauth"):
        sink.emit(refused)
    return caplog.messages[0]


def test_refusals_are_counted_by_tenant_and_code() -> None:
    counters = Counters()
    for refused in (event(), event(), event(tenant="globex"), event("unknown_tenant", None)):
        counters.count(refused)
    assert counters.refused() == {
        ("acme", "invalid_token"): 2,
        ("globex", "invalid_token"): 1,
        ("-", "unknown_tenant"): 1,
    }


def test_callers_cannot_add_a_counter() -> None:
    """Threat 77: paths, addresses and request ids are no keys."""
    counters = Counters()
    for number in range(100):
        counters.count(event(path=f"/{number}"))
    assert len(counters.refused()) == 1


def test_counts_read_are_a_copy() -> None:
    counters = Counters()
    before = counters.refused()
    counters.count(event())
    assert before == {}


def test_threads_lose_no_count() -> None:
    """Threat 80."""
    counters = Counters()
    in_threads(lambda: counters.count(event()), times=500)
    assert counters.refused() == {("acme", "invalid_token"): 2000}


def test_a_lock_held_while_forking_does_not_block_the_child() -> None:
    """Threat 80: the child counts for itself."""

    def count() -> str:
        counters.count(event())
        return str(list(counters.refused().values()))

    counters = Counters()
    assert count() == "[1]"
    with counters._refused.get()._lock:
        assert in_child(count) == "[1]"


def test_an_event_is_counted_and_handed_on() -> None:
    sink = RecordingSink()
    events = Events(sink)
    events.refused(event())
    assert sink.events == [event()]
    assert events.counters.refused() == {("acme", "invalid_token"): 1}


def test_without_a_sink_events_are_counted() -> None:
    events = Events()
    events.refused(event())
    assert events.counters.refused() == {("acme", "invalid_token"): 1}


def test_a_broken_sink_is_logged_and_the_request_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Threat 56: it neither opens nor closes a door."""
    last = RecordingSink()
    events = Events(Broken(), last)
    events.refused(event())
    assert caplog.messages == ["the event sink failed"]
    assert last.events == [event()]
    assert events.counters.refused() == {("acme", "invalid_token"): 1}


def test_a_refusal_is_one_readable_line(caplog: pytest.LogCaptureFixture) -> None:
    assert logged(caplog, LogSink(), event()) == (
        "refused code=invalid_token reason=bad_signature request_id=r-1 tenant=acme method=GET"
        " untrusted_path=/reports address=192.0.2.1"
    )


def test_a_refusal_is_one_json_document(caplog: pytest.LogCaptureFixture) -> None:
    record = json.loads(logged(caplog, LogSink(as_json=True), event()))
    assert record["event"] == "refused"
    assert (record["tenant"], record["untrusted_path"]) == ("acme", "/reports")


@pytest.mark.parametrize("as_json", [False, True], ids=["console", "json"])
def test_what_is_not_known_is_left_out(caplog: pytest.LogCaptureFixture, *, as_json: bool) -> None:
    refused = RefusedEvent("unknown_tenant", "", "r-1", None, "GET", "/", "")
    line = logged(caplog, LogSink(as_json=as_json), refused)
    assert not any(name in line for name in ("reason", "tenant=", '"tenant"', "address"))


@pytest.mark.parametrize("path", FORGED)
def test_a_path_cannot_forge_a_line(caplog: pytest.LogCaptureFixture, path: str) -> None:
    """Threat 107: log injection, terminal escapes."""
    line = logged(caplog, LogSink(), event(path=path))
    assert line.isascii()
    assert line.isprintable()
    assert pairs(line)[-2:] == [("untrusted_path", path), ("address", "192.0.2.1")]
    assert [name for name, _ in pairs(line)].count("code") == 1


@pytest.mark.parametrize("path", FORGED)
def test_a_path_cannot_break_the_json(caplog: pytest.LogCaptureFixture, path: str) -> None:
    """Threat 107: JSON-log breaking."""
    line = logged(caplog, LogSink(as_json=True), event(path=path))
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["untrusted_path"] == path
    assert json.loads(line)["code"] == "invalid_token"
