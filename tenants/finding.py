"""What `check` tells."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know: a stable id, how bad it is, where, what, and what to do."""

    id: str
    severity: Severity
    place: str
    text: str
    hint: str
