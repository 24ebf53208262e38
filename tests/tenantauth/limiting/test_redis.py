"""What counting on a server adds to the contract of every store (tests/contracts)."""

import multiprocessing
import re
import signal
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import FrameType

import pytest
from redis import Redis
from redis.crc import key_slot

from tenantauth.errors import StateUnavailableError
from tenantauth.limit import Limit
from tenantauth.limiting.redis import RedisLimits, key_of
from tenantauth.limiting.redis_client import TIMEOUT_S
from tenantauth.limiting.redis_script import SCRIPT
from tenantauth.limiting.state_url import StateUrl
from tenantauth.ports import Charge
from tenantauth.units import Rate
from tests.servers.valkey import ValkeyServer
from tests.support import in_threads
from tests.tenantauth.forks import in_child

HOUR = Rate(1000, 3600)
PASSWORD = "hunter2"


# A machine that is busy with tests may be slow, which is a subject of few of them.
PATIENT_S = 5.0


def store_at(url: str, timeout_s: float = PATIENT_S) -> RedisLimits:
    return RedisLimits(StateUrl.parse(url), timeout_s)


def charges(*names: str, tenant: str = "id", rate: Rate = HOUR) -> list[Charge]:
    return [Charge(Limit(name, rate), (tenant, "tenant", name)) for name in names]


def left(store: RedisLimits, name: str) -> int:
    return store.decide(charges(name)).standings[0].remaining


@pytest.fixture
def store(valkey: ValkeyServer) -> Iterator[RedisLimits]:
    store = store_at(valkey.url)
    yield store
    store.close()


@pytest.fixture
def client(valkey: ValkeyServer) -> Iterator[Redis]:
    with Redis(port=valkey.port) as client:
        yield client


@pytest.mark.parametrize(
    ("owner", "key"),
    [
        (("id",), "tenantauth:{id}:limit:60"),
        (("id", "tenant", "user"), "tenantauth:{id}:limit:tenant:user:60"),
        (("i}d", "a:b"), "tenantauth:{i%7Dd}:limit:a%3Ab:60"),
        (("id", "é\ud800"), "tenantauth:{id}:limit:%C3%A9%ED%A0%80:60"),
    ],
)
def test_a_key_is_readable_and_escaped(owner: tuple[str, ...], key: str) -> None:
    """Threat 75."""
    assert key_of(owner, 60) == key


def test_all_keys_of_a_tenant_are_in_one_hash_slot() -> None:
    slots = {key_slot(key_of(("id}", name), 60).encode()) for name in ("a", "{b}", "}c{")}
    assert len(slots) == 1


@pytest.mark.server
def test_many_limits_are_one_command(store: RedisLimits, client: Redis) -> None:
    store.reach()
    client.config_resetstat()
    store.decide(charges(*"abcdefgh"))
    calls = {name: stats["calls"] for name, stats in client.info("commandstats").items()}
    assert calls.pop("cmdstat_evalsha") == 1
    # The others ran inside the script.
    assert {"cmdstat_get": 8, "cmdstat_set": 8, "cmdstat_time": 1}.items() <= calls.items()
    assert "cmdstat_eval" not in calls


@pytest.mark.server
def test_nothing_is_opened_before_the_first_decision(client: Redis, store: RedisLimits) -> None:
    assert len(client.client_list()) == 1
    store.reach()
    assert len(client.client_list()) == 2


@pytest.mark.server
def test_a_new_connection_says_nothing_but_its_question(client: Redis, store: RedisLimits) -> None:
    """Each round trip of a greeting would add to the wait on a slow server."""
    client.config_resetstat()
    store.reach()
    seen = {name.partition("_")[2] for name in client.info("commandstats")}
    assert seen <= {"evalsha", "eval", "time", "config|resetstat", "info"}


@pytest.mark.server
def test_a_server_that_forgot_the_script_is_told_it_again(
    store: RedisLimits, client: Redis
) -> None:
    """Threat 98."""
    assert left(store, "a") == 999
    client.script_flush()
    assert left(store, "a") == 998


