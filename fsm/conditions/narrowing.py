"""What names may be in those situations in which a condition is true, or in which it is not.

Narrowing leaves out values, never one that belongs to such a situation; where nothing can be learned, nothing is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from fsm.conditions.abstract import ALWAYS, View, judge_node, members_of, value_of
from fsm.conditions.comparison import equal
from fsm.conditions.condition import Condition
from fsm.conditions.names import Name
from fsm.conditions.nodes import (
    And,
    Between,
    Compare,
    InState,
    Known,
    Node,
    Not,
    Or,
    Reference,
    Within,
)
from fsm.conditions.possible import ANYTHING, Possible, between, exactly, join_all, one_of

__all__ = ["Narrowed", "Overlay", "narrow", "narrow_node"]

Narrowed: TypeAlias = "dict[Name, Possible]"


def narrow(condition: Condition, view: View, *, holds: bool) -> Narrowed | None:
    """Say what names may be where a condition is true, or (`holds` false) where it is false or unknown.

    Returns
    -------
    dict or None
        Only names of which more is known now; None if there is no such situation.
    """
    return narrow_node(condition.node, view, holds=holds)


def narrow_node(node: Node, view: View, *, holds: bool) -> Narrowed | None:
    """Do the same for a part of a condition that is true or false itself."""
    truths = judge_node(node, view)
    if (True not in truths) if holds else truths == ALWAYS:
        return None
    return _narrow(node, view, holds=holds)


class Overlay:
    """A view of which more is known."""

    def __init__(self, view: View, known: Mapping[Name, Possible]) -> None:
        self._view = view
        self.known = dict(known)

    def possible(self, name: Name) -> Possible | Mapping[Name, Possible]:
        """Return what a name may be."""
        if name in self.known:
            return self.known[name]
        found = self._view.possible(name)
        if isinstance(found, Mapping):
            return {member: self.known.get(member, value) for member, value in found.items()}
        return found

    def learn(self, more: Narrowed) -> None:
        """Take more in."""
        self.known.update(more)


def _narrow(node: Node, view: View, *, holds: bool) -> Narrowed | None:
    match node:
        case Not():
            return _narrow_negated(node.part, view, holds=holds)
        case And() if holds:
            return _narrow_all(node.parts, view, holds=True)
        case Or() if holds:
            return _narrow_some(node.parts, view, holds=True)
        case And():
            return _narrow_some(node.parts, view, holds=False)
        case Or():
            return _narrow_all(node.parts, view, holds=False)
        case InState():
            return _narrow_state(node, view, holds=holds)
        case Known():
            return _narrow_known(node, view, holds=holds)
        case Compare() if holds and not node.wraps:
            return _narrow_compared(node, view)
        case Within() if holds:
            return _narrow_within(node, view)
        case Between() if holds and not node.wraps:
            low, high = value_of(node.low, view).hull, value_of(node.high, view).hull
            return _bounded(node.value, view, low[0] if low else -math.inf, high[1] if high else math.inf)
        case Reference():
            return _narrow_flag(node, view, holds=holds)
        case _:
            return {}


def _narrow_negated(part: Node, view: View, *, holds: bool) -> Narrowed | None:
    """Narrow by a negation: it is true where its part is false, and not true where that is true or unknown."""
    match part:
        case Not():
            return _narrow(part.part, view, holds=holds)
        case InState() if holds:
            opposite = InState(term=part.term, states=part.states, negated=not part.negated)
            if len(members_of(part.term, view)) == 1:
                return _narrow_state(opposite, view, holds=True)
            return {}
        case Known():
            return _narrow_known(Known(reference=part.reference, negated=not part.negated), view, holds=holds)
        case And() if holds:
            return _narrow_some(tuple(Not(part=each) for each in part.parts), view, holds=True)
        case Or() if holds:
            return _narrow_all(tuple(Not(part=each) for each in part.parts), view, holds=True)
        case Reference() if holds:
            found = view.possible(part.name)
            if isinstance(found, Mapping):
                return {}
            return _learned(part.name, found, found.meet(exactly(False)))
        case Compare() if holds and part.operator in _OPPOSITE:
            opposite_sign = _OPPOSITE[part.operator]
            turned = Compare(operator=opposite_sign, left=part.left, right=part.right, wraps=part.wraps)
            return {} if part.wraps else _narrow_compared(turned, view)
        case _:
            return {}


_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def _narrow_all(parts: Sequence[Node], view: View, *, holds: bool) -> Narrowed | None:
    inner = Overlay(view, {})
    for part in parts:
        truths = judge_node(part, inner)
        if (True not in truths) if holds else truths == ALWAYS:
            return None
        more = _narrow(part, inner, holds=holds)
        if more is None:
            return None
        inner.learn(more)
    return inner.known


def _narrow_some(parts: Sequence[Node], view: View, *, holds: bool) -> Narrowed | None:
    """Narrow where one of the parts is true (`holds`), or one is not: what all of these cases have in common."""
    cases: list[Narrowed] = []
    for part in parts:
        truths = judge_node(part, view)
        if (True in truths) if holds else truths != ALWAYS:
            case = _narrow(part, view, holds=holds)
            if case is not None:
                cases.append(case)
    if not cases:
        return None
    common = set(cases[0]).intersection(*cases[1:])
    return {name: join_all(case[name] for case in cases) for name in common}


def _narrow_state(node: InState, view: View, *, holds: bool) -> Narrowed | None:
    if not isinstance(node.term, Reference):
        return {}
    found = view.possible(node.term.name)
    members = found if isinstance(found, Mapping) else {node.term.name: found}
    if not holds and len(members) > 1:
        return {}  # one of them is elsewhere; which one is not known
    result: Narrowed = {}
    for name, value in members.items():
        if value.values is None:
            continue
        wanted = {state for state in value.values if ((state in node.states) is not node.negated) is holds}
        kept = one_of(wanted, unknown=value.unknown and not holds)
        if kept.is_never:
            return None
        if kept != value:
            result[name] = kept
    return result


def _narrow_known(node: Known, view: View, *, holds: bool) -> Narrowed | None:
    found = view.possible(node.reference.name)
    if isinstance(found, Mapping):
        return {}
    known = holds is not node.negated
    kept = found.known if known else Possible(frozenset(), unknown=found.unknown)
    return _learned(node.reference.name, found, kept)


def _narrow_flag(node: Reference, view: View, *, holds: bool) -> Narrowed | None:
    found = view.possible(node.name)
    if isinstance(found, Mapping):
        return {}
    if holds:
        return _learned(node.name, found, found.meet(exactly(True)))
    if found.values is None:
        return {}
    return _learned(
        node.name, found, one_of((each for each in found.values if each is not True), unknown=found.unknown)
    )


def _narrow_compared(node: Compare, view: View) -> Narrowed | None:
    left, right = value_of(node.left, view), value_of(node.right, view)
    result: Narrowed = {}
    for side, other, sign in ((node.left, right, node.operator), (node.right, left, _MIRROR[node.operator])):
        if not isinstance(side, Reference):
            continue
        more = _limited(side, other, sign, view)
        if more is None:
            return None
        result.update(more)
    return result


_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def _limited(side: Reference, other: Possible, sign: str, view: View) -> Narrowed | None:
    found = view.possible(side.name)
    if isinstance(found, Mapping):
        return {}
    if sign == "==":
        return _learned(side.name, found, found.meet(other.known))
    if sign == "!=":
        if found.values is None or other.only is None:
            return {}
        return _learned(side.name, found, one_of(value for value in found.values if equal(value, other.only) is False))
    hull = other.hull
    if hull is None:
        return {}
    low, high = (-math.inf, hull[1]) if sign in ("<", "<=") else (hull[0], math.inf)
    return _bounded(side, view, low, high)


def _narrow_within(node: Within, view: View) -> Narrowed | None:
    width, wanted = value_of(node.tolerance, view).hull, value_of(node.target, view).hull
    if width is None or wanted is None or not all(map(math.isfinite, (*width, *wanted))):
        return {}
    reach = width[1] * max(abs(wanted[0]), abs(wanted[1])) / 100.0 if node.relative else width[1]
    low, high = wanted[0] - reach, wanted[1] + reach
    if not node.wraps:
        return _bounded(node.value, view, low, high)
    found = view.possible(node.value.name) if isinstance(node.value, Reference) else ANYTHING
    if not isinstance(node.value, Reference) or isinstance(found, Mapping) or found.hull is None:
        return {}
    least, most = found.hull
    if not math.isfinite(most - least):
        return {}
    # The arc may lie several times in what the value may be, each time a full turn further.
    first, last = math.floor((least - high) / 360.0), math.ceil((most - low) / 360.0)
    arcs = (found.meet(between(low + 360.0 * turn, high + 360.0 * turn)) for turn in range(first, last + 1))
    return _learned(node.value.name, found, join_all(arcs))


def _bounded(node: Node, view: View, low: float, high: float) -> Narrowed | None:
    """Narrow a name that is known to be a number between two others."""
    if not isinstance(node, Reference):
        return {}
    found = view.possible(node.name)
    if isinstance(found, Mapping):
        return {}
    return _learned(node.name, found, found.meet(between(low, high)))


def _learned(name: Name, before: Possible, now: Possible) -> Narrowed | None:
    if now.is_never:
        return None
    return {} if now == before else {name: now}
