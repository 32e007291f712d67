"""How an observatory is when a rehearsal begins: when, in which states, with which machines and parameters.

A scenario says it for a bad day, a rehearsal for itself: that of the end of a night begins at the end of a night.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from csc import Blueprint, ObservatorySheet, ObservatoryVocabulary, SummaryState, wrong_parameters
from csc.observatory import tai_from_iso
from fsm import AuthorError, Position, nearest

__all__ = ["Placement", "find_component", "misplaced", "placed_name", "placement_of"]

Keys = tuple[str | int, ...]


class Placing(Protocol):
    """What an author writes about the beginning."""

    @property
    def states(self) -> Mapping[str, str]:
        """Summary states, by component or group."""

    @property
    def machines(self) -> Mapping[str, Mapping[str, str]]:
        """States of machines, by component."""

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Any]]:
        """Values of parameters, by component."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What is so at the beginning instead of what the observatory says.

    Attributes
    ----------
    start
        Date and time in TAI; None keeps the observatory's.
    states, machines, parameters
        By component.
    """

    start: str | None = None
    states: Mapping[str, str] = field(default_factory=dict)
    machines: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def on(self, sheet: ObservatorySheet) -> ObservatorySheet:
        """Return the observatory as it is then."""
        components = {
            name: placed.model_copy(
                update={
                    "state": self.states.get(name, placed.state),
                    "parameters": {**placed.parameters, **self.parameters.get(name, {})},
                    "machines": {**placed.machines, **self.machines.get(name, {})},
                }
            )
            for name, placed in sheet.components.items()
        }
        return sheet.model_copy(update={"components": components, "start": self.start or sheet.start})


def placement_of(sheet: Placing, vocabulary: ObservatoryVocabulary, *, start: str | None = None) -> Placement:
    """Return what an author has written, by the names on the bus; a group stands for all of its members."""
    return Placement(
        start=start,
        states={member: state for name, state in sheet.states.items() for member in _members(name, vocabulary)},
        machines={placed_name(component, vocabulary): states for component, states in sheet.machines.items()},
        parameters={placed_name(component, vocabulary): values for component, values in sheet.parameters.items()},
    )


def placed_name(component: str, vocabulary: ObservatoryVocabulary) -> str:
    """Return the name on the bus; an index may be left out where there is only one."""
    name = vocabulary.canonical(component)
    if name not in vocabulary.blueprints:
        indexed = [known for known in vocabulary.blueprints if known.partition(":")[0] == name]
        if len(indexed) == 1:
            return indexed[0]
    return name


def find_component(component: str, vocabulary: ObservatoryVocabulary, at: Position | None) -> Blueprint:
    """Return the blueprint of a component of the observatory.

    Raises
    ------
    AuthorError
        If it is not there; names the nearest.
    """
    name = placed_name(component, vocabulary)
    if name not in vocabulary.blueprints:
        raise AuthorError.at(
            at, f"there is no component {component}", suggestion=nearest(component, vocabulary.blueprints)
        )
    return vocabulary.blueprints[name]


def _members(name: str, vocabulary: ObservatoryVocabulary) -> tuple[str, ...]:
    return vocabulary.groups.get(name) or (placed_name(name, vocabulary),)


def misplaced(
    sheet: Placing, vocabulary: ObservatoryVocabulary, *, start: str | None = None
) -> Iterator[tuple[Keys, AuthorError]]:
    """Yield what the observatory does not have, or not like that, and where it is written."""

    def none(what: str, name: str, known: Iterable[str]) -> AuthorError:
        return AuthorError(f"{what} {name}", suggestion=nearest(name, known))

    if start is not None:
        try:
            tai_from_iso(start)
        except ValueError:
            yield ("start",), AuthorError(f"{start} is not a date and time such as 2026-01-15T13:00:00")
    for component, state in sheet.states.items():
        try:
            plans = [find_component(member, vocabulary, None) for member in _members(component, vocabulary)]
        except AuthorError as error:
            yield ("states", component), error
            continue
        known = SummaryState.__members__ if all(plan.is_csc for plan in plans) else ()
        if state not in known:
            yield ("states", component), none(f"{component} has no summary state", state, known)
    for component, machines in sheet.machines.items():
        try:
            plan = find_component(component, vocabulary, None)
        except AuthorError as error:
            yield ("machines", component), error
            continue
        for machine, state in machines.items():
            chart = plan.machines.get(machine)
            if chart is None:
                yield ("machines", component, machine), none(f"{component} has no machine", machine, plan.machines)
            elif state not in chart.by_name:
                yield ("machines", component, machine), none(f"{machine} has no state", state, chart.by_name)
    for component, values in sheet.parameters.items():
        try:
            plan = find_component(component, vocabulary, None)
        except AuthorError as error:
            yield ("parameters", component), error
            continue
        for key, wrong in wrong_parameters(plan, values):
            yield ("parameters", component, key), wrong
