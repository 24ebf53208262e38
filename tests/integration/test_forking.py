"""A process that forks while its other threads are at work."""

import gc
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from flask import Flask

from tenantauth.flask import TenantAuth
from tenantauth.limit import Limit
from tenantauth.units import Rate
from tenants.registry import Registry
from tests.registries import new_registry
from tests.tenantauth.forks import in_child

LOCK = type(threading.Lock())


def locks() -> Iterator[threading.Lock]:
    """Yield every lock that an object of ours holds."""
    for each in gc.get_objects():
        if str(type(each).__module__).partition(".")[0] in ("tenantauth", "tenants"):
            slots = (name for kind in type(each).__mro__ for name in getattr(kind, "__slots__", ()))
            yield from (
                value
                for name in {*getattr(each, "__dict__", ()), *slots}
                if isinstance(value := getattr(each, name, None), LOCK)
            )


def make_app(registry: Registry) -> Flask:
    app = Flask(__name__)
    TenantAuth(app, registry=registry)
    app.add_url_rule("/token", "token", lambda: registry.tokens.issue("acme", "alice").token)
    return app


def answers(app: Flask, *tokens: str) -> str:
    """Ask with each token, and tell the statuses and how many refusals were counted."""
    ask = app.test_client().get
    headers = [{"Host": "acme.localhost", "Authorization": f"Bearer {token}"} for token in tokens]
    statuses = [ask("/token", headers=each).status_code for each in headers]
    counts = app.extensions["tenantauth"].counters.refused().values()
    return f"{statuses} {list(counts)}"


def test_a_child_answers_whatever_was_locked_while_its_parent_forked(tmp_path: Path) -> None:
    """Threat 80: the threads that held the locks do not exist there, and nobody frees them."""
    registry = new_registry(tmp_path)
    registry.tenants.create("acme")
    registry.limits.set("acme", Limit("user", Rate(100, 60), by="subject"))
    app, tokens = make_app(registry), [registry.tokens.issue("acme", "alice").token, "junk"]
    assert answers(app, *tokens) == "[200, 401] [1]"
    with ExitStack() as held:
        for lock in locks():
            if lock.acquire(timeout=1):
                held.callback(lock.release)
        assert in_child(lambda: answers(app, *tokens)) == "[200, 401] [1]"
    app.extensions["tenantauth"].source.close()
    registry.dispose()
