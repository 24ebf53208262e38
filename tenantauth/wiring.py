"""From settings to a stack: the one place that knows which setting goes to which part.

::

    settings = Settings.from_environ()
    source = source_from(settings, registry)
    application = stack_from(app, settings, source, layers_from(settings))
"""

from collections.abc import Collection, Iterable
from wsgiref.types import WSGIApplication

from tenantauth.defaults import default_layers
from tenantauth.events import Events, LogSink
from tenantauth.health import HEALTH_PATHS
from tenantauth.layer import Layer
from tenantauth.limit import Limit
from tenantauth.limiting.stores import make_store
from tenantauth.live_source import LiveSource
from tenantauth.policy import CorsRule
from tenantauth.ports import EventSink, KeySource, PolicySource, Registry
from tenantauth.rendering import Renderer, renderer_of
from tenantauth.reply import Form, render_envelope, render_problem
from tenantauth.resolve import resolve_by
from tenantauth.route import Routes
from tenantauth.settings import Settings
from tenantauth.stack import Stack
from tenantauth.tokens.remote_keys import make_remote_keys


def source_from(settings: Settings, registry: Registry | PolicySource) -> LiveSource:
    """Return the policies of a registry, as fresh as the settings say; nothing is opened yet."""
    return LiveSource(registry, staleness_s=settings.staleness_s)


def layers_from(
    settings: Settings,
    key_source: KeySource | None = None,
    *,
    limits: Collection[Limit] = (),
    cors: Collection[CorsRule] = (),
) -> tuple[Layer, ...]:
    """Return the default layers; nothing is opened yet.

    ``key_source`` has the keys that trusted issuers publish, by default those that it fetches.
    ``limits`` and ``cors`` are for tenants without any of their own.

    Raises:
        SettingsError: when the package that counters need is not installed.
    """
    return default_layers(
        store=make_store(settings.state_url),
        allow_http=settings.allow_http,
        key_source=key_source or make_remote_keys(settings.issuer_networks),
        remembered_tokens=settings.remembered_tokens,
        limits=limits,
        cors=cors,
    )


def form_from(settings: Settings) -> Form:
    """Return the form in which refusals are written."""
    return render_envelope if settings.error_format == "envelope" else render_problem


def stack_from(
    app: WSGIApplication,
    settings: Settings,
    source: LiveSource,
    layers: Iterable[Layer],
    *,
    sink: EventSink | None = None,
    listeners: Iterable[EventSink] = (),
    render: Renderer | None = None,
    routes: Routes | None = None,
    tenantless: Collection[str] = HEALTH_PATHS,
    unmatched: WSGIApplication | None = None,
    needed: frozenset[str] = frozenset(),
) -> Stack:
    """Return the stack around an app as the settings say; what they do not say is as of `Stack`.

    ``sink`` hears of refusals in place of the log, ``listeners`` beside it; ``render`` writes them
    in place of the form that the settings name.

    Raises:
        StackError: when the layers cannot work in their order.
    """
    return Stack(
        app,
        layers,
        resolve=resolve_by(settings),
        source=source,
        routes=routes,
        tenantless=tenantless,
        ready=source.ready,
        unmatched=unmatched,
        needed=needed,
        render=render or renderer_of(form_from(settings)),
        events=Events(sink or LogSink(as_json=settings.log_format == "json"), *listeners),
        proxies=settings.trusted_proxies,
        host_proxies=settings.trusted_host_proxies,
    )
