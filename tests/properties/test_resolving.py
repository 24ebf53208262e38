"""What holds for any ways of resolving and any answers of theirs."""

from random import Random
from wsgiref.types import WSGIEnvironment

from hypothesis import given
from hypothesis import strategies as st

from tenantauth.agreement import Agreement
from tenantauth.errors import UnresolvedError
from tenantauth.ports import TenantKey
from tenantauth.request import RequestFacts
from tenantauth.resolve import ByIssuer
from tenantauth.tenant_path import TenantPath
from tenantauth.testing import FakePolicySource, make_policy

SLUGS = ("acme", "globex", "initech")
SOURCE = FakePolicySource(make_policy(slug) for slug in SLUGS)
REQUEST = RequestFacts("GET", "/", "localhost", "http", "", 0.0)

HOSTS = st.sampled_from([*SLUGS, "nobody"]).map(lambda slug: TenantKey("host", f"{slug}.localhost"))
NAMES = st.sampled_from([*SLUGS, "nobody"]).map(lambda slug: TenantKey("slug", slug))
ISSUERS = st.sampled_from([*SLUGS, "nobody"]).map(
    lambda slug: TenantKey("issuer", f"http://{slug}.localhost")
)


class Says:
    """A way that always says the same."""

    def __init__(self, key: TenantKey | None) -> None:
        self.key = key

    def resolve(self, request: RequestFacts, environ: WSGIEnvironment) -> TenantKey | None:
        return self.key


class LastSays(ByIssuer):
    """The same for the way that is asked last."""

    def __init__(self, key: TenantKey | None) -> None:
        self.key = key

    def resolve(self, request: RequestFacts, environ: WSGIEnvironment) -> TenantKey | None:
        return self.key


def served(*ways: Says | LastSays) -> str | None:
    try:
        policy, _ = Agreement(ways, proxies=0).settle(REQUEST, {}, SOURCE)
    except UnresolvedError:
        return None
    return policy.tenant.slug


@given(
    st.lists(st.none() | HOSTS | NAMES, max_size=4),
    st.lists(st.none() | ISSUERS, max_size=1),
    st.randoms(use_true_random=False),
)
def test_nobody_is_served_where_two_answers_differ(
    first: list[TenantKey | None], last: list[TenantKey | None], random: Random
) -> None:
    """Threats 46 and 47: whatever the order, the tenant is the one that all answers name."""
    ways: list[Says | LastSays] = [*map(Says, first), *map(LastSays, last)]
    random.shuffle(ways)
    if not ways:
        return
    known = {SOURCE.find(key) for key in first if key is not None}
    absent = {key for key in first if key and key.kind == "slug" and not SOURCE.find(key)}
    found = {policy.tenant.slug for policy in known if policy is not None}
    by_issuer = SOURCE.find(last[0]) if last and last[0] else None
    expected = None
    if not absent and len(found) == 1:
        (expected,) = found
    elif not absent and not found and by_issuer is not None:
        expected = by_issuer.tenant.slug
    assert served(*ways) == expected


@given(
    st.sampled_from(["", "/", "//", "/v1"]),
    st.sampled_from(["/t", "t", "//t", "/T", "/t/", "/x/t"]),
    st.text("acme/.-%\\;\x00\xc3\xa9 T", max_size=12),
)
def test_what_is_moved_is_what_stood_there(before: str, prefix: str, text: str) -> None:
    """Threat 48: address and rest together are the path that came, less doubled slashes."""
    environ: WSGIEnvironment = {"SCRIPT_NAME": before, "PATH_INFO": f"{prefix}/{text}"}
    whole = "/" + environ["PATH_INFO"].lstrip("/")
    path = TenantPath.read(environ)
    if path is None:
        return
    try:
        request = path.move(environ, REQUEST)
    except UnresolvedError:
        assert {".", ".."} & set(whole.split("/"))
        return
    moved = environ["SCRIPT_NAME"].removeprefix(before.rstrip("/")) + environ["PATH_INFO"]
    assert moved in (whole, whole + "/")
    assert "/" not in path.slug
    assert request.path.startswith("/")
