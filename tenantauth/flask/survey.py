"""All routes of an app at once, with their facts; no request is served."""

from collections.abc import Iterator
from typing import NamedTuple

from werkzeug.routing import Rule

from tenantauth.flask.routes import FlaskRoutes
from tenantauth.route import RouteFacts


class Surveyed(NamedTuple):
    """One rule and method with its facts, or with the reason why its marks cannot work.

    ``behind`` is the rule that answers all its requests before it is asked.
    """

    rule: Rule
    method: str
    facts: RouteFacts | None
    problem: str = ""
    behind: Rule | None = None


def survey(routes: FlaskRoutes) -> Iterator[Surveyed]:
    """Return every rule and method of the app."""
    order = routes.order()
    for rule, method in routes.every():
        behind = order.before(rule, method)
        try:
            facts = routes.read_facts(rule.endpoint, method)
            yield Surveyed(rule, method, facts, behind=behind)
        except ValueError as error:
            yield Surveyed(rule, method, None, str(error), behind)
