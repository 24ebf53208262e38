"""The Flask side: the extension, the marks for views, and who calls.

::

    auth = TenantAuth(app)

    @app.get("/reports")
    @require(roles={"analyst"})
    def reports():
        return {"tenant": current_tenant.slug, "user": current_identity.subject}
"""

from tenantauth.flask.extension import TenantAuth, TenantAuthState
from tenantauth.flask.flask_cors import FlaskCors
from tenantauth.flask.locals import current_identity, current_tenant, current_user
from tenantauth.flask.marks import cors, limit, no_token, public, require
from tenantauth.flask.refusals import Refused
from tenantauth.flask.signals import authenticated, refused

__all__ = [
    "FlaskCors",
    "Refused",
    "TenantAuth",
    "TenantAuthState",
    "authenticated",
    "cors",
    "current_identity",
    "current_tenant",
    "current_user",
    "limit",
    "no_token",
    "public",
    "refused",
    "require",
]
