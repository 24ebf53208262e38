"""A small app for real servers: it says who calls, and what its process has opened."""

import os
import threading
import time
from collections.abc import Hashable
from functools import partial

from flask import Flask, request

from tenantauth.flask import TenantAuth, current_identity, current_tenant, no_token, public
from tenantauth.limit import Limit
from tenantauth.policy import TenantPolicy
from tenantauth.ports import TenantKey
from tenantauth.testing import FakePolicySource, make_policy, make_token
from tenantauth.units import Rate

POLICIES = {
    "acme": make_policy(
        "acme",
        origins=["https://app.acme.test"],
        limits=[Limit("few", Rate(1, 3600), by="tenant", paths=("/few",))],
    ),
    "globex": make_policy("globex"),
}


class ObservedSource(FakePolicySource):
    """A source that remembers which processes have used it."""

    def __init__(self) -> None:
        super().__init__(POLICIES.values())
        self.used_by: set[int] = set()

    def get(self, key: TenantKey) -> TenantPolicy:
        self.used_by.add(os.getpid())
        return super().get(key)

    def generation(self) -> Hashable:
        self.used_by.add(os.getpid())
        return super().generation()


def who() -> dict[str, object]:
    """Say who calls, in the words of every place that says so."""
    return {
        "tenant": current_tenant.slug,
        "subject": current_identity.subject,
        "remote_user": request.remote_user,
        "path": request.path,
    }


def create_app() -> Flask:
    """Return the app, in which nothing has been opened yet."""
    app, source, threads = Flask(__name__), ObservedSource(), list[int]()
    TenantAuth(app, registry=source)
    os.register_at_fork(before=lambda: threads.append(threading.active_count()))

    @app.get("/worker")
    @no_token
    def worker() -> dict[str, object]:
        names = [thread.name for thread in threading.enumerate()]
        return {
            "pid": os.getpid(),
            "used_by": sorted(source.used_by),
            "threads_before_forks": threads,
            "followers": names.count("tenantauth-follower"),
        }

    @app.get("/token/<slug>/<subject>")
    @no_token
    def token(slug: str, subject: str) -> str:
        return make_token(POLICIES[slug], subject, now_s=time.time())

    @app.post("/body")
    @no_token
    def body() -> dict[str, str]:
        return {"read": request.get_data().decode("latin-1")}

    app.add_url_rule("/open", "open", public(partial(who)))
    app.add_url_rule("/few", "few", public(partial(who)))
    app.add_url_rule("/closed", "closed", who)
    return app
