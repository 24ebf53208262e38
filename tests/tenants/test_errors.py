"""The registry's errors."""

import pytest

from tenants import errors

KINDS = errors.RegistryError.__subclasses__()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_has_a_code_of_its_own(kind: type[errors.RegistryError]) -> None:
    assert [other.code for other in KINDS].count(kind.code) == 1


def test_an_invalid_error_says_every_problem_in_one_line() -> None:
    error = errors.InvalidError(["the slug is taken", "the host is none"])
    assert error.problems == ("the slug is taken", "the host is none")
    assert error.message == str(error) == "the slug is taken; the host is none"
