"""The registry: tenants, their keys and settings, and the tokens issued for them.

It implements the ports of `tenantauth`, which never imports it::

    from tenants import Registry

    registry = Registry.from_environ()
    registry.tenants.create("acme", origins=["https://app.acme.example"])
"""

from tenants.registry import Registry

__all__ = ["Registry"]
