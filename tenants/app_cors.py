"""What an app says of CORS beside the tenants' rules, for those who look at both."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from tenantauth.paths import covers
from tenantauth.policy import CorsRule
from tenants.values import CorsSpec

Rule = TypeVar("Rule", CorsRule, CorsSpec)


@dataclass(frozen=True, slots=True)
class AppCors:
    """The rules for tenants without any of their own, and the routes that need a token.

    ``token_paths`` are as Flask writes them (``/parts/<int:id>``), but for those of routes that
    name their own headers. ``known`` is false when no app was looked at.
    """

    defaults: tuple[CorsRule, ...] = ()
    token_paths: tuple[str, ...] = ()
    known: bool = True

    def keeping_tokens_back(self, rules: Iterable[Rule]) -> Iterator[Rule]:
        """Return the rules by which no page can send a token where a route needs one.

        Without an app, all by which none can be sent.
        """
        listed = list(rules)
        asked = {rule.path for path in self.token_paths for rule in _asked_for(path, listed)}
        for rule in listed:
            lets_in = bool(rule.origins) and not allows_tokens(rule.allow_headers)
            if lets_in and (not self.known or rule.path in asked):
                yield rule


NO_APP = AppCors(known=False)


def allows_tokens(allow_headers: Iterable[str]) -> bool:
    """Tell whether pages may send the field that tokens come in."""
    return any(name.lower() == "authorization" for name in allow_headers)


def _asked_for(path: str, rules: Iterable[Rule]) -> Iterator[Rule]:
    """Return the rules that may be asked about requests to a route."""
    begins, variable, _ = path.partition("<")
    covering = [rule for rule in rules if covers(rule.path, begins)]
    yield from sorted(covering, key=lambda rule: -len(rule.path))[:1]
    yield from (rule for rule in rules if variable and rule.path.startswith(begins))
