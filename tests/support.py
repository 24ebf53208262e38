"""What tests of several rooms share: a request context as the stack opens it, threads."""

import sys
import threading
from collections.abc import Callable
from typing import Any
from wsgiref.types import WSGIEnvironment

from tenantauth.context import RequestContext
from tenantauth.policy import TenantPolicy
from tenantauth.request import RequestFacts
from tenantauth.route import RouteFacts

NOW = 1_800_000_000.0
"""The wall time at which a `ManualClock` and `make_token` begin."""


def make_context(
    policy: TenantPolicy,
    *,
    method: str = "GET",
    path: str = "/reports",
    origin: str | None = None,
    token: str | None = None,
    authorization: str | None = None,
    scheme: str = "http",
    host: str | None = None,
    address: str = "192.0.2.1",
    received_at: float = NOW,
    preflight_for: str | None = None,
    route: RouteFacts | None = None,
    **route_facts: Any,
) -> RequestContext:
    """Return the context of one request; ``route_facts`` are fields of its `RouteFacts`."""
    environ: WSGIEnvironment = {"REQUEST_METHOD": method, "PATH_INFO": path}
    if token is not None:
        authorization = f"Bearer {token}"
    if authorization is not None:
        environ["HTTP_AUTHORIZATION"] = authorization
    if preflight_for is not None:
        method = environ["REQUEST_METHOD"] = "OPTIONS"
        environ["HTTP_ACCESS_CONTROL_REQUEST_METHOD"] = preflight_for
    host = host or min(policy.hosts)
    return RequestContext(
        environ=environ,
        request=RequestFacts(method, path, host, scheme, address, received_at, origin),
        policy=policy,
        route=route or RouteFacts(**route_facts),
        request_id="request-1",
    )


def in_threads(action: Callable[[], object], *, times: int, threads: int = 4) -> None:
    """Do something so many times in each of several threads, and wait for them.

    They take turns as often as the interpreter can, so that a missing lock shows.
    """

    def repeat() -> None:
        for _ in range(times):
            action()

    workers = [threading.Thread(target=repeat) for _ in range(threads)]
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        sys.setswitchinterval(usual_s)
