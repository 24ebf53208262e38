"""The registry: tenants, their keys and settings, and the tokens issued for them.

It implements the ports of `tenantauth`, which never imports it::

    from tenants import Registry

    registry = Registry.from_environ()
    registry.tenants.create("acme", origins=["https://app.acme.example"])
"""

from typing import TYPE_CHECKING

from tenantauth.lazy import exports

if TYPE_CHECKING:
    from tenants.errors import (
        ConflictError,
        DatabaseError,
        InvalidError,
        MasterKeyError,
        NotFoundError,
        RegistryError,
        SchemaError,
        TenantNotFoundError,
        TooEarlyError,
    )
    from tenants.lifetimes import Lifetimes
    from tenants.registry import Registry
    from tenants.spec import TenantSpec
    from tenants.static_source import StaticSource
    from tenants.values import CorsSpec, IssuerSpec, LimitSpec, RoleSpec
else:
    # One brings SQLAlchemy, another the reader of tenants files: `--help` needs neither.
    __getattr__ = exports(
        __name__,
        {
            "ConflictError": "tenants.errors",
            "CorsSpec": "tenants.values",
            "DatabaseError": "tenants.errors",
            "InvalidError": "tenants.errors",
            "IssuerSpec": "tenants.values",
            "Lifetimes": "tenants.lifetimes",
            "LimitSpec": "tenants.values",
            "MasterKeyError": "tenants.errors",
            "NotFoundError": "tenants.errors",
            "Registry": "tenants.registry",
            "RegistryError": "tenants.errors",
            "RoleSpec": "tenants.values",
            "SchemaError": "tenants.errors",
            "StaticSource": "tenants.static_source",
            "TenantNotFoundError": "tenants.errors",
            "TenantSpec": "tenants.spec",
            "TooEarlyError": "tenants.errors",
        },
    )

__all__ = [
    "ConflictError",
    "CorsSpec",
    "DatabaseError",
    "InvalidError",
    "IssuerSpec",
    "Lifetimes",
    "LimitSpec",
    "MasterKeyError",
    "NotFoundError",
    "Registry",
    "RegistryError",
    "RoleSpec",
    "SchemaError",
    "StaticSource",
    "TenantNotFoundError",
    "TenantSpec",
    "TooEarlyError",
]
