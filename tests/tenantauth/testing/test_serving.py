import pytest

from tenantauth.defaults import default_layers
from tenantauth.layers.guard import Guard
from tenantauth.layers.rate_limit import RateLimit
from tenantauth.limiting.failures import Failures
from tenantauth.resolve import ByHost
from tenantauth.stack import Stack
from tenantauth.testing import FakeLimitStore, FakePolicySource, ManualClock, RecordingSink
from tenantauth.testing.serving import Parts

CLOCK = ManualClock()
STORE = FakeLimitStore(CLOCK)


class OwnLimit(RateLimit):
    """A layer of the app's own."""

    name = "own_limit"


@pytest.fixture
def stack() -> Stack:
    layers = (*default_layers(), OwnLimit(STORE))
    return Stack(lambda environ, start: [], layers, resolve=ByHost(), source=FakePolicySource())


def serve(stack: Stack, *, limits: bool) -> Stack:
    parts = Parts(FakePolicySource(), CLOCK, RecordingSink(), STORE, Failures(CLOCK))
    return parts.put_into(stack, limits=limits)


@pytest.mark.parametrize("limits", [True, False], ids=["limits", "no limits"])
def test_layers_keep_names_and_order(stack: Stack, limits: bool) -> None:
    served = serve(stack, limits=limits)
    assert [each.name for each in served.layers] == [each.name for each in stack.layers]


def test_without_limits_nothing_is_counted(stack: Stack) -> None:
    layers = serve(stack, limits=False).layers
    assert not [each for each in layers if isinstance(each, RateLimit | Guard)]


def test_with_limits_layers_of_the_apps_own_stay_what_they_are(stack: Stack) -> None:
    limits = [each for each in serve(stack, limits=True).layers if isinstance(each, RateLimit)]
    assert [type(each) for each in limits] == [RateLimit, OwnLimit]
    assert {id(each.store) for each in limits} == {id(STORE)}


def test_the_apps_own_layers_are_not_changed(stack: Stack) -> None:
    before = {id(each): dict(vars(each)) for each in stack.layers}
    serve(stack, limits=True)
    assert {id(each): dict(vars(each)) for each in stack.layers} == before
