"""A request context as the stack opens one: to call a layer's hooks without a stack."""

from collections.abc import Mapping
from typing import Any
from wsgiref.types import WSGIEnvironment

from tenantauth.context import RequestContext
from tenantauth.environ import preflight_method
from tenantauth.policy import TenantPolicy
from tenantauth.request import RequestFacts
from tenantauth.route import RouteFacts
from tenantauth.testing.clock import START_S
from tenantauth.testing.policies import make_policy


def make_context(
    policy: TenantPolicy | None = None,
    *,
    method: str = "GET",
    path: str = "/reports",
    headers: Mapping[str, str] | None = None,
    origin: str | None = None,
    token: str | None = None,
    authorization: str | None = None,
    scheme: str = "http",
    host: str | None = None,
    address: str = "192.0.2.1",
    received_at: float = START_S,
    preflight_for: str | None = None,
    route: RouteFacts | None = None,
    **route_facts: Any,  # noqa: ANN401  # the fields of RouteFacts
) -> RequestContext:
    """Return the context of one request to a tenant's host, before any layer has seen it.

    ``token`` is short for a bearer ``authorization``, ``preflight_for`` for the preflight of that
    method; ``route_facts`` are fields of the request's `RouteFacts`.
    """
    policy = policy or make_policy()
    method = method if preflight_for is None else "OPTIONS"
    authorization = f"Bearer {token}" if token is not None else authorization
    sent = {
        "Authorization": authorization,
        "Origin": origin,
        "Access-Control-Request-Method": preflight_for,
        **(headers or {}),
    }
    environ = _environ(method, path, sent)
    host, asked = host or min(policy.hosts), preflight_method(environ)
    return RequestContext(
        environ=environ,
        request=RequestFacts(method, path, host, scheme, address, received_at, origin, asked),
        policy=policy,
        route=route or RouteFacts(**route_facts),
        request_id="request-1",
    )


def _environ(method: str, path: str, headers: Mapping[str, str | None]) -> WSGIEnvironment:
    sent = {
        f"HTTP_{name.upper().replace('-', '_')}": value
        for name, value in headers.items()
        if value is not None
    }
    return {"REQUEST_METHOD": method, "PATH_INFO": path, **sent}
