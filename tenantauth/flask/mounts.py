"""Apps that Werkzeug's dispatcher mounts between the stack and Flask.

A route of Flask's may match a path below a mount, a public catch-all above all. What answers there
is the mounted app, which says nothing of who may call it: so a token is required.
"""

from collections.abc import Sequence
from wsgiref.types import WSGIApplication

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from tenantauth.flask.search import held


class Mounts:
    """The dispatchers inside a stack; mounts that are added later count too."""

    def __init__(self, inside: WSGIApplication) -> None:
        found = (inside, *held((inside,)))
        self._dispatchers: Sequence[DispatcherMiddleware] = tuple(
            each for each in found if isinstance(each, DispatcherMiddleware)
        )

    def cover(self, path_info: str) -> bool:
        """Tell whether a path is answered by a mounted app; it is read as the dispatcher does."""
        return any(_is_mounted(each, path_info) for each in self._dispatchers)


def _is_mounted(dispatcher: DispatcherMiddleware, path_info: str) -> bool:
    while "/" in path_info:
        if path_info in dispatcher.mounts:
            return True
        path_info = path_info.rpartition("/")[0]
    return path_info in dispatcher.mounts
