"""A tenant that trusts a real OpenID provider, under ``serve`` with two workers.

The provider is a process of its own. It rotates and withdraws its keys, hangs and goes away.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from pathlib import Path
from typing import NamedTuple

import pytest

from tenantauth.outbound.networks import NamedNetwork
from tenants.registry import Registry
from tenants.spec import TenantSpec
from tenants.values import CorsSpec, IssuerSpec, RoleSpec
from tests.integration.club import ORIGIN, WORKERS, Site, serving_club
from tests.registries import new_registry
from tests.servers.partner import Partner, running_partner
from tests.servers.provider import AUDIENCE, MAX_AGE_S

pytestmark = pytest.mark.server

COOL_DOWN_S = 60
LONGEST_REST_S = 300
GOOD, REFUSED, UNAVAILABLE = (200, None), (401, "invalid_token"), (503, "issuer_unavailable")


class Club(NamedTuple):
    """Three tenants and a server: two trust the provider, each for its own organisation."""

    partner: Partner
    registry: Registry
    site: Site

    def own_token(self, tenant: str) -> str:
        return self.registry.tokens.issue(tenant, "alice").token

    def rotated_token(self, order: str = "rotate") -> str:
        """Let the provider sign with a new key, and return a token of that key."""
        self.partner.tell(order)
        return self.partner.machine_token()


def trusting(partner: Partner, org: str) -> IssuerSpec:
    return IssuerSpec(
        partner.issuer,
        jwks_uri=partner.jwks_uri,
        # An ID token is for the client that asked for it; here its audience alone lets it pass.
        audience=(AUDIENCE, "web"),
        typ=("at+jwt", "JWT"),
        match={"org_id": org},
        subject_prefix="partner:",
        roles_claim="realm_access.roles",
        role_map={"partner-admin": "analyst"},
        requires_any_role=("viewer",),
    )


def tenant(slug: str, *issuers: IssuerSpec) -> TenantSpec:
    roles = (RoleSpec("viewer"), RoleSpec("analyst", inherits=("viewer",)))
    rule = CorsSpec(origins=(ORIGIN,))
    return TenantSpec(slug, slug, cors=(rule,), roles=roles, trusted_issuers=issuers)


@pytest.fixture(scope="module")
def partner() -> Iterator[Partner]:
    with running_partner() as partner:
        yield partner


@pytest.fixture(scope="module")
def registry(partner: Partner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    port = int(partner.netloc.rpartition(":")[2])
    named = NamedNetwork(ip_network("127.0.0.1"), port)
    registry = new_registry(tmp_path_factory.mktemp("club"), issuer_networks=(named,))
    registry.tenants.add(tenant("acme", trusting(partner, "org_acme")))
    registry.tenants.add(tenant("globex", trusting(partner, "org_globex")))
    registry.tenants.add(tenant("initech"))
    yield registry
    registry.dispose()


@pytest.fixture(scope="module")
def warm(
    partner: Partner, registry: Registry, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Club]:
    """Return a club whose workers have asked the provider for its keys."""
    with serving_club(registry, tmp_path_factory.mktemp("warm")) as site:
        assert site.ask_all(partner.machine_token()) == {GOOD}
        yield Club(partner, registry, site)


@pytest.fixture
def club(warm: Club) -> Club:
    """Return it with every set of keys at its end, so that the first token has it fetched anew."""
    warm.site.later(MAX_AGE_S)
    return warm


@pytest.fixture
def cold(partner: Partner, registry: Registry, tmp_path: Path) -> Iterator[Club]:
    """Return a club whose workers know nothing of the provider yet."""
    with serving_club(registry, tmp_path) as site:
        yield Club(partner, registry, site)


Grant = Callable[[Partner], str]
GRANTS = pytest.mark.parametrize(
    ("grant", "subject", "client", "scopes"),
    [
        (Partner.machine_token, "acme-job", "acme-job", ["reports:read"]),
        (Partner.user_token, "bob", "web", ["openid", "reports:read"]),
    ],
    ids=["client credentials", "authorization code"],
)


@GRANTS
def test_callers_of_the_provider_are_told_in_the_tenants_words(
    club: Club, grant: Grant, subject: str, client: str, scopes: list[str]
) -> None:
    assert club.site.ask(grant(club.partner), path="/reports").said == {
        "tenant": "acme",
        "subject": f"partner:{subject}",
        "client": f"partner:{client}",
        "roles": ["analyst", "viewer"],
        "scopes": scopes,
        "issuer": club.partner.issuer,
    }


@pytest.mark.parametrize("elsewhere", ["globex", "initech"])
@pytest.mark.parametrize("grant", [Partner.machine_token, Partner.user_token])
def test_a_token_passes_at_no_other_tenant(club: Club, grant: Grant, elsewhere: str) -> None:
    """Threat 44: not where another organisation's pass, and not where nobody's do."""
    assert club.site.ask_all(grant(club.partner), elsewhere) == {REFUSED}


def test_each_tenant_takes_its_own_organisation(club: Club) -> None:
    """Threat 44: two tenants trust one issuer, audience and key."""
    token = club.partner.machine_token("globex-job")
    assert (club.site.ask_all(token, "globex"), club.site.ask_all(token)) == ({GOOD}, {REFUSED})


def test_an_id_token_is_no_access_token(club: Club) -> None:
    """Threat 26."""
    token = club.partner.sign_in()["id_token"]
    assert club.site.ask_all(token) == {REFUSED}
    reason = club.registry.tokens.inspect(token, tenant="acme").reason
    assert reason is not None
    assert reason.startswith("it is an ID token")


def test_who_holds_none_of_the_asked_roles_is_refused(club: Club) -> None:
    assert club.site.ask_all(club.partner.user_token("carl")) == {REFUSED}


def test_a_token_of_it_can_be_inspected(club: Club) -> None:
    token = club.partner.machine_token()
    inspect = club.registry.tokens.inspect
    assert inspect(token, tenant="acme").valid
    assert not inspect(token, tenant="globex").valid


def test_the_audit_says_whom_a_tenant_trusts(club: Club) -> None:
    (event,) = club.registry.audit.list(tenant="acme", limit=1)
    (issuer,) = (event.after or {})["trusted_issuers"]
    assert issuer["issuer"] == club.partner.issuer
    assert issuer["match"] == {"org_id": "org_acme"}


def test_a_new_key_costs_each_worker_one_fetch(club: Club) -> None:
    """Threat 115: and within the cool-down a yet newer one costs none."""
    old = club.partner.machine_token()
    assert club.site.ask_all(old) == {GOOD}
    new, before = club.rotated_token(), club.partner.fetches()
    club.site.later(COOL_DOWN_S)
    assert club.site.ask_all(new) == {GOOD}
    assert club.site.ask_all(old) == {GOOD}
    newer = club.rotated_token()
    assert club.site.ask_all(newer) == {REFUSED}
    assert club.partner.fetches() == before + WORKERS
    club.site.later(COOL_DOWN_S)
    assert club.site.ask_all(newer) == {GOOD}


def test_a_withdrawn_key_ends_with_the_life_of_the_set(club: Club) -> None:
    """Threat 31: also for a token that a worker has seen before."""
    old = club.partner.machine_token()
    assert club.site.ask_all(old) == {GOOD}
    new = club.rotated_token("withdraw")
    assert club.site.ask_all(old) == {GOOD}
    club.site.later(MAX_AGE_S)
    assert club.site.ask_all(old) == {REFUSED}
    assert club.site.ask_all(new) == {GOOD}


def test_an_outage_ends_nothing_that_is_known(club: Club) -> None:
    """Threat 114: known keys serve, unknown ones are told to come back, and then can."""
    known = club.partner.machine_token()
    assert club.site.ask_all(known) == {GOOD}
    unknown = club.rotated_token()
    club.partner.tell("away")
    try:
        club.site.later(COOL_DOWN_S)
        assert club.site.ask_all(unknown) == {UNAVAILABLE}
        club.site.later(MAX_AGE_S)
        assert club.site.ask_all(known) == {GOOD}
    finally:
        club.partner.tell("back")
    club.site.later(LONGEST_REST_S)
    assert club.site.ask_all(unknown) == {GOOD}


def test_keys_end_a_day_into_an_outage(club: Club) -> None:
    """Threat 114: what may have been withdrawn long ago is not believed for ever."""
    known = club.partner.machine_token()
    assert club.site.ask_all(known) == {GOOD}
    club.partner.tell("away")
    try:
        club.site.later(24 * 3600)
        assert club.site.ask_all(known) == {UNAVAILABLE}
    finally:
        club.partner.tell("back")
    club.site.later(LONGEST_REST_S)
    assert club.site.ask_all(known) == {GOOD}


def test_workers_that_start_in_an_outage_say_so_to_pages_and_recover(cold: Club) -> None:
    token = cold.partner.machine_token()
    cold.partner.tell("away")
    try:
        answer = cold.site.ask(token)
        assert answer.outcome == UNAVAILABLE
        assert 1 <= int(answer.headers["Retry-After"]) <= LONGEST_REST_S
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert cold.site.ask_all(cold.own_token("acme")) == {GOOD}
    finally:
        cold.partner.tell("back")
    cold.site.later(LONGEST_REST_S)
    assert cold.site.ask_all(token) == {GOOD}


def test_one_who_waits_for_a_provider_holds_up_nobody_else(cold: Club) -> None:
    """Threat 114: the others are answered while the first fetch hangs, in the same worker."""
    token = cold.partner.machine_token()
    own = {slug: cold.own_token(slug) for slug in ("acme", "initech")}
    pid = min(cold.site.pids)
    cold.partner.tell("hold")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(cold.site.ask, token, pid=pid)
        try:
            assert cold.partner.tell("held")
            others = {cold.site.ask(own[slug], slug, pid=pid).outcome for slug in own}
            assert (others, waiting.done()) == ({GOOD}, False)
        finally:
            cold.partner.tell("release")
        assert waiting.result().outcome == GOOD


def test_nothing_is_ever_fetched_but_the_keys(club: Club) -> None:
    """Threat 30: the provider's other pages were asked for by its own clients alone."""
    before = club.partner.tell("asked")
    club.site.later(MAX_AGE_S)
    assert club.site.ask_all(club.partner.machine_token()) == {GOOD}
    after = club.partner.tell("asked")
    assert {path for path in after if after[path] != before.get(path, 0)} == {"/jwks", "/token"}
