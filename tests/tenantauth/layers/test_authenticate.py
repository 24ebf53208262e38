from collections.abc import Iterator

import pytest

from tenantauth.context import RequestContext
from tenantauth.identity import Identity
from tenantauth.layers.authenticate import Authenticate
from tenantauth.reply import Refusal
from tenantauth.testing import FakeKeySource, make_policy, make_token
from tests.partners import ISSUER, partner_token, trust
from tests.support import NOW, make_context

ACME = make_policy(roles={"analyst": ["reports:write"]})
GLOBEX = make_policy("globex")
TOKEN = make_token(ACME, roles=["analyst"])
ANONYMOUS = Identity("acme")
MISSING = Refusal("missing_token", headers=(("WWW-Authenticate", "Bearer"),))
CHALLENGE = (("WWW-Authenticate", 'Bearer error="invalid_token"'),)


def bad_tokens() -> Iterator[tuple[str, str]]:
    yield "garbage", "wrong_segments"
    yield "a.b.c", "not_base64url"
    yield make_token(GLOBEX), "wrong_issuer"
    yield make_token(ACME, tenant="globex"), "wrong_tenant"
    yield make_token(ACME, header={"alg": "none"}), "wrong_algorithm"


def test_a_good_token_becomes_the_identity() -> None:
    context = make_context(ACME, token=TOKEN)
    assert Authenticate().admit(context) is None
    assert context.identity is not None
    assert (context.identity.subject, context.identity.kind) == ("alice", "user")
    assert context.identity.permissions == {"reports:write"}


def test_without_a_token_the_challenge_names_no_error() -> None:
    """RFC 6750 section 3.1."""
    assert Authenticate().admit(make_context(ACME)) == MISSING


@pytest.mark.parametrize("authentication", ["required", "optional"])
@pytest.mark.parametrize("token", [token for token, _ in bad_tokens()], ids=range(5))
def test_a_bad_token_is_refused_also_where_none_is_needed(token: str, authentication: str) -> None:
    """Threat 44, threat 55: never taken for an anonymous caller."""
    context = make_context(ACME, token=token, authentication=authentication)
    refusal = Authenticate().admit(context)
    assert refusal is not None
    assert (refusal.code, refusal.headers) == ("invalid_token", CHALLENGE)
    assert context.identity == ANONYMOUS


def test_the_caller_is_not_told_what_failed_in_a_token() -> None:
    """Threat 110: the reason is for events; no detail, one challenge for all."""
    replies = [Authenticate().admit(make_context(ACME, token=token)) for token, _ in bad_tokens()]
    told = {(r.code, r.detail, r.headers, *r.members) for r in replies if r is not None}
    assert told == {("invalid_token", None, CHALLENGE)}


@pytest.mark.parametrize("authorization", ["Bearer", "Bearer a, Bearer b", "Bearer a b"])
def test_a_malformed_field_is_an_invalid_token(authorization: str) -> None:
    """Threat 57."""
    context = make_context(ACME, authorization=authorization, authentication="optional")
    refusal = Authenticate().admit(context)
    assert refusal == Refusal("invalid_token", "malformed_authorization", headers=CHALLENGE)


def test_another_scheme_is_no_token() -> None:
    """Threat 57."""
    assert Authenticate().admit(make_context(ACME, authorization="Basic YTpi")) == MISSING


def test_an_expired_token_has_a_code_of_its_own() -> None:
    context = make_context(ACME, token=TOKEN, received_at=NOW + 10_000)
    assert Authenticate().admit(context) == Refusal("token_expired", "expired", headers=CHALLENGE)


def test_the_token_of_another_tenant_is_invalid() -> None:
    """Threat 44: also with the very same key material and kid."""
    shared = make_policy("globex", keys=[])
    context = make_context(shared, token=TOKEN)
    refusal = Authenticate().admit(context)
    assert refusal is not None
    assert refusal.code == "invalid_token"


def test_an_open_route_takes_a_good_token_into_account() -> None:
    context = make_context(ACME, token=TOKEN, authentication="optional")
    assert Authenticate().admit(context) is None
    assert context.identity is not None
    assert context.identity.subject == "alice"


def test_an_open_route_serves_anonymous_callers() -> None:
    context = make_context(ACME, authentication="optional")
    assert Authenticate().admit(context) is None
    assert context.identity == ANONYMOUS


@pytest.mark.parametrize("token", ["garbage", TOKEN, None], ids=["bad", "good", "none"])
def test_no_token_is_looked_at_where_it_is_ignored(token: str | None) -> None:
    context = make_context(ACME, token=token, authentication="ignored", scheme="http", host="a.b")
    assert Authenticate().admit(context) is None
    assert context.identity == ANONYMOUS


@pytest.mark.parametrize("token", ["garbage", None], ids=["bad", "none"])
def test_an_unknown_path_is_the_apps_to_answer(token: str | None) -> None:
    """Threat 55: but only ever for nobody."""
    context = make_context(ACME, token=token, matched=False)
    assert Authenticate().admit(context) is None
    assert context.identity == ANONYMOUS


MACHINE = Identity("acme", "m-1", "client", "m-1")


@pytest.mark.parametrize("authentication", ["required", "optional"])
def test_an_identity_that_an_earlier_layer_proved_stays(authentication: str) -> None:
    context = make_context(ACME, authentication=authentication)
    context.identity = MACHINE
    assert Authenticate().admit(context) is None
    assert context.identity is MACHINE


