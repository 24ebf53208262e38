"""The production server: gunicorn through its Python API, set so that no header is believed."""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.errors import AppImportError

from tenants.cli.bodies import reading_bodies
from tenants.cli.boundary import Refused
from tenants.cli.output import clean
from tenants.cli.server_log import write_log

# gunicorn reads a peer's SCRIPT_NAME, PATH_INFO and scheme headers when the peer is one it trusts,
# and a loopback peer is by default: anybody behind a local proxy could then move the path. Proxies
# are believed by `tenantauth.environ` alone, by their number.
_SAFE: Mapping[str, object] = MappingProxyType(
    {
        "forwarded_allow_ips": "",
        "forwarder_headers": "",
        "secure_scheme_headers": {},
        # `X_Tenant` and `X-Tenant` are one name to WSGI: refuse the one, never merge the two.
        "header_map": "refuse",
        "strip_header_spaces": False,
        "permit_obsolete_folding": False,
        "casefold_http_method": False,
        "permit_unconventional_http_method": False,
    }
)
_QUIET: Mapping[str, object] = MappingProxyType(
    {
        "accesslog": None,
        "loglevel": "warning",
        # Releases since 25.1 open a control socket in the home folder, which nobody asked for.
        "control_socket_disable": True,
    }
)


@dataclass(frozen=True, slots=True)
class Serving:
    """Where to serve, with how many processes and threads, and in which form the log is."""

    host: str
    port: int
    workers: int = 1
    threads: int = 8
    graceful_timeout_s: int = 30
    logs_json: bool = False

    def settings(self) -> dict[str, object]:
        """Return gunicorn's settings; one that this release of it does not know is left out."""
        return {
            **_SAFE,
            **_QUIET,
            "bind": f"{self.host}:{self.port}",
            "workers": self.workers,
            "worker_class": "gthread",
            "threads": self.threads,
            "graceful_timeout": self.graceful_timeout_s,
        }


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no annotations
    """Each worker loads the app itself, after the fork: nothing open is ever shared.

    ``listening`` is called once, when connections are taken.
    """

    def __init__(
        self,
        load: Callable[[], WSGIApplication],
        serving: Serving,
        listening: Callable[[], None],
    ) -> None:
        self._load = load
        self._serving = serving
        self._listening = listening
        super().__init__()

    def load_config(self) -> None:
        """Set what `Serving` says, and nothing from files or the environment."""
        for name, value in self._serving.settings().items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)
        # gunicorn hands hooks its arbiter, and counts their parameters.
        self.cfg.set("when_ready", lambda arbiter: self._listening())

    def load(self) -> WSGIApplication:
        """Load the app in this worker; an app that cannot be loaded ends the server."""
        try:
            app = self._load()
        except Refused as error:
            raise AppImportError(f"error: {clean(error.message)}") from error
        write_log(as_json=self._serving.logs_json)
        return reading_bodies(app)


def why_not_bindable(serving: Serving) -> str | None:
    """Return why nobody can listen there, or ``None``."""
    family = socket.AF_INET6 if ":" in serving.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((serving.host.strip("[]"), serving.port))
    except OSError as error:
        return error.strerror or str(error)
    return None
