"""A pluggable middleware stack for multi-tenant APIs.

The request path without Flask is here; the Flask extension is `tenantauth.flask`.
"""

from typing import TYPE_CHECKING

from tenantauth.lazy import exports

if TYPE_CHECKING:
    from tenantauth.defaults import default_layers
    from tenantauth.errors import (
        RegistryUnavailableError,
        SettingsError,
        StackError,
        TenantAuthError,
        TokenError,
        UnknownTenantError,
    )
    from tenantauth.identity import Grant, Identity, Tenant
    from tenantauth.settings import Settings
    from tenantauth.stack import Stack
else:
    __getattr__ = exports(
        __name__,
        {
            "Grant": "tenantauth.identity",
            "Identity": "tenantauth.identity",
            "RegistryUnavailableError": "tenantauth.errors",
            "Settings": "tenantauth.settings",
            "SettingsError": "tenantauth.errors",
            "Stack": "tenantauth.stack",
            "StackError": "tenantauth.errors",
            "Tenant": "tenantauth.identity",
            "TenantAuthError": "tenantauth.errors",
            "TokenError": "tenantauth.errors",
            "UnknownTenantError": "tenantauth.errors",
            "default_layers": "tenantauth.defaults",
        },
    )

__all__ = [
    "Grant",
    "Identity",
    "RegistryUnavailableError",
    "Settings",
    "SettingsError",
    "Stack",
    "StackError",
    "Tenant",
    "TenantAuthError",
    "TokenError",
    "UnknownTenantError",
    "default_layers",
]
