"""From pydantic's errors to findings that an operator can act on."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tenantauth.names import nearest
from tenants.declare.schema import LATER
from tenants.problems import Place, Problem

Model = TypeVar("Model", bound=BaseModel)

_KINDS: Mapping[str, str] = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}


def shaped(model: type[Model], value: object, place: Place) -> tuple[Model | None, list[Problem]]:
    """Return a value in its shape, and everything that is wrong with it.

    What is wrong is left out of the shape, so that the rest can be looked at further; there is
    none when nothing is left.
    """
    try:
        return model.model_validate(value), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    problems = [problem.below(*place) for problem in _problems(model, details)]
    wrong = {detail["loc"][0] for detail in details if detail["loc"]}
    if not isinstance(value, Mapping) or not wrong & value.keys():
        return None, problems
    rest = {name: member for name, member in value.items() if name not in wrong}
    try:
        return model.model_validate(rest), problems
    except ValidationError:
        return None, problems  # What is wrong now is said already.


def _problems(model: type[BaseModel], details: Sequence[ErrorDetails]) -> Iterator[Problem]:
    for detail in details:
        place: Place = tuple(detail["loc"])
        if detail["type"] == "extra_forbidden":
            yield _unknown(model, place)
        elif detail["type"] == "missing":
            yield Problem("TA006", f"{place[-1]} is missing", place[:-1])
        else:
            yield _wrong(detail, place)


def _wrong(detail: ErrorDetails, place: Place) -> Problem:
    given, kind = detail["input"], detail["type"]
    if kind == "string_type" and isinstance(given, int):
        written = str(given).lower() if isinstance(given, bool) else str(given)
        text = f"expected a text, not {_named(given)}"
        return Problem("TA007", text, place, f'write "{written}" in quotes')
    if kind in _KINDS:
        return Problem("TA007", f"expected {_KINDS[kind]}, not {_named(given)}", place)
    if kind == "literal_error":
        expected = detail["ctx"]["expected"]
        return Problem("TA007", f"expected {expected}, not {_named(given)}", place)
    return Problem("TA007", detail["msg"].removeprefix("Value error, "), place)


def _unknown(model: type[BaseModel], place: Place) -> Problem:
    name = str(place[-1])
    if name in LATER and len(place) == 1:
        hint = "leave it out: nothing would act on it"
        return Problem("TA008", f"{name} is not in this version yet", place, hint)
    known = _members(model, place[:-1])
    near = nearest(name, known)
    hint = f"did you mean {near}?" if near else f"it is one of: {', '.join(known)}"
    return Problem("TA005", f"there is no member {name[:80]!r} here", place, hint)


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    # Making it takes milliseconds, and a file may have one mistake in each of its tenants.
    return model.model_json_schema()


def _members(model: type[BaseModel], place: Place) -> list[str]:
    """Return the members of the model at a place, by the schema that people have, too."""
    schema = _schema(model)
    definitions = schema.get("$defs", {})
    here = schema
    for step in place:
        if isinstance(step, int):
            here = here.get("items", {})
        elif step in here.get("properties", {}):
            here = here["properties"][step]
        else:
            here = here.get("additionalProperties", {})
        if isinstance(here, dict) and "$ref" in here:
            here = definitions[here["$ref"].rpartition("/")[2]]
    return list(here.get("properties", {}))


def _named(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, list):
        return "a list"
    return "a mapping" if isinstance(value, Mapping) else f"{str(value)[:80]!r}"
