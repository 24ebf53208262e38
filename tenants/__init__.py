"""The registry: tenants, their keys and settings, and the tokens issued for them.

It implements the ports of `tenantauth`, which never imports it::

    from tenants import Registry

    registry = Registry.from_environ()
    registry.tenants.create("acme", origins=["https://app.acme.example"])
"""

from typing import TYPE_CHECKING

from tenantauth.lazy import exports
from tenants.registry import Registry

if TYPE_CHECKING:
    from tenants.static_source import StaticSource
else:
    # Few need it, and it brings the reader of tenants files.
    __getattr__ = exports(__name__, {"StaticSource": "tenants.static_source"})

__all__ = ["Registry", "StaticSource"]
