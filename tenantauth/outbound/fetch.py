"""One bounded GET: no redirect, proxy, cookie, credential, compression or second try."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from types import MappingProxyType

from tenantauth.errors import FetchError
from tenantauth.outbound.connect import Connector
from tenantauth.outbound.deadline import BoundedSocket, Deadline
from tenantauth.outbound.failures import sentence_of
from tenantauth.outbound.networks import NamedNetwork, Reach
from tenantauth.outbound.target import Target

MAX_BYTES = 256 * 1024
DEADLINE_S = 5.0

_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Accept": "application/jwk-set+json, application/json",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "User-Agent": "tenantauth",
    }
)
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=\"?([0-9]{1,9})\"?(?:$|[,\s])", re.IGNORECASE)
_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)
_NOT_KEPT = re.compile(r"no-(?:store|cache)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A stranger's document, and how long its server allows it to be kept."""

    untrusted_body: bytes
    max_age_s: float | None = None


class Fetcher:
    """Fetches documents of at most 256 KiB, each within ``deadline_s`` from look-up to last byte.

    What answers is believed only with status 200 and the bytes that it has announced; its media
    type is not looked at, as the reader of the body is strict.
    """

    def __init__(self, connector: Connector, *, deadline_s: float = DEADLINE_S) -> None:
        self._connector = connector
        self._deadline_s = deadline_s

    def fetch(self, url: str) -> Fetched:
        """Return the document at a URL that a policy names.

        Raises:
            RefusedAddressError: when it leads to where nothing may connect.
            FetchError: for any other reason not to have it, in one line without foreign text.
        """
        try:
            target = Target.parse(url)
        except ValueError as error:
            raise FetchError(f"its address cannot be used: {error}") from None
        try:
            return self._fetch(target)
        except (OSError, OverflowError, HTTPException, ValueError) as error:
            raise FetchError(sentence_of(error, target, self._deadline_s)) from None

    def _fetch(self, target: Target) -> Fetched:
        deadline = Deadline(self._deadline_s)
        connection = HTTPConnection(target.host, target.port)
        connection.auto_open = 0  # It would look the name up by itself.
        with self._connector.open(target, deadline) as sock:
            # Headers and the frames of chunks count, too; to the library none of these has an end.
            connection.sock = BoundedSocket(sock, deadline, 2 * MAX_BYTES)
            connection.request("GET", target.path, headers={"Host": target.authority, **_HEADERS})
            with connection.getresponse() as response:
                _check_head(response)
                return Fetched(_read_body(response), _max_age_s(response))


def make_fetcher(named: Iterable[NamedNetwork] = ()) -> Fetcher:
    """Return one that reaches public addresses and the named networks."""
    return Fetcher(Connector(Reach(named)))


def _check_head(response: HTTPResponse) -> None:
    if 300 <= response.status < 400:
        raise FetchError("it redirects, and redirects are not followed")
    if response.status != 200:
        raise FetchError(f"it answers {response.status}")
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise FetchError("the answer is compressed, though that was not asked for")


def _read_body(response: HTTPResponse) -> bytes:
    body = response.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise FetchError("the answer is too large")
    if response.length:  # A short read is no error to the library.
        raise FetchError("the answer ends before its announced end")
    return body


def _max_age_s(response: HTTPResponse) -> float | None:
    directives = ", ".join(response.headers.get_all("Cache-Control", ()))
    if _NOT_KEPT.search(directives):
        return 0.0
    found = _MAX_AGE.search(directives)
    # What a cache on the way has kept it for is over already (RFC 9111 section 4.2.3).
    age = response.headers.get("Age", "")
    age_s = float(age) if _SECONDS.fullmatch(age) else 0.0
    return None if found is None else max(0.0, float(found[1]) - age_s)
