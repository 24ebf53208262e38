"""What the CORS layer answers a page: asked as a browser asks, and read as browsers read it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tenantauth.context import RequestContext
from tenantauth.layers.cors import Cors
from tenantauth.origins import OriginPattern
from tenantauth.policy import CorsRule, TenantPolicy
from tenantauth.reply import HeaderList, Refusal
from tenantauth.request import RequestFacts
from tenantauth.route import RouteFacts

# Fetch standard, sections 2.2.1 and 2.2.2: sent without asking, and put in capitals.
_ASKS_NOTHING = frozenset({"GET", "HEAD", "POST"})
_UPPERED = _ASKS_NOTHING | {"DELETE", "OPTIONS", "PUT"}
_SAFE_HEADERS = frozenset({"accept", "accept-language", "content-language"})


@dataclass(frozen=True, slots=True)
class Call:
    """What a page wants to do; ``headers`` are names of fields that its script sets."""

    origin: str
    path: str = "/"
    method: str = "GET"
    headers: tuple[str, ...] = ()

    @property
    def sent_method(self) -> str:
        """The method as browsers send it: they put only the oldest ones in capitals."""
        upper = self.method.upper()
        return upper if upper in _UPPERED else self.method


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """Whether a page may make a call, and if not, why; ``rule`` is the path of the rule asked.

    ``headers`` are those of the answer to the preflight.
    """

    allowed: bool
    reason: str | None
    rule: str | None
    headers: Mapping[str, str] = field(default_factory=dict)


def ask(policy: TenantPolicy, call: Call) -> CallAnswer:
    """Ask the layer of the request path, by the tenant's own rules and no others."""
    context = _context(policy, call)
    layer = Cors()
    reply = layer.admit(context)
    context.refusal = reply if isinstance(reply, Refusal) else None
    answer: HeaderList = []
    layer.finish(context, answer)
    headers = dict(answer)
    reason = next(_obstacles(context, call, headers), None)
    rule = context.cors_rule
    return CallAnswer(reason is None, reason, rule.path if rule else None, headers)


def _context(policy: TenantPolicy, call: Call) -> RequestContext:
    asked = ",".join(call.headers).lower()
    return RequestContext(
        environ={"HTTP_ACCESS_CONTROL_REQUEST_HEADERS": asked} if asked else {},
        request=RequestFacts(
            method="OPTIONS",
            path=call.path,
            host="",
            scheme="https",
            address="",
            received_at=0.0,
            untrusted_origin=call.origin,
            untrusted_preflight_method=call.sent_method,
        ),
        policy=policy,
        route=RouteFacts(),
        request_id="",
    )


def _obstacles(context: RequestContext, call: Call, headers: Mapping[str, str]) -> Iterator[str]:
    """Say what keeps the page from calling, as browsers find it in the answer."""
    if context.refusal is not None:
        yield context.refusal.reason
    rule = context.cors_rule
    if rule is None:
        yield "none of the tenant's own rules is for this path (an app's rules are not asked here)"
    elif headers.get("Access-Control-Allow-Origin") not in ("*", call.origin):
        yield _why_not_listed(rule, call.origin)
    methods = _words(headers, "Access-Control-Allow-Methods")
    if call.sent_method not in {*_ASKS_NOTHING, *methods}:
        capitals = call.sent_method.upper()
        spelling = f"; browsers tell it from {capitals}" if capitals in methods else ""
        yield f"the rule does not allow the method {call.sent_method}{spelling}"
    names = {name.lower() for name in _words(headers, "Access-Control-Allow-Headers")}
    missing = [each for each in call.headers if each.lower() not in {*names, *_SAFE_HEADERS}]
    if missing:
        yield f"the rule does not allow the header {', '.join(missing)}"


def _why_not_listed(rule: CorsRule, origin: str) -> str:
    if not rule.origins:
        return "the rule lets no page in"
    if origin == "null":
        return "null is the origin of sandboxed pages and files, nobody's own, and never allowed"
    try:
        written = str(OriginPattern.parse(origin.rstrip("/")))
    except ValueError as error:
        return str(error)
    if written != origin and rule.origins.allows(written):
        return f"browsers send {written}, which the rule does allow"
    return "the rule does not allow the origin"


def _words(headers: Mapping[str, str], name: str) -> Iterable[str]:
    return [word.strip() for word in headers.get(name, "").split(",")]
