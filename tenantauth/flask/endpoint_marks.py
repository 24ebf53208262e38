"""Marks by endpoint: for views that take no mark themselves, as static files."""

import weakref
from collections.abc import Iterable

from flask import Flask

from tenantauth.flask.marks import Mark
from tenantauth.flask.routes import FlaskRoutes


class EndpointMarks:
    """What one extension marks by endpoint: for each of its apps, or for all that come."""

    def __init__(self) -> None:
        self._for_all: list[tuple[str, Mark]] = []
        # Weak on both sides: routes hold their app, which would otherwise live for ever.
        self._apps: weakref.WeakKeyDictionary[Flask, weakref.ref[FlaskRoutes]]
        self._apps = weakref.WeakKeyDictionary()
        self._last: weakref.ref[FlaskRoutes] | None = None

    def add(self, endpoint: str, marks: Iterable[Mark], app: Flask | None) -> None:
        """Mark an endpoint of an app, of the last one, or of all when there is none yet.

        Raises:
            ValueError: when that contradicts what is marked there, or the app is not one of ours.
        """
        found = self._last if app is None else self._apps.get(app)
        routes = None if found is None else found()
        if routes is None and app is not None:
            raise ValueError("this extension was not put on that app")
        for mark in marks:
            if routes is None:
                self._for_all.append((endpoint, mark))
            else:
                routes.mark(endpoint, mark.marks)

    def put_on(self, app: Flask, routes: FlaskRoutes) -> None:
        """Take up an app, with what was marked before there was any."""
        self._apps[app] = self._last = weakref.ref(routes)
        for endpoint, mark in self._for_all:
            routes.mark(endpoint, mark.marks)
