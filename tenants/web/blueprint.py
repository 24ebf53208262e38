"""The routes of the token service; each answers for the tenant that the stack has resolved."""

import json
from collections.abc import Mapping

from flask import Blueprint, Response, current_app, request

from tenantauth.flask import current_tenant
from tenantauth.flask.marks import published
from tenantauth.policy import TenantPolicy
from tenants.web import documents


def token_service() -> Blueprint:
    """Return the blueprint; it needs an app with `tenantauth.flask.TenantAuth`."""
    blueprint = Blueprint("token_service", __name__)
    blueprint.add_url_rule(documents.JWKS_PATH, view_func=jwks)
    blueprint.add_url_rule(documents.METADATA_PATH, view_func=metadata)
    return blueprint


@published
def jwks() -> Response:
    """Answer with the tenant's public keys."""
    policy = _policy()
    return _document(documents.jwks(policy), "application/jwk-set+json", policy)


@published
def metadata() -> Response:
    """Answer with what the tenant's authorization server can do."""
    policy = _policy()
    return _document(documents.metadata(policy), "application/json", policy)


def _policy() -> TenantPolicy:
    policy: TenantPolicy = current_app.extensions["tenantauth"].policy(current_tenant.slug)
    return policy


def _document(members: Mapping[str, object], mimetype: str, policy: TenantPolicy) -> Response:
    response = Response(json.dumps(members), mimetype=mimetype)
    response.cache_control.public = True
    response.cache_control.max_age = policy.jwks_max_age_s
    response.add_etag()
    response.make_conditional(request)
    return response