@pytest.mark.server
def test_a_killed_server_is_an_error_and_a_started_one_serves(
    valkey: ValkeyServer, store: RedisLimits
) -> None:
    """Threat 98: with its counters lost, and no connection of before in the way."""
    assert left(store, "a") == 999
    valkey.kill()
    with pytest.raises(StateUnavailableError, match="refused"):
        store.reach()
    valkey.start()
    assert left(store, "a") == 999


@pytest.mark.server
def test_a_restart_between_two_decisions_goes_unnoticed(
    valkey: ValkeyServer, store: RedisLimits
) -> None:
    """Threat 98: a kept connection that the server has closed is replaced."""
    store.reach()
    valkey.kill()
    valkey.start()
    assert left(store, "a") == 999


@pytest.mark.server
@pytest.mark.parametrize("connected", [True, False])
def test_a_server_that_hangs_is_an_error_in_time(valkey: ValkeyServer, *, connected: bool) -> None:
    """Threat 78, threat 98."""
    store = store_at(valkey.url, TIMEOUT_S)
    if connected:
        store.reach()
    valkey.pause()
    started = time.monotonic()
    with pytest.raises(StateUnavailableError, match=r"[Tt]imeout"):
        store.reach()
    assert time.monotonic() - started < 4 * TIMEOUT_S
    valkey.go_on()
    store.close()


class CancelledError(BaseException):
    """What a worker's own timeout raises in the middle of a call."""


def _cancel(number: int, frame: FrameType | None) -> None:
    raise CancelledError


@pytest.mark.server
def test_a_cancelled_call_leaves_no_answer_to_the_next(
    valkey: ValkeyServer, store: RedisLimits
) -> None:
    """Threat 98, CVE-2023-28858: cancelled while it waits, and answered later."""
    store.decide(charges("a"))
    usual = signal.signal(signal.SIGALRM, _cancel)
    valkey.pause()
    signal.setitimer(signal.ITIMER_REAL, TIMEOUT_S / 3)
    try:
        with pytest.raises(CancelledError):
            store.decide(charges("a"))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, usual)
    valkey.go_on()
    assert [left(store, name) for name in ("b", "c", "b")] == [999, 999, 998]


LEFT_BEHIND = [
    pytest.param(("INCR", "x"), id="another command"),
    pytest.param(("EVAL", SCRIPT, 1, "{x}", 0, 60_000_000, 1, 1), id="the same question"),
]


@pytest.mark.server
@pytest.mark.parametrize("command", LEFT_BEHIND)
def test_an_answer_to_an_earlier_question_is_not_believed(
    store: RedisLimits, command: tuple[str | int, ...]
) -> None:
    """Threat 98, CVE-2023-28858: cancelled after it was sent, so that the answer lies there."""
    store.reach()
    pool = store._client.get().connection_pool  # type: ignore[attr-defined]  # of a single server
    (connection,) = pool._available_connections
    connection.send_command(*command)
    # As if the answer had not arrived when the pool looked whether the connection is clean.
    connection.can_read = lambda *_: False
    with pytest.raises(StateUnavailableError, match="another call"):
        store.decide(charges("a"))
    assert left(store, "b") == 999


@pytest.mark.server
def test_a_strange_value_in_a_counter_is_an_error(store: RedisLimits, client: Redis) -> None:
    client.lpush(key_of(("id", "tenant", "a"), 3600), "x")
    with pytest.raises(StateUnavailableError, match="WRONGTYPE"):
        store.decide(charges("a"))


@pytest.mark.server
def test_a_server_that_became_a_replica_is_left(store: RedisLimits, client: Redis) -> None:
    """Threat 98: after a failover, connections to the old primary are dropped."""
    store.reach()
    client.replicaof("127.0.0.1", "1")
    with pytest.raises(StateUnavailableError, match=r"READONLY|read only"):
        store.decide(charges("a"))
    assert store._client.opened is None


@pytest.mark.server
def test_a_full_server_is_an_error(store: RedisLimits, client: Redis) -> None:
    """Threat 98: one that evicts nothing and has no memory left."""
    client.config_set("maxmemory", "1")
    with pytest.raises(StateUnavailableError, match=r"OOM|maxmemory"):
        store.decide(charges("a"))


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[ValkeyServer]:
    server = ValkeyServer(tmp_path, "--requirepass", PASSWORD).start()
    yield server
    server.kill()


