"""A statechart as a region of an SCXML document.

Each row stands in every state that it leaves, in the order of the table, so that the first whose condition holds is
taken. A timed row is an event that comes later: it is sent when its state is entered and cancelled when it is left.
What a row emits is raised. An error that leads to FAULT sets ``faulted``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from fsm.conditions import Name, Value
from fsm.diagrams.scxml.document import Action, Arc, Assign, Cancel, Data, Document, Place, Raise, Send, write_scxml
from fsm.diagrams.scxml.values import Speech, identifier
from fsm.statechart import Statechart, Transition

__all__ = ["FAULTED", "Wiring", "data_of", "names_of", "region", "scxml_machine"]

FAULTED = "faulted"
"""The variable that says that an error leads to FAULT."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """Which events carry triggers in a document.

    Attributes
    ----------
    heard
        Returns the event on which a machine hears a trigger.
    raised
        Returns the events that are raised when a trigger is emitted.
    """

    heard: Callable[[str, str], str]
    raised: Callable[[str], Iterable[str]]


def scxml_machine(
    chart: Statechart, *, title: str, values: Mapping[str, Value], begins: Mapping[str, Value] | None = None
) -> str:
    """Write one machine as an SCXML document.

    An event is a trigger of the same name; the fields of a command are its data. Names of its surroundings, such as
    outputs, parameters and other machines, are variables.

    Parameters
    ----------
    chart
        The machine.
    title
        Name of the document.
    values
        Variables that are always known, and where they begin.
    begins
        Where others begin; those that are left out are unknown.

    Raises
    ------
    ValueError
        If a condition says what SCXML cannot.
    """
    speech = Speech(frozenset({chart.name}), lambda name: values.get(str(name)) is not None)
    place = region(chart, speech, Wiring(lambda machine, trigger: trigger, lambda trigger: (trigger,)))
    data = data_of(names_of([chart]), speech.regions, {**values, **(begins or {})})
    return write_scxml(Document(name=identifier(title), initial=chart.name, places=(place,), data=tuple(data)))


def region(chart: Statechart, speech: Speech, wiring: Wiring) -> Place:
    """Return a machine as a region."""
    places = tuple(_state(chart, state.name, speech, wiring, note=state.meaning) for state in chart.states)
    return Place(id=chart.name, initial=f"{chart.name}.{chart.initial}", places=places, note=chart.meaning)


def _state(chart: Statechart, state: str, speech: Speech, wiring: Wiring, *, note: str) -> Place:
    timed = chart.timed[state]
    return Place(
        id=f"{chart.name}.{state}",
        entry=tuple(
            Send(_late(chart, number), f"{chart.name}.{number}", speech.delay(row.after))
            for number, row in timed
            if row.after is not None
        ),
        exit=tuple(Cancel(f"{chart.name}.{number}") for number, _ in timed),
        arcs=tuple(_arcs(chart, state, speech, wiring)),
        note=note,
    )


def _late(chart: Statechart, number: int) -> str:
    return f"after.{chart.name}.{number}"


def _arcs(chart: Statechart, state: str, speech: Speech, wiring: Wiring) -> Iterator[Arc]:
    for number, row in enumerate(chart.transitions):
        if not row.leaves(state):
            continue
        events = [wiring.heard(chart.name, trigger) for trigger in row.on] or [_late(chart, number)]
        yield Arc(
            event=" ".join(events),
            cond=None if row.guard is None else speech.truth(row.guard.node),
            target=None if row.target is None else f"{chart.name}.{row.target}",
            actions=tuple(_effects(row, speech, wiring)),
        )


def _effects(row: Transition, speech: Speech, wiring: Wiring) -> Iterator[Action]:
    yield from (Assign(identifier(output), speech.value(expression.node)) for output, expression in row.assign)
    yield from (Raise(event) for trigger in row.emits for event in wiring.raised(trigger))
    if row.fault is not None:
        yield Assign(FAULTED, "True")


def names_of(charts: Iterable[Statechart]) -> Iterator[Name]:
    """Yield every name that machines read or set."""
    for chart in charts:
        for row in chart.transitions:
            for read in (row.guard, row.after, *(expression for _, expression in row.assign)):
                if read is not None:
                    yield from read.names
            yield from (Name.of(output) for output, _ in row.assign)


def data_of(names: Iterable[Name], regions: frozenset[str], values: Mapping[str, Value]) -> Iterator[Data]:
    """Yield the variables of a document, in the order of their names."""
    wanted = {str(name) for name in names if name.parts[0] != "argument"} - regions
    yield Data(FAULTED, "False")
    for name in sorted(wanted):
        value = values.get(name)
        yield Data(identifier(name), None if value is None else repr(value))
