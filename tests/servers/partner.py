"""A running OpenID provider, from the outside: what its operator does and what its callers ask."""

import base64
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from tests.servers.accounts import CALLBACK

ROOT = Path(__file__).parents[2]


class Partner:
    """The process of a provider; ``tell`` is its operator, the rest are its clients."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.issuer: str = self.tell("issuer")
        self._secret: str = self.tell("secret")
        self.metadata = self._get_json("/.well-known/openid-configuration")

    @property
    def netloc(self) -> str:
        return urlsplit(self.issuer).netloc

    @property
    def jwks_uri(self) -> str:
        return str(self.metadata["jwks_uri"])

    def tell(self, order: str) -> Any:
        """Give an order, and return its answer once it has been carried out."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{order}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def fetches(self) -> int:
        """Return how often its keys have been asked for."""
        count: int = self.tell("asked").get("/jwks", 0)
        return count

    def machine_token(self, client: str = "acme-job") -> str:
        """Return an access token by client credentials."""
        form = {"grant_type": "client_credentials", "scope": "reports:read"}
        return str(self._exchange(client, form)["access_token"])

    def sign_in(self, person: str = "bob", *, scope: str = "openid reports:read") -> dict[str, Any]:
        """Return the answer of the token endpoint to an authorization code with PKCE."""
        verifier = secrets.token_urlsafe(32)
        asked = {
            "response_type": "code",
            "client_id": "web",
            "redirect_uri": CALLBACK,
            "scope": scope,
            "state": secrets.token_urlsafe(),
            "nonce": secrets.token_urlsafe(),
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
            "login_hint": person,
        }
        path = urlsplit(str(self.metadata["authorization_endpoint"])).path
        answer, _ = self._ask("GET", f"{path}?{urlencode(asked)}")
        said = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert said["state"] == [asked["state"]]
        form = {"grant_type": "authorization_code", "code": said["code"][0]}
        return self._exchange("web", {**form, "redirect_uri": CALLBACK, "code_verifier": verifier})

    def user_token(self, person: str = "bob") -> str:
        """Return the access token of somebody who has signed in."""
        return str(self.sign_in(person)["access_token"])

    def _exchange(self, client: str, form: dict[str, str]) -> dict[str, Any]:
        proof = base64.b64encode(f"{client}:{self._secret}".encode()).decode()
        headers = {
            "Authorization": f"Basic {proof}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        path = urlsplit(str(self.metadata["token_endpoint"])).path
        answer, body = self._ask("POST", path, urlencode(form), headers)
        assert answer.status == 200, body
        said: dict[str, Any] = json.loads(body)
        return said

    def _get_json(self, path: str) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self._ask("GET", path)[1])
        return said

    def _ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection(self.netloc, timeout=20)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer, text


@contextmanager
def running_partner() -> Iterator[Partner]:
    """Start a provider; it ends when its standard input does."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.servers.provider"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Partner(process)
