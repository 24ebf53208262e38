"""Flask-CORS's vocabulary, read by its own option handling, as rules of the stack.

What the stack would not do is refused here, with what to write instead, and all of it at once; so
is what is no pattern of ours (`tenantauth.flask.flask_cors_patterns`). The table of docs/cors.md is
this in words.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Unpack

from flask import Flask
from flask_cors.core import (
    DEFAULT_OPTIONS,
    CorsOptionsInput,
    ResourcePattern,
    get_app_kwarg_dict,
    get_regexp_pattern,
    merge_options,
    parse_resources,
    serialize_options,
)

from tenantauth.errors import SettingProblem, SettingsError
from tenantauth.flask.app_defaults import read_max_age
from tenantauth.flask.flask_cors_patterns import left_to_others, read_origins, read_prefix
from tenantauth.origins import OriginSet
from tenantauth.policy import DEFAULT_ALLOW_HEADERS, DEFAULT_MAX_AGE_S, CorsRule, arrange_rules

_LISTS: Mapping[str, tuple[type, ...]] = {
    "origins": (str, re.Pattern),
    "resources": (str, re.Pattern),
    "methods": (str,),
    "allow_headers": (str,),
    "expose_headers": (str,),
}
_EVERY_PAGE = ("*", ".*", ["*"], [".*"])
_FLAGS = (
    *("supports_credentials", "send_wildcard", "automatic_options", "vary_header"),
    *("intercept_exceptions", "always_send", "allow_private_network"),
)
_REFUSED = {
    "vary_header": "a cache would hand one origin's answer to another: leave it out",
    "automatic_options": "the stack answers every preflight itself: leave it out",
    "intercept_exceptions": "pages can always read error answers: leave it out",
}


class FlaskCors:
    """The keywords of ``flask_cors.CORS``: rules for tenants without any of their own.

    ``TenantAuth(app, cors=FlaskCors(resources={r"/api/*": {"origins": "https://app.example.com"}}))``
    takes the place of ``CORS(app, …)``. The app's ``CORS_*`` settings fill in what is not given.
    """

    def __init__(self, **options: Unpack[CorsOptionsInput]) -> None:
        self._options: Mapping[str, Any] = dict(options)

    def rules(self, app: Flask) -> tuple[CorsRule, ...]:
        """Return a rule for each of the resources.

        Raises:
            SettingsError: when options are unknown or not safe, or are patterns that no rule can
                hold; it names all of them, and says what to write instead.
        """
        problems: list[str] = []
        rules: list[tuple[str, CorsRule]] = []
        with _noting(problems):
            for resource, own in self._resources(app):
                pattern = get_regexp_pattern(resource)
                with _noting(problems):
                    rules.append((pattern, self._rule(app, pattern, own, problems)))
        if not problems:
            with _noting(problems):
                problems += left_to_others(rules)
        if problems:
            named = (
                SettingProblem("options of Flask-CORS", each) for each in dict.fromkeys(problems)
            )
            raise SettingsError(named)
        return arrange_rules(rule for _, rule in rules)

    def _resources(self, app: Flask) -> list[tuple[ResourcePattern, dict[str, Any]]]:
        given = merge_options(app, self._options)["resources"]
        if problem := _problem("resources", given):
            raise ValueError(problem)
        # Of another mapping than a dict, Flask-CORS would see the paths only.
        return parse_resources(dict(given) if isinstance(given, Mapping) else given)

    def _rule(
        self, app: Flask, resource: str, own: Mapping[str, Any], problems: list[str]
    ) -> CorsRule:
        """Return the rule, of what can be in one; all that cannot joins the problems."""
        if not isinstance(own, Mapping):
            raise ValueError(f"{resource!r}: options are a dict, not {own!r}")
        said = {**get_app_kwarg_dict(app), **self._options, **own}
        wrong = {name: text for name, given in said.items() if (text := _problem(name, given))}
        problems += wrong.values()
        if "origins" not in said:
            problems.append("origins= (or CORS_ORIGINS) is missing, which would be every page")
        good = {name: given for name, given in said.items() if name not in wrong}
        return _made(_fields(resource, good, problems))


def _fields(resource: str, said: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    """Return the fields of a rule; those that cannot work by themselves join the problems."""
    options = serialize_options({**DEFAULT_OPTIONS, **said, "send_wildcard": False})
    readers: Mapping[str, Callable[[], object]] = {
        "path": lambda: read_prefix(resource),
        "origins": lambda: read_origins(map(get_regexp_pattern, options.origins)),
        "methods": lambda: _split(options.methods),
        "allow_headers": lambda: _allow_headers(options.allow_headers, said),
        "expose_headers": lambda: _split(options.expose_headers),
        "credentials": lambda: _credentials(said),
        "max_age_s": lambda: _max_age_s(options.max_age),
        "private_network": lambda: options.allow_private_network,
    }
    fields: dict[str, Any] = {}
    for name, read in readers.items():
        with _noting(problems):
            value = read()
            _made({name: value})
            fields[name] = value
    return fields


def _made(fields: Mapping[str, Any]) -> CorsRule:
    return CorsRule(**{"origins": OriginSet(), **fields})


@contextmanager
def _noting(problems: list[str]) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        problems.append(str(error))


def default_rules(
    app: Flask, given: tuple[CorsRule, ...] | FlaskCors | None
) -> tuple[CorsRule, ...]:
    """Return the rules that are given, or those of the app's ``CORS_*`` settings.

    No rules, if they are given, are not the same as ``None``: they say that there is no CORS. The
    keywords of `FlaskCors` are filled in by the settings.

    Raises:
        SettingsError: when both are there, the settings name no page, or Flask-CORS's options
            cannot be rules.
    """
    settings = sorted(f"CORS_{name.upper()}" for name in get_app_kwarg_dict(app))
    if isinstance(given, FlaskCors):
        return given.rules(app)
    if not settings:
        return given or ()
    if given is not None:
        text = f"cors= is given, and {', '.join(settings)} as well"
        raise SettingsError([SettingProblem("", text, "keep one")])
    if not {"CORS_ORIGINS", "CORS_RESOURCES"} & {*settings}:
        are = "is" if len(settings) == 1 else "are"
        text = f"{' and '.join(settings)} {are} set, and no page is named"
        hint = "give CORS()'s keywords as cors=FlaskCors(…)"
        raise SettingsError([SettingProblem("", text, hint)])
    return FlaskCors().rules(app)


def _problem(name: str, given: object) -> str:
    """Say what is wrong with an option by itself, or nothing."""
    if name not in CorsOptionsInput.__optional_keys__:
        return f"there is no {name}"
    # As text from an environment, "false" would be true.
    if name in _FLAGS and not isinstance(given, bool):
        return f"{name} is True or False, not {given!r}"
    if name in _REFUSED and given is False:
        return f"{name}=False: {_REFUSED[name]}"
    if name in _LISTS and not _is_listed(given, _LISTS[name]):
        return f"{name} is a text or a list of texts, not {given!r}"
    return ""


def _is_listed(given: object, kinds: tuple[type, ...]) -> bool:
    """Tell texts from what names would be made of that nobody wrote: ``None``, bytes, numbers.

    An iterator is none either: the first resource would leave nothing of it to the second.
    """
    if isinstance(given, kinds):
        return True
    return isinstance(given, Collection) and all(isinstance(each, kinds) for each in given)


def _credentials(said: Mapping[str, Any]) -> bool:
    given = bool(said.get("supports_credentials"))
    if given and said.get("origins") in _EVERY_PAGE:
        raise ValueError("origins is *, which cannot be with supports_credentials: list them")
    return given


def _allow_headers(
    names: Collection[str | re.Pattern[str]], said: Mapping[str, Any]
) -> tuple[str, ...]:
    if "allow_headers" not in said:
        return DEFAULT_ALLOW_HEADERS
    if any(isinstance(each, re.Pattern) for each in names):
        raise ValueError("allow_headers is a list of names: no * and no regular expression")
    return tuple(map(get_regexp_pattern, names))


def _split(joined: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (joined or "").split(",") if name.strip())


def _max_age_s(given: str | int | None) -> int:
    if given is None:
        return DEFAULT_MAX_AGE_S
    if not str(given).isdecimal():
        raise ValueError(f"max_age is whole seconds or a timedelta, not {given!r}")
    return read_max_age(int(given))
