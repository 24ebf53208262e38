"""Which rule answers, where several of them take the same path and method.

Werkzeug asks rules of one shape in the order in which they were added, and neither lists them in
that order nor tells it: it is read where the matcher keeps it, and a test holds that to what
really answers.
"""

from collections.abc import Iterator

from werkzeug.routing import Map, Rule
from werkzeug.routing.matcher import State


class RuleOrder:
    """The rules of a map as they are now."""

    def __init__(self, url_map: Map) -> None:
        root = url_map._matcher._root  # noqa: SLF001  # there is no public way to the order
        self._same_shape = {id(rule): group for group in _groups(root) for rule in group}

    def before(self, rule: Rule, method: str) -> Rule | None:
        """Return the rule that answers the requests that this one would, if another does."""
        for each in self._same_shape.get(id(rule), (rule,)):
            if each is rule:
                return None
            if each.websocket != rule.websocket:
                continue
            if each.methods is None or method in each.methods:
                return each
        return None


def _groups(state: State) -> Iterator[tuple[Rule, ...]]:
    yield tuple(state.rules)
    for child in (*state.static.values(), *(child for _, child in state.dynamic)):
        yield from _groups(child)
