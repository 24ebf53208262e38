"""The app's routes: the URL is matched once, before the layers, and Flask reuses the match.

Matching twice would cost a quarter of a bare Flask request, and two matches could differ.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast
from wsgiref.types import WSGIEnvironment

from flask import Flask, Request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, MapAdapter, RequestRedirect, Rule

from tenantauth.flask.marked import NO_MARKS, Marks, count_mark, marks_of_blueprint, times_marked
from tenantauth.flask.match import Match, blueprint_names, keep, made_from, match_of, method_of
from tenantauth.flask.mounts import Mounts
from tenantauth.flask.order import RuleOrder
from tenantauth.flask.search import marks_of
from tenantauth.route import RouteFacts, RouteLimit

_UNMATCHED = RouteFacts(matched=False, known=False)
_ANSWERED_BY_FLASK = RouteFacts(matched=False)
# Of a rule that takes any method, these and one that nobody has thought of.
_ANY_METHOD = ("*", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._:-]", re.ASCII)


class FlaskRoutes:
    """The routes of one Flask app, with the facts of each (endpoint, method) kept."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._create_adapter = app.create_url_adapter
        # By endpoint and method: the view, the marks there were, and what was read of them.
        self._facts: dict[tuple[str, str], tuple[object, int, RouteFacts]] = {}
        self._by_endpoint: dict[str, Marks] = {}
        self._mounts = Mounts(app.wsgi_app)
        # The documented place for routing of one's own; see `_adapter_for`.
        app.create_url_adapter = self._adapter_for  # type: ignore[method-assign]

    def mark(self, endpoint: str, marks: Marks) -> None:
        """Mark an endpoint of this app as its view would be; the route may come later.

        Raises:
            ValueError: when that contradicts what is marked there already.
        """
        before = self._by_endpoint.get(endpoint, NO_MARKS)
        self._by_endpoint[endpoint] = before + marks
        try:
            for rule, method in self.every():
                if rule.endpoint == endpoint:
                    # What else the view calls may be routed later: see `read_facts`.
                    view = self._app.view_functions.get(endpoint)
                    marks_of(view, method, by_endpoint=self._by_endpoint[endpoint])
        except ValueError:
            self._by_endpoint[endpoint] = before
            raise
        count_mark()

    @property
    def marked_endpoints(self) -> Collection[str]:
        """The endpoints marked by name."""
        return tuple(self._by_endpoint)

    def every(self) -> Iterator[tuple[Rule, str]]:
        """Return every rule with each of its methods."""
        for rule in self._app.url_map.iter_rules():
            if not rule.build_only:
                for method in sorted(rule.methods or _ANY_METHOD):
                    yield rule, method

    def order(self) -> RuleOrder:
        """Return which rule answers where several could."""
        return RuleOrder(self._app.url_map)

    def facts(self, environ: WSGIEnvironment, method: str) -> RouteFacts:
        """Match the URL, keep the match for Flask and return the route's facts."""
        method = method.upper()  # As the adapter and Flask read it.
        request = self._app.request_class(environ, populate_request=False)
        try:
            adapter = self._create_adapter(request)
        except HTTPException:
            return _UNMATCHED  # A host that the app does not trust: Flask will say so.
        if adapter is None:
            return _UNMATCHED
        source = made_from(environ)
        try:
            rule, arguments = self._match(adapter, method)
        except (RequestRedirect, MethodNotAllowed) as error:
            match = Match(adapter, method, source, None, {}, error, _ANSWERED_BY_FLASK)
        except HTTPException as error:
            match = Match(adapter, method, source, None, {}, error, _UNMATCHED)
        else:
            facts = self._facts_of(rule, method)
            if self._mounts.cover(environ.get("PATH_INFO", "")):
                facts = replace(facts, authentication="required", published=False)
            match = Match(adapter, method, source, rule, dict(arguments), None, facts)
        keep(environ, match)
        return match.facts

    def _match(self, adapter: MapAdapter, method: str) -> tuple[Rule, Mapping[str, Any]]:
        if self._app.url_map.converters == Map.default_converters:
            return adapter.match(method=method, return_rule=True)
        # One of the app's own may look something up, as Flask lets it.
        with self._app.app_context():
            return adapter.match(method=method, return_rule=True)

    def _adapter_for(self, request: Request | None) -> MapAdapter | None:
        """Hand Flask the match that the layers were asked about, if it is still this request's."""
        match = None if request is None else match_of(request.environ)
        if request is None or match is None or not match.still_holds(request.environ):
            return self._create_adapter(request)
        return _Matched(match)

    def _facts_of(self, rule: Rule, method: str) -> RouteFacts:
        endpoint = cast(str, rule.endpoint)
        view = self._app.view_functions.get(endpoint)
        if rule.methods is None:
            # It takes any method, and callers must not fill the memory with made-up ones.
            return self.read_facts(endpoint, method)
        marked = times_marked()
        kept = self._facts.get((endpoint, method))
        if kept is not None and kept[0] is view and kept[1] == marked:
            return kept[2]
        facts = self.read_facts(endpoint, method)
        # Routes and their methods bound this. A replaced view is read anew, and a mark that comes
        # late, after a first request, holds all the same.
        self._facts[endpoint, method] = (view, marked, facts)
        return facts

    def read_facts(self, endpoint: str, method: str) -> RouteFacts:
        """Read the facts of an endpoint for one method from its marks.

        Raises:
            ValueError: when they contradict each other.
        """
        view, views = self._app.view_functions.get(endpoint), self._app.view_functions.values()
        by_endpoint = self._by_endpoint.get(endpoint, NO_MARKS)
        marks = marks_of(view, method, by_endpoint=by_endpoint, views=views)
        limits = _named_limits("route:" + endpoint, marks, self._numbers(endpoint))
        for name in self.blueprints_of(endpoint):
            outer = marks_of_blueprint(self._app.blueprints[name])
            numbers = {id(limit): number for number, limit in enumerate(outer.limits, start=1)}
            limits += _named_limits("blueprint:" + name, outer, numbers)
            marks = marks.within(outer)
        return RouteFacts(
            endpoint=endpoint,
            authentication=marks.authentication or "required",
            requirements=marks.requirements,
            limits=limits,
            limit_exempt=marks.limit_exempt,
            published=marks.published,
            cors=marks.cors,
        )

    def _numbers(self, endpoint: str) -> dict[int, int]:
        """Return a number for each limit of an endpoint, over all its methods, by identity.

        One limit is one counter, whichever methods it is on, and two limits never share one.
        """
        view = self._app.view_functions.get(endpoint)
        by_endpoint = self._by_endpoint.get(endpoint, NO_MARKS)
        rules = self._app.url_map.iter_rules(endpoint)
        numbers: dict[int, int] = {}
        for method in sorted({each for rule in rules for each in rule.methods or _ANY_METHOD}):
            with suppress(ValueError):  # Of another method, whose requests are told.
                for limit in marks_of(view, method, by_endpoint=by_endpoint).limits:
                    numbers.setdefault(id(limit), len(numbers) + 1)
        return numbers

    def blueprints_of(self, endpoint: str) -> list[str]:
        """Return the blueprints of an endpoint, innermost first."""
        return [name for name in blueprint_names(endpoint) if name in self._app.blueprints]


