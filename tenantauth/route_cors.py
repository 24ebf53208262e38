"""What a route says of CORS: some fields, in place of those of the tenant's rule."""

from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

from tenantauth.origins import OriginSet
from tenantauth.policy import CorsRule


@dataclass(frozen=True, slots=True)
class RouteCors:
    """The fields of a CORS rule that a route may replace; ``None`` keeps the tenant's.

    There are neither origins nor credentials among them: who may call is the tenant's to say.

    Raises:
        ValueError: when a field cannot work.
    """

    methods: tuple[str, ...] | None = None
    allow_headers: tuple[str, ...] | None = None
    expose_headers: tuple[str, ...] | None = None
    max_age_s: int | None = None

    def __post_init__(self) -> None:
        self.of(CorsRule(OriginSet()))

    def of(self, rule: CorsRule) -> CorsRule:
        """Return the rule with the fields of this route."""
        return _replaced(rule, self)

    def within(self, outer: "RouteCors | None") -> "RouteCors":
        """Add an outer level, which fills in what this one does not say."""
        return self if outer is None else RouteCors(**{**outer.said, **self.said})

    @property
    def said(self) -> dict[str, Any]:
        """The fields that are given, by name."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in given.items() if value is not None}


# A rule joins and checks its values when it is made; a warm request makes none. Rules of changed
# policies are forgotten with time.
@lru_cache(maxsize=1024)
def _replaced(rule: CorsRule, cors: RouteCors) -> CorsRule:
    return replace(rule, **cors.said)
