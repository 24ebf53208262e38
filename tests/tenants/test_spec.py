"""What an operator wants, checked as a whole."""

from dataclasses import replace

import pytest

from tenantauth.settings import Settings
from tenants.errors import InvalidError
from tenants.lifetimes import Lifetimes
from tenants.parts import read_cors
from tenants.spec import TenantSpec, rules_of_origins
from tenants.spec_check import checked
from tenants.values import LimitSpec, RoleSpec

ACME = TenantSpec("acme", "Acme Corp")
(RULE,) = rules_of_origins(["https://a.test"], credentials=True)
LIMIT = LimitSpec("user", "10/minute")


def test_defaults_are_filled_in() -> None:
    found = checked(ACME, Settings())
    assert found.issuer == "http://acme.localhost:8000"
    assert found.audience == ("http://acme.localhost:8000",)
    assert (found.limits, found.cors) == ((), ())


def test_what_is_given_is_kept() -> None:
    wanted = replace(ACME, issuer="https://id.test", audience=("https://b.test", "c"))
    found = checked(wanted, Settings())
    assert (found.issuer, found.audience) == ("https://id.test", ("https://b.test", "c"))


def test_hosts_are_normalised() -> None:
    assert checked(replace(ACME, hosts=("A.Test.",)), Settings()).hosts == ("a.test",)


@pytest.mark.parametrize("slug", ["a", "a1", "0", "acme-corp", "a" * 63])
def test_a_slug_is_a_dns_label(slug: str) -> None:
    assert checked(replace(ACME, slug=slug), Settings()).slug == slug


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "-a",
        "a-",
        "A",
        "a_b",
        "a.b",
        "a b",
        "a" * 64,
        "é",
        "a\n",
        "%",
        "../a",
        "--help",
        "\udcff",
    ],
)
def test_no_other_text_is_a_slug(slug: str) -> None:
    """threat 49"""
    with pytest.raises(InvalidError, match="is not 1 to 63 of a-z"):
        checked(replace(ACME, slug=slug), Settings())


@pytest.mark.parametrize("slug", ["www", "api", "app", "admin", "t"])
def test_some_slugs_are_reserved(slug: str) -> None:
    """threat 49"""
    with pytest.raises(InvalidError, match="is reserved"):
        checked(replace(ACME, slug=slug), Settings())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"name": ""}, "name", id="no name"),
        pytest.param({"name": "a\x1b[31m"}, "name", id="terminal escape in the name"),
        pytest.param({"name": "\ud800"}, "name", id="surrogate in the name"),
        pytest.param({"name": "x" * 201}, "name", id="long name"),
        pytest.param({"tier": "a\nb"}, "tier", id="tier"),
        pytest.param({"metadata": {"": "x"}}, "metadata name", id="empty metadata name"),
        pytest.param({"metadata": {"a": "\x00"}}, "metadata 'a'", id="NUL in metadata"),
        pytest.param({"audience": ("",)}, "audience", id="empty audience"),
        pytest.param({"audience": ("a",) * 101}, "at most 100", id="many audiences"),
        pytest.param({"hosts": ("a b",)}, "host: 'a b' is not a host", id="host"),
        pytest.param({"hosts": ("127.0.0.1",)}, "IP address", id="host is an address"),
        pytest.param({"hosts": ("a.test", "A.test.")}, "'a.test' is given twice", id="host twice"),
        pytest.param({"issuer": "http://a.test"}, "must be https", id="issuer"),
        pytest.param({"algorithm": "none"}, "ES256, ES384, EdDSA", id="no algorithm"),
        pytest.param({"cors": (RULE, RULE)}, "CORS path", id="path twice"),
        pytest.param({"cors": (replace(RULE, origins=("*",)),)}, "credentials", id="any origin"),
        pytest.param(
            {"cors": (replace(RULE, origins=("a.test/x",)),)}, "not an origin", id="origin"
        ),
        pytest.param({"cors": (replace(RULE, path="/" + "x" * 600),)}, "at most", id="long path"),
        pytest.param({"limits": (LIMIT, LIMIT)}, "limit 'user' is given twice", id="limit twice"),
        pytest.param({"roles": (RoleSpec("a"),) * 2}, "share the name 'a'", id="role twice"),
        pytest.param({"roles": (RoleSpec("a,b"),)}, "one word", id="comma in a role"),
        pytest.param(
            {"roles": (RoleSpec("a", permissions=("x y",)),)},
            "one word",
            id="space in a permission",
        ),
        pytest.param(
            {"roles": (RoleSpec("a", inherits=("b",)),)},
            "does not exist",
            id="role inherits nothing",
        ),
        pytest.param({"lifetimes": Lifetimes(leeway_s=999)}, "leeway", id="lifetimes"),
    ],
)
def test_a_value_that_cannot_work_is_one_printable_sentence(
    change: dict[str, object], words: str
) -> None:
    """threat 107"""
    with pytest.raises(InvalidError) as caught:
        checked(replace(ACME, **change), Settings())  # type: ignore[arg-type]  # parametrised
    (problem,) = caught.value.problems
    assert words in problem
    assert problem.isprintable()


def test_with_paths_the_base_host_is_no_tenants() -> None:
    """Threat 47: one tenant would answer for all of its neighbours' paths."""
    wanted = replace(ACME, hosts=("API.test.",))
    assert checked(wanted, Settings(base_url="https://api.test")).hosts == ("api.test",)
    with pytest.raises(InvalidError, match=r"'api\.test' is everybody's"):
        checked(wanted, Settings(base_url="https://api.test", resolve=("host", "path")))


def test_every_problem_is_said_at_once() -> None:
    wanted = replace(ACME, slug="WWW", name="", hosts=("a b",), issuer="x", algorithm="none")
    with pytest.raises(InvalidError) as caught:
        checked(wanted, Settings())
    assert len(caught.value.problems) == 5


def test_origins_alone_make_the_rule_that_pages_usually_need() -> None:
    (spec,) = rules_of_origins(["https://a.test"], credentials=False)
    rule = read_cors(spec)
    assert (rule.path, rule.credentials) == ("/", False)
    assert rule.origins.allows("https://a.test")


def test_no_origins_make_no_rule() -> None:
    assert rules_of_origins([], credentials=False) == ()
