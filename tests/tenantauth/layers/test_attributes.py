from tenantauth.identity import Identity
from tenantauth.layers.attributes import LoadAttributes
from tenantauth.testing import make_context

ALICE = Identity("acme", "alice", "user")


def test_what_is_known_of_a_caller_is_added() -> None:
    context = make_context()
    context.identity = ALICE
    LoadAttributes(lambda identity: {"name": identity.subject}).admit(context)
    assert context.identity.attributes == {"name": "alice"}


def test_nobody_asks_about_nobody() -> None:
    for identity in (None, Identity("acme")):
        context = make_context()
        context.identity = identity
        LoadAttributes(lambda identity: 1 / 0).admit(context)  # type: ignore[arg-type, return-value]  # never called
        assert context.identity is identity
