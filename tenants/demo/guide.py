"""What to try with curl: each line works as it stands, in any shell and any folder."""

import shlex
from dataclasses import dataclass

from tenants.demo.cast import ACME, GLOBEX
from tenants.demo.place import Place


@dataclass(frozen=True, slots=True)
class Try:
    """One command, what it shows, and the status that the API answers with."""

    status: int
    shows: str
    command: str


def things_to_try(place: Place) -> tuple[Try, ...]:
    """Return the commands in the order in which they are best tried."""
    ada, bob = (f"-H {shlex.quote(f'@{place.header_file(p.subject)}')}" for p in ACME.people)
    acme, globex = place.api(ACME.slug), place.api(GLOBEX.slug)
    origin = f"-H 'Origin: {place.page(ACME.slug)}'"
    calls = ACME.limit.rate.amount + 2
    told = r"-w '%{http_code}  Retry-After: %header{retry-after}\n'"
    return (
        Try(200, "Ada's token at Acme, where it was issued", f"curl -i {ada} {acme}/reports"),
        Try(401, "the same token at Globex", f"curl -i {ada} {globex}/reports"),
        Try(403, "Bob is no analyst", f"curl -i {bob} {acme}/forecast"),
        Try(
            401,
            "no token, from Acme's page: CORS headers let the page read why",
            f"curl -i {origin} {acme}/reports",
        ),
        Try(
            204,
            "a preflight: answered without a token, and no quota is spent",
            f"curl -i -X OPTIONS {origin} -H 'Access-Control-Request-Method: GET' "
            f"-H 'Access-Control-Request-Headers: authorization' {acme}/reports",
        ),
        Try(
            429,
            f"{ACME.quota}: {calls} calls are too many",
            f"for i in $(seq {calls}); do curl -s -o /dev/null {told} {ada} {acme}/reports; done",
        ),
        Try(
            200,
            "health, for load balancers: by IP address, without a tenant",
            f"curl -i http://127.0.0.1:{place.port}/healthz",
        ),
    )
