import pytest
from werkzeug.test import Client

from tenantauth.defaults import default_layers
from tenantauth.layers.guard import Guard
from tenantauth.layers.rate_limit import RateLimit
from tenantauth.limiting.failures import Failures
from tenantauth.resolve import ByHost
from tenantauth.stack import Stack
from tenantauth.testing import (
    FakeLimitStore,
    FakePolicySource,
    ManualClock,
    RecordingSink,
    make_policy,
)
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


@pytest.mark.parametrize(("proxies", "tenant"), [(0, "acme"), (1, "globex")])
def test_a_proxy_is_believed_in_a_test_as_the_app_believes_it(proxies: int, tenant: str) -> None:
    """Neither more, which would let a test pass that should not, nor less."""
    stack = Stack(
        lambda environ, start: [],
        default_layers(),
        resolve=ByHost(),
        source=FakePolicySource(),
        host_proxies=proxies,
    )
    source, sink = FakePolicySource([make_policy("acme"), make_policy("globex")]), RecordingSink()
    served = Parts(source, CLOCK, sink, STORE, Failures(CLOCK)).put_into(stack, limits=False)
    headers = {"X-Forwarded-Host": "globex.localhost"}
    assert Client(served).get("/", base_url="http://acme.localhost", headers=headers).status_code
    assert [event.tenant for event in sink.events] == [tenant]


def test_a_warning_that_a_test_has_drawn_is_still_given_by_the_app(
    stack: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    for each in (serve(stack, limits=False), stack):
        Client(each).get("/", headers={"X-Forwarded-For": "192.0.2.1"})
    warnings = [text for text in caplog.messages if text.startswith("X-Forwarded-For arrives")]
    assert len(warnings) == 2
