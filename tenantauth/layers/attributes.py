"""Attributes of the caller that no token carries: looked up by the app, for `require` and views."""

from collections.abc import Callable, Mapping

from tenantauth.context import RequestContext
from tenantauth.identity import Identity, with_attributes

AttributeLoader = Callable[[Identity], Mapping[str, object]]


class LoadAttributes:
    """Asks ``load`` about each proven identity; belongs behind the limits, as a look-up costs."""

    name = "attributes"
    requires = frozenset({"identity"})
    provides = frozenset({"attributes"})

    def __init__(self, load: AttributeLoader) -> None:
        self._load = load

    def admit(self, context: RequestContext) -> None:
        """Add what is known of the caller; an anonymous one is not asked about."""
        identity = context.identity
        if identity is not None and identity.is_authenticated:
            context.identity = with_attributes(identity, self._load(identity))
