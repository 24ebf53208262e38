"""Where a demo lives: the addresses of its servers, and the folder with its data."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tenantauth.settings import Settings


@dataclass(frozen=True, slots=True)
class Place:
    """A data folder and the API's port; the pages are served on the port above it.

    Issuers and origins hold the ports and are a tenant's for good, so each port has its own data.
    """

    data: Path
    port: int

    @property
    def folder(self) -> Path:
        """The folder of this port."""
        return self.data.absolute() / f"port-{self.port}"

    @property
    def pages_port(self) -> int:
        """The port that makes the pages' origins other ones than the API's."""
        return self.port + 1

    def api(self, slug: str) -> str:
        """Return the origin of a tenant's API."""
        return f"http://{slug}.localhost:{self.port}"

    def page(self, slug: str) -> str:
        """Return the origin of a tenant's page."""
        return f"http://app.{slug}.localhost:{self.pages_port}"

    def header_file(self, subject: str) -> Path:
        """Return the file with a user's ``Authorization`` header, for ``curl -H @FILE``."""
        return self.folder / subject

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables under which every other command works on the demo's data."""
        return {
            "TENANTAUTH_DATABASE_URL": f"sqlite:///{self.folder / 'tenantauth.db'}",
            "TENANTAUTH_MASTER_KEY_FILE": str(self.folder / "tenantauth.key"),
            "TENANTAUTH_BASE_URL": f"http://localhost:{self.port}",
        }

    @property
    def settings(self) -> Settings:
        """The demo's settings; nothing of the process's own environment is in them."""
        return Settings.from_mapping(self.environment)

    @property
    def config(self) -> Mapping[str, str]:
        """The same for an app, which would fill what is not said from the environment."""
        blank = {name: "" for name in os.environ if name.startswith("TENANTAUTH_")}
        return {**blank, **self.environment}
