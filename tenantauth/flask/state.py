"""Where an app keeps its extension's state."""

from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from tenantauth.flask.extension import TenantAuthState

EXTENSION = "tenantauth"


def state_of(app: Flask) -> "TenantAuthState":
    """Return the state of an app's extension.

    Raises:
        RuntimeError: when the app has no `tenantauth.flask.TenantAuth`.
    """
    state: TenantAuthState | None = app.extensions.get(EXTENSION)
    if state is None:
        raise RuntimeError(f"the app {app.name!r} has no TenantAuth")
    return state
