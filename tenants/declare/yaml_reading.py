"""YAML to plain values from the parser's events, without a graph of nodes in between.

What YAML allows and a tenants file does not is collected, with its line, while the rest is read
on: keys given twice, tags, aliases that grow without bound, a second document.
"""

from collections.abc import Callable, Iterator
from typing import Protocol, cast

import yaml
from yaml import events

from tenants.declare.scalars import read_plain
from tenants.problems import Place, Problem

MAX_DEPTH = 32
MAX_VALUES = 5_000_000  # with everything that aliases repeat

Finish = Callable[[Place, object], object]
Note = Callable[[Place, int], None]
Found = tuple[Problem, int]


class UnreadableError(Exception):
    """The file ends here for a reader: a problem, and the line of it."""

    def __init__(self, problem: Problem, line: int) -> None:
        self.problem = problem
        self.line = line
        super().__init__(problem.text)


class _Parser(Protocol):
    def get_event(self) -> events.Event: ...


class YamlReader:
    """Reads one document.

    ``finish`` takes each value of a list below the top, and returns what stays of it in memory.
    ``note`` is told the line of every value.
    """

    def __init__(self, finish: Finish, note: Note | None = None) -> None:
        self._finish = finish
        self._note = note
        self.found: list[Found] = []
        self._anchors: dict[str, tuple[object, int]] = {}
        self._count = 0

    def read(self, text: str) -> object:
        """Return the value of the one document.

        Raises:
            UnreadableError: where the text stops being YAML, or is too deep or too large.
        """
        try:
            return self._document(_parser(text))
        except yaml.YAMLError as error:
            raise _unreadable(error) from None

    def _document(self, parser: _Parser) -> object:
        value: object = None
        documents = 0
        while not isinstance(event := parser.get_event(), events.StreamEndEvent):
            if isinstance(event, events.NodeEvent):
                documents += 1
                read = self._node(parser, event, ())
                value = read if documents == 1 else value
                if documents == 2:
                    text = "a second document begins here"
                    self._add("TA003", text, (), event, "write all tenants into one")
        return value

    def _node(self, parser: _Parser, event: events.Event, place: Place) -> object:
        self._count += 1
        line = _line(event)
        if self._note is not None:
            self._note(place, line)
        if len(place) > MAX_DEPTH or self._count > MAX_VALUES:
            raise UnreadableError(_too_much(place), line)
        if isinstance(event, events.AliasEvent):
            return self._alias(event, place)
        first = self._count
        if isinstance(event, events.ScalarEvent):
            value: object = self._scalar(event, place)
        elif isinstance(event, events.SequenceStartEvent):
            self._refuse_tag(event, place)
            value = self._sequence(parser, place)
        else:
            self._refuse_tag(cast(events.MappingStartEvent, event), place)
            value = self._mapping(parser, place)
        anchor = cast(events.NodeEvent, event).anchor
        if anchor is not None:
            self._anchors[anchor] = value, self._count - first + 1
        is_item = len(place) == 2 and isinstance(place[1], int)
        return self._finish(place, value) if is_item else value

    def _sequence(self, parser: _Parser, place: Place) -> list[object]:
        values: list[object] = []
        while not isinstance(event := parser.get_event(), events.SequenceEndEvent):
            values.append(self._node(parser, event, (*place, len(values))))
        return values

    def _mapping(self, parser: _Parser, place: Place) -> dict[str, object]:
        members: dict[str, object] = {}
        merged: list[tuple[object, events.Event]] = []
        while not isinstance(event := parser.get_event(), events.MappingEndEvent):
            key = self._key(parser, event, place)
            if self._note is not None:
                self._note((*place, key), _line(event))
            value = self._node(parser, parser.get_event(), (*place, key))
            if key == "<<" and getattr(event, "implicit", (False,))[0]:
                merged.append((value, event))
            elif key in members:
                self._add("TA004", f"{key[:80]!r} is given twice", (*place, key), event)
            else:
                members[key] = value
        for value, event in merged:
            for more in self._mappings(value, place, event):
                members = {**more, **members}
        return members

    def _key(self, parser: _Parser, event: events.Event, place: Place) -> str:
        if isinstance(event, events.ScalarEvent):
            self._refuse_tag(event, place)
            return event.value
        if isinstance(event, events.AliasEvent):
            value = self._alias(event, place)
        else:
            value = self._node(parser, event, (*place, "?"))
        if not isinstance(value, str):
            self._add("TA007", "a key is a name", place, event)
        return str(value)

    def _mappings(
        self, value: object, place: Place, event: events.Event
    ) -> Iterator[dict[str, object]]:
        listed = value if isinstance(value, list) else [value]
        for each in listed:
            if isinstance(each, dict):
                yield each
            else:
                self._add("TA003", "<< merges mappings only", place, event)

    def _scalar(self, event: events.ScalarEvent, place: Place) -> object:
        self._refuse_tag(event, place)
        return read_plain(event.value) if event.implicit[0] else event.value

    def _alias(self, event: events.AliasEvent, place: Place) -> object:
        anchor = str(event.anchor)
        if anchor not in self._anchors:
            text = f"there is no anchor {anchor[:80]!r} before this, or it holds itself"
            self._add("TA003", text, place, event)
            return None
        value, size = self._anchors[anchor]
        self._count += size
        if len(place) + _depth(value) > MAX_DEPTH:
            raise UnreadableError(_too_much((*place, *range(MAX_DEPTH))), _line(event))
        return value

    def _refuse_tag(
        self,
        event: events.ScalarEvent | events.SequenceStartEvent | events.MappingStartEvent,
        place: Place,
    ) -> None:
        if event.tag is not None:
            hint = "write texts in quotes, and everything else as it is"
            self._add("TA003", f"the tag {str(event.tag)[:80]!r} is not read", place, event, hint)

    def _add(self, id_: str, text: str, place: Place, event: events.Event, hint: str = "") -> None:
        self.found.append((Problem(id_, text, place, hint), _line(event)))


def _parser(text: str) -> _Parser:
    # Without libyaml the same in Python, some twenty times slower.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return cast(_Parser, loader(text))


def _line(event: events.Event) -> int:
    return 0 if event.start_mark is None else event.start_mark.line + 1


def _too_much(place: Place) -> Problem:
    if len(place) > MAX_DEPTH:
        return Problem("TA003", f"values are nested more than {MAX_DEPTH} deep")
    return Problem("TA003", f"there are more than {MAX_VALUES:,} values, counting each alias")


def _unreadable(error: yaml.YAMLError) -> UnreadableError:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    context = getattr(error, "context", None)
    text = f"this is not YAML: {what}" + (f", {context}" if context else "")
    line, column = (0, 0) if mark is None else (mark.line + 1, mark.column + 1)
    at = f" (column {column})" if column else ""
    hint = "indent with spaces, not with tabs" if "\\t" in what else ""
    return UnreadableError(Problem("TA002", text + at, (), hint), line)


def _depth(value: object) -> int:
    """Return how deep a value is nested; what an alias repeats was counted before."""
    level, depth = [value], 0
    while depth <= MAX_DEPTH:
        inner: list[object] = []
        for each in level:
            inner.extend(each.values() if isinstance(each, dict) else [])
            inner.extend(each if isinstance(each, list) else [])
        if not inner:
            break
        level, depth = inner, depth + 1
    return depth
