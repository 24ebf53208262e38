from dataclasses import replace

import pytest

from tenantauth.context import RequestContext
from tenantauth.identity import Identity
from tenantauth.layers.guard import Guard
from tenantauth.policy import TenantPolicy
from tenantauth.reply import Refusal
from tenantauth.testing import ManualClock, make_policy
from tests.support import make_context

# Three failures, then one in every twenty seconds.
ACME = make_policy(guard="3/minute")
BAD = Refusal("invalid_token")


def attempt(guard: Guard, context: RequestContext, refusal: Refusal | None = BAD) -> Refusal | None:
    """Take a request through both hooks, refused in between unless the guard does it."""
    guarded = guard.admit(context)
    context.refusal = guarded or refusal
    guard.finish(context, [])
    return guarded


def with_token(policy: TenantPolicy = ACME, address: str = "192.0.2.1") -> RequestContext:
    return make_context(policy, token="x", address=address)


def exhausted(clock: ManualClock | None = None) -> Guard:
    guard = Guard(clock or ManualClock())
    assert [attempt(guard, with_token()) for _ in range(3)] == [None, None, None]
    return guard


def test_an_address_that_fails_too_often_is_refused() -> None:
    """Threat 77: garbage tokens throttle themselves, before any crypto."""
    assert attempt(exhausted(), with_token()) == Refusal(
        "rate_limited",
        "guard",
        headers=(("Retry-After", "20"),),
        members={"violated-policies": ["guard"]},
    )


def test_it_may_try_again_after_the_time_that_it_was_told() -> None:
    clock = ManualClock()
    guard = exhausted(clock)
    clock.advance(19.9)
    assert attempt(guard, with_token())
    clock.advance(0.1)
    assert attempt(guard, with_token()) is None
    assert attempt(guard, with_token())


def test_being_refused_by_the_guard_costs_nothing_more() -> None:
    """Threat 82: nobody is locked out for longer by trying."""
    clock = ManualClock()
    guard = exhausted(clock)
    assert all(attempt(guard, with_token()) for _ in range(100))
    clock.advance(20)
    assert attempt(guard, with_token()) is None


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(with_token(address="192.0.2.2"), id="address"),
        pytest.param(with_token(make_policy("globex", guard="3/minute")), id="tenant"),
    ],
)
def test_failures_are_counted_per_tenant_and_address(other: RequestContext) -> None:
    """Threat 75, threat 51: one tenant filling another's bucket."""
    assert attempt(exhausted(), other) is None


def test_a_tenant_is_known_by_its_id() -> None:
    """Threat 75: a slug that passes to another tenant does not take its failures along."""
    successor = replace(ACME, tenant=replace(ACME.tenant, id="id-successor"))
    assert attempt(exhausted(), with_token(successor)) is None


def test_an_honest_caller_is_never_charged() -> None:
    """Threat 82: however many requests come from one address."""
    guard = Guard(ManualClock())
    assert [attempt(guard, with_token(), None) for _ in range(50)] == [None] * 50


def test_the_guard_only_looks_before_crypto() -> None:
    """Threat 82: requests in flight at once do not pay in advance."""
    guard = Guard(ManualClock())
    assert [guard.admit(with_token()) for _ in range(50)] == [None] * 50


@pytest.mark.parametrize(
    "code",
    ["missing_token", "token_expired", "issuer_unavailable", "insufficient_role", "rate_limited"],
)
def test_other_refusals_are_no_failed_authentication(code: str) -> None:
    """Threat 82."""
    guard = Guard(ManualClock())
    assert [attempt(guard, with_token(), Refusal(code)) for _ in range(9)] == [None] * 9


@pytest.mark.parametrize("identity", [None, Identity("acme")], ids=["unknown", "anonymous"])
def test_unmatched_paths_are_charged(identity: Identity | None) -> None:
    """Threat 77: a scanner of paths."""
    guard = Guard(ManualClock())
    contexts = [make_context(ACME, matched=False, known=False) for _ in range(4)]
    for context in contexts:
        context.identity = identity
    assert [attempt(guard, context, None) is None for context in contexts] == [True] * 3 + [False]


