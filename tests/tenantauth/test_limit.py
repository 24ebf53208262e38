from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from tenantauth.limit import Limit
from tenantauth.units import MAX_AMOUNT, Rate

RATE = Rate(100, 60)


def test_a_limit_without_paths_and_methods_applies_to_everything() -> None:
    limit = Limit("all", RATE)
    assert limit.applies_to("GET", "/")
    assert limit.applies_to("BREW", "/pot/1")


@pytest.mark.parametrize(
    ("method", "path", "applies"),
    [
        ("POST", "/auth/login", True),
        ("POST", "/auth/login/", True),
        ("POST", "//auth//login", True),
        ("POST", "/v2/sign-in", True),
        ("POST", "/auth/logins", False),
        ("POST", "/auth", False),
        ("GET", "/auth/login", False),
        ("OPTIONS", "/auth/login", False),
    ],
)
def test_a_limit_applies_to_its_methods_below_its_paths(
    method: str, path: str, *, applies: bool
) -> None:
    """Threat 73: path spellings share one counter."""
    paths = ("/auth/login/", "/v2/sign-in")
    limit = Limit("login", RATE, paths=paths, methods=frozenset({"POST"}))
    assert limit.applies_to(method, path) is applies


@pytest.mark.parametrize("methods", [{"GET"}, {"HEAD"}, {"GET", "HEAD"}, set()])
def test_a_head_request_does_not_escape_a_limit_on_reading(methods: set[str]) -> None:
    """Threat 73: HEAD."""
    assert Limit("read", RATE, methods=frozenset(methods)).applies_to("HEAD", "/")


def test_a_limit_on_head_alone_leaves_get_out() -> None:
    assert not Limit("probe", RATE, methods=frozenset({"HEAD"})).applies_to("GET", "/")


def test_paths_are_kept_in_one_form() -> None:
    assert Limit("x", RATE, paths=("/a/", "/b")).paths == ("/a", "/b")


@pytest.mark.parametrize("name", ["user", "A", "tier.gold:user-1_x", "x" * 64])
def test_a_name_of_plain_characters_is_accepted(name: str) -> None:
    assert Limit(name, RATE).name == name


@pytest.mark.parametrize(
    "name",
    ["", "a/b", "a b", 'a"b', "a\\b", "a\n", "a\r\nX: y", "a\x00b", "é", "-a", "_a", "x" * 65],
)
def test_a_name_that_would_break_a_header_or_a_key_is_refused(name: str) -> None:
    """Threat 75: key collisions by separators."""
    with pytest.raises(ValueError, match="is not a limit's name"):
        Limit(name, RATE)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("by", "ip"),
        ("by", "Subject"),
        ("by", ""),
        ("by", None),
        ("strategy", "fixed"),
        ("mode", "off"),
        ("on_outage", "ignore"),
    ],
)
def test_a_word_that_is_not_among_the_choices_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match="is not one of"):
        _limit(**{field: value})


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"cost": 0}, id="cost-zero"),
        pytest.param({"cost": -1}, id="cost-negative"),
        pytest.param({"cost": 101}, id="cost-over-the-rate"),
        pytest.param({"cost": 10**30}, id="cost-huge"),
        pytest.param({"cost": float("nan")}, id="cost-nan"),
        pytest.param({"cost": 21, "burst": 20}, id="cost-over-the-burst"),
        pytest.param({"cost": 101, "burst": 200}, id="cost-over-the-rate-with-burst"),
        pytest.param({"burst": 0}, id="burst-zero"),
        pytest.param({"burst": -1}, id="burst-negative"),
        pytest.param({"burst": MAX_AMOUNT + 1}, id="burst-huge"),
    ],
)
def test_an_amount_that_cannot_work_is_refused(fields: dict[str, object]) -> None:
    """Threat 81: negative, zero, huge cost."""
    with pytest.raises(ValueError, match="is 1 to"):
        _limit(**fields)


@pytest.mark.parametrize("fields", [{"cost": 100}, {"cost": 20, "burst": 20}, {"burst": 1}])
def test_an_amount_at_its_bound_is_accepted(fields: dict[str, object]) -> None:
    assert _limit(**fields).rate == RATE


@pytest.mark.parametrize("method", ["get", "GET ", "", "G*T", "*", "G\u00c9T", "GET\n", "A" * 21])
def test_a_method_that_no_request_has_is_refused(method: str) -> None:
    with pytest.raises(ValueError, match="capitals"):
        Limit("x", RATE, methods=frozenset({method}))


def test_a_path_that_is_no_prefix_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a path prefix"):
        Limit("x", RATE, paths=("/ok", "/api/*"))


def test_the_guards_name_is_its_own() -> None:
    """A page must know which of the two has refused it."""
    with pytest.raises(ValueError, match="guard's own"):
        Limit("guard", RATE)


def test_a_limit_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Limit("x", RATE).cost = 2  # type: ignore[misc]  # what must not work


def _limit(**fields: Any) -> Limit:
    return Limit("x", RATE, **fields)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("user=100/minute:subject", Limit("user", Rate(100, 60), "subject")),
        ("all=5/10 seconds", Limit("all", Rate(5, 10), "tenant")),
        ("a:b=1/day:address", Limit("a:b", Rate(1, 86_400), "address")),
    ],
)
def test_a_limit_is_name_rate_and_by(text: str, limit: Limit) -> None:
    assert Limit.parse(text) == limit


@pytest.mark.parametrize(
    "text",
    ["", "user", "=1/minute", "user=", "user=often", "user=0/minute", "user=1/minute:planet"],
)
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"limit|rate|not one of"):
        Limit.parse(text)
