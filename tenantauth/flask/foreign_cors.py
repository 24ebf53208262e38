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

from tenantauth.flask.marks import cors
from tenantauth.flask.routes import FlaskRoutes
from tenantauth.flask.search import find

_EXTENSION, _DECORATOR = "flask_cors.extension", "flask_cors.decorator"
_FIELDS_OF_MARK = ("methods", "allow_headers", "expose_headers", "max_age")


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
        if any(_home(function) == _EXTENSION for function in functions):
            place = f"blueprint {name}" if name else f"app {app.name}"
            yield ForeignCors(place, "CORS(…)", _replacement_of_extension(blueprint=bool(name)))
    seen: set[str] = set()
    for rule, method in routes.every():
        view = app.view_functions.get(rule.endpoint)
        for options in _options_of_decorators(view, method):
            if rule.endpoint not in seen:
                seen.add(rule.endpoint)
                place, replacement = f"endpoint {rule.endpoint}", _replacement_of(options)
                yield ForeignCors(place, "@cross_origin", replacement)


def _home(function: object) -> object:
    """Return the module whose code this is: a wrapper's ``__module__`` is that of its view."""
    return getattr(function, "__globals__", {}).get("__name__")


def _options_of_decorators(view: object, method: str) -> Iterator[Mapping[str, object]]:
    found = find(view, method)
    for each in (*found.visible, *found.hidden):
        if isinstance(each, FunctionType) and _home(each) == _DECORATOR:
            yield inspect.getclosurevars(each).nonlocals.get("_options", {})


def _replacement_of_extension(*, blueprint: bool) -> str:
    if blueprint:
        return "remove it, and say in the tenants' rules which path may be called from where"
    return "remove it, and give its keywords to TenantAuth(app, cors=FlaskCors(…))"


def _replacement_of(options: Mapping[str, object]) -> str:
    said = {name: options[name] for name in _FIELDS_OF_MARK if options.get(name) is not None}
    if not said:
        return "remove it; origins and credentials come from the tenant's rule"
    kept = ", ".join(f"{name}={_as_marked(name, given)}" for name, given in said.items())
    return f"write @cors({kept}); origins and credentials come from the tenant's rule"


def _as_marked(field: str, given: object) -> str:
    """Write an option as the mark takes it; an ellipsis stands for what has to be said by hand."""
    value: Any = given
    if isinstance(given, str):
        words = [word.strip() for word in given.split(",")]
        value = int(given) if given.isdecimal() else words
    try:
        cors(**{field: value})
    except (TypeError, ValueError):
        return "…"
    # A star is part of a pattern, however well it would do as a letter of a name.
    return "…" if "*" in repr(value) else repr(value)
