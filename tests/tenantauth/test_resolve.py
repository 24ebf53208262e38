from tenantauth.ports import TenantKey
from tenantauth.request import RequestFacts
from tenantauth.resolve import ByHost


def test_the_host_names_the_tenant() -> None:
    request = RequestFacts("GET", "/", "acme.localhost", "http", "", 0.0)
    assert ByHost().resolve(request) == TenantKey("host", "acme.localhost")
