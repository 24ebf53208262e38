"""What `serve` writes while it serves: a line a record, with its time and level."""

import json
import logging
import time
from datetime import UTC, datetime

_LOGGER = logging.getLogger("tenantauth")


def write_log(*, as_json: bool) -> None:
    """Let what the stack says reach the error output, unless the app has a way of its own."""
    if _LOGGER.hasHandlers():
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if as_json else Lines())
    _LOGGER.addHandler(handler)
    _LOGGER.setLevel(logging.INFO)


class Lines(logging.Formatter):
    """``2026-11-22T21:30:00Z INFO refused code=…``."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
        self.converter = time.gmtime


class JsonLines(logging.Formatter):
    """One JSON document a record; a refusal's members stand in it, anything else is a message."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.fromtimestamp(record.created, UTC)
        said = getattr(record, "refused", None) or {"message": record.getMessage()}
        if record.exc_info:
            said = {**said, "exception": self.formatException(record.exc_info)}
        members = {"time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
        return json.dumps({**members, "level": record.levelname.lower(), **said})
