"""The testing kit: clients that carry really signed tokens, fakes for the ports, a manual clock.

::

    def test_analysts_read_reports():
        answer = client(app, roles={"analyst"}).get("/reports")
        assert answer.json == {"tenant": "acme", "user": "alice"}

No database, no key file, no limits unless asked for. With pytest, the fixture ``tenantauth`` is a
`Kit`: tenants, a clock and clients that share both.
"""

from typing import TYPE_CHECKING

from tenantauth.lazy import exports

if TYPE_CHECKING:
    from tenantauth.testing.clients import TenantClient
    from tenantauth.testing.clock import ManualClock
    from tenantauth.testing.contexts import make_context
    from tenantauth.testing.fakes import (
        FakeKeySource,
        FakePolicySource,
        FakeRegistry,
        FakeResolver,
        FakeRoutes,
        RecordingSink,
    )
    from tenantauth.testing.kit import Kit, client
    from tenantauth.testing.limits import FakeLimitStore
    from tenantauth.testing.policies import SigningKey, make_policy
    from tenantauth.testing.tokens import make_token
else:
    __getattr__ = exports(
        __name__,
        {
            "FakeKeySource": "tenantauth.testing.fakes",
            "FakeLimitStore": "tenantauth.testing.limits",
            "FakePolicySource": "tenantauth.testing.fakes",
            "FakeRegistry": "tenantauth.testing.fakes",
            "FakeResolver": "tenantauth.testing.fakes",
            "FakeRoutes": "tenantauth.testing.fakes",
            "Kit": "tenantauth.testing.kit",
            "ManualClock": "tenantauth.testing.clock",
            "RecordingSink": "tenantauth.testing.fakes",
            "SigningKey": "tenantauth.testing.policies",
            "TenantClient": "tenantauth.testing.clients",
            "client": "tenantauth.testing.kit",
            "make_context": "tenantauth.testing.contexts",
            "make_policy": "tenantauth.testing.policies",
            "make_token": "tenantauth.testing.tokens",
        },
    )

__all__ = [
    "FakeKeySource",
    "FakeLimitStore",
    "FakePolicySource",
    "FakeRegistry",
    "FakeResolver",
    "FakeRoutes",
    "Kit",
    "ManualClock",
    "RecordingSink",
    "SigningKey",
    "TenantClient",
    "client",
    "make_context",
    "make_policy",
    "make_token",
]
