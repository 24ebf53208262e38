from tenants.demo.cast import TENANTS
from tenants.demo.place import Place
from tenants.demo.seed import seed
from tenants.registry import Registry


def test_the_tenants_differ_in_algorithm_origin_limit_and_roles(registry: Registry) -> None:
    acme, globex = registry.tenants.list()
    assert (acme.algorithm, globex.algorithm) == ("ES256", "EdDSA")
    assert acme.origins == ("http://app.acme.localhost:8001",)
    assert globex.origins == ("http://app.globex.localhost:8001",)
    assert acme.limits != globex.limits
    assert acme.roles != globex.roles


def test_done_twice_it_changes_nothing(registry: Registry, place: Place) -> None:
    before = registry.tenants.list()
    seed(registry, place)
    assert registry.tenants.list() == before


def test_a_suspended_tenant_serves_again(registry: Registry, place: Place) -> None:
    registry.tenants.suspend("acme")
    seed(registry, place)
    assert registry.tenants.get("acme").status == "active"


def test_the_tenants_of_others_are_left_alone(registry: Registry, place: Place) -> None:
    registry.tenants.create("initech")
    seed(registry, place)
    assert len(registry.tenants.list()) == len(TENANTS) + 1
