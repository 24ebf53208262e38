from importlib.metadata import entry_points

import pytest
from flask import Flask

from tenantauth.flask import TenantAuth, current_identity
from tenantauth.testing import Kit, plugin


def test_the_plugin_is_registered() -> None:
    (found,) = entry_points(group="pytest11", name="tenantauth")
    assert found.load() is plugin


def test_the_fixture_is_a_kit(tenantauth: Kit) -> None:
    app = Flask(__name__)
    TenantAuth(app)
    app.add_url_rule("/", "who", lambda: str(current_identity.subject))
    assert tenantauth.client(app, subject="bob").get("/").text == "bob"
    assert tenantauth.policy("globex").tenant.slug == "globex"
    assert tenantauth.token("globex").count(".") == 2
    assert tenantauth.clock.monotonic() == 0


@pytest.mark.parametrize("tenant", ["globex", "initech"])
def test_the_fixture_is_new_for_each_test(tenantauth: Kit, tenant: str) -> None:
    tenantauth.policy(tenant)
    assert tenantauth.source.generation() == 2, "a removal and an addition"
