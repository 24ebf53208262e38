"""The settings, read in this one module: from ``app.config``, else from the environment."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tenantauth.errors import SettingProblem, SettingsError
from tenantauth.hosts import normalise_host
from tenantauth.limiting.state_url import StateUrl
from tenantauth.names import nearest
from tenantauth.origins import OriginPattern
from tenantauth.outbound.networks import NamedNetwork
from tenantauth.units import parse_duration

_PREFIX = "TENANTAUTH_"
# Kubernetes and Docker make these for a service called tenantauth; they are not ours.
_ORCHESTRATOR = re.compile(r"TENANTAUTH_(PORT|SERVICE_)")
_SIZE = re.compile(r"[0-9]{1,7}", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with its default; durations in seconds.

    Raises:
        SettingsError: from the readers, naming all bad values at once.
    """

    database_url: str = field(default="sqlite:///tenantauth.db", repr=False)  # may hold a password
    state_url: str = field(default="memory://", repr=False)
    master_key_file: str = "tenantauth.key"
    master_key: str | None = field(default=None, repr=False)
    base_url: str = "http://localhost:8000"
    resolve: tuple[str, ...] = ("host",)
    trusted_proxies: int = 0
    trusted_host_proxies: int = 0
    staleness_s: float = 2.0
    log_format: str = "console"
    error_format: str = "problem"
    allow_http: bool = False
    remembered_tokens: int = 4096
    issuer_networks: tuple[NamedNetwork, ...] = ()
    unknown: tuple[SettingProblem, ...] = ()
    """The ``TENANTAUTH_`` names that are no settings."""

    @property
    def base_host(self) -> str:
        """The host below which tenants without an own host live."""
        return normalise_host(urlsplit(self.base_url).netloc)

    @property
    def lives_at_paths(self) -> bool:
        """Whether tenants without an own host live at ``<base>/t/<slug>``."""
        ways = [way for way in self.resolve if way in ("host", "path")]
        return ways[:1] == ["path"]

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> "Settings":
        """Read settings from names such as ``TENANTAUTH_STALENESS``; other names are ignored."""
        fields: dict[str, object] = {}
        problems: list[SettingProblem] = []
        for name, read in _READERS.items():
            value = values.get(_PREFIX + name)
            if value is None or value == "":
                continue
            try:
                fields[name.lower()] = read(_text_of(value))
            except ValueError as error:
                problems.append(SettingProblem(_PREFIX + name, str(error)))
        problems += _headers_from_nobody(fields)
        if problems:
            raise SettingsError(problems)
        fields = {_FIELDS.get(name, name): value for name, value in fields.items()}
        return cls(**fields, unknown=tuple(_unknown(values)))  # type: ignore[arg-type]  # each reader returns its field's type

    @classmethod
    def from_environ(cls, config: Mapping[str, object] | None = None) -> "Settings":
        """Read the process environment; ``config`` (an app's) wins where it has a value.

        An empty text of the app's is a value: it stands for the default.
        """
        given = {name: value for name, value in (config or {}).items() if value is not None}
        return cls.from_mapping({**os.environ, **given})


def _headers_from_nobody(fields: Mapping[str, object]) -> Iterator[SettingProblem]:
    ways = fields.get("resolve", ())
    if isinstance(ways, tuple) and "header" in ways and not fields.get("trusted_proxies"):
        yield SettingProblem(
            f"{_PREFIX}RESOLVE",
            "without a trusted proxy, callers would write X-Tenant themselves",
            f"set {_PREFIX}TRUSTED_PROXIES to the number of proxies in front (1, say), or leave"
            " 'header' out",
        )


def _text_of(value: object) -> str:
    # Not str() of anything: a database URL object, say, would write its password as ***.
    if not isinstance(value, str | int):
        raise ValueError("write it as a text")
    return str(value)


def _unknown(values: Mapping[str, object]) -> Iterator[SettingProblem]:
    known = [_PREFIX + name for name in _READERS]
    for name in sorted(values):
        if not name.startswith(_PREFIX) or name in known or _ORCHESTRATOR.match(name):
            continue
        # Without the prefix, which would make every name look near.
        near = nearest(name.removeprefix(_PREFIX), _READERS)
        hint = f"did you mean {_PREFIX}{near}?" if near else ""
        yield SettingProblem(name, "no such setting", hint)


def _read_listen_url(text: str) -> str:
    raise ValueError("is not supported by this version, which finds changes by looking for them")


def _read_text(text: str) -> str:
    return text


def _read_count(text: str) -> int:
    if not _COUNT.fullmatch(text) or int(text) > 16:
        raise ValueError(f"{text!r} is not a number of proxies from 0 to 16")
    return int(text)


def _read_remembered(text: str) -> int:
    if not _SIZE.fullmatch(text) or int(text) > 1_000_000:
        raise ValueError(f"{text!r} is not a number from 0 to 1000000")
    return int(text)


def _read_flag(text: str) -> bool:
    word = text.lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    raise ValueError(f"{text!r} is neither 1 nor 0")


def _read_staleness(text: str) -> float:
    seconds = parse_duration(text)
    if not 0.1 <= seconds <= 60:
        raise ValueError(f"{text!r} is not between 100ms and 60s")
    return seconds


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"{text!r} is not supported; one of: {', '.join(words)}")
        return text

    return read


def _read_resolve(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        _one_of("host", "path", "header", "issuer")(name)
    if len(set(names)) < len(names):
        raise ValueError(f"{text!r} names a way twice")
    return names


def _read_state_url(text: str) -> str:
    StateUrl.parse(text)
    return text


def _read_networks(text: str) -> tuple[NamedNetwork, ...]:
    return tuple(NamedNetwork.parse(entry.strip()) for entry in text.split(","))


def _read_base_url(text: str) -> str:
    try:
        origin = OriginPattern.parse(text.removesuffix("/"))
    except ValueError:
        origin = None
    if origin is None or not origin.is_exact:
        # The text itself may hold a password, so it is not repeated.
        raise ValueError("not an origin (write https://api.example.com)")
    return str(origin)


_READERS: Mapping[str, Callable[[str], object]] = {
    "DATABASE_URL": _read_text,
    "LISTEN_URL": _read_listen_url,
    "STATE_URL": _read_state_url,
    "MASTER_KEY_FILE": _read_text,
    "MASTER_KEY": _read_text,
    "BASE_URL": _read_base_url,
    "RESOLVE": _read_resolve,
    "TRUSTED_PROXIES": _read_count,
    "TRUSTED_HOST_PROXIES": _read_count,
    "STALENESS": _read_staleness,
    "LOG_FORMAT": _one_of("console", "json"),
    "ERROR_FORMAT": _one_of("problem", "envelope"),
    "ALLOW_HTTP": _read_flag,
    "REMEMBERED_TOKENS": _read_remembered,
    "ISSUER_NETWORKS": _read_networks,
}
_FIELDS = {"staleness": "staleness_s"}
