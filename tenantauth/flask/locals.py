"""Who calls, for views and jobs: proxies to the grant at hand, and to the app's own user."""

from typing import TYPE_CHECKING, Any, cast

from werkzeug.local import LocalProxy

from tenantauth.flask.caller import current_caller
from tenantauth.identity import Identity, Tenant

if TYPE_CHECKING:
    current_identity = cast(Identity, None)
    current_tenant = cast(Tenant, None)
    current_user = cast(Any, None)
else:
    current_identity = LocalProxy(lambda: current_caller().grant.identity)
    current_tenant = LocalProxy(lambda: current_caller().grant.tenant)
    current_user = LocalProxy(lambda: current_caller().user())
