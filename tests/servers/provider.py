"""An OpenID provider on Authlib's classes, with keys of its own: ``-m tests.servers.provider``.

It is told what to do in lines on its standard input, and answers each with a line of JSON. It
ends when that input does, so that no test can leave one behind.
"""

import json
import logging
import secrets
import sys
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import BaseWSGIServer, make_server

from tests.servers.accounts import PEOPLE, SCOPES, Account, Client, Code, clients

AUDIENCE = "https://api.example.test"
MAX_AGE_S = 300
_TTL_S = 600
_HELD_S = 20.0


class Keys:
    """The keys that are published; the newest signs."""

    def __init__(self) -> None:
        self._made = 0
        self.published: list[RSAKey] = []
        self.rotate()

    def rotate(self, *, withdraw: bool = False) -> str:
        self._made += 1
        parameters = {"kid": f"provider-{self._made}", "use": "sig", "alg": "RS256"}
        new = RSAKey.generate_key(2048, parameters)  # type: ignore[arg-type]  # of its own TypedDict
        self.published = [new] if withdraw else [*self.published, new]
        return str(new.kid)

    @property
    def signing(self) -> KeySet:
        """A set of one: given a set, joserfc writes the ``kid`` of what it signs with."""
        return KeySet([self.published[-1]])


class AccessTokens(JWTBearerTokenGenerator):
    """RFC 9068 tokens, and those of providers that call everything a JWT."""

    def __init__(self, issuer: str, keys: Keys) -> None:
        super().__init__(issuer, expires_generator=_TTL_S)
        self._keys = keys

    def get_jwks(self) -> KeySet:
        return self._keys.signing

    def get_audiences(self, client: Client, user: Account | None, scope: str) -> list[str]:
        return [AUDIENCE]

    def get_extra_claims(
        self, client: Client, grant_type: str, user: Account | None, scope: str
    ) -> dict[str, object]:
        return (user or client.account).claims()

    def access_token_generator(self, client: Client, *args: Any, **words: Any) -> str:
        token: str = super().access_token_generator(client, *args, **words)
        if client.typ == "at+jwt":
            return token
        read = jwt.decode(token, self.get_jwks(), algorithms=["RS256"])
        return jwt.encode({**read.header, "typ": client.typ}, read.claims, self.get_jwks())


class IdTokens(OpenIDCode):
    """ID tokens beside the access tokens of whoever asks for ``openid``."""

    def __init__(self, issuer: str, keys: Keys) -> None:
        super().__init__()
        self._issuer = issuer
        self._keys = keys

    def exists_nonce(self, nonce: str, request: object) -> bool:
        return False

    def resolve_client_private_key(self, client: Client) -> KeySet:
        return self._keys.signing

    def get_client_claims(self, client: Client) -> dict[str, object]:
        return {"iss": self._issuer, "aud": [client.get_client_id()]}

    def generate_user_info(self, user: Account, scope: str) -> UserInfo:
        return UserInfo(sub=user.name, **user.claims())


class CodeGrant(AuthorizationCodeGrant):
    """Codes in memory, each good for one exchange."""

    codes: dict[str, Code] = {}  # noqa: RUF012  # Authlib makes a grant for every request

    def save_authorization_code(self, code: str, request: Any) -> None:
        said = request.payload.data
        self.codes[code] = Code(
            request.client.get_client_id(),
            request.scope,
            request.user,
            said.get("nonce"),
            said["code_challenge"],
            said["code_challenge_method"],
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        found = self.codes.get(code)
        return found if found and found.client_id == client.get_client_id() else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        for code, kept in list(self.codes.items()):
            if kept is authorization_code:
                del self.codes[code]

    def authenticate_user(self, authorization_code: Code) -> Account:
        return authorization_code.user


class Provider:
    """The site of the provider, and what can happen to it."""

    def __init__(self) -> None:
        self.keys = Keys()
        self.secret = secrets.token_urlsafe()
        self.asked: Counter[str] = Counter()
        self.open_door = threading.Event()
        self.open_door.set()
        self.waiting = threading.Semaphore(0)
        self._app = Flask(__name__)
        self._server: BaseWSGIServer = make_server("127.0.0.1", 0, self._app, threaded=True)
        self.port = self._server.port
        self.issuer = f"http://127.0.0.1:{self.port}"
        self._add_views()
        self._serve()

    def back(self) -> None:
        self._server = make_server("127.0.0.1", self.port, self._app, threaded=True)
        self._serve()

    def away(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _serve(self) -> None:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _oauth(self) -> AuthorizationServer:
        known = clients(self.secret)
        server = AuthorizationServer(self._app, known.get, lambda token, request: None)
        server.register_token_generator("default", AccessTokens(self.issuer, self.keys))
        server.register_grant(ClientCredentialsGrant)
        id_tokens = IdTokens(self.issuer, self.keys)
        server.register_grant(CodeGrant, [CodeChallenge(required=True), id_tokens])
        return server

    def _add_views(self) -> None:
        oauth = self._oauth()

        @self._app.before_request
        def count() -> None:
            self.asked[request.path] += 1

        @self._app.get("/authorize")
        def authorize() -> Response:
            person = PEOPLE[request.args["login_hint"]]
            grant = oauth.get_consent_grant(end_user=person)
            answer: Response = oauth.create_authorization_response(grant=grant, grant_user=person)
            return answer

        @self._app.post("/token")
        def token() -> Response:
            answer: Response = oauth.create_token_response()
            return answer

        @self._app.get("/jwks")
        def jwks() -> Response:
            if not self.open_door.is_set():
                self.waiting.release()
                self.open_door.wait(_HELD_S)
            answer = jsonify(keys=[key.as_dict(private=False) for key in self.keys.published])
            answer.cache_control.max_age = MAX_AGE_S
            return answer

        @self._app.get("/.well-known/openid-configuration")
        def metadata() -> Response:
            return jsonify(self._metadata())

    def _metadata(self) -> dict[str, object]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "scopes_supported": sorted(SCOPES),
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }


def main() -> None:
    """Serve, and obey until there is nobody to obey."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    provider = Provider()
    orders: dict[str, Callable[[], object]] = {
        "issuer": lambda: provider.issuer,
        "secret": lambda: provider.secret,
        "rotate": provider.keys.rotate,
        "withdraw": lambda: provider.keys.rotate(withdraw=True),
        "away": provider.away,
        "back": provider.back,
        "hold": provider.open_door.clear,
        "held": lambda: provider.waiting.acquire(timeout=_HELD_S),
        "release": provider.open_door.set,
        "asked": lambda: provider.asked,
    }
    for line in sys.stdin:
        sys.stdout.write(json.dumps(orders[line.strip()]()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
