"""What a tenants file declares: its tiers and tenants in their shape, and what is wrong with it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tenants.declare import schema
from tenants.declare.findings import FileFinding, FindingsError
from tenants.declare.form import shaped
from tenants.declare.json_reading import read_json
from tenants.declare.members import limit_spec
from tenants.declare.text import FileText
from tenants.declare.yaml_reading import Found, UnreadableError, YamlReader
from tenants.problems import Place, Problem
from tenants.spec import spell_limit
from tenants.values import LimitSpec


@dataclass(frozen=True, slots=True)
class DeclaredFile:
    """A file that was read as far as it can be; ``tenants`` are by their place in its list."""

    source: FileText
    tiers: Mapping[str, tuple[LimitSpec, ...]] = field(default_factory=dict)
    tenants: Mapping[int, schema.Tenant] = field(default_factory=dict)
    found: tuple[Found, ...] = ()

    def refuse(self, problems: Iterable[Problem] = ()) -> None:
        """Return when nothing is wrong with the file, and with what was found about it.

        Raises:
            FindingsError: naming everything, each with its line.
        """
        found = [*self.found, *((problem, 0) for problem in problems)]
        if found:
            lines = _lines_of(self.source, [problem.place for problem, line in found if not line])
            raise FindingsError(
                FileFinding.of(problem, self.source.name, line or _nearest(problem.place, lines))
                for problem, line in found
            )


class _Shaper:
    """Shapes each tenant as soon as it is read, so that a large file is never held twice."""

    def __init__(self) -> None:
        self.tenants: dict[int, schema.Tenant] = {}
        self.problems: list[Problem] = []

    def finish(self, place: Place, value: object) -> object:
        if place[0] != "tenants" or not isinstance(place[1], int):
            return value
        tenant, problems = shaped(schema.Tenant, value, place)
        self.problems += problems
        if tenant is not None:
            self.tenants[place[1]] = tenant
        return {}

    def file(self, source: FileText, value: object, found: list[Found]) -> DeclaredFile:
        """Return the whole file, whose tenants were shaped already."""
        tiers: dict[str, tuple[LimitSpec, ...]] = {}
        if isinstance(value, dict):
            # What has another type is left for the shape of the whole to complain of.
            if isinstance(value.get("tenants"), list):
                value = {**value, "tenants": []}
            if isinstance(value.get("tiers"), dict):
                tiers = dict(self._tiers(value["tiers"]))
                value = {**value, "tiers": {}}
            _, problems = shaped(schema.TenantsFile, value, ())
            self.problems += map(_version, problems)
        else:
            hint = "begin with version: 1 and tenants:"
            self.problems.append(Problem("TA007", "the file is not a mapping", (), hint))
        unread = {problem.place for problem, _ in found if problem.id == "TA003"}
        # Of a value that was not read it is no news that it has another type.
        news = [each for each in self.problems if each.id != "TA007" or each.place not in unread]
        return DeclaredFile(source, tiers, self.tenants, (*found, *((each, 0) for each in news)))

    def _tiers(self, declared: dict[str, object]) -> Iterator[tuple[str, tuple[LimitSpec, ...]]]:
        for name, value in declared.items():
            tier, problems = shaped(schema.Tier, value, ("tiers", name))
            self.problems += problems
            yield name, () if tier is None else _limits(tier)


def read_declared(source: FileText) -> DeclaredFile:
    """Return what a file declares; what is wrong with it comes with the answer."""
    shaper = _Shaper()
    reader = YamlReader(shaper.finish)
    found = reader.found
    try:
        if source.is_json:
            value, problems = read_json(source.text, shaper.finish)
            found += ((problem, 0) for problem in problems)
        else:
            value = reader.read(source.text)
    except UnreadableError as error:
        known = ((problem, 0) for problem in shaper.problems)
        return DeclaredFile(source, found=(*found, *known, (error.problem, error.line)))
    return shaper.file(source, value, found)


def _limits(tier: schema.Tier) -> tuple[LimitSpec, ...]:
    return tuple(spell_limit(limit_spec(limit)) for limit in tier.limits)


def _version(problem: Problem) -> Problem:
    if problem.place != ("version",) and problem.text != "version is missing":
        return problem
    text = "this is not a file of version 1" if problem.place else "the version is missing"
    return Problem("TA009", text, problem.place, "write version: 1")


def _lines_of(source: FileText, places: Iterable[Place]) -> dict[Place, int]:
    """Read once more, for the lines of these places and of everything above them."""
    asked = {place[:depth] for place in places for depth in range(len(place) + 1)}
    lines: dict[Place, int] = {}

    def note(place: Place, line: int) -> None:
        if place in asked:
            lines.setdefault(place, line)

    if asked:
        try:
            YamlReader(lambda _place, value: value, note).read(source.text)
        except UnreadableError:
            # What comes behind has no lines; it may be JSON that is no YAML.
            return lines
    return lines


def _nearest(place: Place, lines: Mapping[Place, int]) -> int:
    for depth in range(len(place), -1, -1):
        if (line := lines.get(place[:depth])) is not None:
            return line
    return 0
