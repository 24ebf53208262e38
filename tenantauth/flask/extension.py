"""The Flask extension: puts the stack around an app, and opens nothing before the first request."""

import logging
from collections.abc import Collection, Iterable
from functools import partial
from importlib.metadata import entry_points
from typing import TypeVar

from flask import Flask, Response, request
from flask.typing import ErrorHandlerCallable, ResponseReturnValue

from tenantauth.environ import GRANT, REQUEST_ID, TENANTLESS
from tenantauth.errors import SettingProblem, SettingsError, StackError
from tenantauth.events import Counters
from tenantauth.flask.app_defaults import CorsFields, read_cors, read_limits
from tenantauth.flask.endpoint_marks import EndpointMarks
from tenantauth.flask.flask_cors import FlaskCors, default_rules
from tenantauth.flask.hooks import Hooks, attach
from tenantauth.flask.marks import Mark
from tenantauth.flask.routes import FlaskRoutes, authorised_endpoint
from tenantauth.flask.signals import SignalSink
from tenantauth.flask.state import EXTENSION
from tenantauth.flask.unreached import WatchedRoutes
from tenantauth.flask.wording import Wording
from tenantauth.health import HEALTH_PATHS
from tenantauth.layer import Layer
from tenantauth.limit import Limit
from tenantauth.live_source import LiveSource
from tenantauth.policy import TenantPolicy
from tenantauth.ports import EventSink, KeySource, PolicySource, Registry, TenantKey
from tenantauth.reply import Refusal, render_problem
from tenantauth.settings import Settings
from tenantauth.stack import Stack
from tenantauth.stand_in import standing
from tenantauth.tokens.remote_keys import RemoteKeys, make_remote_keys
from tenantauth.wiring import form_from, layers_from, source_from, stack_from

logger = logging.getLogger("tenantauth")

Handler = TypeVar("Handler", bound=ErrorHandlerCallable)


