"""Why a token's time does not hold, with the numbers that were compared."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from tenantauth.units import format_duration
from tenants.issue.evidence import Evidence


def _life_too_long(found: Evidence) -> str:
    life_s = _time_s(found, "exp") - _time_s(found, "iat")
    most = format_duration(found.policy.tokens.max_ttl_s)
    return (
        f"its life (exp - iat) is {format_duration(life_s)}, and {found.slug}'s max_ttl is {most}"
    )


def _ends_before_it_begins(found: Evidence) -> str:
    end, beginning = (_moment(_time_s(found, name)) for name in ("exp", "iat"))
    return f"its end (exp, {end}) is not after its beginning (iat, {beginning})"


def _issued_in_the_future(found: Evidence) -> str:
    return f"it was issued (iat) in the future, {_ahead(found, 'iat')}"


def _not_yet_valid(found: Evidence) -> str:
    return f"it is not valid yet (nbf), {_ahead(found, 'nbf')}"


def _expired(found: Evidence) -> str:
    end_s = _time_s(found, "exp")
    ago = format_duration(int(found.now_s - end_s))
    return f"it has expired (exp): it ended {ago} ago, at {_moment(end_s)}"


def _ahead(found: Evidence, name: str) -> str:
    ahead_s = _time_s(found, name) - found.now_s
    leeway = format_duration(found.policy.tokens.leeway_s)
    return f"{format_duration(round(ahead_s))} ahead of the clock here; the leeway is {leeway}"


def _time_s(found: Evidence, name: str) -> float:
    value = found.untrusted_claims.get(name)
    return value if isinstance(value, int | float) else 0.0


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


TIME_REASONS: Mapping[str, Callable[[Evidence], str]] = MappingProxyType(
    {
        "life_too_long": _life_too_long,
        "ends_before_it_begins": _ends_before_it_begins,
        "issued_in_the_future": _issued_in_the_future,
        "not_yet_valid": _not_yet_valid,
        "expired": _expired,
    }
)
