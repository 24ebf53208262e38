"""The demo's API. An app of your own looks like this: views say who may call, and see who calls.

It knows nothing of the demo: any app whose settings name a registry is written the same way.
"""

from collections.abc import Mapping

from flask import Flask
from flask.typing import ResponseReturnValue

from tenantauth.flask import TenantAuth, current_identity, current_tenant, public, require
from tenants.web import token_service

REPORTS = {
    "acme": ["Anvils sold in May", "Rockets returned in May"],
    "globex": ["Turbines in service"],
}


def create_app(config: Mapping[str, object] | None = None) -> Flask:
    """Return the app; what ``config`` does not set is read from the environment."""
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    TenantAuth(app)
    app.register_blueprint(token_service())

    @app.get("/")
    @public
    def welcome() -> ResponseReturnValue:
        """Greet anybody: a token is optional here."""
        return {"tenant": current_tenant.name, "caller": current_identity.kind}

    @app.get("/me")
    def me() -> ResponseReturnValue:
        """Say who calls; without a mark, a view needs a valid token."""
        return {
            "tenant": current_tenant.slug,
            "user": current_identity.subject,
            "roles": sorted(current_identity.roles),
            "permissions": sorted(current_identity.permissions),
        }

    @app.get("/reports")
    @require(permissions="reports:read")
    def reports() -> ResponseReturnValue:
        """List the tenant's own reports; roles decide who has the permission."""
        titles = REPORTS.get(current_tenant.slug, [])
        return {"tenant": current_tenant.slug, "user": current_identity.subject, "reports": titles}

    @app.get("/forecast")
    @require(roles="analyst")
    def forecast() -> ResponseReturnValue:
        """Answer analysts only."""
        return {"tenant": current_tenant.slug, "user": current_identity.subject, "growth": "4 %"}

    return app
