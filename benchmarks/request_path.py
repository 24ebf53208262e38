"""What the stack adds to a request: the same Flask app with and without it, interleaved.

Run ``python benchmarks/request_path.py``. It prints medians and the ratio, pair by pair, so that a
machine whose speed drifts still gives an honest comparison. Both apps are called in process, so
the ratio is against bare Flask, without a server or a network that would hide the difference.
"""

import statistics
import time
from wsgiref.types import WSGIApplication, WSGIEnvironment
from wsgiref.util import setup_testing_defaults

from flask import Flask

from tenantauth.flask import TenantAuth
from tenantauth.limit import Limit
from tenantauth.testing import FakePolicySource, SigningKey, make_policy, make_token
from tenantauth.units import Rate

ROUNDS = 30
REQUESTS = 200


def show(number: int) -> dict[str, int]:
    """Answer as small views do."""
    return {"number": number}


def make_app() -> Flask:
    """Return a small app with a few dozen routes."""
    app = Flask(__name__)
    for number in range(40):
        app.add_url_rule(f"/things/{number}/<int:number>", f"thing{number}", show)
    return app


def environ(token: str) -> WSGIEnvironment:
    """Return the environ of one request, as a server would make it."""
    made: WSGIEnvironment = {
        "HTTP_HOST": "acme.localhost",
        "PATH_INFO": "/things/20/7",
        "REMOTE_ADDR": "192.0.2.1",
        "HTTP_ORIGIN": "https://app.acme.test",
        "HTTP_AUTHORIZATION": f"Bearer {token}",
    }
    setup_testing_defaults(made)
    return made


def seconds(app: WSGIApplication, token: str) -> float:
    """Return the seconds that one round of requests took."""
    environs = [environ(token) for _ in range(REQUESTS)]
    started = time.perf_counter()
    for made in environs:
        for _ in app(made, lambda status, headers, exc_info=None: lambda data: None):
            pass
    return time.perf_counter() - started


def measure(algorithm: str, *limits: Limit) -> None:
    """Print one comparison."""
    key = SigningKey("benchmark", algorithm)
    policy = make_policy("acme", keys=[key], origins=["https://app.acme.test"], limits=limits)
    token = make_token(policy, key=key, now_s=time.time())
    bare, stacked = make_app(), make_app()
    TenantAuth(stacked, registry=FakePolicySource([policy]))
    pairs = [(seconds(bare, token), seconds(stacked, token)) for _ in range(ROUNDS)][3:]
    bare_us, stacked_us = (
        statistics.median(side) / REQUESTS * 1e6 for side in zip(*pairs, strict=True)
    )
    ratio = statistics.median(with_stack / without for without, with_stack in pairs)
    name = f"{algorithm}, {len(limits)} limits"
    print(
        f"{name:18} Flask {bare_us:5.0f} µs   with stack {stacked_us:5.0f} µs   {ratio:.2f} times"
    )


def main() -> None:
    """Print all comparisons."""
    limits = [Limit(name, Rate(1_000_000, 60), by="subject") for name in ("user", "burst", "day")]
    for algorithm in ("ES256", "EdDSA", "RS256"):
        measure(algorithm)
    measure("ES256", limits[0])
    measure("ES256", *limits)


if __name__ == "__main__":
    main()
