from collections.abc import Sequence
from typing import TypeVar

from tenantauth.defaults import default_layers
from tenantauth.layer import Layer, arrange
from tenantauth.layers.authenticate import Authenticate
from tenantauth.layers.guard import Guard
from tenantauth.layers.rate_limit import RateLimit
from tenantauth.limit import Limit
from tenantauth.ports import Charge, Decision
from tenantauth.reply import Refusal
from tenantauth.testing import ManualClock, make_policy, make_token
from tenantauth.units import Rate
from tests.support import make_context

T = TypeVar("T", bound=Layer)


class EmptyStore:
    """A store that is falsy, as a container of counters may be."""

    def __init__(self) -> None:
        self.asked = 0

    def __len__(self) -> int:
        return 0

    def decide(self, charges: Sequence[Charge]) -> Decision:
        self.asked += len(charges)
        return Decision(())


def layer_of(kind: type[T], layers: Sequence[Layer]) -> T:
    return next(layer for layer in layers if isinstance(layer, kind))


def test_the_order_is_the_one_of_the_straight_line() -> None:
    """Threat 66, threat 67: CORS outermost; the guard before any crypto; limits after it."""
    names = [hooks.layer.name for hooks in arrange(default_layers())]
    assert names == ["cors", "suspension", "guard", "authenticate", "rate_limit", "authorize"]


def test_each_stack_gets_layers_of_its_own() -> None:
    assert not set(map(id, default_layers())) & set(map(id, default_layers()))


def test_a_store_of_ones_own_is_asked_even_when_it_is_empty() -> None:
    store = EmptyStore()
    context = make_context(make_policy(limits=[Limit("all", Rate(1, 60))]))
    layer_of(RateLimit, default_layers(store=store)).admit(context)
    assert store.asked == 1


def test_without_a_store_requests_are_counted_in_memory() -> None:
    limits = layer_of(RateLimit, default_layers())
    policy = make_policy(limits=[Limit("all", Rate(1, 86_400))])
    assert limits.admit(make_context(policy)) is None
    assert limits.admit(make_context(policy)) is not None


def test_counters_in_memory_go_by_the_clock_given() -> None:
    clock = ManualClock()
    limits = layer_of(RateLimit, default_layers(clock=clock))
    context = make_context(make_policy(limits=[Limit("all", Rate(1, 86_400))]))
    assert limits.admit(context) is None
    clock.advance(86_400)
    assert limits.admit(context) is None


def test_the_guard_goes_by_the_clock_given() -> None:
    clock = ManualClock()
    guard = layer_of(Guard, default_layers(clock=clock))
    context = make_context(make_policy(guard="1/hour"), token="x")
    context.refusal = Refusal("invalid_token")
    guard.finish(context, [])
    assert guard.admit(context) is not None
    clock.advance(3600)
    assert guard.admit(context) is None


def test_plain_http_is_refused_unless_it_is_allowed() -> None:
    policy = make_policy()
    context = make_context(policy, token=make_token(policy), host="api.acme.test")
    by_default = layer_of(Authenticate, default_layers())
    allowing = layer_of(Authenticate, default_layers(allow_http=True))
    assert by_default.admit(context) == Refusal("insecure_transport")
    assert allowing.admit(context) is None
