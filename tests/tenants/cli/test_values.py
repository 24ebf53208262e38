import click
import pytest

from tenantauth.limit import Limit
from tenantauth.units import Rate
from tenants.cli.values import read_all, read_duration, read_limit, read_role


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("user=100/minute:subject", Limit("user", Rate(100, 60), "subject")),
        ("all=5/10 seconds", Limit("all", Rate(5, 10), "tenant")),
        ("a:b=1/day:address", Limit("a:b", Rate(1, 86_400), "address")),
    ],
)
def test_a_limit_is_name_rate_and_by(text: str, limit: Limit) -> None:
    assert read_limit(text) == limit


@pytest.mark.parametrize(
    "text",
    ["", "user", "=1/minute", "user=", "user=often", "user=0/minute", "user=1/minute:planet"],
)
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"limit|rate|not one of"):
        read_limit(text)


def test_a_role_may_have_permissions() -> None:
    role = read_role("viewer=reports:read,reports:list")
    assert (role.name, role.permissions) == (
        "viewer",
        frozenset({"reports:read", "reports:list"}),
    )


def test_a_role_may_have_none() -> None:
    assert read_role("viewer").permissions == frozenset()


@pytest.mark.parametrize("text", ["", "=reports:read", "viewer=", "viewer=a,,b"])
def test_what_is_no_role_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a role"):
        read_role(text)


def test_every_bad_text_is_a_problem_and_every_good_one_a_value() -> None:
    problems: list[str] = []
    assert read_all("--n", ["1", "x", "2", "y"], int, problems) == (1, 2)
    assert [problem[:4] for problem in problems] == ["--n:", "--n:"]


def read(text: str | None) -> float | None:
    command = click.Command("x")
    return read_duration(click.Context(command), click.Option(["--ttl"]), text)


@pytest.mark.parametrize(("text", "seconds"), [("15m", 900.0), ("500ms", 0.5), (None, None)])
def test_a_duration_is_seconds(text: str | None, seconds: float | None) -> None:
    assert read(text) == seconds


def test_what_is_no_duration_is_wrong_usage() -> None:
    with pytest.raises(click.BadParameter, match="'soon' is not a duration"):
        read("soon")
