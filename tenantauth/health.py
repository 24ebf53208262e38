"""Health checks, answered for any Host: load balancers speak to addresses, not to tenants."""

import json
import logging
from collections.abc import Callable

from tenantauth.errors import RegistryUnavailableError
from tenantauth.ports import Clock
from tenantauth.reply import Answer, retry_after

HEALTH_PATHS = ("/healthz", "/readyz")

# Anybody may ask; only one question a second reaches the registry.
_REMEMBERED_S = 1.0

logger = logging.getLogger("tenantauth")


def always_ready() -> str | None:
    """Say that nothing is in the way of serving."""
    return None


class Health:
    """Answers ``/healthz`` (the process lives) and ``/readyz`` (it can do its work).

    Why it cannot goes to the log, once for each change: it may name files and hosts.
    """

    def __init__(self, ready: Callable[[], str | None], clock: Clock) -> None:
        self._ready = ready
        self._clock = clock
        self._asked_at = float("-inf")
        self._reason: str | None = None

    def answer(self, path: str) -> Answer:
        """Answer one of the two paths."""
        if path == "/readyz" and self._why_not() is not None:
            return _answer(503, "unavailable", retry_after(2))
        return _answer(200, "ok")

    def _why_not(self) -> str | None:
        if self._clock.monotonic() - self._asked_at >= _REMEMBERED_S:
            try:
                reason = self._ready()
            except RegistryUnavailableError as error:
                reason = str(error)
            if reason != self._reason:
                logger.warning("readiness: %s", reason or "ready again")
            self._reason, self._asked_at = reason, self._clock.monotonic()
        return self._reason


def _answer(status: int, word: str, *headers: tuple[str, str]) -> Answer:
    body = json.dumps({"status": word}).encode() + b"\n"
    common = (
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
    )
    return Answer(status, common + headers, body)
