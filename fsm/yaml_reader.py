"""YAML text to a plain tree, every value with its place.

Reads the parser's events, so that nothing is built that the text does not show: an anchor, an alias, a tag, a
duplicate key or a second document is a mistake. All mistakes are reported at once, up to the first that makes the
rest unreadable.

Words mean what YAML 1.2 says, not what YAML 1.1 said: ``on``, ``OFF``, ``yes`` and ``2026-01-31`` are text, and only
``true`` and ``false`` are booleans. States called ON and OFF would otherwise be lost.

References
----------
YAML 1.2.2, section 10.3, the core schema: https://yaml.org/spec/1.2.2/#103-core-schema.
``.inf`` and ``.nan`` stay text, chosen here: no quantity of the observatory is infinite.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

import yaml

from fsm.errors import AuthorError, AuthorErrors

__all__ = ["Data", "Key", "Node", "read_yaml"]

Key: TypeAlias = str | int | float | bool
Data: TypeAlias = "bool | int | float | str | list[Data] | dict[Key, Data] | None"

_MAX_DEPTH: Final = 50
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_BASED: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


class Node(NamedTuple):
    """Where a value stands.

    Attributes
    ----------
    line, column
        Counted from 0.
    last
        The last line of a scalar.
    children
        Of a mapping: key to (line and column of the key, value).
    """

    line: int
    column: int
    last: int
    children: dict[Key, tuple[int, int, Node]] | list[Node] | None = None


def read_yaml(text: str, name: str) -> tuple[Data, Node]:
    """Return the tree and its places.

    Raises
    ------
    AuthorError
        If there is a mistake; several make an `AuthorErrors`.
    """
    reader = _Reader(text, name)
    try:
        tree = reader.read()
    except AuthorError as error:
        reader.errors.append(error)
    if len(reader.errors) == 1:
        raise reader.errors[0]
    if reader.errors:
        raise AuthorErrors(reader.errors)
    return tree


class _Reader:
    """Builds the tree from the parser's events; nothing is resolved but plain words."""

    def __init__(self, text: str, name: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_Loader)
        self._text = text
        self._name = name
        self.errors: list[AuthorError] = []

    def read(self) -> tuple[Data, Node]:
        data: Data = None
        root = Node(line=0, column=0, last=0)
        documents = 0
        try:
            for event in self._events:
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        raise self._error(event, "a second document begins here; write one document a file")
                    data, root = self._value(next(self._events), 1)
        except yaml.MarkedYAMLError as error:
            raise self._syntax_error(error) from error
        return data, root

    def _value(self, event: yaml.Event, depth: int) -> tuple[Data, Node]:
        line, column = _start(event)
        if isinstance(event, yaml.ScalarEvent):
            if event.anchor is not None or event.tag is not None:
                self._refuse_marks(event)
            data = self._plain(event) if event.implicit[0] else event.value
            return data, Node(line, column, event.end_mark.line if event.end_mark else line)
        if isinstance(event, yaml.AliasEvent):
            self.errors.append(self._error(event, f"alias *{event.anchor} is not allowed; write the value out"))
            return None, Node(line, column, line)
        if isinstance(event, yaml.CollectionStartEvent):
            self._refuse_marks(event)
        if depth > _MAX_DEPTH:
            raise self._error(event, f"is nested deeper than {_MAX_DEPTH}")
        content, children = (
            self._sequence(depth) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(depth)
        )
        return content, Node(line, column, line, children)

    def _sequence(self, depth: int) -> tuple[list[Data], list[Node]]:
        items: list[Data] = []
        nodes: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            item, node = self._value(event, depth + 1)
            items.append(item)
            nodes.append(node)
        return items, nodes

    def _mapping(self, depth: int) -> tuple[dict[Key, Data], dict[Key, tuple[int, int, Node]]]:
        items: dict[Key, Data] = {}
        nodes: dict[Key, tuple[int, int, Node]] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key, place = self._value(event, depth + 1)
            value, node = self._value(next(self._events), depth + 1)
            if isinstance(event, yaml.AliasEvent):
                continue
            if key is None or isinstance(key, dict | list):
                self.errors.append(self._error(event, "a key must be a word or a number"))
            elif key in nodes:
                line = nodes[key][0] + 1
                self.errors.append(self._error(event, f"duplicate key {key}; it stands in line {line} already"))
            else:
                items[key] = value
                nodes[key] = (place.line, place.column, node)
        return items, nodes

    def _plain(self, event: yaml.ScalarEvent) -> Data:
        text: str = event.value
        if text in _WORDS:
            return _WORDS[text]
        if text[0] not in "+-.0123456789":
            return text
        try:
            if _INTEGER.fullmatch(text):
                return int(text)
            if _BASED.fullmatch(text):
                return int(text, 0)
            if not _FLOAT.fullmatch(text):
                return text
            if math.isfinite(number := float(text)):
                return number
        except ValueError:  # more digits than Python converts
            pass
        self.errors.append(self._error(event, "the number is too large"))
        return None

    def _refuse_marks(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self.errors.append(self._error(event, f"anchor &{event.anchor} is not allowed; write the value out"))
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.errors.append(self._error(event, f"tag {tag} is not allowed; write a plain value"))

    def _error(self, event: yaml.Event, message: str) -> AuthorError:
        line, column = _start(event)
        return AuthorError(message, file=self._name, line=line + 1, column=column + 1)

    def _syntax_error(self, error: yaml.MarkedYAMLError) -> AuthorError:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        problem = error.problem or error.context or "cannot be read"
        lines = self._text.splitlines() or [""]
        if line >= len(lines):
            line, column = len(lines) - 1, len(lines[-1])
        character = lines[line][column : column + 1]
        if "cannot start any token" in problem:
            problem = "a tab; indent with spaces" if character == "\t" else f"text begins with {character}; quote it"
        elif "mapping values are not allowed" in problem:
            problem = "a colon inside a text, or a key indented too far; quote the text"
        elif error.context and error.context_mark:
            problem = f"{error.context} that begins in line {error.context_mark.line + 1}, {problem}"
        return AuthorError(f"not valid YAML: {problem}", file=self._name, line=line + 1, column=column + 1)


def _start(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line, mark.column) if mark else (0, 0)
