"""Flask-CORS at work beside the stack: harmless, as its headers are replaced, and misleading.

Who wrote ``CORS(app)`` or ``@cross_origin`` believes that it decides who may call. It is looked for
in what it leaves behind, not by its import: an app may import it and not use it.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from flask import Flask

from tenantauth.flask.cors_advice import in_place_of_decorator, in_place_of_extension
from tenantauth.flask.routes import FlaskRoutes
from tenantauth.flask.search import find
from tenantauth.route import Authentication

_EXTENSION, _DECORATOR = "flask_cors.extension", "flask_cors.decorator"
_IN_RULES = "remove it, and say in the tenants' rules which path may be called from where"


@dataclass(frozen=True, slots=True)
class ForeignCors:
    """A use of Flask-CORS that decides nothing, and what to write in its place."""

    place: str
    wrapper: str
    replacement: str

    @property
    def problem(self) -> str:
        """What is wrong with it, wherever it is."""
        # Tenantless paths meet no layer: there, nobody takes its headers away.
        return "decides nothing beside TenantAuth, except on tenantless paths"

    def __str__(self) -> str:
        return f"{self.wrapper} on {self.place} {self.problem}: {self.replacement}"


def foreign_cors(app: Flask, routes: FlaskRoutes) -> Iterator[ForeignCors]:
    """Return the uses of Flask-CORS in an app, each once."""
    for name, functions in app.after_request_funcs.items():
        for function in [each for each in functions if _home(each) == _EXTENSION][:1]:
            place = f"blueprint {name}" if name else f"app {app.name}"
            replacement = _IN_RULES if name else in_place_of_extension(_closure_of(function))
            yield ForeignCors(place, "CORS(…)", replacement)
    seen: set[str] = set()
    for rule, method in routes.every():
        view = app.view_functions.get(rule.endpoint)
        for options in _options_of_decorators(view, method):
            if rule.endpoint not in seen:
                seen.add(rule.endpoint)
                asks = _authentication(routes, rule.endpoint, method)
                replacement = in_place_of_decorator(options, rule.rule, asks)
                yield ForeignCors(f"endpoint {rule.endpoint}", "@cross_origin", replacement)


def _home(function: object) -> object:
    """Return the module whose code this is: a wrapper's ``__module__`` is that of its view."""
    return getattr(function, "__globals__", {}).get("__name__")


def _options_of_decorators(view: object, method: str) -> Iterator[Mapping[str, object]]:
    found = find(view, method)
    for each in (*found.visible, *found.hidden):
        if isinstance(each, FunctionType) and _home(each) == _DECORATOR:
            yield _closure_of(each).get("_options", {})


def _closure_of(function: object) -> Mapping[str, Any]:
    if not isinstance(function, FunctionType):
        return {}
    return inspect.getclosurevars(function).nonlocals


def _authentication(routes: FlaskRoutes, endpoint: str, method: str) -> Authentication:
    try:
        return routes.read_facts(endpoint, method).authentication
    except ValueError:  # Marks that contradict each other are told elsewhere.
        return "required"
