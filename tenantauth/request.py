"""What a request says of itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What a request says of itself, read once from the cleaned environ.

    ``host`` is normalised. ``address`` is the peer's, or the one that the configured number of
    proxies vouches for; ``""`` when there is none (a UNIX socket). ``received_at`` is wall time.
    ``untrusted_preflight_method`` is the method that a CORS preflight asks for (Fetch standard,
    section 3.3.2), as it was sent; ``None`` in every other request.
    """

    method: str
    path: str
    host: str
    scheme: str
    address: str
    received_at: float
    untrusted_origin: str | None = None
    untrusted_preflight_method: str | None = None
