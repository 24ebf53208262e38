"""Flask-CORS's vocabulary, read by its own option handling, as rules of the stack.

Flask-CORS matches paths and origins by regular expressions that are not anchored at their end, and
so lets more in than was meant. What is no path prefix, no exact origin and no whole-label wildcard
is refused here, with what to write instead; so is what the stack would not do. The table of
docs/cors.md is this module in words.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Unpack

from flask import Flask
from flask_cors.core import (
    CorsOptionsInput,
    get_app_kwarg_dict,
    get_cors_options,
    get_regexp_pattern,
    merge_options,
    parse_resources,
)

from tenantauth.errors import SettingProblem, SettingsError
from tenantauth.flask.app_defaults import read_max_age
from tenantauth.origins import OriginPattern, OriginSet
from tenantauth.policy import DEFAULT_ALLOW_HEADERS, DEFAULT_MAX_AGE_S, CorsRule, arrange_rules

# A prefix as Flask-CORS writes it: "/api/*" (the star repeats the slash), "/api/.*", ".*".
_PREFIX = re.compile(r"\^?((?:/[A-Za-z0-9_.~-]+)*)(?:/\*|/?\.\*\$?)", re.ASCII)
# What such expressions write for one label of a host.
_LABEL_EXPRESSION = re.compile(r"(?:\.|\[[^]]*\]|\\w)[*+]")

_LISTS: Mapping[str, tuple[type, ...]] = {
    "origins": (str, re.Pattern),
    "resources": (str, re.Pattern),
    "methods": (str,),
    "allow_headers": (str,),
    "expose_headers": (str,),
}
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
            SettingsError: when an option is unknown or not safe, or is a pattern that no rule can
                hold; it says what to write instead.
        """
        try:
            given = merge_options(app, self._options)["resources"]
            _check_option("resources", given)
            # Of another mapping than a dict, Flask-CORS would see the paths only.
            resources = parse_resources(dict(given) if isinstance(given, Mapping) else given)
            return arrange_rules(self._rule(app, each, own) for each, own in resources)
        except ValueError as error:
            raise SettingsError([SettingProblem("options of Flask-CORS", str(error))]) from error

    def _rule(
        self, app: Flask, resource: str | re.Pattern[str], own: Mapping[str, Any]
    ) -> CorsRule:
        if not isinstance(own, Mapping):
            raise ValueError(f"{get_regexp_pattern(resource)!r}: options are a dict, not {own!r}")
        said = {**get_app_kwarg_dict(app), **self._options, **own}
        _check(said)
        options = get_cors_options(app, self._options, own)
        if options.allow_all_origins and options.supports_credentials:
            raise ValueError("origins is *, which cannot be with supports_credentials: list them")
        return CorsRule(
            _origins(map(get_regexp_pattern, options.origins)),
            path=_prefix(get_regexp_pattern(resource)),
            methods=_split(options.methods),
            allow_headers=_allow_headers(options.allow_headers, said),
            expose_headers=_split(options.expose_headers),
            credentials=options.supports_credentials,
            max_age_s=_max_age_s(options.max_age),
            private_network=options.allow_private_network,
        )


def default_rules(
    app: Flask, given: tuple[CorsRule, ...] | FlaskCors | None
) -> tuple[CorsRule, ...]:
    """Return the rules that are given, or those of the app's ``CORS_*`` settings.

    No rules, if they are given, are not the same as ``None``: they say that there is no CORS.

    Raises:
        SettingsError: when both are there, or Flask-CORS's options cannot be rules.
    """
    settings = sorted(f"CORS_{name.upper()}" for name in get_app_kwarg_dict(app))
    if isinstance(given, FlaskCors):
        return given.rules(app)
    if not settings:
        return given or ()
    if given is None:
        return FlaskCors().rules(app)
    text = f"cors= is given, and {', '.join(settings)} as well"
    raise SettingsError([SettingProblem("", text, "keep one")])


def _check(said: Mapping[str, Any]) -> None:
    known = CorsOptionsInput.__optional_keys__
    if unknown := sorted(set(said) - known):
        raise ValueError(f"there is no {', '.join(unknown)}")
    for name, given in said.items():
        _check_option(name, given)
    if "origins" not in said:
        raise ValueError("origins (CORS_ORIGINS) is missing, which Flask-CORS takes for every page")


def _check_option(name: str, given: object) -> None:
    # As text from an environment, "false" would be true.
    if name in _FLAGS and not isinstance(given, bool):
        raise ValueError(f"{name} is True or False, not {given!r}")
    if name in _REFUSED and given is False:
        raise ValueError(f"{name}=False: {_REFUSED[name]}")
    if name in _LISTS and not _is_listed(given, _LISTS[name]):
        raise ValueError(f"{name} is a text or a list of texts, not {given!r}")


def _is_listed(given: object, kinds: tuple[type, ...]) -> bool:
    """Tell texts from what names would be made of that nobody wrote: ``None``, bytes, numbers.

    An iterator is none either: the first resource would leave nothing of it to the second.
    """
    if isinstance(given, kinds):
        return True
    return isinstance(given, Collection) and all(isinstance(each, kinds) for each in given)


def _prefix(resource: str) -> str:
    """Return the path that a resource of Flask-CORS is the prefix of."""
    match = _PREFIX.fullmatch(resource)
    if match:
        return match[1] or "/"
    begins = re.match(r"\^?((?:/[A-Za-z0-9_~-]+)*)(?=/|$|\$)", resource)
    hint = f" (write r'{begins[1]}/*')" if begins and (begins[1] or resource == "/") else ""
    raise ValueError(f"{resource!r}: a rule is for a path and everything below it{hint}")


def _origins(written: Iterable[str]) -> OriginSet:
    # Flask-CORS has made `.*` of the star.
    texts = ["*" if text == ".*" else text for text in written]
    for text in texts:
        if text != "*":
            _check_origin(text)
    return OriginSet.parse(texts)


def _check_origin(text: str) -> None:
    try:
        OriginPattern.parse(text)
    except ValueError as error:
        candidate = _LABEL_EXPRESSION.sub("*", text.strip("^$").replace("\\.", "."))
        raise ValueError(f"{error}{_hint(candidate)}") from None


def _hint(candidate: str) -> str:
    try:
        return f" (write {OriginPattern.parse(candidate)})"
    except ValueError:
        return ""


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
