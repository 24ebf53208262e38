"""An app's own stack, with the parts that reach outside replaced by fakes."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass

from tenantauth.context import RequestContext
from tenantauth.events import Events
from tenantauth.layer import Layer
from tenantauth.layers.guard import Guard
from tenantauth.layers.rate_limit import RateLimit
from tenantauth.limiting.failures import Failures
from tenantauth.ports import Clock, EventSink, LimitStore, PolicySource
from tenantauth.stack import Stack


@dataclass(frozen=True, slots=True)
class Parts:
    """What a test serves an app with, in place of a registry, counters and the machine's clock."""

    source: PolicySource
    clock: Clock
    sink: EventSink
    store: LimitStore
    failures: Failures

    def put_into(self, stack: Stack, *, limits: bool) -> Stack:
        """Return a stack like this one with these parts; refusals still go to its own sinks too."""
        return stack.around_same_app(
            self._layers(stack.layers, limits=limits),
            source=self.source,
            events=Events(*stack.events.sinks, self.sink),
            clock=self.clock,
        )

    def _layers(self, layers: Iterable[Layer], *, limits: bool) -> Iterable[Layer]:
        for layer in layers:
            if not isinstance(layer, RateLimit | Guard):
                yield layer
            elif not limits:
                yield _Passing(layer)
            else:
                yield self._counting_here(layer)

    def _counting_here(self, layer: RateLimit | Guard) -> Layer:
        # A copy keeps what a class of the app's own has added.
        layer = copy(layer)
        if isinstance(layer, RateLimit):
            layer.store = self.store
        else:
            layer.failures = self.failures
        return layer


class _Passing:
    """Stands where a layer stood, so that the others find their order, and lets all pass."""

    def __init__(self, layer: Layer) -> None:
        self.name = layer.name
        self.requires = layer.requires
        self.provides = layer.provides

    def admit(self, context: RequestContext) -> None:
        """Let the request go on."""
