"""A pluggable middleware stack for multi-tenant APIs.

The request path without Flask is here; the Flask extension is `tenantauth.flask`.
"""

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
