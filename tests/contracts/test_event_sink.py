"""The contract of `tenantauth.ports.EventSink`: it takes any event, whatever a caller wrote."""

import pytest
from flask import Flask

from tenantauth.events import LogSink
from tenantauth.flask.signals import SignalSink
from tenantauth.ports import EventSink, RefusedEvent
from tenantauth.testing import RecordingSink

SINKS: dict[str, EventSink] = {
    "fake": RecordingSink(),
    "console": LogSink(),
    "json": LogSink(as_json=True),
    "signal": SignalSink(Flask(__name__)),
}


@pytest.fixture(params=SINKS)
def sink(request: pytest.FixtureRequest) -> EventSink:
    return SINKS[request.param]


@pytest.mark.parametrize("tenant", ["acme", None], ids=["tenant", "no tenant"])
@pytest.mark.parametrize(
    "path",
    ["/", "", "/\r\n", "/\x00\x1b[2J", "/\udcff", "/" + "a" * 100_000, "/%s{0}"],
    ids=range(7),
)
def test_an_event_is_taken(
    sink: EventSink, tenant: str | None, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    event = RefusedEvent("invalid_token", "reason", "r-1", tenant, "GET", path, "192.0.2.1")
    with caplog.at_level("INFO", "tenantauth"):
        sink.emit(event)
    assert all("\n" not in message for message in caplog.messages)
