"""What fires a trigger: the ordinary run of things, or only a fault, or only the cure of one.

A command, a row of a machine, a change of the summary state, and what the behaviour fires by itself are ordinary.
A row that only faults take makes what it emits come from faults only.
"""

from __future__ import annotations

from collections.abc import Iterable

from csc.blueprint import Blueprint
from csc.summary_state import SummaryState

__all__ = ["causes_of"]


def causes_of(blueprint: Blueprint) -> dict[str, str]:
    """Return the triggers that nothing but a fault or its cure fires: name -> ``by_fault`` or ``by_cure``."""
    fired = {effect.target for fault in blueprint.faults.values() for effect in fault.effects if effect.kind == "fire"}
    cured = {f"{name}_cleared" for name in blueprint.faults}
    cured |= {trigger for fault in blueprint.faults.values() for trigger in fault.cured_by} - fired
    candidates = {**dict.fromkeys(sorted(cured), "by_cure"), **dict.fromkeys(sorted(fired), "by_fault")}
    ordinary = set(blueprint.commands) | set(blueprint.fires)
    ordinary |= {f"{way}_{state}" for way in ("enter", "leave") for state in SummaryState.__members__}
    rows = [row for chart in blueprint.machines.values() for row in chart.transitions]
    while True:
        odd = {trigger for trigger in candidates if trigger not in ordinary}
        more = {trigger for row in rows if row.after is not None or not _all(row.on, odd) for trigger in row.emits}
        if not more & odd:
            return {trigger: candidates[trigger] for trigger in candidates if trigger in odd}
        ordinary |= more


def _all(triggers: Iterable[str], odd: set[str]) -> bool:
    return all(trigger in odd for trigger in triggers)