class TenantAuth(Hooks):
    """Puts the stack around a Flask app; every route needs a valid token unless marked.

    ``registry`` is a `tenants.Registry` or any policy source; by default the installed registry,
    opened from the settings. ``layers`` replaces the default ones, ``tenantless`` the exact paths
    that need no tenant, ``sink`` the log line that each refusal writes. ``limits`` (each a `Limit`
    or ``"user=100/minute:subject"``) and ``cors`` (one rule or several, with the fields of the
    tenants file, or `FlaskCors`; else the app's ``CORS_*`` settings) are for tenants without any
    of their own.

    Raises:
        ValueError: when a default limit or a default CORS rule cannot work.
        SettingsError: when settings cannot work, naming all of them.
        StackError: when layers cannot work in their order.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        registry: Registry | PolicySource | None = None,
        layers: Iterable[Layer] | None = None,
        tenantless: Collection[str] = HEALTH_PATHS,
        sink: EventSink | None = None,
        limits: Iterable[Limit | str] = (),
        cors: CorsFields | Iterable[CorsFields] | FlaskCors | None = None,
    ) -> None:
        self._registry = registry
        self._layers = None if layers is None else tuple(layers)
        self._limits = read_limits(limits)
        self._cors = cors if cors is None or isinstance(cors, FlaskCors) else read_cors(cors)
        if layers is not None and (self._limits or self._cors):
            raise StackError("limits and cors are given to the default layers, not beside your own")
        self._endpoint_marks = EndpointMarks()
        self._tenantless = tenantless
        self._sink = sink
        self._refusal_handler: ErrorHandlerCallable | None = None
        if app is not None:
            self.init_app(app)

    def refusal(self, handler: Handler) -> Handler:
        """Word every refusal by this function of a `Refused`, where no handler of an app does.

        The same as an error handler for `Refused`, for all apps of this extension.
        """
        self._refusal_handler = handler
        return handler

    def init_app(self, app: Flask, *, registry: Registry | PolicySource | None = None) -> None:
        """Put the stack around the app; its state is ``app.extensions["tenantauth"]``."""
        if EXTENSION in app.extensions:
            raise RuntimeError("this app has its TenantAuth already")
        settings = Settings.from_environ(app.config)
        for problem in settings.unknown:
            logger.warning("%s", problem)
        registry = registry or self._registry or _installed_registry(settings)
        source = source_from(settings, registry)
        routes = WatchedRoutes(app, FlaskRoutes(app))
        issuer_keys = make_remote_keys(settings.issuer_networks)
        stack = stack_from(
            app.wsgi_app,
            settings,
            source,
            self.add_layer(app, self._layers_of(app, settings, issuer_keys)),
            sink=self._sink,
            listeners=[SignalSink(app)],
            render=Wording(app, form_from(settings), lambda: self._refusal_handler),
            routes=routes,
            tenantless=self._tenantless,
            # Unknown paths are Flask's to answer, never those of apps mounted inside.
            unmatched=partial(type(app).wsgi_app, app),
            # Marks on views hold only where a layer asks them.
            needed=frozenset({"standing", "identity", "authorisation"}),
        )
        app.wsgi_app = stack  # type: ignore[method-assign]  # Flask's documented way to add middleware
        attach(app)
        app.before_request_funcs.setdefault(None, []).insert(0, _refuse_bypass)
        app.extensions[EXTENSION] = TenantAuthState(
            settings, registry, source, stack, routes=routes, hooks=self, issuer_keys=issuer_keys
        )
        self._endpoint_marks.put_on(app, routes.routes)

    def _layers_of(
        self, app: Flask, settings: Settings, issuer_keys: KeySource
    ) -> tuple[Layer, ...]:
        if self._layers is not None:
            return self._layers
        return layers_from(
            settings, issuer_keys, limits=self._limits, cors=default_rules(app, self._cors)
        )

    def mark(self, endpoint: str, *marks: Mark, app: Flask | None = None) -> None:
        """Mark an endpoint, as ``auth.mark("ui.static", public)``; its route may come later.

        It is for the app given, else for the one that this extension was put on last. Before
        there is one, it is for every app to come.

        Raises:
            ValueError: when that contradicts what is marked there already.
        """
        self._endpoint_marks.add(endpoint, marks, app)


class TenantAuthState:
    """What an app's extension holds: settings, registry, source, stack, routes and hooks.

    ``issuer_keys`` are those that trusted issuers publish, with figures of how they are fetched.
    """

    def __init__(
        self,
        settings: Settings,
        registry: Registry | PolicySource,
        source: LiveSource,
        stack: Stack,
        *,
        routes: WatchedRoutes,
        hooks: Hooks,
        issuer_keys: RemoteKeys,
    ) -> None:
        self.settings = settings
        self.registry = registry
        self.source = source
        self.stack = stack
        self.routes = routes
        self.hooks = hooks
        self.issuer_keys = issuer_keys

    @property
    def counters(self) -> Counters:
        """The refusals of this process, by tenant and code."""
        return self.stack.events.counters

    def policy(self, slug: str) -> TenantPolicy:
        """Return a tenant's policy, from memory on a warm request.

        Raises:
            UnknownTenantError: when there is no such tenant.
            RegistryUnavailableError: when that cannot be known now.
        """
        return standing(self.stack).source.get(TenantKey("slug", slug))


def _installed_registry(settings: Settings) -> Registry:
    found = entry_points(group="tenantauth.registry")
    if not found:
        hint = "give TenantAuth one with registry="
        raise SettingsError([SettingProblem("", "no registry is installed", hint)])
    registry: Registry = next(iter(found)).load().from_settings(settings)
    return registry


def _refuse_bypass() -> ResponseReturnValue | None:
    """Refuse a request that did not come through the stack, or reached another route than it saw.

    It cannot happen by a caller's doing; a middleware between stack and Flask that changes the
    path, or a server that calls the app past ``wsgi_app``, would do it.
    """
    environ = request.environ
    if environ.get(TENANTLESS) or (
        GRANT in environ and request.endpoint == authorised_endpoint(environ)
    ):
        return None
    logger.error("a request reached %s past the stack and was refused", request.endpoint)
    answer = render_problem(Refusal("internal_error"), environ.get(REQUEST_ID, ""))
    return Response(answer.body, answer.status, dict(answer.headers))
