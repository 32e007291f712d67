"""Components as drawings: the summary state and every machine of a data sheet, and what refuses commands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from csc.blueprint import Blueprint, Command
from csc.causes import causes_of
from csc.palette import SUMMARY_PAINTS
from fsm import Name, Record, Statechart, Value
from fsm.diagrams import (
    Drawing,
    Manner,
    Visits,
    draw_machine,
    draw_machines,
    highlight,
    note_lines,
    write_mermaid,
)

__all__ = [
    "DefaultScope",
    "charts_of",
    "draw_component",
    "mermaid_component",
    "mermaid_component_machine",
    "visits_of_component",
]


class DefaultScope:
    """Reads the parameters of a component as its data sheet gives them; all else is unknown.

    Parameters
    ----------
    blueprint
        The component.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        self._parameters = blueprint.parameters

    def read(self, name: Name) -> Value | None:
        """Return a parameter's default in its canonical unit."""
        plan = self._parameters.get(name.parts[0]) if len(name.parts) == 1 else None
        return None if plan is None else plan.default


def draw_component(blueprint: Blueprint, machine: str | None = None, *, meanings: bool = False) -> Drawing:
    """Draw a component's machines, or one of them; ``summary`` is the summary state.

    Parameters
    ----------
    blueprint
        The component.
    machine
        The one that is drawn; all if left out.
    meanings
        Whether each state says what it means.

    Raises
    ------
    KeyError
        If it has no such machine.
    """
    charts = charts_of(blueprint)
    manner = Manner(
        defaults=DefaultScope(blueprint),
        meanings=meanings,
        causes=causes_of(blueprint),
        paints=SUMMARY_PAINTS,
        notes=_notes(blueprint, charts.values(), every=machine is not None),
    )
    if machine is None:
        return draw_machines(charts.values(), title=blueprint.component, manner=manner)
    return draw_machine(charts[machine], title=f"{blueprint.component}.{machine}", manner=manner)


def mermaid_component(blueprint: Blueprint, *, active: Mapping[str, str] | None = None, notes: bool = False) -> str:
    """Draw a component's machines in Mermaid's language.

    Parameters
    ----------
    blueprint
        The component.
    active
        The present states by the machines' names; ``summary`` is the summary state.
    notes
        Whether each state says what it means.
    """
    return write_mermaid(highlight(draw_component(blueprint, meanings=notes), set((active or {}).items())))


def mermaid_component_machine(
    blueprint: Blueprint, machine: str, *, active: str | None = None, notes: bool = False
) -> str:
    """Draw one of a component's machines in Mermaid's language; ``summary`` is the summary state.

    Raises
    ------
    KeyError
        If it has no such machine.
    """
    drawing = draw_component(blueprint, machine, meanings=notes)
    return write_mermaid(highlight(drawing, () if active is None else {(machine, active)}))


def charts_of(blueprint: Blueprint) -> dict[str, Statechart]:
    """Return the machines by name, the summary state first; it has no commands that the component does not have."""
    charts: dict[str, Statechart] = {}
    if blueprint.summary_chart is not None:
        known = set(blueprint.commands) | {"fault"}
        rows = tuple(row for row in blueprint.summary_chart.transitions if set(row.on) & known)
        charts["summary"] = replace(blueprint.summary_chart, transitions=rows)
    return charts | dict(blueprint.machines)


def _notes(blueprint: Blueprint, charts: Iterable[Statechart], *, every: bool) -> dict[str, list[tuple[str, ...]]]:
    """Return notes about commands that have guards, beside each machine that listens (`every`) or only the first."""
    notes: dict[str, list[tuple[str, ...]]] = {}
    guarded = [command for command in blueprint.commands.values() if command.guards]
    told: set[str] = set()
    for chart in charts:
        for command in guarded:
            if command.name in chart.triggers and (every or command.name not in told):
                told.add(command.name)
                notes.setdefault(chart.name, []).append(
                    note_lines(f"{command.name} is refused unless", *_guards(command))
                )
    return notes


def _guards(command: Command) -> Iterator[str]:
    return (f"{guard.that}: “{guard.otherwise.text}”" for guard in command.guards)


def visits_of_component(
    blueprint: Blueprint, records: Iterable[Record], *, name: str | None = None, begins: Mapping[str, str] | None = None
) -> Visits:
    """Count how often a journal has a component's machines in their states and on their way between them.

    A machine counts as being in the first state that the journal has it leave, or if it never leaves one, in the
    state in which it begins.

    Parameters
    ----------
    blueprint
        The component.
    records
        The journal's records.
    name
        Its name on the bus, such as ``OCPS:1``; all that have its blueprint if left out.
    begins
        States in which machines begin, by machine, where that is not their initial one.
    """
    states: dict[tuple[str, str], int] = {}
    ways: dict[tuple[tuple[str, str], tuple[str, str]], int] = {}
    met: dict[str, set[str]] = {}
    for record in records:
        who = str(record["who"])
        if who != name if name is not None else who.partition(":")[0] != blueprint.component:
            continue
        moved = met.setdefault(who, set())
        if record["kind"] != "transition":
            continue
        machine, source, state = (str(record[key]) for key in ("machine", "source", "state"))
        left, entered = (machine, source), (machine, state)
        if machine not in moved:
            moved.add(machine)
            states[left] = states.get(left, 0) + 1
        states[entered] = states.get(entered, 0) + 1
        ways[left, entered] = ways.get((left, entered), 0) + 1
    for moved in met.values():
        for machine, chart in charts_of(blueprint).items():
            if machine not in moved:
                rest = (machine, (begins or {}).get(machine, chart.initial))
                states[rest] = states.get(rest, 0) + 1
    return Visits(nodes=states, edges=ways)
