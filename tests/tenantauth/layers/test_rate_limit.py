from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tenantauth.context import RequestContext
from tenantauth.errors import StateUnavailableError
from tenantauth.grant_limit import GrantLimit
from tenantauth.identity import Identity
from tenantauth.layers.rate_limit import RateLimit
from tenantauth.limit import CountBy, Limit
from tenantauth.policy import TenantPolicy
from tenantauth.ports import Charge, Decision, Standing
from tenantauth.reply import HeaderList, Refusal
from tenantauth.route import RouteLimit
from tenantauth.testing import make_policy
from tenantauth.units import Rate
from tests.support import make_context

ALICE = Identity("acme", "alice", "user", "web")
NOBODY = Identity("acme")
TEN = Rate(10, 60)


class FakeStore:
    """Records what is charged and refuses the limits that it is told to."""

    def __init__(self, *violated: str) -> None:
        self.charges: list[Charge] = []
        self._violated = violated

    def decide(self, charges: Sequence[Charge]) -> Decision:
        self.charges += charges
        return Decision(tuple(map(self._standing, charges)))

    def _standing(self, charge: Charge) -> Standing:
        violated = charge.limit.name in self._violated
        return Standing(charge.limit, 7, 41.2, retry_after_s=2.5 if violated else 0.0)

    @property
    def owners(self) -> list[tuple[str, ...]]:
        return [charge.owner for charge in self.charges]


def called(
    policy: TenantPolicy, identity: Identity | None = ALICE, **fields: object
) -> RequestContext:
    context = make_context(policy, **fields)  # type: ignore[arg-type]  # any field of a request
    context.identity = identity
    return context


def owners(context: RequestContext) -> list[tuple[str, ...]]:
    store = FakeStore()
    RateLimit(store).admit(context)
    return store.owners


def limited(*limits: Limit) -> TenantPolicy:
    return make_policy(limits=limits)


def finished(layer: RateLimit, context: RequestContext) -> HeaderList:
    headers: HeaderList = [("X-App", "1")]
    layer.finish(context, headers)
    return headers


@pytest.mark.parametrize(
    ("by", "caller"),
    [
        ("tenant", ()),
        ("address", ("address", "192.0.2.1")),
        ("subject", ("subject", "alice")),
        ("client", ("client", "web")),
    ],
)
def test_a_limit_counts_by_its_kind_of_caller(by: CountBy, caller: tuple[str, ...]) -> None:
    """Threat 74: not by token, kid or session."""
    policy = limited(Limit("user", TEN, by=by))
    assert owners(called(policy)) == [("id-acme", "tenant", "user", *caller)]


@pytest.mark.parametrize("by", ["subject", "client"])
@pytest.mark.parametrize("identity", [NOBODY, None], ids=["anonymous", "none"])
def test_without_a_proven_caller_the_address_counts(by: CountBy, identity: Identity | None) -> None:
    """Threat 75: under a name that no subject can have."""
    policy = limited(Limit("user", TEN, by=by))
    expected = [("id-acme", "tenant", "user", "address", "192.0.2.1")]
    assert owners(called(policy, identity)) == expected
    assert owners(called(policy, replace(ALICE, subject="192.0.2.1"))) != expected


def test_no_counter_is_shared_by_two_tenants() -> None:
    """Threat 75, threat 51: one tenant filling another's bucket."""
    limit = Limit("all", TEN)
    acme, globex = make_policy(limits=[limit]), make_policy("globex", limits=[limit])
    assert owners(called(acme)) != owners(called(globex))


def test_a_new_token_finds_the_same_counter() -> None:
    """Threat 74."""
    policy = limited(Limit("user", TEN, by="subject"))
    again = replace(ALICE, token_id="2", session_id="2", scopes=frozenset({"x"}))
    assert owners(called(policy, again)) == owners(called(policy))


def test_all_limits_go_into_one_decision() -> None:
    policy = limited(Limit("a", TEN), Limit("b", TEN))
    store = FakeStore()
    route_limits = (RouteLimit("route:x", Limit("route:x", TEN, cost=3)),)
    assert RateLimit(store).admit(called(policy, limits=route_limits)) is None
    assert [(c.owner[1], c.limit.name) for c in store.charges] == [
        ("tenant", "a"),
        ("tenant", "b"),
        ("route:x", "route:x"),
    ]


@pytest.mark.parametrize(
    ("method", "path", "applies"),
    [
        ("GET", "/export", True),
        ("HEAD", "/export", True),
        ("GET", "/export/all", True),
        ("GET", "//export", True),
        ("POST", "/export", False),
        ("GET", "/exports", False),
        ("GET", "/", False),
    ],
)
def test_a_limit_applies_to_its_paths_and_methods(method: str, path: str, *, applies: bool) -> None:
    """Threat 73: HEAD and spellings of a path."""
    policy = limited(Limit("export", TEN, paths=("/export",), methods=frozenset({"GET"})))
    assert bool(owners(called(policy, method=method, path=path))) is applies


def test_an_exempt_route_is_held_to_its_own_limits_only() -> None:
    policy = limited(Limit("a", TEN))
    route_limits = (RouteLimit("route:x", Limit("own", TEN)),)
    exempt = called(policy, limit_exempt=True, limits=route_limits)
    assert [owner[1:3] for owner in owners(exempt)] == [("route:x", "own")]


def test_a_published_document_is_not_charged() -> None:
    context = called(limited(Limit("a", TEN)), published=True)
    assert owners(context) == []
    assert finished(RateLimit(FakeStore()), context) == [("X-App", "1")]


