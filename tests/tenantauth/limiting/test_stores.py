import sys

import pytest

from tenantauth.errors import SettingsError
from tenantauth.limiting.memory import MemoryLimits
from tenantauth.limiting.outage import OnOutage
from tenantauth.limiting.stores import make_store, why_not_reachable
from tests.servers.valkey import ValkeyServer
from tests.tenantauth.forks import in_child


def test_memory_counts_in_memory() -> None:
    assert isinstance(make_store("memory://"), MemoryLimits)


@pytest.mark.parametrize(
    "url",
    ["redis://cache", "valkey://cache", "redis+cluster://cache", "redis+sentinel://cache/primary"],
)
def test_a_server_is_not_looked_for_before_it_is_asked(url: str) -> None:
    """No such host exists."""
    assert isinstance(make_store(url), OnOutage)


def _without_the_package() -> str:
    for name in [name for name in sys.modules if "redis" in name]:
        del sys.modules[name]
    sys.modules["redis"] = None  # type: ignore[assignment]  # how an import is made to fail
    try:
        make_store("redis://:hunter2@cache")
    except SettingsError as error:
        return "; ".join(error.problems)
    return "it was found"


def test_a_missing_package_is_one_line_that_names_it() -> None:
    assert in_child(_without_the_package) == (
        "TENANTAUTH_STATE_URL: needs the package redis (pip install 'tenantauth[redis]')"
    )


def test_a_missing_package_is_why_nothing_can_be_reached() -> None:
    def say() -> str:
        _without_the_package()
        return str(why_not_reachable("redis://cache"))

    assert in_child(say).startswith("needs the package redis")


def test_memory_needs_no_package() -> None:
    def say() -> str:
        _without_the_package()
        return type(make_store("memory://")).__name__

    assert in_child(say) == "MemoryLimits"


def test_memory_is_always_within_reach() -> None:
    assert why_not_reachable("memory://") is None


@pytest.mark.server
def test_a_server_is_within_reach_until_it_is_gone(valkey: ValkeyServer) -> None:
    assert why_not_reachable(valkey.url) is None
    valkey.kill()
    assert "refused" in str(why_not_reachable(valkey.url))
