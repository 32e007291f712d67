"""A procedure that is another one with conditions and steps added: the two variants cannot drift apart.

The file that `extends` another says only what is new; put together, they are read as one document in which every
value still knows the line of the file that it comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from fsm import AuthorError, AuthorErrors, Document, Position, nearest, validate
from fsm.document import Keys
from fsm.yaml_reader import Node
from procedures.sheets import Check, Sheet, StepSheet

__all__ = ["ExtensionSheet", "extend"]

_ADDED = ("sources", "warnings", "preconditions", "postconditions", "contingency")
"""Lists of the procedure that are added to."""
_SAID_ANEW = ("procedure", "title", "overview")
"""What the extension says instead."""
_GUARDED = ("preconditions", "invariants", "postconditions")
"""Lists of a step that are added to."""
_STEPS = ("steps", "on_failure", "cleanup")
"""Where a procedure has steps."""

_CONFIGURATION = ("config", "with")
"""Keys of a step in which nothing is a step."""
_NOWHERE = Node(line=0, column=0, last=0)


class StepConditionsSheet(Sheet):
    """What must hold at a step besides."""

    preconditions: tuple[Check, ...] = ()
    invariants: tuple[Check, ...] = ()
    postconditions: tuple[Check, ...] = ()


class InsertSheet(Sheet):
    """Steps that come after another one."""

    after: str
    steps: tuple[StepSheet, ...] = Field(min_length=1)


class ExtensionSheet(Sheet):
    """A procedure that is another one with something added."""

    procedure: str
    extends: str
    title: str
    overview: str = ""
    sources: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    preconditions: tuple[Check, ...] = ()
    guards: Mapping[str, StepConditionsSheet] = Field(default_factory=dict)
    insert: tuple[InsertSheet, ...] = ()
    postconditions: tuple[Check, ...] = ()
    contingency: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Joined(Document):
    """A document put together from two.

    Attributes
    ----------
    places
        Where each part that was put in comes from: the document, and the path there.
    """

    places: Mapping[Keys, tuple[Document, Keys]]

    def position(self, path: Keys = ()) -> Position:
        """Return where a value begins, in the file that it comes from."""
        document, keys = self._origin(path)
        return document.position(keys)

    def key_position(self, path: Keys) -> Position:
        """Return where the last key of a path is written, in the file that it comes from."""
        document, keys = self._origin(path)
        return document.key_position(keys)

    def _origin(self, path: Keys) -> tuple[Document, Keys]:
        depth = next(depth for depth in range(len(path), -1, -1) if path[:depth] in self.places)
        document, keys = self.places[path[:depth]]
        return document, (*keys, *path[depth:])


def extend(document: Document, find: Callable[[str], Document]) -> Document:
    """Put a procedure together with the one that it extends.

    Parameters
    ----------
    document
        What says `extends`.
    find
        Returns the document of a procedure by its name, put together already.

    Raises
    ------
    AuthorErrors
        If the form is wrong, or a step that it names does not exist.
    """
    sheet = validate(document, ExtensionSheet)
    try:
        base = find(sheet.extends)
    except AuthorErrors:
        raise
    except AuthorError as error:
        if error.file is not None:
            raise
        at = document.position(("extends",))
        raise AuthorError.at(at, error.message, suggestion=error.suggestion) from error
    return _Joining(document, base).joined(sheet)


class _Joining:
    """Two documents while they are put together."""

    def __init__(self, document: Document, base: Document) -> None:
        self._own: Any = document.data
        self._document = document
        self._base = base
        self._places: dict[Keys, tuple[Document, Keys]] = {(): (base, ())}
        self._known: set[str] = set()
        self._met: set[str] = set()

    def joined(self, sheet: ExtensionSheet) -> Document:
        """Return them as one."""
        base: Any = self._base.data
        data = dict(base)
        for key in _SAID_ANEW:
            if key in self._own:
                data[key] = self._own[key]
                self._places[key,] = (self._document, (key,))
        for key in _ADDED:
            self._add(data, key, (key,), (key,), self._own.get(key))
        for key in _STEPS:
            if key in data:
                data[key] = self._steps(data[key], (key,), (key,))
        self._complain(sheet)
        return _Joined(name=self._document.name, data=data, _lines=(), _root=_NOWHERE, places=self._places)

    def _add(self, data: dict[str, Any], key: str, at: Keys, own: Keys, items: Any) -> None:
        """Add what the extension says to a list."""
        if not items:
            return
        known = data.get(key, [])
        data[key] = [*known, *items]
        for number in range(len(items)):
            self._places[*at, len(known) + number] = (self._document, (*own, number))

    def _steps(self, value: Any, at: Keys, origin: Keys) -> Any:
        """Return a part of a procedure with what is added to the steps in it."""
        if isinstance(value, dict):
            return {
                key: inner if key in _CONFIGURATION else self._steps(inner, (*at, key), (*origin, key))
                for key, inner in value.items()
            }
        if not isinstance(value, list):
            return value
        items: list[Any] = []
        for number, item in enumerate(value):
            there = (*at, len(items))
            self._places[there] = (self._base, (*origin, number))
            items.append(self._guard(self._steps(item, there, (*origin, number)), there))
            for step, keys in self._following(item):
                self._places[*at, len(items)] = (self._document, keys)
                items.append(step)
        return items

    def _guard(self, item: Any, at: Keys) -> Any:
        """Return a step with the conditions that the extension adds to it."""
        identity = _identity(item)
        if identity is None:
            return item
        self._known.add(identity)
        guards = self._own.get("guards", {}).get(identity)
        if guards is None:
            return item
        self._met.add(identity)
        step = dict(item)
        for key in _GUARDED:
            self._add(step, key, (*at, key), ("guards", identity, key), guards.get(key))
        return step

    def _following(self, item: Any) -> Iterator[tuple[Any, Keys]]:
        """Yield the steps that come after one, with their places in the extension."""
        identity = _identity(item)
        for number, insert in enumerate(self._own.get("insert", [])):
            if identity is not None and insert["after"] == identity:
                self._met.add(identity)
                for place, step in enumerate(insert["steps"]):
                    yield step, ("insert", number, "steps", place)

    def _complain(self, sheet: ExtensionSheet) -> None:
        """Refuse steps that the other procedure has not."""
        named: dict[Keys, str] = {("guards", identity): identity for identity in sheet.guards}
        named |= {("insert", number, "after"): each.after for number, each in enumerate(sheet.insert)}
        errors = []
        for keys, identity in named.items():
            if identity not in self._met:
                at = self._document.key_position(keys) if keys[0] == "guards" else self._document.position(keys)
                words = f"{sheet.extends} has no step {identity}"
                errors.append(AuthorError.at(at, words, suggestion=nearest(identity, self._known)))
        if errors:
            raise AuthorErrors(errors)


def _identity(item: Any) -> str | None:
    return item.get("id") if isinstance(item, dict) else None
