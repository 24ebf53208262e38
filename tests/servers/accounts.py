"""Who has an account at the provider of `tests.servers.provider`, and which clients it knows."""

import secrets
from dataclasses import dataclass

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin

SCOPES = frozenset({"openid", "reports:read"})
ORGANISATIONS = ("acme", "globex")
CALLBACK = "https://app.acme.test/callback"


@dataclass(frozen=True, slots=True)
class Account:
    """Who signs in, or on whose behalf a machine does: a member of one organisation."""

    name: str
    org: str
    roles: tuple[str, ...] = ()

    def get_user_id(self) -> str:
        return self.name

    def claims(self) -> dict[str, object]:
        return {"org_id": self.org, "realm_access": {"roles": list(self.roles)}}


PEOPLE = {
    account.name: account
    for account in (
        Account("bob", "org_acme", ("partner-admin", "offline_access")),
        Account("carl", "org_acme", ("offline_access",)),
        Account("eve", "org_globex", ("partner-admin",)),
    )
}


@dataclass(frozen=True, slots=True)
class Client(ClientMixin):
    """An app or a machine; ``typ`` is how its access tokens call themselves."""

    account: Account
    secret: str
    grant: str
    typ: str = "at+jwt"

    def get_client_id(self) -> str:
        return self.account.name

    def get_default_redirect_uri(self) -> str:
        return CALLBACK

    def get_allowed_scope(self, scope: str | None) -> str:
        return " ".join(sorted(SCOPES.intersection((scope or "").split())))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == CALLBACK

    def check_client_secret(self, client_secret: str) -> bool:
        return secrets.compare_digest(self.secret, client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == self.grant


@dataclass(frozen=True, slots=True)
class Code(AuthorizationCodeMixin):
    """An authorization code: what was asked for, and who consented."""

    client_id: str
    scope: str
    user: Account
    nonce: str | None
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return CALLBACK

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> None: ...
    def get_acr(self) -> None: ...
    def get_amr(self) -> None: ...


def clients(secret: str) -> dict[str, Client]:
    """Return an app for people, and one machine of each organisation, by name."""
    web = Client(Account("web", "none"), secret, "authorization_code", typ="JWT")
    machines = (Account(f"{org}-job", f"org_{org}", ("partner-admin",)) for org in ORGANISATIONS)
    jobs = (Client(account, secret, "client_credentials") for account in machines)
    return {client.get_client_id(): client for client in (web, *jobs)}
