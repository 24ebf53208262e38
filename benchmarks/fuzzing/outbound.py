"""Counts what a process sends out: names that are looked up, and connections."""

import sys

_GOING_OUT = frozenset(
    {
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
        "socket.sendto",
        "socket.sendmsg",
        "urllib.Request",
        "subprocess.Popen",
    }
)


class Outbound:
    """Watches from when it is made until the process ends: such a hook cannot be taken away."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        sys.addaudithook(self._notice)

    def _notice(self, event: str, arguments: object) -> None:
        # It is noted, and not forbidden: whoever catches everything would swallow the refusal.
        if event in _GOING_OUT:
            self.seen.append(f"{event} {arguments!r:.200}")