@pytest.mark.parametrize(
    "before", [Identity("globex", "m-1", "client"), ANONYMOUS], ids=["of another tenant", "nobody"]
)
def test_an_identity_that_proves_nothing_here_does_not_stay(before: Identity) -> None:
    """Threat 54, threat 44: that of another tenant among them."""
    context = make_context(ACME)
    context.identity = before
    assert Authenticate().admit(context) == MISSING
    assert context.identity == ANONYMOUS


def test_a_token_goes_before_what_an_earlier_layer_proved() -> None:
    context = make_context(ACME, token=TOKEN)
    context.identity = MACHINE
    assert Authenticate().admit(context) is None
    assert context.identity.subject == "alice"


def test_a_bad_token_is_refused_whatever_an_earlier_layer_proved() -> None:
    """Threat 44: no credential makes up for a bad one."""
    context = make_context(ACME, token="garbage", authentication="optional")
    context.identity = MACHINE
    refusal = Authenticate().admit(context)
    assert refusal is not None
    assert context.identity == ANONYMOUS


def test_nobody_is_known_where_credentials_are_ignored() -> None:
    context = make_context(ACME, authentication="ignored")
    context.identity = MACHINE
    assert Authenticate().admit(context) is None
    assert context.identity == ANONYMOUS


def over(scheme: str, host: str, token: str = TOKEN) -> RequestContext:
    return make_context(ACME, token=token, scheme=scheme, host=host)


@pytest.mark.parametrize("token", [TOKEN, "garbage"], ids=["good", "bad"])
@pytest.mark.parametrize("host", ["api.acme.test", "localhost.acme.test", "10.0.0.1", "[2001::1]"])
def test_a_token_over_plain_http_is_refused_unread(host: str, token: str) -> None:
    assert Authenticate().admit(over("http", host, token)) == Refusal("insecure_transport")


@pytest.mark.parametrize(
    ("scheme", "host"),
    [
        ("https", "api.acme.test"),
        ("http", "localhost"),
        ("http", "acme.localhost"),
        ("http", "127.0.0.1"),
        ("http", "[::1]"),
    ],
)
def test_a_token_over_https_or_loopback_is_read(scheme: str, host: str) -> None:
    assert Authenticate().admit(over(scheme, host)) is None


def test_plain_http_can_be_allowed() -> None:
    assert Authenticate(allow_http=True).admit(over("http", "api.acme.test")) is None


def test_without_a_token_plain_http_is_no_matter() -> None:
    context = make_context(ACME, scheme="http", host="api.acme.test", authentication="optional")
    assert Authenticate().admit(context) is None


def test_a_caller_of_a_trusted_issuer_is_known_in_the_tenants_words() -> None:
    """Threat 41, threat 44."""
    partner = trust(subject_prefix="p:", roles_claim="groups", role_map={"staff": "analyst"})
    policy = make_policy(roles={"analyst": ["reports:write"]}, trusted_issuers=[partner])
    token = partner_token(groups=["staff"], roles=["admin"], azp="app", tenant="globex")
    context = make_context(policy, token=token)
    assert Authenticate().admit(context) is None
    caller = context.identity
    assert caller is not None
    assert (caller.tenant, caller.subject, caller.kind) == ("acme", "p:bob", "user")
    assert (caller.issuer, caller.client_id, caller.token_id) == (ISSUER, "p:app", None)
    assert caller.roles == {"analyst"}
    assert caller.permissions == {"reports:write"}


def test_a_client_of_a_trusted_issuer_is_its_own_subject() -> None:
    context = make_context(make_policy(trusted_issuers=[trust()]), token=partner_token(azp="bob"))
    assert Authenticate().admit(context) is None
    assert context.identity is not None
    assert context.identity.kind == "client"


REMOTE = make_policy(trusted_issuers=[trust(jwks_uri=f"{ISSUER}/jwks")])


def down() -> FakeKeySource:
    source = FakeKeySource()
    source.down = True
    return source


@pytest.mark.parametrize("authentication", ["required", "optional"])
def test_while_an_issuers_keys_are_away_its_callers_wait(authentication: str) -> None:
    """Threat 56: neither let in nor told that the token is bad, nor charged for it."""
    context = make_context(REMOTE, token=partner_token(), authentication=authentication)
    refusal = Authenticate(key_source=down()).admit(context)
    assert refusal == Refusal(
        "issuer_unavailable", "the fake is down", headers=(("Retry-After", "7"),)
    )
    assert context.identity == ANONYMOUS


def test_while_an_issuers_keys_are_away_the_tenants_own_callers_pass() -> None:
    context = make_context(REMOTE, token=make_token(REMOTE))
    assert Authenticate(key_source=down()).admit(context) is None


def test_while_an_issuers_keys_are_away_an_unknown_path_is_the_apps_to_answer() -> None:
    """Threat 55."""
    context = make_context(REMOTE, token=partner_token(), matched=False)
    assert Authenticate(key_source=down()).admit(context) is None
    assert context.identity == ANONYMOUS


def test_the_layer_says_what_it_gives_and_how_it_refuses() -> None:
    assert Authenticate.name == "authenticate"
    assert Authenticate.provides == {"identity"}
    assert set(Authenticate.refuses) == {
        "missing_token",
        "invalid_token",
        "token_expired",
        "insecure_transport",
        "issuer_unavailable",
    }
