"""What requests tell of a set-up that cannot be meant, said to operators once."""

import logging
from wsgiref.types import WSGIEnvironment

from tenantauth.request import RequestFacts

logger = logging.getLogger("tenantauth")

_UNTRUSTED_PROXY = (
    "X-Forwarded-For arrives and no proxy is trusted: behind one, all callers would share its"
    " counters; set TENANTAUTH_TRUSTED_PROXIES to the number of proxies"
)
_NO_ADDRESS = (
    "a request has no address (behind a UNIX socket?): such callers share the counters of limits by"
    " address; set TENANTAUTH_TRUSTED_PROXIES to the number of proxies"
)


class Hints:
    """Warns once of each thing that is seen; ``proxies`` is how many are trusted."""

    def __init__(self, proxies: int) -> None:
        self._proxies = proxies
        self._given: set[str] = set()

    def look(self, environ: WSGIEnvironment, request: RequestFacts) -> None:
        """Look at one request."""
        if not self._proxies and "HTTP_X_FORWARDED_FOR" in environ:
            self._give(_UNTRUSTED_PROXY)
        if not request.address:
            self._give(_NO_ADDRESS)

    def _give(self, sentence: str) -> None:
        if sentence not in self._given:
            self._given.add(sentence)
            logger.warning("%s", sentence)
