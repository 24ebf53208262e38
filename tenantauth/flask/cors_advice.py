"""What to write in place of Flask-CORS, from what it keeps of its keywords."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from flask_cors.core import DEFAULT_OPTIONS, CorsOptionsInput, get_regexp_pattern, serialize_options

from tenantauth.flask.marks import cors
from tenantauth.route import Authentication

_FIELDS_OF_MARK = ("methods", "allow_headers", "expose_headers", "max_age")
_EVERY_PAGE = ("*", ".*", ["*"])
_WHO = "origins and credentials come from the tenant's rule"


def in_place_of_extension(closure: Mapping[str, Any]) -> str:
    """Return what to write in place of ``CORS(app, …)``, whose function holds this.

    Flask-CORS keeps its options by resource, and with those of the app's settings.
    """
    keywords = "…"
    if kept := closure.get("resources"):
        by_resource = {get_regexp_pattern(each): _said(options) for each, options in kept}
        keywords = ", ".join(f"{name}={given!r}" for name, given in _shared(by_resource).items())
    return f"remove it, and write TenantAuth(app, cors=FlaskCors({keywords}))"


def _shared(by_resource: Mapping[str, Mapping[str, object]]) -> Mapping[str, object]:
    """Write options once where all resources have the same."""
    first, *others = by_resource.values()
    if any(own != first for own in others):
        return {"resources": dict(by_resource)}
    resources = [*by_resource]
    return first if resources == ["/*"] else {"resources": resources, **first}


def _said(options: Any) -> Mapping[str, object]:  # noqa: ANN401  # a private class of Flask-CORS
    """Return what differs from the defaults; which pages has to be said always."""
    silent = serialize_options(DEFAULT_OPTIONS)
    said = {
        each.name: _as_keyword(each.name, getattr(options, each.name))
        for each in fields(options)
        if each.name in CorsOptionsInput.__optional_keys__
        and getattr(options, each.name) != getattr(silent, each.name, None)
    }
    return {"origins": "*", **said}


def _as_keyword(name: str, given: object) -> object:
    if isinstance(given, list):
        texts = ["*" if text == ".*" else text for text in map(get_regexp_pattern, given)]
        return texts[0] if len(texts) == 1 else texts
    if name in ("methods", "expose_headers") and isinstance(given, str):
        return given.split(", ")
    return int(given) if isinstance(given, str) and given.isdecimal() else given


def in_place_of_decorator(
    options: Mapping[str, Any], path: str, authentication: Authentication
) -> str:
    """Return what to write in place of ``@cross_origin(…)`` on the view of a path."""
    said = {name: options[name] for name in _FIELDS_OF_MARK if options.get(name) is not None}
    if "allow_headers" in said and authentication != "ignored":
        said["allow_headers"] = _with_authorization(said["allow_headers"])
    kept = ", ".join(f"{name}={_as_marked(name, given)}" for name, given in said.items())
    remove = f"write @cors({kept})" if kept else "remove it"
    return f"{remove}{_rule_for_every_page(options, path, authentication)}; {_WHO}"


def _rule_for_every_page(
    options: Mapping[str, Any], path: str, authentication: Authentication
) -> str:
    """Keep the pages of a view that is open to callers and to pages; others have rules anyway."""
    every_page = options.get("origins", "*") in _EVERY_PAGE
    if authentication == "required" or not every_page or options.get("supports_credentials"):
        return ""
    prefix = path.partition("<")[0].rstrip("/")
    if not prefix:
        return ", and give / a rule with origins '*' if any page may read every path"
    return f", and give {prefix} a rule with origins '*'"


def _with_authorization(given: object) -> object:
    """Add the field by which tokens come, which Flask-CORS needs as well but may not be told."""
    names = [name.strip() for name in given.split(",")] if isinstance(given, str) else given
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        return given
    known = any(name.lower() == "authorization" for name in names)
    return [*names] if known else ["Authorization", *names]


def _as_marked(field: str, given: object) -> str:
    """Write an option as the mark takes it; an ellipsis stands for what has to be said by hand."""
    value: Any = given
    if isinstance(given, str):
        words = [word.strip() for word in given.split(",")]
        value = int(given) if given.isdecimal() else words
    try:
        cors(**{field: value})
    except (TypeError, ValueError):
        return "…"
    # A star is part of a pattern, however well it would do as a letter of a name.
    return "…" if "*" in repr(value) else repr(value)
