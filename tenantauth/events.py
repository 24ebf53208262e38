"""What operators hear of refusals: counters always, an event sink when they want one."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict

from tenantauth.per_process import PerProcess
from tenantauth.ports import EventSink, RefusedEvent
from tenantauth.tally import Tally

logger = logging.getLogger("tenantauth")


class Counters:
    """Refusals by tenant and code, since this process began.

    Tenants that exist and codes of the catalogue bound it; callers cannot add a key.
    """

    def __init__(self) -> None:
        # A lock that another thread held while the process forked would never be free again.
        self._refused: PerProcess[Tally[tuple[str, str]]] = PerProcess(Tally)

    def count(self, event: RefusedEvent) -> None:
        """Count one refusal; a request without a tenant counts under ``-``."""
        self._refused.get().count((event.tenant or "-", event.code))

    def refused(self) -> Mapping[tuple[str, str], int]:
        """Return a copy: (tenant slug, code) to number of refusals."""
        return self._refused.get().counts()


class Events:
    """Takes every refusal, counts it and hands it to each of ``sinks``.

    A sink that raises is a bug of its own: it is logged, and the request goes on.
    """

    def __init__(self, *sinks: EventSink) -> None:
        self.counters = Counters()
        self.sinks = sinks

    def refused(self, event: RefusedEvent) -> None:
        """Record one refusal."""
        self.counters.count(event)
        for sink in self.sinks:
            try:
                sink.emit(event)
            except Exception:
                # A broken sink must neither open nor close a door; requests do not depend on it.
                logger.exception("the event sink failed")


class LogSink:
    """Writes one line a refusal to the ``tenantauth`` logger.

    Both formats escape everything that a caller wrote, so no path can forge a line or move a
    terminal's cursor.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self._as_json = as_json

    def emit(self, event: RefusedEvent) -> None:
        """Write the event at level INFO."""
        known = {name: value for name, value in asdict(event).items() if value not in (None, "")}
        record = {"event": "refused", **known}
        # For formatters that write members of their own beside it, as the time.
        extra = {"refused": record}
        if self._as_json:
            logger.info("%s", json.dumps(record), extra=extra)
        else:
            pairs = " ".join(f"{name}={_word(str(value))}" for name, value in known.items())
            logger.info("refused %s", pairs, extra=extra)


def _word(text: str) -> str:
    plain = text.isascii() and text.isprintable() and not set(text) & set(' "=\\')
    return text if plain else json.dumps(text)
