from dataclasses import replace

import pytest
from werkzeug.test import Client, TestResponse

from tenants.demo.app import create_app
from tenants.demo.cast import ACME, GLOBEX, TENANTS, DemoTenant, Person
from tenants.demo.place import Place
from tenants.demo.tokens import issue
from tenants.registry import Registry

PEOPLE = [(tenant, person) for tenant in TENANTS for person in tenant.people]


def get(api: Client, tenant: DemoTenant, path: str, token: str | None = None) -> TestResponse:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return api.get(path, base_url=f"http://{tenant.slug}.localhost:8000", headers=headers)


def test_anybody_is_greeted(api: Client) -> None:
    assert get(api, ACME, "/").json == {"tenant": "Acme Corp", "caller": "anonymous"}


@pytest.mark.parametrize("path", ["/me", "/reports", "/forecast", "/static/page.css"])
def test_everything_else_needs_a_token(api: Client, path: str) -> None:
    assert get(api, ACME, path).status_code == 401


@pytest.mark.parametrize(("tenant", "person"), PEOPLE, ids=[p.subject for _, p in PEOPLE])
def test_every_user_may_do_what_the_page_says(
    api: Client, registry: Registry, tenant: DemoTenant, person: Person
) -> None:
    token = issue(registry, tenant, person)
    answers = [get(api, tenant, path, token).status_code for path in ("/reports", "/forecast")]
    assert answers == [200, 200 if "forecast" in person.may else 403]


def test_a_view_sees_who_calls(api: Client, registry: Registry) -> None:
    token = issue(registry, ACME, ACME.people[0])
    assert get(api, ACME, "/me", token).json == {
        "tenant": "acme",
        "user": "ada",
        "roles": ["analyst", "viewer"],
        "permissions": ["forecast:read", "reports:read"],
    }


def test_a_token_is_refused_at_the_other_tenant(api: Client, registry: Registry) -> None:
    token = issue(registry, GLOBEX, GLOBEX.people[0])
    assert get(api, ACME, "/reports", token).status_code == 401


def test_tenants_publish_keys_of_their_own_algorithms(api: Client) -> None:
    path = "/.well-known/jwks.json"
    kinds = [{key["kty"] for key in get(api, t, path).get_json()["keys"]} for t in TENANTS]
    assert kinds == [{"EC"}, {"OKP"}]


def test_the_settings_of_the_environment_are_not_the_demos(
    place: Place, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANTAUTH_MASTER_KEY", "nonsense")
    monkeypatch.setenv("TENANTAUTH_TRUSTED_PROXIES", "many")
    assert place.config["TENANTAUTH_MASTER_KEY"] == ""
    state = create_app(place.config).extensions["tenantauth"]
    # Names that are no settings, as those of test runs, are still warned of.
    assert replace(state.settings, unknown=()) == place.settings
