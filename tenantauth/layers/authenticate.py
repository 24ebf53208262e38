"""Authentication: the token, verified with the tenant's keys, becomes the identity."""

from tenantauth.context import RequestContext
from tenantauth.errors import IssuerUnavailableError, TokenError
from tenantauth.hosts import is_loopback
from tenantauth.identity import Identity
from tenantauth.ports import KeySource
from tenantauth.reply import Refusal, bearer_challenge, retry_after
from tenantauth.tokens.mapping import to_identity
from tenantauth.tokens.transport import read_bearer
from tenantauth.tokens.verified_cache import DEFAULT_SIZE, Verifier


class Authenticate:
    """Provides the identity; anonymous only where the route does not require a token.

    Where there is no bearer token, an identity of this tenant stays that an earlier layer has
    proven by another kind of credential. ``allow_http`` accepts tokens over plain http outside
    loopback. ``key_source`` has the keys that trusted issuers publish; without one they cannot be
    known, and tokens of those issuers are answered 503. ``remembered`` is how many proven tokens
    are remembered (see `tenantauth.tokens.verified_cache`).
    """

    name = "authenticate"
    requires: frozenset[str] = frozenset()
    provides = frozenset({"identity"})
    refuses = (
        "missing_token",
        "invalid_token",
        "token_expired",
        "insecure_transport",
        "issuer_unavailable",
    )

    def __init__(
        self,
        *,
        allow_http: bool = False,
        key_source: KeySource | None = None,
        remembered: int = DEFAULT_SIZE,
    ) -> None:
        self._allow_http = allow_http
        self._verifier = Verifier(key_source, size=remembered)

    def admit(self, context: RequestContext) -> Refusal | None:
        """Verify the token where the route looks at one."""
        proven, context.identity = context.identity, context.policy.anonymous
        if context.route.authentication == "ignored":
            return None
        try:
            untrusted_token = read_bearer(context.environ)
            if untrusted_token is None:
                return self._without_token(context, proven)
            if not self._is_secure(context):
                return Refusal("insecure_transport")
            now_s = context.request.received_at
            claims = self._verifier.verify(untrusted_token, context.policy, now_s)
        except (TokenError, IssuerUnavailableError) as error:
            # An unknown path is the app's to answer, as it is for those without a token.
            return _refusal(error) if context.route.matched else None
        context.identity = to_identity(claims, context.policy)
        return None

    def _is_secure(self, context: RequestContext) -> bool:
        request = context.request
        return self._allow_http or request.scheme == "https" or is_loopback(request.host)

    @staticmethod
    def _without_token(context: RequestContext, proven: Identity | None) -> Refusal | None:
        if proven is not None and _is_of(proven, context):
            context.identity = proven
            return None
        # An unknown path is the app's to answer (its 404, 405 or redirect), whoever asks.
        if context.route.authentication == "optional" or not context.route.matched:
            return None
        # RFC 6750 section 3.1: no error code for a request without authentication.
        return Refusal("missing_token", headers=(bearer_challenge(),))


def _refusal(error: TokenError | IssuerUnavailableError) -> Refusal:
    if isinstance(error, TokenError):
        return Refusal(error.code, error.reason, headers=(bearer_challenge("invalid_token"),))
    return Refusal("issuer_unavailable", str(error), headers=(retry_after(error.retry_after_s),))


def _is_of(proven: Identity, context: RequestContext) -> bool:
    return proven.is_authenticated and proven.tenant == context.policy.tenant.slug
