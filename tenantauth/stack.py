"""The stack: an ordinary WSGI middleware, and the one place that speaks WSGI.

Layers get a context and return ``None`` or a reply; see `tenantauth.layer`. Read `Stack._respond`
from top to bottom to know what happens to a request.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from types import TracebackType
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from tenantauth.agreement import Agreement
from tenantauth.context import RequestContext
from tenantauth.environ import GRANT, REQUEST_ID, TENANTLESS, clean, read_request, request_id
from tenantauth.errors import RegistryUnavailableError, UnresolvedError
from tenantauth.events import Events
from tenantauth.health import HEALTH_PATHS, Health, always_ready
from tenantauth.hints import Hints
from tenantauth.identity import Grant
from tenantauth.layer import Hooks, Layer, arrange
from tenantauth.names import each_name
from tenantauth.policy import TenantPolicy
from tenantauth.ports import Clock, PolicySource, RefusedEvent, SystemClock
from tenantauth.rendering import Renderer, renderer_of
from tenantauth.reply import (
    Answer,
    HeaderList,
    Refusal,
    Reply,
    add_vary,
    render_problem,
    retry_after,
)
from tenantauth.request import RequestFacts
from tenantauth.resolve import ByHost, Resolver
from tenantauth.route import Routes, TokenEverywhere, method_asked_for
from tenantauth.stand_in import standing

OptExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]

logger = logging.getLogger("tenantauth")


_render_problem = renderer_of(render_problem)


class Stack:
    """Tenant, policy, layers, app: in this order, for each request.

    ``resolve`` is the way in which requests name their tenant, or several that must agree.
    ``routes`` tells what routes require; without it a token is required everywhere.
    ``tenantless`` paths need no tenant and meet no layer; ``/healthz`` and ``/readyz`` among them
    are answered here. ``ready`` returns why this worker cannot serve, or ``None``. ``unmatched``
    answers unknown paths of callers without a valid token in the app's place. ``needed`` is what
    the layers together must provide, whoever chose them. ``render`` writes
    refusals (as problems by default); when it raises, the default does. ``proxies`` and
    ``host_proxies`` are how many proxies are believed (see `tenantauth.environ`).

    Raises:
        StackError: when the layers cannot work in their order, or a way of resolving cannot.
    """

    def __init__(
        self,
        app: WSGIApplication,
        layers: Iterable[Layer],
        *,
        resolve: Resolver | Iterable[Resolver],
        source: PolicySource,
        routes: Routes | None = None,
        tenantless: Collection[str] = HEALTH_PATHS,
        ready: Callable[[], str | None] = always_ready,
        unmatched: WSGIApplication | None = None,
        needed: frozenset[str] = frozenset(),
        render: Renderer | None = None,
        events: Events | None = None,
        clock: Clock | None = None,
        proxies: int = 0,
        host_proxies: int = 0,
    ) -> None:
        self._app = app
        self._hooks = arrange(layers, needed)
        self._answers_preflights = any("cors_rule" in each.layer.provides for each in self._hooks)
        self._agreement = Agreement(resolve, proxies=proxies)
        self.source = source
        self._routes = routes or TokenEverywhere()
        self._tenantless = frozenset(each_name(tenantless))
        self._unmatched = unmatched or app
        self._renderer = render or _render_problem
        self.events = events or Events()
        self._clock = clock or SystemClock()
        self._health = Health(ready, self._clock)
        self._proxies = proxies
        self._host_proxies = host_proxies
        self._hints = Hints(proxies)

    @property
    def layers(self) -> Sequence[Layer]:
        """The layers in the order in which they admit."""
        return tuple(hooks.layer for hooks in self._hooks)

    def around_same_app(
        self, layers: Iterable[Layer], *, source: PolicySource, events: Events, clock: Clock
    ) -> "Stack":
        """Return a stack of other parts around the same app and routes, always ready: for tests.

        Its tenants are resolved by their hosts, whatever the original does; proxies are believed as
        the original believes them, those for hosts too: a header means here what it means there.

        Raises:
            StackError: when the layers cannot work in their order.
        """
        return Stack(
            self._app,
            layers,
            resolve=ByHost(),
            source=source,
            routes=self._routes,
            tenantless=self._tenantless,
            unmatched=self._unmatched,
            render=self._renderer,
            events=events,
            clock=clock,
            proxies=self._proxies,
            host_proxies=self._host_proxies,
        )

    @property
    def tenantless(self) -> Collection[str]:
        """The exact paths that need no tenant and meet no layer."""
        return self._tenantless

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        stack = standing(self)
        if stack is not self:
            return stack(environ, start_response)
        clean(environ)
        named = request_id(environ, trusted=self._proxies > 0)
        exchange = _Exchange(environ, named, self._agreement.varies_by)
        try:
            reply = self._respond(exchange)
        except Exception:
            # A bug in a layer must refuse, never pass (and never show itself to the caller).
            logger.exception("internal error in request %s", exchange.request_id)
            reply = Refusal("internal_error")
            if exchange.context is not None:
                exchange.context.refusal = reply
        if reply is None:
            return self._enter(exchange, start_response)
        if isinstance(reply, Refusal):
            self._record(exchange, reply)
            reply = self._render(exchange, reply)
        return exchange.answer(reply, start_response)

    def _respond(self, exchange: "_Exchange") -> Reply | None:
        """Take a request through all layers; ``None`` when the app is to answer."""
        environ = exchange.environ
        path = environ.get("PATH_INFO", "")
        if path in self._tenantless:
            environ[TENANTLESS] = True
            return self._health.answer(path) if path in HEALTH_PATHS else None
        try:
            exchange.request = self._read_request(environ)
        except ValueError as error:
            return Refusal("invalid_request", str(error), detail="The host is malformed.")
        try:
            policy, request = self._agreement.settle(exchange.request, environ, self.source)
        except UnresolvedError as error:
            return Refusal(error.code, error.reason, detail=error.detail)
        except RegistryUnavailableError:
            return Refusal("registry_unavailable", headers=(retry_after(2),))
        context = exchange.context = self._open(exchange, request, policy)
        for hooks in self._hooks:
            exchange.entered.append(hooks)
            reply = hooks.admit.admit(context) if hooks.admit else None
            if reply is not None and not isinstance(reply, Answer | Refusal):
                raise TypeError(f"layer {hooks.layer.name} answered with a {type(reply).__name__}")
            if reply is not None:
                context.refusal = reply if isinstance(reply, Refusal) else None
                return reply
        return None

    def _read_request(self, environ: WSGIEnvironment) -> RequestFacts:
        request = read_request(
            environ,
            received_at=self._clock.now(),
            proxies=self._proxies,
            host_proxies=self._host_proxies,
        )
        self._hints.look(environ, request)
        return request

    def _open(
        self, exchange: "_Exchange", request: RequestFacts, policy: TenantPolicy
    ) -> RequestContext:
        environ = exchange.environ
        method = method_asked_for(request, preflights=self._answers_preflights)
        return RequestContext(
            environ=environ,
            request=request,
            policy=policy,
            route=self._routes.facts(environ, method),
            request_id=exchange.request_id,
        )

    def _enter(self, exchange: "_Exchange", start_response: StartResponse) -> Iterable[bytes]:
        """Hand the grant to the app and call it."""
        environ, context = exchange.environ, exchange.context
        identity = context.identity if context else None
        if context is not None and identity is not None:
            environ[GRANT] = Grant(context.policy.tenant, identity)
        app = self._app
        if identity is not None and identity.is_authenticated:
            # PEP 3333: a native string holds the bytes of another text, one a character.
            user = f"{identity.tenant}/{identity.subject}"
            environ["REMOTE_USER"] = user.encode("utf-8").decode("latin-1")
            environ["AUTH_TYPE"] = "Bearer"
        elif context is not None and not context.route.matched:
            app = self._unmatched
        return app(environ, exchange.starter(start_response))

    def _render(self, exchange: "_Exchange", refusal: Refusal) -> Answer:
        context = exchange.context
        if context is not None:
            # An app that words its refusals may ask whose they are; no view runs with this grant.
            identity = context.identity or context.policy.anonymous
            exchange.environ[GRANT] = Grant(context.policy.tenant, identity)
        try:
            return self._renderer(refusal, exchange.environ)
        except Exception:
            logger.exception("the refusal %s could not be worded", refusal.code)
            return _render_problem(refusal, exchange.environ)

    def _record(self, exchange: "_Exchange", refusal: Refusal) -> None:
        context, request = exchange.context, exchange.request
        self.events.refused(
            RefusedEvent(
                code=refusal.code,
                reason=refusal.reason,
                request_id=exchange.request_id,
                tenant=context.policy.tenant.slug if context else None,
                method=exchange.environ["REQUEST_METHOD"],
                untrusted_path=request.path if request else "",
                address=request.address if request else "",
                untrusted_host=request.host if request and not context else "",
            )
        )


class _Exchange:
    """One request and its answer: what is known so far, and the way back through the layers."""

    __slots__ = ("context", "entered", "environ", "request", "request_id", "vary")

    def __init__(self, environ: WSGIEnvironment, request_id: str, vary: Sequence[str]) -> None:
        self.environ = environ
        self.request_id = request_id
        self.vary = vary
        self.request: RequestFacts | None = None
        self.context: RequestContext | None = None
        self.entered: list[Hooks] = []
        environ[REQUEST_ID] = request_id

    def starter(self, start_response: StartResponse) -> StartResponse:
        """Return a ``start_response`` that lets the layers finish the headers."""

        def start(
            status: str, headers: HeaderList, exc_info: OptExcInfo | None = None, /
        ) -> Callable[[bytes], object]:
            return start_response(status, self.finish(headers), exc_info)

        return start

    def answer(self, answer: Answer, start_response: StartResponse) -> Iterable[bytes]:
        """Send an answer of the stack's own."""
        try:
            headers = self.finish(list(answer.headers))
        except Exception:
            logger.exception("internal error on the way back of request %s", self.request_id)
            answer = render_problem(Refusal("internal_error"), self.request_id)
            headers = [*answer.headers, ("X-Request-Id", self.request_id)]
        start_response(answer.status_line, headers)
        return [] if self.environ["REQUEST_METHOD"] == "HEAD" else [answer.body]

    def finish(self, headers: HeaderList) -> HeaderList:
        """Run the outgoing hooks of the layers that were entered, innermost first."""
        headers = [header for header in headers if header[0].lower() != "x-request-id"]
        if self.context is not None:
            for hooks in reversed(self.entered):
                if hooks.finish:
                    hooks.finish.finish(self.context, headers)
        if self.vary:
            add_vary(headers, *self.vary)
        headers.append(("X-Request-Id", self.request_id))
        return headers
