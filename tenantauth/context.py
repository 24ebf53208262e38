"""One request on its way through the layers."""

from dataclasses import dataclass, field
from wsgiref.types import WSGIEnvironment

from tenantauth.identity import Identity
from tenantauth.policy import CorsRule, TenantPolicy
from tenantauth.ports import Decision
from tenantauth.reply import Refusal
from tenantauth.request import RequestFacts
from tenantauth.route import RouteFacts


@dataclass(slots=True, kw_only=True)
class RequestContext:
    """What layers see and fill in. It exists only with a tenant's policy (the first law).

    ``identity``, ``cors_rule`` and ``decision`` are provided by layers; ``refusal`` is set by the
    stack when a layer refused, for the outgoing hooks; ``extra`` is for layers of your own.
    """

    environ: WSGIEnvironment
    request: RequestFacts
    policy: TenantPolicy
    route: RouteFacts
    request_id: str
    identity: Identity | None = None
    cors_rule: CorsRule | None = None
    decision: Decision | None = None
    refusal: Refusal | None = None
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def is_preflight(self) -> bool:
        """Tell whether this is a CORS preflight."""
        return self.request.untrusted_preflight_method is not None
