"""The tree of an SCXML document, and its text.

The datamodel is Python's expressions, as python-statemachine evaluates them.

References
----------
W3C Recommendation "State Chart XML (SCXML): State Machine Notation for Control Abstraction", 1 September 2015.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias
from xml.etree import ElementTree as Xml

__all__ = ["Action", "Arc", "Assign", "Cancel", "Data", "Document", "Place", "Raise", "Send", "write_scxml"]

_NAMESPACE = "http://www.w3.org/2005/07/scxml"
_OWN = "https://rubinobservatory.org/cscsim"


@dataclass(frozen=True, slots=True)
class Raise:
    """An event for the same document, after those that wait already; with parameters where it has some."""

    event: str
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Assign:
    """A value that is stored."""

    location: str
    expr: str


@dataclass(frozen=True, slots=True)
class Send:
    """An event that comes later, unless it is cancelled; the delay is an expression for a text such as ``15s``."""

    event: str
    id: str
    delay: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """An event that does not come any more."""

    id: str


Action: TypeAlias = Raise | Assign | Send | Cancel


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """A transition; one without an event is taken as soon as its condition holds, one without a target stays."""

    event: str | None = None
    cond: str | None = None
    target: str | None = None
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A state, perhaps with states in it, or regions that run side by side, or an end.

    Attributes
    ----------
    kind
        ``state``, ``parallel`` or ``final``.
    note
        What it means, for people.
    """

    id: str
    kind: str = "state"
    initial: str | None = None
    entry: tuple[Action, ...] = ()
    exit: tuple[Action, ...] = ()
    arcs: tuple[Arc, ...] = ()
    places: tuple[Place, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Data:
    """A variable and where it begins; without an expression it is unknown."""

    id: str
    expr: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A state chart."""

    name: str
    initial: str
    places: tuple[Place, ...]
    data: tuple[Data, ...] = ()


def write_scxml(document: Document) -> str:
    """Write a document as XML."""
    root = Xml.Element(
        "scxml",
        {
            "xmlns": _NAMESPACE,
            "xmlns:cscsim": _OWN,
            "version": "1.0",
            "datamodel": "python",
            "name": document.name,
            "initial": document.initial,
        },
    )
    if document.data:
        model = Xml.SubElement(root, "datamodel")
        for item in document.data:
            Xml.SubElement(model, "data", {"id": item.id} | ({} if item.expr is None else {"expr": item.expr}))
    for place in document.places:
        _place(root, place)
    Xml.indent(root, "  ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'


def _place(parent: Xml.Element, place: Place) -> None:
    given = {"initial": place.initial, "cscsim:note": place.note or None}
    element = Xml.SubElement(parent, place.kind, {"id": place.id} | _only(given))
    for tag, actions in (("onentry", place.entry), ("onexit", place.exit)):
        if actions:
            _actions(Xml.SubElement(element, tag), actions)
    for arc in place.arcs:
        given = {"event": arc.event, "cond": arc.cond, "target": arc.target}
        _actions(Xml.SubElement(element, "transition", _only(given)), arc.actions)
    for inner in place.places:
        _place(element, inner)


def _only(attributes: dict[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in attributes.items() if value is not None}


def _actions(parent: Xml.Element, actions: Iterable[Action]) -> None:
    for action in actions:
        match action:
            case Raise(event=event, params=()):
                Xml.SubElement(parent, "raise", {"event": event})
            case Raise(event=event, params=params):
                sending = Xml.SubElement(parent, "send", {"event": event, "target": "#_internal"})
                for name, expr in params:
                    Xml.SubElement(sending, "param", {"name": name, "expr": expr})
            case Assign():
                Xml.SubElement(parent, "assign", {"location": action.location, "expr": action.expr})
            case Send():
                Xml.SubElement(parent, "send", {"event": action.event, "id": action.id, "delayexpr": action.delay})
            case Cancel():
                Xml.SubElement(parent, "cancel", {"sendid": action.id})
