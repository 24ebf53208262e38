"""CORS: which pages on other origins may call, and read the answers (Fetch standard, section 3.3).

Preflights are answered here and cost nothing. Refusals carry the same headers as successes, since
a page must be able to read a 401 or a 429.
"""

import re
from collections.abc import Iterable
from wsgiref.types import WSGIEnvironment

from tenantauth.context import RequestContext
from tenantauth.origins import OriginSet
from tenantauth.policy import CorsRule, arrange_rules, covering_rule
from tenantauth.reply import Answer, HeaderList, Refusal, Reply, add_vary

# Keys and metadata are for everybody, whatever the tenant's own rules.
_PUBLISHED = CorsRule(OriginSet(any_origin=True), methods=("GET",))

_PREFLIGHT_VARY = ("Access-Control-Request-Method", "Access-Control-Request-Headers")
_PRIVATE_NETWORK_VARY = "Access-Control-Request-Private-Network"

# As browsers ask; whatever exceeds these was not written by one.
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}", re.ASCII)
_HEADER_NAMES = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z, \t-]*", re.ASCII)
_MAX_HEADER_NAMES_LENGTH = 4096


class Cors:
    """Decides by the tenant's rule of the longest matching path prefix; no rule is no CORS.

    ``defaults`` are the rules of tenants without any of their own.

    Raises:
        ValueError: when two defaults are for one path.
    """

    name = "cors"
    requires: frozenset[str] = frozenset()
    provides = frozenset({"cors_rule"})

    def __init__(self, *, defaults: Iterable[CorsRule] = ()) -> None:
        self.defaults = arrange_rules(defaults)

    def admit(self, context: RequestContext) -> Reply | None:
        """Find the rule; answer a preflight."""
        context.cors_rule = _PUBLISHED if context.route.published else self._rule(context)
        untrusted_method = context.request.untrusted_preflight_method
        if untrusted_method is None:
            return None
        problem = _problem_of_question(untrusted_method, context.environ)
        return Refusal("invalid_request", problem) if problem else Answer(204)

    def _rule(self, context: RequestContext) -> CorsRule | None:
        rules, fields = context.policy.cors or self.defaults, context.route.cors
        rule = covering_rule(rules, context.request.path)
        return fields.of(rule) if rule and fields else rule

    def finish(self, context: RequestContext, headers: HeaderList) -> None:
        """Replace whatever CORS headers there are by the tenant's, and merge ``Vary``."""
        headers[:] = [h for h in headers if not h[0].lower().startswith("access-control-")]
        rule = context.cors_rule
        if rule is None:
            return
        if rule.varies:
            add_vary(headers, "Origin", *_varied_by_preflights(context, rule))
        allowed = _allowed_origin(rule, context.request.untrusted_origin)
        if allowed is None:
            return
        headers.append(("Access-Control-Allow-Origin", allowed))
        if rule.credentials:
            headers.append(("Access-Control-Allow-Credentials", "true"))
        if context.is_preflight and context.refusal is None:
            headers.extend(_preflight(rule))
            headers.extend(_private_network(rule, context.environ))
        else:
            headers.extend(_actual(rule))


def _problem_of_question(untrusted_method: str, environ: WSGIEnvironment) -> str | None:
    """Say why a preflight was not written by a browser, or return ``None``.

    Answers hold nothing of the question all the same: this only keeps what probes for an echo out
    of the good answers, and lets operators see it.
    """
    if not _METHOD.fullmatch(untrusted_method):
        return "Access-Control-Request-Method is not one method"
    untrusted_names = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
    if len(untrusted_names) > _MAX_HEADER_NAMES_LENGTH:
        return "Access-Control-Request-Headers is too long"
    if not _HEADER_NAMES.fullmatch(untrusted_names):
        return "Access-Control-Request-Headers is not a list of names"
    return None


def _varied_by_preflights(context: RequestContext, rule: CorsRule) -> tuple[str, ...]:
    if not context.is_preflight:
        return ()
    return (*_PREFLIGHT_VARY, _PRIVATE_NETWORK_VARY) if rule.private_network else _PREFLIGHT_VARY


def _allowed_origin(rule: CorsRule, untrusted_origin: str | None) -> str | None:
    if rule.origins.any_origin:
        # Also without an Origin: a shared cache may keep this answer for a page.
        return "*"
    if untrusted_origin is None or not rule.origins.allows(untrusted_origin):
        return None
    return untrusted_origin


def _preflight(rule: CorsRule) -> HeaderList:
    # The rule's own lists, never an echo of what was asked: the browser compares, and its
    # message then names the method or header that is missing.
    return [
        ("Access-Control-Allow-Methods", rule.methods_value),
        ("Access-Control-Allow-Headers", rule.allow_headers_value),
        ("Access-Control-Max-Age", str(rule.max_age_s)),
    ]


def _private_network(rule: CorsRule, environ: WSGIEnvironment) -> HeaderList:
    asked = environ.get("HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK") == "true"
    if not asked or not rule.private_network:
        return []
    return [("Access-Control-Allow-Private-Network", "true")]


def _actual(rule: CorsRule) -> HeaderList:
    return [("Access-Control-Expose-Headers", rule.expose_headers_value)]
