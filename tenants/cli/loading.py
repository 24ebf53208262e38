"""Finding the app that ``serve`` is asked for, and putting it behind the stack when it is not."""

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import cast
from wsgiref.types import WSGIApplication

from flask import Flask

from tenantauth.defaults import default_layers
from tenantauth.errors import SettingsError
from tenantauth.layer import Layer
from tenantauth.ports import Registry as PolicyRegistry
from tenantauth.settings import Settings
from tenantauth.stack import Stack
from tenants.cli.boundary import Refused
from tenants.cli.session import flask_app


def load_app(spec: str | None, settings: Settings) -> Flask | Stack:
    """Return the app of ``module:name`` or ``module:factory()``, behind the stack.

    Modules are looked for in the current folder first. Without a ``spec`` the app is the token
    service alone. What is a stack already is taken as it is.

    Raises:
        Refused: when it cannot be imported or is no WSGI app.
    """
    if spec is None:
        return _token_service(settings)
    if (folder := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, folder)
    app = _import(spec)
    if isinstance(app, Flask):
        # In debug mode an error would pass the stack by, and leave without CORS and request id.
        app.debug = False
        return app if "tenantauth" in app.extensions else _extended(app, settings)
    if isinstance(app, Stack):
        return app
    return _stacked(cast(WSGIApplication, app), settings)


def load_flask_app(spec: str | None, settings: Settings) -> Flask:
    """Return the Flask app of ``module:name``, of ``flask tenantauth …``, or the token service.

    Raises:
        Refused: when it cannot be imported or is no Flask app.
    """
    if spec is None and (app := flask_app()) is not None:
        return app if "tenantauth" in app.extensions else _extended(app, settings)
    loaded = load_app(spec, settings)
    if not isinstance(loaded, Flask):
        raise Refused(f"{spec} is no Flask app: each of its paths needs a valid token")
    return loaded


def uses_registry(app: Flask | Stack) -> bool:
    """Tell whether policies come out of a registry; with a `StaticSource` no database is opened."""
    if isinstance(app, Flask):
        return isinstance(app.extensions["tenantauth"].registry, PolicyRegistry)
    from tenants.static_source import StaticSource

    return not isinstance(app.source, StaticSource)


def layers_of(spec: str | None, settings: Settings) -> Sequence[Layer]:
    """Return the layers of an app's stack, or of ``flask tenantauth …``; else the default ones.

    Raises:
        Refused: when the app cannot be imported or is no WSGI app.
    """
    app = flask_app() if spec is None else load_app(spec, settings)
    if app is None:
        return default_layers(allow_http=settings.allow_http)
    if isinstance(app, Flask):
        extended = app if "tenantauth" in app.extensions else _extended(app, settings)
        layers: Sequence[Layer] = extended.extensions["tenantauth"].stack.layers
        return layers
    return app.layers


def _import(spec: str) -> object:
    from gunicorn.errors import AppImportError
    from gunicorn.util import import_app

    try:
        return import_app(spec)
    except AppImportError as error:
        raise Refused(f"{spec}: {error}") from error
    except Exception as error:
        # It is the app's code that failed, so its own words and place are what helps.
        raise Refused(f"{spec}: {_told(error)}") from error


def _told(error: Exception) -> str:
    # An import error names the module, a syntax error its own place, settings have none.
    if isinstance(error, ModuleNotFoundError):
        return f"{type(error).__name__}: {error} (looked for in {Path.cwd()} first)"
    place = "" if isinstance(error, ImportError | SyntaxError | SettingsError) else _place(error)
    return f"{type(error).__name__}: {error}{place}"


def _place(error: Exception) -> str:
    """Return the last line of the app's own code that led to the error, not the library's."""
    frames = traceback.extract_tb(error.__traceback__)
    here = str(Path.cwd())
    own = [
        frame
        for frame in frames
        if frame.filename.startswith(here) and "/lib/" not in frame.filename
    ]
    return f" ({own[-1].filename}, line {own[-1].lineno})" if own else ""


def _token_service(settings: Settings) -> Flask:
    from tenants.web import token_service

    app = Flask("tenantauth", static_folder=None)
    app.register_blueprint(token_service())
    return _extended(app, settings)


def _extended(app: Flask, settings: Settings) -> Flask:
    from tenantauth.flask import TenantAuth
    from tenants.registry import Registry

    TenantAuth().init_app(app, registry=Registry.from_settings(settings))
    return app


def _stacked(app: WSGIApplication, settings: Settings) -> Stack:
    from tenantauth.wiring import layers_from, source_from, stack_from
    from tenants.registry import Registry

    source = source_from(settings, Registry.from_settings(settings))
    return stack_from(app, settings, source, layers_from(settings))
