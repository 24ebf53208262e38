"""The contract of `tenantauth.ports.VersionedSource`, besides that of a policy source."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tenantauth.errors import RegistryUnavailableError
from tests.contracts.sources import Held, fake, sql


@pytest.fixture(params=[fake, sql], ids=lambda make: make.__name__)
def held(request: pytest.FixtureRequest, tmp_path: Path) -> Held:
    make: Callable[[Path], Held] = request.param
    return make(tmp_path)


def test_a_generation_stays_while_nothing_changes(held: Held) -> None:
    held.create("acme")
    assert held.versioned.generation() == held.versioned.generation()


def test_every_change_is_a_generation_of_its_own(held: Held) -> None:
    seen = [held.versioned.generation()]
    for change in (held.create, held.suspend):
        change("acme")
        seen.append(held.versioned.generation())
    assert len(set(seen)) == 3


def test_a_generation_that_cannot_be_read_is_no_generation(held: Held) -> None:
    held.lose()
    with pytest.raises(RegistryUnavailableError):
        held.versioned.generation()
