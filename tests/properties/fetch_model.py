"""Pages and shared caches by their standards, knowing nothing of the stack.

A page is that of the Fetch standard (sections 3.3 and 4), without redirects and the cache of
preflights; a cache is that of RFC 9111 section 4.1, with an eternal memory.
"""

from collections import defaultdict
from dataclasses import dataclass
from wsgiref.types import WSGIApplication

from werkzeug.datastructures import Headers
from werkzeug.test import Client

_SAFE_METHODS = {"GET", "HEAD", "POST"}
_UPPERED = {"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"}
_SAFE_HEADERS = {"accept", "accept-language", "content-language"}
_ALWAYS_READABLE = {"cache-control", "content-language", "content-length", "content-type"}
_ALWAYS_READABLE |= {"expires", "last-modified", "pragma"}


@dataclass(frozen=True)
class Call:
    """What a script asks its page to fetch."""

    path: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    credentials: bool = False

    @property
    def sent_method(self) -> str:
        upper = self.method.upper()
        return upper if upper in _UPPERED else self.method

    @property
    def unsafe_names(self) -> list[str]:
        return sorted({name.lower() for name, _ in self.headers} - _SAFE_HEADERS)


@dataclass(frozen=True)
class Read:
    """What the script gets to see; a network error is ``None`` instead."""

    status: int
    headers: frozenset[str]


@dataclass(frozen=True)
class Page:
    """A page of an origin that calls an app at another one."""

    app: WSGIApplication
    origin: str
    base_url: str = "http://acme.localhost"

    def fetch(self, call: Call) -> Read | None:
        """Return what the script can read, or ``None``."""
        if (call.sent_method not in _SAFE_METHODS or call.unsafe_names) and not self._asks(call):
            return None
        headers = [*call.headers, ("Origin", self.origin)]
        status, answer = self._send(call.path, call.sent_method, headers)
        return Read(status, _readable(answer, call)) if self._passes(answer, call) else None

    def _asks(self, call: Call) -> bool:
        sent = [("Origin", self.origin), ("Access-Control-Request-Method", call.sent_method)]
        if call.unsafe_names:
            sent.append(("Access-Control-Request-Headers", ",".join(call.unsafe_names)))
        status, answer = self._send(call.path, "OPTIONS", sent)
        if not self._passes(answer, call) or not 200 <= status <= 299:
            return False
        methods = _words(answer, "Access-Control-Allow-Methods")
        names = {each.lower() for each in _words(answer, "Access-Control-Allow-Headers")}
        star = set() if call.credentials else {"*"}
        method_is_allowed = call.sent_method in _SAFE_METHODS or methods & {call.sent_method, *star}
        return bool(method_is_allowed) and all(
            name in names or (name != "authorization" and names & star)
            for name in call.unsafe_names
        )

    def _send(self, path: str, method: str, headers: list[tuple[str, str]]) -> tuple[int, Headers]:
        answer = Client(self.app).open(
            path=path, method=method, base_url=self.base_url, headers=headers
        )
        return answer.status_code, answer.headers

    def _passes(self, answer: Headers, call: Call) -> bool:
        """Run the CORS check of section 4.9."""
        allowed = ", ".join(answer.getlist("Access-Control-Allow-Origin"))
        if allowed == "*" and not call.credentials:
            return True
        if allowed != self.origin:
            return False
        told = ", ".join(answer.getlist("Access-Control-Allow-Credentials"))
        return not call.credentials or told == "true"


def _readable(answer: Headers, call: Call) -> frozenset[str]:
    present = {name.lower() for name, _ in answer}
    exposed = {name.lower() for name in _words(answer, "Access-Control-Expose-Headers")}
    if "*" in exposed and not call.credentials:
        return frozenset(present)
    return frozenset(present & (exposed | _ALWAYS_READABLE))


def _words(answer: Headers, name: str) -> set[str]:
    return {word.strip() for value in answer.getlist(name) for word in value.split(",")} - {""}


class SharedCache:
    """A cache between pages and an app, which keeps whatever it may reuse."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._kept: dict[str, list[tuple[dict[str, str | None], Headers]]] = defaultdict(list)

    def get(self, path: str, sent: dict[str, str]) -> Headers:
        """Return the headers of a fitting answer, from memory where there is one."""
        for varied, answer in self._kept[path]:
            if all(sent.get(name) == value for name, value in varied.items()):
                return answer
        answer = fresh(self._app, path, sent)
        names = {name.lower() for name in _words(answer, "Vary")}
        if "*" not in names:
            by_lower = {name.lower(): value for name, value in sent.items()}
            self._kept[path].append(({n.title(): by_lower.get(n) for n in names}, answer))
        return answer


def fresh(app: WSGIApplication, path: str, sent: dict[str, str]) -> Headers:
    """Return the headers that the app itself answers with."""
    return Client(app).get(path, base_url="http://acme.localhost", headers=sent).headers
