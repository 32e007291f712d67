"""A component as an SCXML document: its machines are regions that run side by side.

SCXML gives an event to all regions at once; here a trigger goes from machine to machine, and each sees what those
before it have done. So a region `give` takes what comes from outside and raises an event of its own for each machine
that listens, in their order: ``to.lamp.turnOn``. It takes a command only where its data sheet does: in which summary
states, under which guards, and unless it is ignored.

Stated by the data sheet, and so in the document: machines, guards, timers, stored outputs, what refuses commands, the
summary state. Not in it: what the behaviour computes (outputs without a stored value are variables for others to set),
faults that hold triggers back or set parameters, limits of commands, and what is published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from csc.blueprint import Blueprint, Command
from csc.diagrams import charts_of
from fsm import Name, Statechart, Value
from fsm.diagrams.scxml import (
    FAULTED,
    Action,
    Arc,
    Assign,
    Document,
    Place,
    Raise,
    Speech,
    Wiring,
    data_of,
    names_of,
    region,
    scxml_machine,
    write_scxml,
)

__all__ = ["scxml_component", "scxml_component_machine"]


def scxml_component_machine(blueprint: Blueprint, machine: str, values: Mapping[str, Value] | None = None) -> str:
    """Write one of a component's machines as an SCXML document; ``summary`` is the summary state.

    Other machines are variables that hold the names of their states.

    Parameters
    ----------
    blueprint
        The component.
    machine
        Which of its machines.
    values
        Where variables begin, besides what the data sheet says: outputs that the behaviour computes, for example.

    Raises
    ------
    KeyError
        If it has no such machine.
    """
    chart = charts_of(blueprint)[machine]
    title = f"{blueprint.component}.{machine}"
    return scxml_machine(chart, title=title, values=_values(blueprint), begins=values or {})


def scxml_component(blueprint: Blueprint, values: Mapping[str, Value] | None = None) -> str:
    """Write a component with all its machines as an SCXML document.

    Parameters
    ----------
    blueprint
        The component.
    values
        Where variables begin, besides what the data sheet says.
    """
    return write_scxml(_Component(blueprint, values or {}).document())


def _values(blueprint: Blueprint) -> dict[str, Value]:
    values: dict[str, Value] = {name: chart.initial for name, chart in charts_of(blueprint).items()}
    values |= {name: output.initial for name, output in blueprint.outputs.items()}
    values |= {name: parameter.default for name, parameter in blueprint.parameters.items()}
    return values | {name: sense.default for name, sense in blueprint.senses.items()}


class _Component:
    """The wiring of one component."""

    def __init__(self, blueprint: Blueprint, begins: Mapping[str, Value]) -> None:
        self._plan = blueprint
        self._begins = begins
        self._charts = charts_of(blueprint)
        self._values = _values(blueprint)
        self._speech = Speech(frozenset(self._charts), lambda name: self._values.get(str(name)) is not None)
        self._wiring = Wiring(lambda machine, trigger: f"to.{machine}.{trigger}", self._heard)

    def document(self) -> Document:
        plan = self._plan
        regions = [Place(id="give", arcs=tuple(self._given()), note="gives what comes from outside to the machines")]
        if "summary" in self._charts:
            regions.append(self._summary(self._charts["summary"]))
        regions += [region(chart, self._speech, self._wiring) for chart in plan.machines.values()]
        names = {*names_of(self._charts.values()), *self._guarding()}
        data = tuple(data_of(names, self._speech.regions, {**self._values, **self._begins}))
        top = Place(id=plan.component, kind="parallel", places=tuple(regions), note=plan.title)
        return Document(name=plan.component, initial=top.id, places=(top,), data=data)

    def _heard(self, trigger: str) -> Iterator[str]:
        """Yield the events for the machines that listen to a trigger; the summary state has its own way."""
        return (f"to.{name}.{trigger}" for name, chart in self._plan.machines.items() if trigger in chart.triggers)

    # ---------------------------------------------------- what comes from outside

    def _given(self) -> Iterator[Arc]:
        yield from (self._command(command) for command in self._plan.commands.values() if command.simulated)
        triggers = {trigger for chart in self._plan.machines.values() for trigger in chart.triggers}
        own = {f"{way}_{state}" for way in ("enter", "leave") for state in self._states()}
        for trigger in sorted(triggers - set(self._plan.commands) - own):
            yield Arc(event=trigger, actions=tuple(Raise(event) for event in self._heard(trigger)))
        if self._plan.is_csc:
            yield Arc(event="fault", actions=(Assign(FAULTED, "True"),))

    def _states(self) -> tuple[str, ...]:
        return self._charts["summary"].state_names if self._plan.is_csc else ()

    def _command(self, command: Command) -> Arc:
        fields = sorted({name.parts[1] for name in self._read_with(command) if name.parts[0] == "argument"})
        params = tuple((field, f"_event.data.{field}") for field in fields)
        events = list(self._heard(command.name))
        if self._plan.is_csc and command.name in self._charts["summary"].triggers:
            events.insert(0, f"to.summary.{command.name}")
        conditions = " and ".join(self._conditions(command))
        return Arc(event=command.name, cond=conditions or None, actions=tuple(Raise(event, params) for event in events))

    def _read_with(self, command: Command) -> Iterator[Name]:
        """Yield the names in rows that listen to a command."""
        for chart in self._plan.machines.values():
            for row in chart.transitions:
                if command.name in row.on:
                    for read in (row.guard, *(expression for _, expression in row.assign)):
                        yield from read.names if read is not None else ()

    def _conditions(self, command: Command) -> Iterator[str]:
        if self._plan.is_csc and set(command.states) != set(self._states()):
            yield self._speech.state("summary", *command.states)
        if command.ignored_when is not None:
            yield f"not {self._speech.truth(command.ignored_when.node)}"
        yield from (self._speech.truth(guard.that.node) for guard in command.guards)
        if command.changes_state:
            rows = list(self._rows(command))
            if rows:
                yield f"({' or '.join(rows)})"

    def _rows(self, command: Command) -> Iterator[str]:
        """Yield for each row that listens to a command when it is taken: one of them must be."""
        for chart in self._plan.machines.values():
            for row in chart.transitions:
                if command.name in row.on:
                    left = [state for state in chart.state_names if row.leaves(state)]
                    guard = "" if row.guard is None else f" and {self._speech.truth(row.guard.node)}"
                    yield f"({self._speech.state(chart.name, *left)}{guard})"

    def _guarding(self) -> Iterator[Name]:
        for command in self._plan.commands.values():
            for condition in (command.ignored_when, *(guard.that for guard in command.guards)):
                yield from condition.names if condition is not None else ()

    # --------------------------------------------------------- the summary state

    def _summary(self, chart: Statechart) -> Place:
        return Place(
            id=chart.name,
            initial=f"{chart.name}.{chart.initial}",
            places=tuple(
                Place(id=f"{chart.name}.{state.name}", arcs=tuple(self._ways(chart, state.name)), note=state.meaning)
                for state in chart.states
            ),
            note=chart.meaning,
        )

    def _ways(self, chart: Statechart, state: str) -> Iterator[Arc]:
        """Yield the ways out of a summary state; an error leads to FAULT before anything else happens."""
        for row in chart.transitions:
            if row.leaves(state) and row.target is not None and "fault" not in row.on:
                event = " ".join(f"to.{chart.name}.{trigger}" for trigger in row.on)
                yield Arc(event=event, target=f"{chart.name}.{row.target}", actions=self._changed(state, row.target))
        fault = next((row.target for row in chart.rows.get((state, "fault"), ())), None)
        effects = () if fault is None else self._changed(state, fault)
        target = None if fault is None else f"{chart.name}.{fault}"
        yield Arc(cond=FAULTED, target=target, actions=(Assign(FAULTED, "False"), *effects))

    def _changed(self, source: str, state: str) -> tuple[Action, ...]:
        events: Iterable[str] = (*self._heard(f"leave_{source}"), *self._heard(f"enter_{state}"))
        return tuple(Raise(event) for event in events)
