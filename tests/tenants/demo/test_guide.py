import shlex
from pathlib import Path

import pytest

from tenants.demo.guide import Try, things_to_try
from tenants.demo.place import Place

TRIES = things_to_try(Place(Path("/a folder/it's"), 8000))


@pytest.mark.parametrize("thing", TRIES, ids=lambda thing: thing.shows)
def test_a_command_is_one_line_without_a_token(thing: Try) -> None:
    """Threat 108: a token among the arguments would be for all to see."""
    assert "\n" not in thing.command
    assert "Bearer" not in thing.command


def test_the_folder_may_have_any_name() -> None:
    assert "@/a folder/it's/port-8000/ada" in shlex.split(TRIES[0].command)


@pytest.mark.parametrize("status", [200, 204, 401, 403, 429])
def test_every_kind_of_answer_is_shown(status: int) -> None:
    assert status in {thing.status for thing in TRIES}
