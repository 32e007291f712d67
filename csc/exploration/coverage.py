"""What of components has come about in explorations: states, rows, triggers, and rows that may both be taken.

Everything is told by the names of the data sheets, so that explorations with different places can be joined.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias, cast

from csc.exploration.composing import Composition
from fsm.explore import Explored

__all__ = ["Coverage", "RowKey"]

RowKey: TypeAlias = "tuple[str, str, int]"
"""A component, a machine, and the number of a row in its table."""


@dataclass(slots=True)
class Coverage:
    """What has come about.

    Attributes
    ----------
    states
        Component, machine, state.
    rows
        For each row that was taken: states that it left, with the trigger that took it; empty if a timer did.
    triggers
        Component and trigger: those that were given to machines.
    overlaps
        Row, a later row of the same machine, state, trigger: both could be taken at once.
    """

    states: set[tuple[str, str, str]] = field(default_factory=set)
    rows: dict[RowKey, set[tuple[str, str]]] = field(default_factory=dict)
    triggers: set[tuple[str, str]] = field(default_factory=set)
    overlaps: set[tuple[RowKey, int, str, str]] = field(default_factory=set)

    def add(self, composition: Composition, explored: Explored) -> None:
        """Add what has come about in one exploration."""
        taken: dict[int, list[tuple[int, int, str]]] = {}
        for place, mark in explored.marks:
            taken.setdefault(place, []).append(cast("tuple[int, int, str]", mark))  # what `Rows` and `Summary` note
        for part in composition.parts:
            charts = dict(part.plan.machines)
            if part.plan.summary_chart is not None:
                charts["summary"] = part.plan.summary_chart
            for name, chart in charts.items():
                at = composition.layout.place(part.name, name)
                if at is None:  # pragma: no cover  # every machine has one
                    continue
                counts = explored.reached[at]
                self.states |= {
                    (part.name, name, state) for value, state in enumerate(chart.state_names) if counts[value]
                }
                for number, value, trigger in taken.get(at, ()):
                    self.rows.setdefault((part.name, name, number), set()).add((chart.state_names[value], trigger))
            for trigger in explored.stepper.given():
                component, _, rest = trigger.partition(".")
                if component == part.name:
                    self.triggers.add((component, rest.partition("(")[0]))
        self._add_overlaps(composition, explored)

    def _add_overlaps(self, composition: Composition, explored: Explored) -> None:
        rows = {id(each.decision): (part, trigger, each) for part, trigger, each in composition.rows}
        for decision, situation in explored.stepper.seen():
            found = rows.get(id(decision))
            if found is None:
                continue
            part, trigger, each = found
            state = each.chart.state_names[situation[each.looks.index(each.place)]]
            for first, second in each.overlaps(situation):
                self.overlaps.add(((part.name, each.chart.name, first), second, state, trigger))
