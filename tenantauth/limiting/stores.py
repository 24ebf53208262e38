"""From the setting to the store."""

from typing import TYPE_CHECKING

from tenantauth.errors import SettingProblem, SettingsError, StateUnavailableError
from tenantauth.limiting.memory import MemoryLimits
from tenantauth.limiting.outage import OnOutage
from tenantauth.limiting.state_url import StateUrl
from tenantauth.ports import LimitStore

if TYPE_CHECKING:
    from tenantauth.limiting.redis import RedisLimits

_PACKAGE_IS_MISSING = "needs the package redis (pip install 'tenantauth[redis]')"


def make_store(state_url: str) -> LimitStore:
    """Return the store that ``TENANTAUTH_STATE_URL`` names; nothing is connected yet.

    Raises:
        SettingsError: when the package that it needs is not installed.
    """
    url, memory = StateUrl.parse(state_url), MemoryLimits()
    if url.is_memory:
        return memory
    try:
        return OnOutage(_redis(url), memory)
    except ModuleNotFoundError as error:
        problem = SettingProblem("TENANTAUTH_STATE_URL", _PACKAGE_IS_MISSING)
        raise SettingsError([problem]) from error


def why_not_reachable(state_url: str) -> str | None:
    """Return why counters cannot be shared now, in one line without a password, or ``None``."""
    url = StateUrl.parse(state_url)
    if url.is_memory:
        return None
    try:
        store = _redis(url)
    except ModuleNotFoundError:
        return _PACKAGE_IS_MISSING
    try:
        store.reach()
    except StateUnavailableError as error:
        return f"it cannot be reached: {error}"
    finally:
        store.close()
    return None


def _redis(url: StateUrl) -> "RedisLimits":
    # The package is an extra: it is loaded where a setting asks for it.
    from tenantauth.limiting.redis import RedisLimits

    return RedisLimits(url)
