"""The arithmetic of one sliding window: what was spent lately, in bounded memory.

What is spent within one sub-window (a sixtieth of the window) is kept as one sum under the time of
its latest part, and is free again a whole window after that. So no window of any position ever
holds more than was allowed, and a caller that spaces its requests waits exactly one window; one
that does not waits at most a sub-window longer. `tenantauth.limiting.redis` does the same in Lua.
"""

from array import array

SUB_WINDOWS = 60


class Window:
    """What one owner has spent; times are whole microseconds of one clock that never goes back.

    The amount is given with each question, so a limit that is changed keeps its counter.
    """

    __slots__ = ("_spent",)

    def __init__(self) -> None:
        # Pairs in one flat array of machine words: the time of the latest part, and the sum.
        self._spent = array("q")

    def used(self, now_us: int, window_us: int) -> int:
        """Return what was spent within the last window, and forget what is older."""
        spent = self._spent
        gone = 0
        while gone < len(spent) and spent[gone] + window_us <= now_us:
            gone += 2
        del spent[:gone]
        return sum(spent[1::2])

    def wait_us(self, now_us: int, window_us: int, amount: int, cost: int) -> int:
        """Return how long to wait until ``cost`` fits below ``amount``; 0 when it does now."""
        excess = self.used(now_us, window_us) + cost - amount
        wait_us = 0
        for index in range(0, len(self._spent), 2):
            if excess <= 0:
                break
            excess -= self._spent[index + 1]
            wait_us = self._spent[index] + window_us - now_us
        return wait_us

    def reset_us(self, now_us: int, window_us: int) -> int:
        """Return how long until some of what was spent comes back; 0 when nothing is spent."""
        used = self.used(now_us, window_us)
        return self._spent[0] + window_us - now_us if used else 0

    def spend(self, now_us: int, window_us: int, cost: int) -> None:
        """Add to the newest sub-window, or begin one."""
        spent = self._spent
        width_us = window_us // SUB_WINDOWS
        if spent and spent[-2] // width_us == now_us // width_us:
            spent[-2] = now_us
            spent[-1] += cost
        else:
            spent.extend((now_us, cost))

    def __len__(self) -> int:
        return len(self._spent) // 2
