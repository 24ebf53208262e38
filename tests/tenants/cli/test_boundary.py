from collections.abc import Callable

import click
import pytest
from click.exceptions import Exit

from tenantauth.errors import RegistryUnavailableError, SettingProblem, SettingsError
from tenants.cli.boundary import INTERRUPTED, Refused, boundary, explain
from tenants.cli.session import Session
from tenants.errors import INIT_COMMAND, InvalidError, NotFoundError, SchemaError


def enter(error: BaseException, *, debug: bool = False) -> None:
    with boundary(debug=debug):
        raise error


@pytest.mark.parametrize(
    ("error", "problems"),
    [
        (SettingsError([SettingProblem("A", "a", "b"), SettingProblem("", "c")]), ("A: a; b", "c")),
        (InvalidError(["a", "b"]), ("a", "b")),
        (NotFoundError("there is no tenant"), ("there is no tenant",)),
        (RegistryUnavailableError("it is away"), ("it is away",)),
        (Refused("no"), ("no",)),
    ],
    ids=["settings", "invalid", "not found", "unavailable", "refused"],
)
def test_errors_made_on_purpose_are_a_line_a_problem(
    error: Exception, problems: tuple[str, ...]
) -> None:
    assert tuple(explain(error)) == problems


def test_an_unexpected_error_is_one_line_without_its_text() -> None:
    """Threat 106: nobody knows what secret an unforeseen text holds."""
    with pytest.raises(Refused) as caught:
        enter(KeyError("s3cret"))
    (problem,) = caught.value.problems
    assert "KeyError" in problem
    assert "s3cret" not in problem


def test_an_unexpected_error_passes_in_debug_mode() -> None:
    with pytest.raises(KeyError):
        enter(KeyError("x"), debug=True)


def test_ctrl_c_has_the_status_of_an_interrupt() -> None:
    with pytest.raises(Exit) as caught:
        enter(KeyboardInterrupt())
    assert caught.value.exit_code == INTERRUPTED


def interrupted_prompt() -> None:
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        raise click.Abort from None


def ended_prompt() -> None:
    raise click.Abort


@pytest.mark.parametrize(
    ("prompt", "status"), [(interrupted_prompt, INTERRUPTED), (ended_prompt, 1)]
)
def test_a_prompt_ends_by_ctrl_c_or_by_the_end_of_the_input(
    prompt: Callable[[], None], status: int
) -> None:
    with pytest.raises((Exit, Refused)) as caught, boundary(debug=False):
        prompt()
    assert getattr(caught.value, "exit_code", None) == status


def test_refusals_are_written_as_harmless_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Threat 107: what was typed cannot forge a second line."""
    Refused("no tenant 'a\nerror: b'", "no \x1b[2J").show()
    err = capsys.readouterr().err
    assert err == "error: no tenant 'a\\nerror: b'\nerror: no \\x1b[2J\n"


def test_usage_errors_repeat_what_was_typed_harmlessly() -> None:
    with pytest.raises(click.UsageError, match=r"^got \\x1b\[2J$"):
        enter(click.UsageError("got \x1b[2J"))


def test_an_exit_status_passes() -> None:
    with pytest.raises(Exit) as caught:
        enter(Exit(3))
    assert caught.value.exit_code == 3


def test_what_to_do_is_said_with_the_name_of_the_command_that_was_called() -> None:
    missing = SchemaError(f"there is no database; make one with: {INIT_COMMAND}")
    with click.Context(click.Group("t"), info_name="tenantauth", obj=Session()):
        assert explain(missing) == ("there is no database; make one with: tenantauth init",)
