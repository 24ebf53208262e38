from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

import pytest

from tenantauth.flask.app_defaults import MaxAge, read_cors, read_limits, read_max_age
from tenantauth.limit import Limit
from tenantauth.origins import OriginSet
from tenantauth.policy import CorsRule
from tenantauth.units import Rate

USER = Limit("user", Rate(100, 60), "subject")


def test_limits_are_texts_or_limits() -> None:
    other = Limit("all", Rate(5, 1), "tenant", paths=("/export",))
    assert read_limits(["user=100/minute:subject", other]) == (USER, other)


def test_a_bare_text_is_one_limit() -> None:
    assert read_limits("user=100/minute:subject") == (USER,)


@pytest.mark.parametrize("declared", [["often"], [USER, "user=1/day"]], ids=["rate", "name twice"])
def test_limits_that_cannot_work_are_refused(declared: list[Limit | str]) -> None:
    with pytest.raises(ValueError, match="limit"):
        read_limits(declared)


def test_a_rule_has_the_fields_of_the_tenants_file() -> None:
    (rule,) = read_cors(
        {
            "path": "/v1",
            "origins": ["https://app.test", "https://*.apps.test"],
            "methods": {"post", "get"},
            "allow_headers": "X-Key",
            "expose_headers": ("ETag",),
            "credentials": True,
            "max_age": "10m",
            "private_network": True,
        }
    )
    assert rule == CorsRule(
        OriginSet.parse(["https://app.test", "https://*.apps.test"]),
        path="/v1",
        methods=("GET", "POST"),
        allow_headers=("X-Key",),
        expose_headers=("ETag",),
        credentials=True,
        max_age_s=600,
        private_network=True,
    )


def test_what_is_not_said_is_as_in_a_tenants_rule() -> None:
    assert read_cors({"origins": "https://app.test"}) == (
        CorsRule(OriginSet.parse(["https://app.test"])),
    )


@pytest.mark.parametrize("kind", [iter, tuple, set, frozenset])
def test_names_are_in_any_collection_in_a_stable_order(
    kind: Callable[[list[str]], Iterable[str]],
) -> None:
    """An iterator can be read once, and a set has another order in each process."""
    names = sorted(f"X-{letter}" for letter in "abcdefgh")
    (rule,) = read_cors({"origins": [], "allow_headers": kind(names), "methods": kind(["GET"])})
    assert (rule.allow_headers, rule.methods) == (tuple(names), ("GET",))


@pytest.mark.parametrize("given", [timedelta(seconds=5), 5, "5s"], ids=str)
def test_a_rules_max_age_is_a_time_in_any_form(given: MaxAge) -> None:
    (rule,) = read_cors({"origins": [], "max_age": given})
    assert rule.max_age_s == 5


def test_several_rules_are_for_several_paths() -> None:
    rules = read_cors([{"origins": []}, {"path": "/v1", "origins": "*"}])
    assert [rule.path for rule in rules] == ["/v1", "/"]


def test_two_rules_for_one_path_are_refused() -> None:
    with pytest.raises(ValueError, match="share a path"):
        read_cors([{"path": "/v1"}, {"path": "/v1/"}])


@pytest.mark.parametrize(
    "declared",
    [
        {"origin": "https://app.test"},
        {"origins": ["app.test"]},
        {"origins": ["*"], "credentials": True},
        {"origins": 5},
        {"methods": ["GET", 5]},
        {"credentials": "no"},
        {"private_network": "no"},
        {"origins": ["*"], "private_network": True},
        {"path": 5},
        {"path": "v1"},
        {"max_age": True},
        {"max_age": None},
        {"max_age": "often"},
    ],
    ids=str,
)
def test_a_rule_that_cannot_work_is_refused(declared: Mapping[str, object]) -> None:
    """Threat 64."""
    with pytest.raises(ValueError):  # noqa: PT011  # each says something else
        read_cors(declared)


@pytest.mark.parametrize("given", [timedelta(minutes=10), 600, "10m"], ids=str)
def test_a_max_age_is_a_time_in_any_form(given: MaxAge) -> None:
    assert read_max_age(given) == 600


@pytest.mark.parametrize("given", [timedelta(milliseconds=5), "500ms"], ids=str)
def test_a_max_age_is_whole_seconds(given: MaxAge) -> None:
    with pytest.raises(ValueError, match="whole seconds"):
        read_max_age(given)
