"""Which pages may call a tenant."""

import pytest

from tenantauth.ports import TenantKey
from tenants.errors import InvalidError, NotFoundError
from tenants.registry import Registry

APP = "https://app.acme.test"


@pytest.fixture(autouse=True)
def acme(registry: Registry) -> None:
    registry.tenants.create("acme", origins=[APP])


def origins(registry: Registry) -> dict[str, tuple[str, ...]]:
    return {rule.path: rule.origins for rule in registry.origins.list("acme")}


def test_an_origin_joins_those_of_its_path(registry: Registry) -> None:
    registry.origins.add("acme", "https://b.test")
    registry.origins.add("acme", "https://c.test", path="/x/")
    assert origins(registry) == {"/": (APP, "https://b.test"), "/x": ("https://c.test",)}


def test_an_origin_in_another_spelling_is_the_same(registry: Registry) -> None:
    registry.origins.add("acme", "https://APP.acme.test:443", "https://b.test", "https://B.test")
    assert origins(registry) == {"/": (APP, "https://b.test")}
    registry.origins.remove("acme", "https://B.test:443")
    assert origins(registry) == {"/": (APP,)}


def test_members_of_a_rule_stay_unless_they_are_given(registry: Registry) -> None:
    registry.origins.add("acme", methods="GET", credentials=True)
    registry.origins.add("acme", "https://b.test", max_age_s=60)
    (rule,) = registry.origins.list("acme")
    assert (rule.methods, rule.credentials, rule.max_age_s) == (("GET",), True, 60)


def test_a_rule_without_its_last_origin_still_keeps_shorter_paths_out(registry: Registry) -> None:
    registry.origins.add("acme", "https://b.test", path="/admin")
    registry.origins.remove("acme", "https://b.test", path="/admin")
    policy = registry.source().get(TenantKey("slug", "acme"))
    assert origins(registry)["/admin"] == ()
    assert {rule.path for rule in policy.cors} == {"/", "/admin"}


def test_without_an_origin_the_whole_rule_goes(registry: Registry) -> None:
    registry.origins.remove("acme")
    assert origins(registry) == {}


@pytest.mark.parametrize(
    ("origin", "path"), [("https://b.test", "/"), (APP, "/x"), ("\0", "/"), ("-x", "/")]
)
def test_what_is_not_there_cannot_be_removed(registry: Registry, origin: str, path: str) -> None:
    """threat 116"""
    with pytest.raises(NotFoundError):
        registry.origins.remove("acme", origin, path=path)


@pytest.mark.parametrize(
    ("origin", "path"),
    [("https://b.test/x", "/"), ("null", "/"), ("https://b.test", "x"), ("https://b.test", "/a*")],
)
def test_a_rule_that_cannot_work_is_refused(registry: Registry, origin: str, path: str) -> None:
    """threat 63"""
    with pytest.raises(InvalidError, match="CORS rule"):
        registry.origins.add("acme", origin, path=path)
    assert origins(registry) == {"/": (APP,)}


def test_everybody_with_credentials_is_refused(registry: Registry) -> None:
    """threat 64"""
    with pytest.raises(InvalidError):
        registry.origins.add("acme", "*", credentials=True)


def test_a_call_is_tested_by_the_stored_rules(registry: Registry) -> None:
    registry.origins.add("acme", "https://b.test", path="/x", methods="PUT", allow_headers="X-A")
    test = registry.origins.test
    assert test("acme", "https://b.test", path="/x/y?q=1", method="PUT", headers="X-A").allowed
    assert not test("acme", APP, path="/x").allowed
    assert test("acme", APP).rule == "/"
    with pytest.raises(NotFoundError):
        test("nobody", APP)
    with pytest.raises(InvalidError, match="/api/me"):
        test("acme", APP, path="https://api.test/x")
