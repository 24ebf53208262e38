"""The registry: tenants, their keys and settings, and the tokens issued for them.

It implements the ports of `tenantauth`, which never imports it::

    from tenants import Registry

    registry = Registry.from_environ()
    registry.tenants.create("acme", origins=["https://app.acme.example"])
"""

from typing import TYPE_CHECKING

from tenantauth.lazy import exports

if TYPE_CHECKING:
    from tenants.registry import Registry
    from tenants.static_source import StaticSource
else:
    # One brings SQLAlchemy, the other the reader of tenants files: `--help` needs neither.
    __getattr__ = exports(
        __name__, {"Registry": "tenants.registry", "StaticSource": "tenants.static_source"}
    )

__all__ = ["Registry", "StaticSource"]