def test_redirects_and_refused_methods_of_known_paths_are_free() -> None:
    """Threat 82: a link without its slash must not lock out an office."""
    guard = Guard(ManualClock())
    for _ in range(9):
        assert attempt(guard, make_context(ACME, matched=False), None) is None
    assert guard.admit(with_token()) is None


def test_unmatched_paths_of_callers_with_a_good_token_are_free() -> None:
    guard = Guard(ManualClock())
    for _ in range(9):
        context = make_context(ACME, matched=False, known=False, token="x")
        context.identity = Identity("acme", "alice", "user")
        assert attempt(guard, context, None) is None


def test_preflights_are_free() -> None:
    """Threat 66: they use up no quota, even of a path that nobody knows."""
    guard = Guard(ManualClock())
    for _ in range(9):
        context = make_context(
            ACME, matched=False, known=False, origin="https://a.test", preflight_for="GET"
        )
        guard.finish(context, [])
    assert guard.admit(with_token()) is None


def test_routes_without_a_token_stay_open_to_others_behind_the_address() -> None:
    """Threat 82: the guard refuses tokens and unknown paths, nothing else."""
    guard = exhausted()
    assert guard.admit(make_context(ACME, authentication="optional")) is None
    assert guard.admit(make_context(ACME)) is None
    assert guard.admit(make_context(ACME, authentication="ignored", token="x")) is None
    assert guard.admit(make_context(ACME, matched=False, known=False))


def test_other_credentials_are_held_back_where_they_are_named() -> None:
    """Threat 77: keys of an app's own layer, before that looks at them."""
    named = Guard(ManualClock(), credentials=("HTTP_AUTHORIZATION", "HTTP_X_API_KEY"))
    for guard in (named, unnamed := exhausted()):
        for _ in range(3):
            attempt(guard, with_token())
    with_key = make_context(ACME, headers={"X-Api-Key": "x"})
    assert [bool(guard.admit(with_key)) for guard in (named, unnamed)] == [True, False]
    assert named.admit(make_context(ACME, authentication="optional")) is None


def test_a_bare_string_names_one_place_of_credentials() -> None:
    guard = Guard(ManualClock(), credentials="HTTP_X_API_KEY")
    policy = make_policy(guard="1/hour")
    with_key = make_context(policy, headers={"X-Api-Key": "x"})
    assert [bool(attempt(guard, with_key)) for _ in range(2)] == [False, True]


def test_without_an_address_nobody_is_counted() -> None:
    """Threat 72: behind a UNIX socket all callers would share one counter."""
    guard = Guard(ManualClock())
    assert [attempt(guard, with_token(address="")) for _ in range(9)] == [None] * 9


def test_without_an_address_no_counter_is_looked_at_or_raised() -> None:
    """Threat 72."""
    guard, owner = Guard(ManualClock()), (ACME.tenant.id, "")
    for _ in range(9):
        attempt(guard, with_token(address=""))
    assert not guard.failures.wait_s(owner, ACME.guard)
    for _ in range(9):
        guard.failures.charge(owner, ACME.guard)
    assert guard.admit(with_token(address="")) is None


def test_the_guard_says_what_it_is() -> None:
    assert (Guard.name, Guard.refuses) == ("guard", ("rate_limited",))


def test_the_memory_of_addresses_is_bounded() -> None:
    """Threat 77, threat 102: the address unseen for longest is forgotten."""
    guard = Guard(ManualClock(), size=2)
    policy = make_policy(guard="1/hour")
    for number in (1, 2, 3):
        attempt(guard, with_token(policy, f"192.0.2.{number}"))
    refused = [bool(guard.admit(with_token(policy, f"192.0.2.{n}"))) for n in (1, 2, 3)]
    assert refused == [False, True, True]
