"""What is wrong with what an operator wants: an id, the place in it, a sentence and a hint.

Ids are stable and belong to the tenants file: TA00x its form, TA01x and TA02x one tenant, TA03x
several tenants together. Commands show the sentence alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that cannot work; ``place`` is a path as ``("limits", 0, "rate")``."""

    id: str
    text: str
    place: Place = ()
    hint: str = ""

    @property
    def sentence(self) -> str:
        """What is wrong, and what to do about it when that is not obvious."""
        return f"{self.text}; {self.hint}" if self.hint else self.text

    def below(self, *place: str | int) -> "Problem":
        """Return the same, seen from further up."""
        return replace(self, place=(*place, *self.place))


def new_problems(before: Iterable[Problem], after: Iterable[Problem]) -> list[Problem]:
    """Return what a change makes worse.

    What was wrong before must not keep anybody from changing something else; it is not looked for
    when nothing is wrong now.
    """
    found = list(after)
    known = {(problem.id, problem.text) for problem in before} if found else set()
    return [problem for problem in found if (problem.id, problem.text) not in known]
