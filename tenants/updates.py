"""A change of what a tenant is, its parts aside: some members, and all others as they were."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypedDict, cast

from tenantauth.names import Names, each_name
from tenants.addresses import read_host
from tenants.errors import InvalidError
from tenants.spec import TenantSpec

_TIMES = ("access_ttl_s", "max_ttl_s", "leeway_s", "rotate_every_s", "publish_ahead_s")


class TenantMembers(TypedDict, total=False):
    """What can be updated; a member that is not given stays as it is.

    ``tier=None`` ends a subscription. ``metadata`` is put beside what is there. An empty
    ``issuer`` or ``audience`` is the default of a new tenant. A bare string is one name; times are
    whole seconds.
    """

    name: str
    hosts: Names
    add_hosts: Names
    remove_hosts: Names
    tier: str | None
    issuer: str
    audience: Names
    metadata: Mapping[str, str]
    remove_metadata: Names
    guard: str
    access_ttl_s: int
    max_ttl_s: int
    leeway_s: int
    rotate_every_s: int
    publish_ahead_s: int


def updated(spec: TenantSpec, members: TenantMembers) -> TenantSpec:
    """Return the tenant with these members.

    Raises:
        InvalidError: naming every host and metadata name to be removed that is not there.
    """
    times = {name: value for name, value in members.items() if name in _TIMES}
    problems: list[str] = []
    wanted = replace(
        spec,
        name=members.get("name", spec.name),
        hosts=_hosts(spec, members, problems),
        tier=members.get("tier", spec.tier),
        issuer=members.get("issuer", spec.issuer),
        audience=each_name(members.get("audience", spec.audience)),
        metadata=_metadata(spec, members, problems),
        guard=members.get("guard", spec.guard),
        lifetimes=replace(spec.lifetimes, **cast(dict[str, int], times)),
    )
    if problems:
        raise InvalidError(problems)
    return wanted


def _hosts(spec: TenantSpec, members: TenantMembers, problems: list[str]) -> tuple[str, ...]:
    hosts = [*each_name(members.get("hosts", spec.hosts))]
    hosts += [host for host in each_name(members.get("add_hosts", ())) if _spelt(host) not in hosts]
    for host in map(_spelt, each_name(members.get("remove_hosts", ()))):
        if host in hosts:
            hosts.remove(host)
        else:
            problems.append(f"tenant {spec.slug!r} has no host {host[:80]!r}")
    return tuple(hosts)


def _metadata(spec: TenantSpec, members: TenantMembers, problems: list[str]) -> Mapping[str, str]:
    metadata = {**spec.metadata, **members.get("metadata", {})}
    gone = each_name(members.get("remove_metadata", ()))
    problems += [
        f"tenant {spec.slug!r} has no metadata {name[:80]!r}"
        for name in gone
        if name not in spec.metadata
    ]
    return {name: value for name, value in metadata.items() if name not in gone}


def _spelt(host: str) -> str:
    try:
        return read_host(host)
    except ValueError:
        return host