def test_a_shadow_limit_neither_counts_nor_refuses() -> None:
    policy = limited(Limit("a", TEN, mode="shadow"))
    assert RateLimit(FakeStore("a")).admit(called(policy)) is None


def test_without_limits_the_store_is_not_asked() -> None:
    context = called(make_policy())
    assert owners(context) == []
    assert context.decision is None


def test_a_violated_limit_refuses_and_is_named() -> None:
    context = called(limited(Limit("a", TEN), Limit("b", TEN), Limit("c", TEN)))
    assert RateLimit(FakeStore("b", "c")).admit(context) == Refusal(
        "rate_limited",
        "limit b, c",
        headers=(("Retry-After", "3"),),
        members={"violated-policies": ["b", "c"]},
    )


@pytest.mark.parametrize("violated", [(), ("a",)], ids=["allowed", "refused"])
def test_the_caller_is_told_how_its_limits_stand(violated: tuple[str, ...]) -> None:
    layer = RateLimit(FakeStore(*violated))
    context = called(limited(Limit("a", TEN), Limit("b", Rate(5, 3600))))
    layer.admit(context)
    assert finished(layer, context) == [
        ("X-App", "1"),
        ("RateLimit-Policy", '"a";q=10;w=60, "b";q=5;w=3600'),
        ("RateLimit", '"a";r=7;t=42, "b";r=7;t=42'),
    ]


def test_an_apps_own_limit_headers_do_not_stand_beside_ours() -> None:
    layer = RateLimit(FakeStore())
    context = called(limited(Limit("a", TEN)))
    layer.admit(context)
    headers = [("ratelimit", '"own";r=1;t=1'), ("RateLimit-Policy", '"own";q=1;w=1')]
    layer.finish(context, headers)
    assert [value for _, value in headers] == ['"a";q=10;w=60', '"a";r=7;t=42']


class AbsentStore:
    """A store that cannot be reached."""

    def decide(self, charges: Sequence[Charge]) -> Decision:
        raise StateUnavailableError("closed without it: limit a")


def test_a_limit_that_cannot_be_counted_and_is_closed_is_503() -> None:
    """Threat 78."""
    layer, context = RateLimit(AbsentStore()), called(limited(Limit("a", TEN)))
    assert layer.admit(context) == Refusal(
        "state_unavailable", "closed without it: limit a", headers=(("Retry-After", "1"),)
    )
    assert finished(layer, context) == [("X-App", "1")]


class OpenStore:
    """A store that counts nothing, as for limits that are open in an outage."""

    def decide(self, charges: Sequence[Charge]) -> Decision:
        return Decision(())


def test_limits_that_were_not_counted_are_not_told() -> None:
    """Threat 78."""
    layer, context = RateLimit(OpenStore()), called(limited(Limit("a", TEN)))
    assert layer.admit(context) is None
    assert finished(layer, context) == [("X-App", "1")]


def test_a_request_refused_before_is_told_nothing() -> None:
    """Threat 83."""
    context = called(limited(Limit("a", TEN)), None)
    assert finished(RateLimit(FakeStore()), context) == [("X-App", "1")]


def route_limit(**fields: Any) -> tuple[RouteLimit, ...]:
    return (RouteLimit("route:x", GrantLimit("own", **{"rate": TEN, **fields})),)


def test_the_app_can_name_whose_requests_are_counted_together() -> None:
    limits = route_limit(by=lambda grant: f"{grant.tenant.slug} team")
    assert owners(called(make_policy(), limits=limits)) == [
        ("id-acme", "route:x", "own", "owner", "acme team")
    ]


def test_an_owner_of_the_apps_is_never_a_subject() -> None:
    """Threat 75: also when both have one spelling."""
    named = owners(called(make_policy(), limits=route_limit(by=lambda grant: "alice")))
    assert named != owners(called(make_policy(), limits=route_limit(by="subject")))


def test_where_the_app_names_no_owner_the_address_counts() -> None:
    limits = route_limit(by=lambda grant: grant.identity.subject or "")
    assert owners(called(make_policy(), NOBODY, limits=limits))[0][3:] == ("address", "192.0.2.1")
    assert owners(called(make_policy(), None, limits=limits))[0][3:] == ("address", "192.0.2.1")


def test_the_app_can_tell_the_rate() -> None:
    store = FakeStore()
    limits = route_limit(rate=lambda grant: "3/hour", by="client")
    RateLimit(store).admit(called(make_policy(), limits=limits))
    assert [charge.limit for charge in store.charges] == [Limit("own", Rate(3, 3600), by="client")]


@pytest.mark.parametrize(
    "fields",
    [{"rate": lambda grant: "often"}, {"rate": lambda grant: None}, {"by": lambda grant: None}],
    ids=["no rate", "nothing", "no owner"],
)
def test_an_answer_that_cannot_be_read_refuses_with_one_line(
    fields: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Threats 56, 81: never unlimited."""
    context = called(make_policy(), limits=route_limit(**fields))
    refusal = RateLimit(FakeStore()).admit(context)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "internal_error"
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", refusal.reason)
    ]


def test_default_limits_are_for_tenants_without_their_own() -> None:
    layer_owners = []
    for policy in (limited(), limited(Limit("own", TEN))):
        store = FakeStore()
        RateLimit(store, defaults=[Limit("default", TEN)]).admit(called(policy))
        layer_owners += store.owners
    assert [owner[1:] for owner in layer_owners] == [("tenant", "default"), ("tenant", "own")]


def test_an_exempt_route_is_left_out_of_default_limits() -> None:
    store = FakeStore()
    layer = RateLimit(store, defaults=[Limit("default", TEN)])
    assert layer.admit(called(limited(), limit_exempt=True)) is None
    assert store.charges == []
