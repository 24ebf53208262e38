"""Findings on a tenants file: what is wrong, where, and what to do; all of them at once."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from tenants.errors import InvalidError
from tenants.problems import Place, Problem

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class FileFinding:
    """One thing that is wrong with a file; ``line`` counts from one, and is 0 when unknown."""

    file: str
    line: int
    id: str
    place: str
    text: str
    hint: str

    @classmethod
    def of(cls, problem: Problem, file: str, line: int) -> "FileFinding":
        """Return a problem as seen in a file."""
        place = written_place(problem.place)
        return cls(file, line, problem.id, place, problem.text, problem.hint)

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        place = f" {self.place}:" if self.place else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}: {self.id}{place} {self.text}{hint}"


class FindingsError(InvalidError):
    """A tenants file that cannot be used, with everything that is wrong; nothing was written."""

    code = "findings"

    def __init__(self, findings: Iterable[FileFinding]) -> None:
        self.findings = tuple(sorted(findings, key=lambda each: (each.line, each.id, each.place)))
        super().__init__([str(finding) for finding in self.findings])


def written_place(place: Place) -> str:
    """Write a place as ``tenants[3].limits[0].rate``."""
    written = ""
    for step in place:
        if isinstance(step, int):
            written += f"[{step}]"
        elif not _BARE.fullmatch(step):
            written += f"[{json.dumps(step[:80])}]"
        else:
            written += f".{step[:80]}" if written else step[:80]
    return written