@pytest.mark.server
def test_a_password_is_used(locked: ValkeyServer) -> None:
    store = store_at(f"redis://:{PASSWORD}@127.0.0.1:{locked.port}/3")
    assert left(store, "a") == 999
    store.close()


@pytest.mark.server
def test_a_wrong_password_is_an_error_that_does_not_tell_it(locked: ValkeyServer) -> None:
    """Threat 106."""
    store = store_at(f"redis://:{PASSWORD}2@127.0.0.1:{locked.port}")
    with pytest.raises(StateUnavailableError) as caught:
        store.reach()
    assert PASSWORD not in f"{caught.value!r} {store!r} {caught.value.__cause__!r}"


@pytest.mark.server
def test_a_cluster_takes_all_limits_of_a_tenant_in_one_decision(tmp_path: Path) -> None:
    server = ValkeyServer(tmp_path, "--cluster-enabled", "yes").start()
    with Redis(port=server.port) as node:
        node.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        while node.cluster("info")["cluster_state"] != "ok":
            pass
    store = store_at(f"redis+cluster://127.0.0.1:{server.port}")
    store.reach()
    for tenant in ("one", "two"):
        assert store.decide(charges("a", "b", "c", tenant=tenant)).standings[2].remaining == 999
    server.kill()
    with pytest.raises(StateUnavailableError):
        store.decide(charges("a"))
    store.close()


@pytest.mark.server
def test_sentinels_name_the_primary(tmp_path: Path, valkey: ValkeyServer) -> None:
    config = tmp_path / "sentinel.conf"
    config.write_text(f"sentinel monitor counters 127.0.0.1 {valkey.port} 1\n")
    sentinel = ValkeyServer(tmp_path, config=config).start()
    store = store_at(f"redis+sentinel://127.0.0.1:{sentinel.port}/counters")
    assert left(store, "a") == 999
    store.close()
    sentinel.kill()


def _spend(url: str, tenant: str, times: int) -> int:
    store, passed = store_at(url), list[bool]()
    asked = charges("all", tenant=tenant, rate=Rate(50, 3600))
    in_threads(lambda: passed.append(store.decide(asked).allowed), times=times, threads=2)
    store.close()
    return sum(passed)


@pytest.mark.server
def test_processes_and_threads_together_get_as_many_as_the_limit_says(redis_url: str) -> None:
    """Threat 80: three processes with two threads each."""
    tenant = uuid.uuid4().hex
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        asked = [(redis_url, tenant, 20)] * 3
        assert sum(pool.starmap(_spend, asked)) == 50


@pytest.mark.server
def test_a_child_of_a_connected_process_connects_for_itself(
    store: RedisLimits, client: Redis
) -> None:
    """Threat 80: an inherited connection would mix up the answers of two processes."""
    store.reach()
    assert in_child(lambda: str(left(store, "a") + len(client.client_list()))) == "1002"
    assert left(store, "a") == 998


@pytest.mark.parametrize("url", ["redis://127.0.0.1:{port}", "redis+cluster://127.0.0.1:{port}"])
def test_nobody_listening_is_one_line(url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(StateUnavailableError) as caught:
        store_at(url.format(port=port)).reach()
    assert re.fullmatch(r"\w+: .{10,180}", str(caught.value))


@pytest.mark.parametrize("rubbish", [b":abc\r\n", b"$zz\r\n", b"*x\r\n", b"*2\r\n:1\r\n:a\r\n"])
def test_a_server_that_answers_rubbish_is_an_error(rubbish: bytes) -> None:
    """Threat 98: something else listens there, or a proxy in between is broken."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        answering = threading.Thread(target=_answer, args=(listening, rubbish), daemon=True)
        answering.start()
        store = store_at(f"redis://127.0.0.1:{listening.getsockname()[1]}")
        with pytest.raises(StateUnavailableError):
            store.decide(charges("user"))
        store.close()
        answering.join()


def _answer(listening: socket.socket, rubbish: bytes) -> None:
    """Answer whatever one client asks, until it goes."""
    connection, _ = listening.accept()
    with connection, suppress(OSError):
        while connection.recv(65_536):
            connection.sendall(rubbish)
