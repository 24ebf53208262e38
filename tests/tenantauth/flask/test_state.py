import pytest
from flask import Flask

from tenantauth.flask import TenantAuth
from tenantauth.flask.state import state_of
from tenantauth.testing import FakeRegistry


def test_the_state_is_among_the_apps_extensions() -> None:
    app, auth = Flask(__name__), TenantAuth(registry=FakeRegistry())
    auth.init_app(app)
    assert state_of(app) is app.extensions["tenantauth"]
    assert state_of(app).hooks is auth


def test_an_app_without_the_extension_has_none() -> None:
    with pytest.raises(RuntimeError, match="the app 'bare' has no TenantAuth"):
        state_of(Flask("bare"))
