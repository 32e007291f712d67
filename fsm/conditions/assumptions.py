"""What a condition depends on, and what would have to be so for it to be true, as people read it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from fsm.conditions.abstract import ALWAYS, View, judge_node
from fsm.conditions.condition import Condition
from fsm.conditions.names import Name, format_value
from fsm.conditions.narrowing import Overlay, narrow_node
from fsm.conditions.nodes import Node, Or, Reference, parts_of
from fsm.conditions.possible import Possible
from fsm.conditions.subjects import Flag, Quantity, States, Subject

__all__ = ["assumption", "dependencies"]


def dependencies(condition: Condition, view: View) -> str:
    """Write what the names of a condition may be; of a group, those members that may be several things."""
    found = []
    for name, subject in _references(condition.node).items():
        value = view.possible(name)
        if isinstance(value, Possible):
            found.append(f"{name} {value.shown(_unit(subject))}")
        else:
            found.extend(f"{member} {each}" for member, each in value.items() if each.only is None)
    return ", ".join(found)


def assumption(condition: Condition, view: View) -> str:
    """Write what has to be so for a condition to be true for certain, as conditions; empty if nothing is known to do.

    Of an `or`, the first part that does is enough.
    """
    node = condition.node
    for part in (node, *(node.parts if isinstance(node, Or) else ())):
        if True not in judge_node(part, view):
            continue
        known = narrow_node(part, view, holds=True)
        if known and judge_node(node, Overlay(view, known)) == ALWAYS:
            subjects = _references(node)
            parts = (_as_condition(name, value, subjects.get(name), view) for name, value in known.items())
            return " and ".join(part for part in parts if part)
    return ""


def _references(node: Node) -> dict[Name, Subject]:
    return dict(sorted(_walk(node), key=lambda item: str(item[0])))


def _walk(node: Node) -> Iterator[tuple[Name, Subject]]:
    if isinstance(node, Reference):
        yield node.name, node.subject
    for part in parts_of(node):
        yield from _walk(part)


def _unit(subject: Subject | None) -> str | None:
    return subject.unit if isinstance(subject, Quantity) else None


def _as_condition(name: Name, value: Possible, subject: Subject | None, view: View) -> str:
    """Write that a name is one of several values; empty if it is so already."""
    before = view.possible(name)
    if isinstance(before, Mapping) or before == value:
        return ""
    if value == before.known:
        return f"known({name})"
    hull = value.hull
    if value.values is None:
        if hull is None:
            return f"known({name})"
        return _between(name, hull, _unit(subject))
    words = sorted(format_value(each, _unit(subject), exact=True) for each in value.values)
    if subject is None or isinstance(subject, States):  # the members of a group have no subject of their own
        words = sorted(str(each) for each in value.values)
        return f"{name} is {words[0]}" if len(words) == 1 else f"{name} is in [{', '.join(words)}]"
    if isinstance(subject, Flag) and len(words) == 1:
        return str(name) if words == ["true"] else f"not {name}"
    return f"{name} == {words[0]}" if len(words) == 1 else f"{name} in [{', '.join(words)}]"


def _between(name: Name, hull: tuple[float, float], unit: str | None) -> str:
    low, high = (format_value(end, unit, exact=True) for end in hull)
    match math.isinf(hull[0]), math.isinf(hull[1]):
        case False, False:
            return f"{name} in [{low}, {high}]"
        case False, True:
            return f"{name} >= {low}"
        case True, False:
            return f"{name} <= {high}"
    return f"known({name})"
