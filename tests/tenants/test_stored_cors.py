"""CORS rules of a tenant: every field is stored and reaches the request path."""

from tenantauth.ports import TenantKey
from tenants.registry import Registry
from tenants.spec import TenantSpec
from tenants.values import CorsSpec

RULE = CorsSpec(
    path="/api",
    origins=("https://app.acme.test",),
    methods=("GET",),
    allow_headers=("X-One",),
    expose_headers=("X-Two",),
    credentials=True,
    max_age_s=60,
    private_network=True,
)


def test_every_field_is_stored_and_compiled(registry: Registry) -> None:
    """threat 71: the private network is opened by a rule that says so, and by no other."""
    plain = CorsSpec(origins=("https://app.acme.test",))
    registry.tenants.add(TenantSpec("acme", "Acme", cors=(RULE, plain)))
    assert registry.origins.list("acme") == (plain, RULE)
    policy = registry.source().get(TenantKey("slug", "acme"))
    opened = {rule.path: rule.private_network for rule in policy.cors}
    assert opened == {"/api": True, "/": False}
