import click
import pytest

from tenants.cli.values import read_all, read_duration, read_role


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
