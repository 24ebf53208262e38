"""What tests of the command line share."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

MANAGE = Path(__file__).parents[3] / "manage.py"


class Outcome(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str


Run = Callable[..., Outcome]
Start = Callable[..., "subprocess.Popen[str]"]
