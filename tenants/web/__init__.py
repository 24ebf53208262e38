"""What a tenant's callers ask of the token service over HTTP, as a Flask blueprint.

::

    from tenants.web import token_service

    app.register_blueprint(token_service())
"""

from tenants.web.blueprint import token_service

__all__ = ["token_service"]
