"""CORS: which pages on other origins may call, and read the answers (Fetch standard, section 3.3).

Preflights are answered here and cost nothing. Refusals carry the same headers as successes, since
a page must be able to read a 401 or a 429.
"""

from tenantauth.context import RequestContext
from tenantauth.origins import OriginSet
from tenantauth.policy import CorsRule
from tenantauth.reply import Answer, HeaderList, add_vary

# Keys and metadata are for everybody, whatever the tenant's own rules.
_PUBLISHED = CorsRule(OriginSet(any_origin=True), methods=("GET",))

_PREFLIGHT_VARY = ("Access-Control-Request-Method", "Access-Control-Request-Headers")


class Cors:
    """Decides by the tenant's rule of the longest matching path prefix; no rule is no CORS.

    ``default`` is the rule of tenants without any of their own.
    """

    name = "cors"
    requires: frozenset[str] = frozenset()
    provides = frozenset({"cors_rule"})

    def __init__(self, *, default: CorsRule | None = None) -> None:
        self._default = default

    def admit(self, context: RequestContext) -> Answer | None:
        """Find the rule; answer a preflight."""
        context.cors_rule = _PUBLISHED if context.route.published else self._rule(context)
        return Answer(204) if context.is_preflight else None

    def _rule(self, context: RequestContext) -> CorsRule | None:
        policy, fields = context.policy, context.route.cors
        rule = policy.cors_rule(context.request.path) if policy.cors else self._default
        return fields.of(rule) if rule and fields else rule

    def finish(self, context: RequestContext, headers: HeaderList) -> None:
        """Replace whatever CORS headers there are by the tenant's, and merge ``Vary``."""
        headers[:] = [h for h in headers if not h[0].lower().startswith("access-control-")]
        rule = context.cors_rule
        if rule is None or not rule.origins:
            return
        if rule.varies:
            add_vary(headers, "Origin", *(_PREFLIGHT_VARY if context.is_preflight else ()))
        allowed = _allowed_origin(rule, context.request.untrusted_origin)
        if allowed is None:
            return
        headers.append(("Access-Control-Allow-Origin", allowed))
        if rule.credentials:
            headers.append(("Access-Control-Allow-Credentials", "true"))
        headers.extend(_preflight(rule) if context.is_preflight else _actual(rule))


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


def _actual(rule: CorsRule) -> HeaderList:
    return [("Access-Control-Expose-Headers", rule.expose_headers_value)]
