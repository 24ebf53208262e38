"""What an issuer publishes, and a source that hands it out without a network."""

import json
from collections.abc import Callable

from tenantauth.errors import FetchError
from tenantauth.outbound.fetch import Fetched
from tenantauth.testing import SigningKey

KEYS = {kid: SigningKey(kid, "ES256") for kid in ("k1", "k2")}
URL = "https://idp.test/jwks"


def jwk(name: str = "k1", **members: object) -> dict[str, object]:
    """Return a public key as an issuer writes it; `None` leaves a member out."""
    key = KEYS.get(name, KEYS["k1"]).verification_key().key
    written = {**key.as_dict(private=False), "kid": name, "alg": "ES256", "use": "sig", **members}
    return {each: value for each, value in written.items() if value is not None}


def key_set(*keys: object) -> bytes:
    return json.dumps({"keys": keys}).encode()


class FakeDocuments:
    """Hands out what `publish` was told; `down` makes every fetch fail with it."""

    def __init__(self, *kids: str, max_age_s: float | None = 600) -> None:
        self.fetched: list[str] = []
        self.down: Exception | None = None
        self.max_age_s = max_age_s
        self.publish(*kids)

    def publish(self, *kids: str) -> None:
        self.body = key_set(*map(jwk, kids))

    def fetch(self, url: str) -> Fetched:
        self.fetched.append(url)
        if self.down is not None:
            raise self.down
        return Fetched(self.body, self.max_age_s)


DOWN = FetchError("the fake is down")


class Later:
    """Does jobs before going on, without a thread; once told to keep them, when told to."""

    def __init__(self) -> None:
        self.keeps = False
        self.jobs: list[Callable[[], None]] = []

    def __call__(self, job: Callable[[], None]) -> bool:
        self.jobs.append(job)
        if not self.keeps:
            self.do()
        return True

    def do(self) -> None:
        while self.jobs:
            self.jobs.pop(0)()
