"""Flask-CORS's patterns of paths and origins, as the prefixes and origins that they mean.

They are regular expressions that are not anchored at their end. What is no path prefix, no exact
origin and no whole-label wildcard is refused, with what to write instead.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tenantauth.origins import OriginPattern, OriginSet
from tenantauth.policy import CorsRule, arrange_rules, covering_rule

# A prefix as Flask-CORS writes it: "/api/*" (the star repeats the slash), "/api/.*", ".*".
_PREFIX = re.compile(r"\^?(?:((?:/[A-Za-z0-9_.~-]+)*)(?:/\*|/\.\*\$?)|\.\*\$?)", re.ASCII)
# `/admin.*` is half a segment as well, as in `/admin-tools`.
_BEGINNING = re.compile(r"\^?((?:/[A-Za-z0-9_~-]+)*)(\.\*\$?$|(?=/|$|\$))", re.ASCII)
# What such expressions write for one label of a host.
_LABEL_EXPRESSION = re.compile(r"(?:\.|\[[^]]*\]|\\w)[*+]")


def read_prefix(resource: str) -> str:
    """Return the path that a resource of Flask-CORS is the prefix of.

    Raises:
        ValueError: when it is none.
    """
    match = _PREFIX.fullmatch(resource)
    if match:
        return match[1] or "/"
    begins = _BEGINNING.match(resource)
    # Of `/admin.*`, `/admin/*` would be refused next where a shorter path says otherwise.
    star = "*" if begins and not begins[2] else ".*"
    hint = f" (write r'{begins[1]}/{star}')" if begins and (begins[1] or resource == "/") else ""
    raise ValueError(f"{resource!r}: a rule is for a path and everything below it{hint}")


def left_to_others(rules: Iterable[tuple[str, CorsRule]]) -> Iterator[str]:
    """Say of which resources the stack would hand paths to another rule, that says otherwise.

    The star of ``/admin/*`` repeats the slash: in Flask-CORS it is a rule for ``/admin-tools`` too.
    """
    read = list(rules)
    arranged = arrange_rules(rule for _, rule in read)
    for resource, rule in read:
        path = "" if rule.path == "/" else rule.path
        other = covering_rule(arranged, f"{path}-tools") if resource.endswith("/*") else None
        if other and _in_place_of(other, rule) != rule:
            yield (
                f"{resource!r} is for {path}-tools as well in Flask-CORS, where here the rule of"
                f" {other.path!r} would be asked, which says otherwise (write r'{path}/.*' for"
                f" {path} and below)"
            )


def _in_place_of(other: CorsRule, rule: CorsRule) -> CorsRule:
    return replace(other, path=rule.path, max_age_s=rule.max_age_s)


def read_origins(written: Iterable[str]) -> OriginSet:
    """Return the origins that patterns of Flask-CORS stand for.

    Raises:
        ValueError: when one is no origin, or ``*`` has company.
    """
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
        raise ValueError(_with_hint(text, candidate) or str(error)) from None


def _with_hint(text: str, candidate: str) -> str:
    try:
        return f"{text!r} is not an origin (write {OriginPattern.parse(candidate)})"
    except ValueError:
        return ""
