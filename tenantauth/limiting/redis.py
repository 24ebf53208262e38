"""Counters in Redis or Valkey, shared by all workers and machines."""

from collections.abc import Sequence
from itertools import chain, count
from urllib.parse import quote

from redis.exceptions import NoScriptError, ReadOnlyError, RedisClusterException, RedisError

from tenantauth.errors import StateUnavailableError
from tenantauth.limiting.redis_client import TIMEOUT_S, Client, open_client
from tenantauth.limiting.redis_script import SCRIPT, SCRIPT_SHA
from tenantauth.limiting.state_url import StateUrl
from tenantauth.per_process import PerProcess
from tenantauth.ports import Charge, Decision, Standing

_US = 1_000_000


class RedisLimits:
    """Exact over all processes: one script and one round trip, however many limits.

    Each process connects for itself, on its first decision. ``timeout_s`` is the longest wait for
    a connection, and again for an answer.
    """

    def __init__(self, url: StateUrl, timeout_s: float = TIMEOUT_S) -> None:
        self._client: PerProcess[Client] = PerProcess(lambda: open_client(url, timeout_s))
        self._calls = count(1)

    def decide(self, charges: Sequence[Charge]) -> Decision:
        """Charge every limit, or none when one of them is violated.

        Raises:
            StateUnavailableError: when the server does not answer in time, or not as it should.
        """
        try:
            answer = self._ask(charges)
        except (RedisError, RedisClusterException, ValueError) as error:
            if isinstance(error, ReadOnlyError | ValueError):
                # After a failover the name leads elsewhere, while connections stay where they are;
                # and one that has answered no number at all, a bare ValueError, is out of step.
                self.close()
            raise StateUnavailableError(_reason(error)) from error
        return Decision(tuple(map(_standing, charges, *(answer[n::3] for n in range(3)))))

    def reach(self) -> None:
        """Ask the server for a decision over no limits, which counts nothing.

        Raises:
            StateUnavailableError: as `decide` does.
        """
        self.decide(())

    def close(self) -> None:
        """Close this process's connections; the next decision opens new ones."""
        client = self._client.take()
        if client is not None:
            client.close()

    def _ask(self, charges: Sequence[Charge]) -> list[int]:
        number = next(self._calls)
        keys = [key_of(charge.owner, charge.limit.rate.window_s) for charge in charges]
        arguments = (number, *chain.from_iterable(map(_arguments, charges)))
        client = self._client.get()
        try:
            answer = client.execute_command("EVALSHA", SCRIPT_SHA, len(keys), *keys, *arguments)
        except NoScriptError:
            answer = client.execute_command("EVAL", SCRIPT, len(keys), *keys, *arguments)
        if not isinstance(answer, list) or len(answer) != 1 + 3 * len(keys) or answer[0] != number:
            # The answer to an earlier call, which was cancelled before it read it (CVE-2023-28858).
            self.close()
            raise RedisError("the answer belongs to another call")
        return answer[1:]


def key_of(owner: Sequence[str], window_s: int) -> str:
    """Return the key of an owner's counter; those of one tenant share a cluster's hash slot.

    No two share one: quoted parts hold neither a colon nor a brace, and a colon ends each. The
    window is a part, as a short one would forget what a long one keeps.
    """
    tenant, *rest = (quote(part, safe="", errors="surrogatepass") for part in owner)
    return f"tenantauth:{{{tenant}}}:limit:" + "".join(f"{part}:" for part in rest) + str(window_s)


def _arguments(charge: Charge) -> tuple[int, int, int]:
    limit = charge.limit
    return limit.rate.window_s * _US, limit.rate.amount, limit.cost


def _standing(charge: Charge, remaining: int, reset_us: int, wait_us: int) -> Standing:
    return Standing(charge.limit, remaining, reset_us / _US, wait_us / _US)


def _reason(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
