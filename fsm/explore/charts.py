"""The rows of a statechart as decisions.

A machine takes the first row whose guard holds. Where a guard hangs on something that is no place, it may hold and may
not, and both are followed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from fsm.conditions import Condition, Expression, Name, Possible, View, estimate, judge, narrow, nodes
from fsm.explore.readings import Overlay, Reader, Sight
from fsm.explore.system import Decision, Situation, Way
from fsm.statechart import Statechart, Transition

__all__ = ["Fall", "Rows", "Store", "may_hold"]

Store: TypeAlias = "Callable[[Mapping[str, Possible]], Iterable[tuple[tuple[int, int], ...]]]"
"""Given what outputs are set to: what becomes of places, in each way in which that may be."""


@dataclass(frozen=True, slots=True)
class Fall:
    """What a row with a `fault` does besides.

    Attributes
    ----------
    place, value
        Which place gets which value.
    emits
        For each value that the place may have before, what follows.
    """

    place: int
    value: int
    emits: Mapping[int, tuple[str, ...]]


class Rows:
    """What a machine does when it is given a trigger, or when a timer of its rings.

    Parameters
    ----------
    chart
        The machine.
    place
        Its place; the values are its states in their order.
    rows
        Rows that are tried, with their numbers in the table.
    trigger
        The trigger; empty for a timer.
    read
        What names stand for.
    store
        Where outputs are stored.
    stored
        The places of outputs that the rows may set.
    fall
        What a row with a `fault` does besides; nothing if left out.
    """

    def __init__(
        self,
        chart: Statechart,
        place: int,
        rows: Iterable[tuple[int, Transition]],
        *,
        trigger: str,
        read: Reader,
        store: Store | None = None,
        stored: Iterable[int] = (),
        fall: Fall | None = None,
    ) -> None:
        self.chart = chart
        self.place = place
        self._rows = tuple(rows)
        self._trigger = trigger
        self._store = store
        conditions = [row.guard for _, row in self._rows if row.guard is not None]
        assigned = [expression for _, row in self._rows for _, expression in row.assign]
        self._sight = Sight(read, [*conditions, *assigned])
        falls = fall is not None and any(row.fault is not None for _, row in self._rows)
        self._fall = fall if falls else None
        looks = {place, *self._sight.looks, *([fall.place] if fall is not None and falls else [])}
        touches = {place, *stored, *([fall.place] if fall is not None and falls else [])}
        self.looks = tuple(sorted(looks))
        self.decision = Decision(self.looks, frozenset(touches), self.ways)

    def ways(self, situation: Situation) -> list[Way]:
        """Return the ways that there are, one of them perhaps that nothing happens."""
        values = dict(zip(self.looks, situation, strict=True))
        rows = self._here(values)
        if not rows:
            return [] if not self._trigger else [Way()]
        found: dict[Way, None] = {}
        for view in self._sight.cases(values):
            for number, row, seen in _chosen(rows, view):
                found.update(dict.fromkeys(self._gone(number, row, seen, values)))
        return list(found)

    def _here(self, values: Mapping[int, int]) -> list[tuple[int, Transition]]:
        state = self.chart.state_names[values[self.place]]
        return [(number, row) for number, row in self._rows if row.leaves(state)]

    def _gone(self, number: int, row: Transition | None, view: View, values: Mapping[int, int]) -> Iterator[Way]:
        if row is None:
            yield Way()
            return
        sets: dict[int, int] = {}
        emits = row.emits
        if row.target is not None:
            sets[self.place] = self.chart.state_names.index(row.target)
        if row.fault is not None and self._fall is not None and values[self._fall.place] != self._fall.value:
            sets[self._fall.place] = self._fall.value
            emits = (*emits, *self._fall.emits.get(values[self._fall.place], ()))
        way = Way(emits=emits, mark=(self.place, (number, values[self.place], self._trigger)))
        for stored in self._stored(row.assign, view):
            yield replace(way, sets=tuple(sorted((sets | dict(stored)).items())))

    def _stored(self, assign: Sequence[tuple[str, Expression]], view: View) -> Iterable[tuple[tuple[int, int], ...]]:
        if not assign or self._store is None:
            return ((),)
        assigned: dict[str, Possible] = {}
        for output, expression in assign:
            assigned[output] = estimate(
                expression, Overlay(view, {Name((key,)): each for key, each in assigned.items()})
            )
        return self._store(assigned)

    def overlaps(self, situation: Situation) -> Iterator[tuple[int, int]]:
        """Yield pairs of rows, by number, that do different things and whose guards may both hold."""
        values = dict(zip(self.looks, situation, strict=True))
        rows = self._here(values)
        for place, (first, row) in enumerate(rows):
            for second, other in rows[place + 1 :]:
                if _effect(row) != _effect(other) and not _contradict(row, other) and self._both(row, other, values):
                    yield first, second

    def _both(self, one: Transition, other: Transition, values: Mapping[int, int]) -> bool:
        for view in self._sight.cases(values):
            known = may_hold(one, view)
            if known is not None and may_hold(other, known) is not None:
                return True
        return False


def may_hold(row: Transition, view: View) -> View | None:
    """Return what is known where a row's guard holds; None if it cannot."""
    if row.guard is None:
        return view
    if True not in judge(row.guard, view):
        return None
    more = narrow(row.guard, view, holds=True)
    return None if more is None else Overlay(view, more)


def _chosen(rows: Iterable[tuple[int, Transition]], view: View) -> Iterator[tuple[int, Transition | None, View]]:
    """Yield the rows that may be the first whose guard holds, with what is known then; None if it may be none."""
    for number, row in rows:
        known = may_hold(row, view)
        if known is not None:
            yield number, row, known
        rest = _left_by(row, view)
        if rest is None:
            return
        view = rest
    yield -1, None, view


def _contradict(one: Transition, other: Transition) -> bool:
    """Tell whether one guard demands what the other excludes: intervals cannot, for they have their ends in common."""
    theirs = {str(part) for part in _demands(other)}
    return any(str(_opposite(part)) in theirs for part in _demands(one))


def _demands(row: Transition) -> list[Condition]:
    if row.guard is None:
        return []
    node = row.guard.node
    return [Condition(text="", node=part) for part in (node.parts if isinstance(node, nodes.And) else (node,))]


def _opposite(part: Condition) -> Condition | None:
    if isinstance(part.node, nodes.Compare) and part.node.operator in _OPPOSITE:
        return Condition(text="", node=replace(part.node, operator=_OPPOSITE[part.node.operator]))
    return None


_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def _left_by(row: Transition, view: View) -> View | None:
    """Return what is known where a row's guard does not hold; None if it always does."""
    if row.guard is None:
        return None
    truths = judge(row.guard, view)
    if truths == {True}:
        return None
    if None in truths:
        more = narrow(row.guard, view, holds=False)
    else:  # what is not true is false: more is known of that than of what may be unknown
        more = narrow(Condition(text="", node=nodes.Not(part=row.guard.node)), view, holds=True)
    return None if more is None else Overlay(view, more)


def _effect(row: Transition) -> tuple[object, ...]:
    return row.target, row.emits, row.assign, row.fault
