"""Find a Chromium for the browser tests; as `python -m tests.setup_browser`, install one.

With it comes curl, which the examples of the documents are tried with.

Playwright drives whichever is there. Its driver is a Node.js, which needs libatomic: without it
the tests fail with no better word than "connection closed".
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
PACKAGES = ("chromium-headless-shell", "curl", "libatomic1")


def find_chromium() -> Path | None:
    """Return the first Chromium on the PATH, macOS's Chrome or Playwright's own."""
    on_path = (shutil.which(name) for name in NAMES)
    candidates = [Path(found) for found in on_path if found] + [MACOS]
    return next((path for path in candidates if path.exists()), None) or _playwrights_own()


def _playwrights_own() -> Path | None:
    if not driver_works():
        return None
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def driver_works() -> bool:
    """Tell whether Playwright's driver starts on this machine."""
    command = [sys.executable, "-m", "playwright", "--version"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def ready() -> bool:
    """Tell whether nothing is missing."""
    return bool(shutil.which("curl")) and driver_works() and find_chromium() is not None


def install_by_apt() -> bool:
    """Install the Debian packages where nobody needs to be asked for a password."""
    if shutil.which("apt-get") is None:
        return False
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and (shutil.which("sudo") is None or not _runs([*sudo, "true"])):
        return False
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    install = [*apt, "install", "--yes", "--no-install-recommends", *PACKAGES]
    # A bare image has no package lists yet.
    return _runs(install) or (_runs([*apt, "update"]) and _runs(install))


def _runs(command: list[str]) -> bool:
    quiet = subprocess.DEVNULL
    done = subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet, check=False)
    return done.returncode == 0


def main() -> int:
    """Return 0 when nothing is missing, after an installation if need be."""
    if ready():
        return 0
    sys.stderr.write(f"Installing {', '.join(PACKAGES)} for the tests ...\n")
    if install_by_apt() and ready():
        return 0
    sys.stderr.write(
        "error: the tests need curl and a Chromium: install chromium-headless-shell and libatomic1 "
        f"(Debian), Chrome, or run {sys.executable} -m playwright install chromium\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
