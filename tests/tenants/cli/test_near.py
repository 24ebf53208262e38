"""Did you mean."""

import pytest

from tests.tenants.cli.kit import Run


def test_the_nearest_tenant_is_named(acme: str, run: Run) -> None:
    message = "error: there is no tenant 'acne'; did you mean 'acme'?\n"
    assert run("tenant", "show", "acne") == (1, "", message)


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("tennant", "list"), "tenant"),
        (("tenant", "lst"), "list"),
        (("tenant", "list", "--fromat", "json"), "--format"),
    ],
)
def test_the_nearest_command_or_option_is_named(
    run: Run, arguments: tuple[str, ...], meant: str
) -> None:
    status, _, err = run(*arguments)
    assert status == 2
    assert f"Did you mean '{meant}'?" in err


def test_far_names_and_missing_databases_are_told_as_they_are(installed: object, run: Run) -> None:
    assert "did you mean" not in run("tenant", "show", "zzz").err
