"""The lock file of an app's routes: who may call what, as somebody has agreed to it."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any, get_args

from tenantauth.flask.access import Access, Conditions, LimitAccess, RouteAccess
from tenantauth.units import Rate
from tenants.errors import InvalidError

_VERSION = 1
_OPENNESS: Mapping[str, int] = {word: place for place, word in enumerate(get_args(Access))}
# What stands between slashes for an argument, whatever its converter and name.
_ARGUMENT = re.compile(r"<[^>]*>")


def dump(routes: Iterable[RouteAccess]) -> str:
    """Write routes as JSON, sorted and without what is not said, so that changes read well."""
    listed = [_without_empty(asdict(route)) for route in sorted(routes)]
    return json.dumps({"version": _VERSION, "routes": listed}, indent=2) + "\n"


def load(text: str) -> list[RouteAccess]:
    """Read what `dump` wrote.

    Raises:
        InvalidError: when it is anything else.
    """
    try:
        document = json.loads(text)
        if document["version"] != _VERSION:
            raise InvalidError([f"version {document['version']!r} of the file is not known here"])
        return [_read(**member) for member in document["routes"]]
    except (ValueError, TypeError, KeyError, AttributeError):
        raise InvalidError(["not a lock file of routes: remove it, or take its backup"]) from None


def opened(before: Sequence[RouteAccess], after: Iterable[RouteAccess]) -> list[str]:
    """Return one line for each route that is more open than before, or new and open."""
    lines = []
    for route in (each for each in after if not each.behind):
        methods: dict[str, list[str]] = {}
        for method in route.methods:
            for reason in _reasons(_same_route(before, route, method), route):
                methods.setdefault(reason, []).append(method)
        lines += [f"{','.join(of)} {route.host}{route.path} {why}" for why, of in methods.items()]
    return lines


def _without_empty(members: Mapping[str, Any]) -> dict[str, Any]:
    plain = {
        name: _without_empty(value) if isinstance(value, Mapping) else value
        for name, value in members.items()
    }
    return {name: value for name, value in plain.items() if value not in ("", (), {}, False)}


def _read(
    *,
    path: str,
    methods: list[str],
    access: Access,
    host: str = "",
    endpoint: str = "",
    requires: Mapping[str, Any] = MappingProxyType({}),
    limits: Sequence[Mapping[str, Any]] = (),
    limit_exempt: bool = False,
    behind: str = "",
) -> RouteAccess:
    _OPENNESS[access]
    conditions = {name: _tuple(values) for name, values in requires.items()}
    return RouteAccess(
        host=host,
        path=path,
        methods=tuple(methods),
        endpoint=endpoint,
        access=access,
        requires=Conditions(**conditions),
        limits=tuple(LimitAccess(**limit) for limit in limits),
        limit_exempt=limit_exempt,
        behind=behind,
    )


def _tuple(values: list[Any]) -> tuple[Any, ...]:
    return tuple(tuple(each) if isinstance(each, list) else each for each in values)


def _same_route(
    routes: Sequence[RouteAccess], route: RouteAccess, method: str
) -> RouteAccess | None:
    """Return what a method of a path was: what answered, that of the same endpoint if several."""
    found = [
        each
        for each in routes
        if (each.host, _shape(each.path)) == (route.host, _shape(route.path))
        and method in each.methods
    ]
    return min(found, default=None, key=lambda each: _distance(each, route))


def _distance(each: RouteAccess, route: RouteAccess) -> tuple[bool, bool, bool]:
    return each.behind != "", each.path != route.path, each.endpoint != route.endpoint


def _shape(path: str) -> str:
    # `/x/<int:id>` takes its requests away from `/x/<id>`, and may have lost its conditions.
    return _ARGUMENT.sub("<>", path).rstrip("/")


def _reasons(before: RouteAccess | None, after: RouteAccess) -> Iterator[str]:
    if before is None:
        if _OPENNESS[after.access] > _OPENNESS["token"]:
            yield f"is new and open: {after.who}"
        return
    if _OPENNESS[after.access] > _OPENNESS[before.access]:
        yield f"was open to {before.who}, now to {after.who}"
        return
    if lost := _lost(before.requires, after.requires).words:
        yield f"no longer requires {', '.join(lost)}"
    if after.limit_exempt and not before.limit_exempt:
        yield "is exempt from the tenant's limits now"
    unmatched = list(after.limits)
    for limit in before.limits:
        holding = next((each for each in unmatched if _holds(limit, each)), None)
        if holding is None:
            yield f"has lost its limit {limit}"
        else:
            unmatched.remove(holding)


def _lost(before: Conditions, after: Conditions) -> Conditions:
    """Return the conditions that do not follow from those that hold now."""
    roles = [*after.any_role, *((name,) for name in after.roles)]
    return Conditions(
        roles=_missing(before.roles, after.roles),
        any_role=tuple(each for each in before.any_role if not _narrowed(each, roles)),
        scopes=_missing(before.scopes, after.scopes),
        permissions=_missing(before.permissions, after.permissions),
        attributes=_missing(before.attributes, after.attributes),
        fresh_s=tuple(each for each in before.fresh_s if not _is_as_fresh(each, after.fresh_s)),
        acr=tuple(each for each in before.acr if not _narrowed(each, after.acr)),
        checks=_missing(before.checks, after.checks),
    )


def _missing(before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    # Counted: two conditions may have one name, as functions made by one factory have.
    return tuple((Counter(before) - Counter(after)).elements())


def _narrowed(choice: Sequence[str], choices: Iterable[Sequence[str]]) -> bool:
    return any(set(each) <= set(choice) for each in choices)


def _is_as_fresh(wanted_s: float, held_s: Sequence[float]) -> bool:
    # 0 is no refresh since sign-in, which says nothing of the time since, nor the other way.
    return any(0 < each <= wanted_s or each == wanted_s for each in held_s)


def _sharing(limit: LimitAccess) -> str:
    """Return which routes count together; a route's own limit may follow it to another name."""
    return "" if limit.scope.startswith("route:") else limit.scope


def _holds(before: LimitAccess, after: LimitAccess) -> bool:
    """Tell whether a limit still holds: the same, or one that admits less in the same window."""
    if (before.by, _sharing(before)) != (after.by, _sharing(after)) or after.cost < before.cost:
        return False
    try:
        was, is_now = Rate.parse(before.rate), Rate.parse(after.rate)
    except ValueError:
        return before.rate == after.rate  # The app tells the rate: only its function is known.
    return was.window_s == is_now.window_s and is_now.amount <= was.amount
