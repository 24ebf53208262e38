import shutil
from pathlib import Path

from tenants.demo.cast import TENANTS
from tenants.demo.place import Place
from tenants.demo.seed import seed
from tenants.master_keys import MasterKeys
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


def test_each_demo_makes_keys_of_its_own(
    registry: Registry, tmp_path: Path, migrated_file: Path
) -> None:
    """Threat 119: whoever has seen a demo can sign nothing at another."""
    other = Place(tmp_path / "other", 8000)
    other.folder.mkdir(parents=True)
    shutil.copy(migrated_file, other.folder / "tenantauth.db")
    MasterKeys.create_file(other.folder / "tenantauth.key")
    fresh = Registry.from_settings(other.settings)
    seed(fresh, other)
    points = [
        {key["x"] for t in TENANTS for key in r.keys.jwks(t.slug)["keys"]}
        for r in (registry, fresh)
    ]
    fresh.dispose()
    assert len(points[0]) == len(points[1]) == 2 * len(TENANTS)
    assert points[0].isdisjoint(points[1])
