"""Connections to Redis and Valkey: never a wait without end, never a question asked twice."""

from typing import Any, Protocol

from redis import Redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.retry import Retry
from redis.sentinel import Sentinel

from tenantauth.limiting.state_url import StateUrl

TIMEOUT_S = 0.05


class Client(Protocol):
    """What a server, a cluster and a primary have in common."""

    def execute_command(self, *words: object) -> object:
        """Send one command and return its answer."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


def open_client(url: StateUrl, timeout_s: float = TIMEOUT_S) -> Client:
    """Return a client for a server, a cluster, or the primary that sentinels name.

    A cluster is asked for its nodes at once; the others connect with the first command.

    Raises:
        redis.RedisError, redis.exceptions.RedisClusterException: when a cluster cannot be asked.
    """
    # The library would try three times, with growing pauses, and count a request more than once
    # when only the answer was slow. With protocol 3 it keeps connections with unread answers.
    # Without `driver_info` a new connection costs no round trip.
    options: dict[str, Any] = {
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        "driver_info": None,
        "username": url.username,
        "password": url.password,
    }
    if url.kind == "cluster":
        nodes = [ClusterNode(host, port) for host, port in url.hosts]
        return RedisCluster(startup_nodes=nodes, **options)
    if url.kind == "sentinel":
        sentinel = Sentinel(list(url.hosts), sentinel_kwargs=options, **options)
        primary: Client = sentinel.master_for(url.service)
        return primary
    ((host, port),) = url.hosts
    return Redis(host, port, db=url.database, ssl=url.tls, **options)
