from wsgiref.types import WSGIEnvironment

from tenantauth.context import RequestContext
from tenantauth.identity import Identity
from tenantauth.layers.authorize import Authorize
from tenantauth.reply import Refusal
from tenantauth.request import RequestFacts
from tenantauth.requirement import Require
from tenantauth.route import Requirement
from tenantauth.testing import make_policy
from tests.support import make_context

ALICE = Identity("acme", "alice", "user", roles=frozenset({"viewer"}))
VIEWER = Require(roles=frozenset({"viewer"}))
ADMIN = Require(roles=frozenset({"admin"}))
WRITER = Require(scopes=frozenset({"write"}))


def asked(identity: Identity | None, *requirements: Requirement) -> RequestContext:
    context = make_context(make_policy(), requirements=requirements)
    context.identity = identity
    return context


def test_a_route_without_requirements_is_for_every_caller() -> None:
    assert Authorize().admit(asked(Identity("acme"))) is None


def test_a_requirement_that_holds_admits() -> None:
    assert Authorize().admit(asked(ALICE, VIEWER)) is None


def test_all_requirements_must_hold_and_the_first_that_does_not_refuses() -> None:
    refusal = Authorize().admit(asked(ALICE, VIEWER, ADMIN, WRITER))
    assert refusal == Refusal("insufficient_role", "roles")


def test_without_an_identity_nothing_is_allowed() -> None:
    """Threat 56: not even a route that requires nothing."""
    assert Authorize().admit(asked(None)) == Refusal("forbidden", "no_identity")


def test_a_requirement_sees_the_request() -> None:
    def only_get(_: Identity, request: RequestFacts, environ: WSGIEnvironment) -> Refusal | None:
        return (
            None if request.method == environ["REQUEST_METHOD"] == "GET" else Refusal("forbidden")
        )

    context = asked(ALICE, only_get)
    assert Authorize().admit(context) is None
    context.environ["REQUEST_METHOD"] = "POST"
    assert Authorize().admit(context) == Refusal("forbidden")