class _Matched(MapAdapter):
    """A URL adapter that already knows what it matched, and builds URLs as ever."""

    def __init__(self, match: Match) -> None:
        self.__dict__.update(vars(match.adapter))
        self._match = match

    def match(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # overloaded in the base
        """Return the match at hand; with arguments of one's own, match as ever."""
        if args or kwargs != {"return_rule": True}:
            return super().match(*args, **kwargs)
        if self._match.error is not None:
            raise self._match.error
        # A copy: URL value preprocessors take arguments away, and a copied context matches again.
        return self._match.rule, dict(self._match.arguments)


def authorised_endpoint(environ: WSGIEnvironment) -> str | None:
    """Return the endpoint that the layers were asked about, for the method that is used."""
    match = match_of(environ)
    return match.facts.endpoint if match and match.method == method_of(environ) else None


def without_match(adapter: MapAdapter, environ: WSGIEnvironment) -> MapAdapter:
    """Return an adapter that builds URLs and finds nothing: no converter of the app runs."""
    source, method = made_from(environ), method_of(environ)
    return _Matched(Match(adapter, method, source, None, {}, NotFound(), _UNMATCHED))


def _named_limits(scope: str, marks: Marks, numbers: Mapping[int, int]) -> tuple[RouteLimit, ...]:
    name = _NOT_IN_NAMES.sub("_", scope)[:60]
    numbered = [(limit, numbers.get(id(limit), 1)) for limit in marks.limits]
    return tuple(
        RouteLimit(scope, replace(limit, name=name if number == 1 else f"{name}:{number}"))
        for limit, number in numbered
    )
