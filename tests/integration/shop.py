"""The app of `test_servers`: as a user writes it, with everything from the environment."""

import os
import threading
from functools import partial

from flask import Flask, request

from tenantauth.flask import TenantAuth, current_identity, current_tenant, no_token, public, require


def who() -> dict[str, object]:
    """Say whom the app takes the caller for."""
    return {
        "tenant": current_tenant.slug,
        "subject": current_identity.subject,
        "remote_user": request.remote_user,
    }


def create_app() -> Flask:
    """Return the app, in which nothing has been opened yet."""
    app, threads = Flask(__name__), list[int]()
    TenantAuth(app)
    os.register_at_fork(before=lambda: threads.append(threading.active_count()))
    app.add_url_rule("/open", "open", public(partial(who)))
    for path in ("closed", "few", "strict"):
        app.add_url_rule(f"/{path}", path, who)

    @app.get("/reports")
    @require(roles={"analyst"})
    def reports() -> dict[str, object]:
        return who()

    @app.get("/worker")
    @no_token
    def worker() -> dict[str, object]:
        names = [thread.name for thread in threading.enumerate()]
        return {
            "pid": os.getpid(),
            "threads_before_forks": threads,
            "followers": names.count("tenantauth-follower"),
        }

    return app
