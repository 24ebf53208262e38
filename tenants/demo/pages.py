"""The pages' server: a page for each tenant, on an origin of its own, and tokens for its users.

It stands for a customer's frontend with its sign-in. It listens on loopback only, answers to the
two names of the pages only (another name that points here is somebody else's page), and hands
tokens to JSON requests only, which a page of another origin cannot send without being asked first.
"""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from tenants.demo.cast import TENANTS, DemoTenant, other_than
from tenants.demo.place import Place
from tenants.demo.tokens import fill_wallet
from tenants.errors import RegistryError
from tenants.registry import Registry


def create_pages(registry: Registry, place: Place) -> Flask:
    """Return the app that serves both pages."""
    app = Flask(
        __name__,
        static_folder="page/static",
        static_url_path="/static",
        template_folder="page",
    )
    pages = _Pages(registry, place)
    app.before_request(pages.refuse_other_names)
    app.add_url_rule("/", view_func=pages.page)
    app.add_url_rule("/tokens", view_func=pages.tokens, methods=["POST"])
    app.register_error_handler(RegistryError, _say_why)
    app.after_request(pages.protect)
    return app


class _Pages:
    def __init__(self, registry: Registry, place: Place) -> None:
        self._registry = registry
        self._place = place
        self._tenants = {urlsplit(place.page(tenant.slug)).netloc: tenant for tenant in TENANTS}
        self._policy = _content_security_policy(place)

    def refuse_other_names(self) -> None:
        self._tenant_here()

    def page(self) -> ResponseReturnValue:
        tenant = self._tenant_here()
        return render_template(
            "page.html", tenant=tenant, other=other_than(tenant), place=self._place
        )

    def tokens(self) -> ResponseReturnValue:
        tenant = self._tenant_here()
        wanted = request.get_json()
        person = tenant.person(wanted.get("user")) if isinstance(wanted, dict) else None
        if person is None:
            abort(404)
        wallet = fill_wallet(self._registry, tenant, person)
        return {"valid": wallet.valid, "expired": wallet.expired, "foreign": wallet.foreign}

    def protect(self, response: Response) -> Response:
        response.headers["Content-Security-Policy"] = self._policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    def _tenant_here(self) -> DemoTenant:
        return self._tenants.get(request.host) or abort(404)


def _say_why(error: RegistryError) -> ResponseReturnValue:
    return {"error": error.message}, 503


def _content_security_policy(place: Place) -> str:
    apis = " ".join(place.api(tenant.slug) for tenant in TENANTS)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            f"connect-src 'self' {apis}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
