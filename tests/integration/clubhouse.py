"""An app whose tenants bring their own identity providers: it says who calls, in which process."""

import os
import time
from functools import partial
from pathlib import Path

from flask import Flask

from tenantauth.defaults import default_layers
from tenantauth.flask import TenantAuth, current_identity, no_token, require
from tenantauth.outbound.connect import Connector
from tenantauth.outbound.fetch import Fetcher
from tenantauth.outbound.networks import Reach
from tenantauth.settings import Settings
from tenantauth.tokens.remote_keys import RemoteKeys


class MovedClock:
    """The system's clock and so many seconds more as a file says, which a test writes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic() + float(self._path.read_text())


def who() -> dict[str, object]:
    """Say whom the app takes the caller for."""
    return {
        "tenant": current_identity.tenant,
        "subject": current_identity.subject,
        "client": current_identity.client_id,
        "roles": sorted(current_identity.roles),
        "scopes": sorted(current_identity.scopes),
        "issuer": current_identity.issuer,
    }


def create_app() -> Flask:
    """Return the app; the age of issuers' keys, and nothing else, goes by the moved clock."""
    app = Flask(__name__)
    reach = Reach(Settings.from_environ().issuer_networks)
    clock = MovedClock(Path(os.environ["MOVED_CLOCK"]))
    keys = RemoteKeys(Fetcher(Connector(reach)), clock=clock)
    TenantAuth(app, layers=default_layers(key_source=keys))
    app.add_url_rule("/who", "who", who)
    app.add_url_rule("/reports", "reports", require(roles={"analyst"})(partial(who)))

    @app.get("/worker")
    @no_token
    def worker() -> dict[str, int]:
        return {"pid": os.getpid()}

    return app
