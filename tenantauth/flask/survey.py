"""All routes of an app at once, with their facts; no request is served."""

from collections.abc import Iterator
from typing import NamedTuple

from werkzeug.routing import Rule

from tenantauth.flask.routes import FlaskRoutes
from tenantauth.route import RouteFacts


class Surveyed(NamedTuple):
    """One rule and method with its facts, or with the reason why its marks cannot work."""

    rule: Rule
    method: str
    facts: RouteFacts | None
    problem: str = ""


def survey(routes: FlaskRoutes) -> Iterator[Surveyed]:
    """Return every rule and method of the app."""
    for rule, method in routes.every():
        try:
            yield Surveyed(rule, method, routes.read_facts(rule.endpoint, method))
        except ValueError as error:
            yield Surveyed(rule, method, None, str(error))
