"""Marks that do nothing, because no route leads to what they were put on.

A view that was marked and never routed is as harmless as it looks. A mark that is lost on the way
is not: its author believes that the route is open, or that it requires a role.
"""

import logging
import sys
import weakref
from dataclasses import dataclass, field
from wsgiref.types import WSGIEnvironment

from flask import Flask
from flask.sansio.blueprints import Blueprint

from tenantauth.flask.foreign_cors import foreign_cors
from tenantauth.flask.marked import NO_MARKS, marked_objects, module_of, name_of, own_marks
from tenantauth.flask.routes import FlaskRoutes
from tenantauth.flask.search import Found, find
from tenantauth.flask.survey import survey
from tenantauth.route import RouteFacts

logger = logging.getLogger("tenantauth")

_NO_ROUTE = "no route leads to it"
_HIDDEN = "a decorator without functools.wraps hides it, and what is hidden can open nothing"
_NO_ENDPOINT = "the app has no route of this name"

_WATCHED: "weakref.WeakSet[WatchedRoutes]" = weakref.WeakSet()
# By id, as what is marked may have an equality of its own. An app that is gone has led there too.
_REACHED: "weakref.WeakValueDictionary[int, object]" = weakref.WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class Unreached:
    """A mark that does nothing: what it was put on, and why."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"the mark on {self.place} does nothing: {self.reason}"


class WatchedRoutes:
    """The routes of an app, which warn at their first use of all that does nothing in it."""

    def __init__(self, app: Flask, routes: FlaskRoutes) -> None:
        self.routes = routes
        self._app = app
        self._used = False
        _WATCHED.add(self)

    def facts(self, environ: WSGIEnvironment, method: str) -> RouteFacts:
        """Return the facts of the route that this request would reach."""
        if not self._used:
            self._used = True
            self._warn()
        return self.routes.facts(environ, method)

    def _warn(self) -> None:
        for found in survey(self.routes):
            if found.problem:
                logger.warning("%s %s: %s", found.method, found.rule.rule, found.problem)
        for unreached in self.unreached():
            logger.warning("%s", unreached)
        for foreign in foreign_cors(self._app, self.routes):
            logger.warning("%s", foreign)

    def unreached(self) -> list[Unreached]:
        """Return the marks of this app's code that no route of any app so far leads to."""
        for watched in list(_WATCHED):
            watched.look().remember()
        seen = self.look()
        found = [
            Unreached(name_of(target), seen.reason(target))
            for target in marked_objects()
            if id(target) not in _REACHED and self._is_ours(module_of(target), seen.modules)
        ]
        endpoints = {rule.endpoint for rule in self._app.url_map.iter_rules()}
        absent = [each for each in self.routes.marked_endpoints if each not in endpoints]
        found += [Unreached(f"endpoint {each}", _NO_ENDPOINT) for each in absent]
        return sorted(found, key=lambda each: each.place)

    def look(self) -> "_Seen":
        """Return what the routes of this app lead to."""
        seen = _Seen()
        for rule, method in self.routes.every():
            for name in self.routes.blueprints_of(rule.endpoint):
                seen.blueprints.add(id(self._app.blueprints[name]))
                seen.modules.add(self._app.blueprints[name].import_name)
            view = self._app.view_functions.get(rule.endpoint)
            if view is not None:
                seen.add(find(view, method))
        return seen

    def _is_ours(self, module: str, seen: set[str]) -> bool:
        """Tell whether a module is one of this app's: other marks are for other apps to reach."""
        own = self._app.import_name
        is_package = hasattr(sys.modules.get(own), "__path__")
        package = own if is_package else own.rpartition(".")[0] or own
        return module in seen or module == package or module.startswith(package + ".")


@dataclass(slots=True)
class _Seen:
    """What routes lead to; marks by the id of the tuple that holds those of one object."""

    marks: set[int] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)
    blueprints: set[int] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)

    def add(self, found: Found) -> None:
        # By the tuple: a wrapper may carry a copy of it, and have lost the way to its view.
        self.marks.update(id(own_marks(each)) for each in (*found.visible, *found.classes))
        for each in found.hidden:
            own = sum(own_marks(each), start=NO_MARKS)
            (self.marks if own == own.stricter else self.lost).add(id(own_marks(each)))
        self.modules.update(map(module_of, (*found.visible, *found.hidden, *found.classes)))

    def reason(self, target: object) -> str:
        return _HIDDEN if id(own_marks(target)) in self.lost else _NO_ROUTE

    def remember(self) -> None:
        for target in marked_objects():
            if isinstance(target, Blueprint):
                reached = id(target) in self.blueprints
            else:
                reached = id(own_marks(target)) in self.marks
            if reached:
                _REACHED[id(target)] = target
