"""Who acts here: the caller of the request at hand, or whom a job acts as."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from wsgiref.types import WSGIEnvironment

from flask import Flask, current_app, g, has_app_context, has_request_context, request

from tenantauth.environ import grant_of
from tenantauth.flask.state import state_of
from tenantauth.identity import Grant

_CALLER = "tenantauth.flask.caller"


class Caller:
    """A grant, and the app's own user for it."""

    __slots__ = ("_user", "grant")

    def __init__(self, grant: Grant) -> None:
        self.grant = grant
        self._user: tuple[object] | None = None

    def user(self) -> object:
        """Return the app's user, loaded once; ``None`` for an anonymous caller."""
        if self._user is None:
            identity, app = self.grant.identity, this_app()
            known = identity.is_authenticated
            self._user = (state_of(app).hooks.load_user(app, identity) if known else None,)
        return self._user[0]


@dataclass(frozen=True, slots=True)
class _Acting:
    """Someone acts in an app, outside of requests or within one."""

    caller: Caller
    context: object
    environ: WSGIEnvironment | None

    def is_here(self) -> bool:
        # A request that is made meanwhile, in a test say, has a caller of its own; so has another
        # app context, which a generator that stands still may have left this one for.
        if not has_app_context() or self.environ is not _environ():
            return False
        return self.environ is not None or self.context is _app_context()


_acting: ContextVar[_Acting | None] = ContextVar("tenantauth.acting", default=None)


@contextmanager
def acting(grant: Grant) -> Iterator[None]:
    """Let the holder of a grant be who acts in this app context, and in this request if any."""
    token = _acting.set(_Acting(Caller(grant), _app_context(), _environ()))
    try:
        yield
    finally:
        _acting.reset(token)


def current_caller() -> Caller:
    """Return who acts here.

    Raises:
        RuntimeError: when nobody does: there is no request, or it has no tenant.
    """
    acting_here = _acting.get()
    if acting_here is not None and acting_here.is_here():
        return acting_here.caller
    environ = request.environ
    caller = environ.get(_CALLER)
    if not isinstance(caller, Caller):
        caller = environ[_CALLER] = Caller(grant_of(environ))
    return caller


def _app_context() -> object:
    # Each app context has a `g` of its own; the context itself is not for others.
    return g._get_current_object()  # noqa: SLF001  # as Flask does


def this_app() -> Flask:
    """Return the app itself, whose context this is; raises `RuntimeError` outside of any."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # as Flask does
    return app


def _environ() -> WSGIEnvironment | None:
    return request.environ if has_request_context() else None
