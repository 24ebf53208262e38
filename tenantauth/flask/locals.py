"""Who calls, for views: proxies to the grant of the request at hand."""

from typing import TYPE_CHECKING, cast

from flask import request
from werkzeug.local import LocalProxy

from tenantauth.environ import GRANT
from tenantauth.identity import Grant, Identity, Tenant


def _grant() -> Grant:
    grant = request.environ.get(GRANT)
    if not isinstance(grant, Grant):
        raise RuntimeError(
            "this request has no tenant: it came past the stack, or its path is tenantless"
        )
    return grant


if TYPE_CHECKING:
    current_identity = cast(Identity, None)
    current_tenant = cast(Tenant, None)
else:
    current_identity = LocalProxy(lambda: _grant().identity)
    current_tenant = LocalProxy(lambda: _grant().tenant)
