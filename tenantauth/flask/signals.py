"""Signals, as Flask's own: the app is the sender; receivers act beside the request.

- ``authenticated``, with ``identity``: a caller with a valid token has reached the app.
- ``refused``, with ``event`` (a `tenantauth.ports.RefusedEvent`): a request was refused, by a
  layer of the stack or before. There may be no request context, and no tenant.
"""

from blinker import Namespace
from flask import Flask, request

from tenantauth.environ import GRANT
from tenantauth.identity import Grant
from tenantauth.ports import RefusedEvent

_signals = Namespace()

authenticated = _signals.signal("tenantauth-authenticated")
refused = _signals.signal("tenantauth-refused")


def announce_caller(app: Flask) -> None:
    """Send ``authenticated`` for the request at hand, unless its caller is anonymous."""
    grant = request.environ.get(GRANT)
    if isinstance(grant, Grant) and grant.identity.is_authenticated:
        authenticated.send(app, identity=grant.identity)


class SignalSink:
    """An event sink that sends ``refused``; what a receiver raises is logged by the stack."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def emit(self, event: RefusedEvent) -> None:
        """Send the event."""
        refused.send(self._app, event=event)
