"""What `cscsim diagram` can draw: a component, one of its machines, a procedure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from csc import Blueprint, load_catalogue
from csc.diagrams import charts_of, draw_component, visits_of_component
from csc.scxml import scxml_component, scxml_component_machine
from cscsim.locate import Homes, Site, open_home, open_site
from fsm import AuthorError, Record, nearest
from fsm.diagrams import Covered, Drawing, Visits
from procedures import Procedure
from procedures.coverage import Seen, visits_of_procedure
from procedures.flowchart import draw_procedure
from procedures.scxml import scxml_procedure

__all__ = ["Drawn", "Key", "find_drawn"]

Key = tuple[str, str]


class Drawn(Protocol):
    """Something that can be drawn."""

    @property
    def subject(self) -> Blueprint | Procedure:
        """What is drawn."""

    def drawing(self, *, meanings: bool) -> Drawing:
        """Return its drawing."""

    def scxml(self) -> str:
        """Return it as a document that another engine can run."""

    def key(self, name: str) -> Key:
        """Return what a state or step is known by in the drawing.

        Raises
        ------
        AuthorError
            If it has no such state or step; names the nearest.
        """

    def visits(self, records: Iterable[Record]) -> Visits:
        """Count what a journal has visited."""

    def visits_of(self, seen: Seen) -> Visits:
        """Count what runs have visited, whatever their components were called on the bus."""

    def figure(self, covered: Covered) -> str:
        """Write how much of it that is."""


def find_drawn(
    name: str, machine: str | None = None, observatory: str | None = None, *, homes: Homes | None = None
) -> Drawn:
    """Return what a name stands for: COMPONENT, COMPONENT.MACHINE, a procedure or a procedure's file.

    Parameters
    ----------
    name
        The name.
    machine
        Only one of a component's machines.
    observatory
        Where a procedure acts; by default where it is at home.
    homes
        Observatories that are open already, for whoever draws many.

    Raises
    ------
    AuthorError
        If there is none, with the nearest name, or its file is wrong.
    """
    catalogue = load_catalogue()
    head, _, short = name.partition(".")
    aliases = {alias: plan for plan in catalogue.values() for alias in plan.aliases}
    plan = catalogue.get(head.partition(":")[0]) or aliases.get(head)
    if plan is not None:
        return _DrawnComponent(plan, head if ":" in head else None, _machine(plan, machine or short or None))
    site = open_home(name, observatory) if homes is None else homes.of(name)
    try:
        procedure = site.procedure(name)
    except AuthorError as error:
        if error.file is not None or hasattr(error, "errors"):
            raise
        known = [*catalogue, *aliases, *_procedures(site)]
        raise AuthorError(f"there is no component or procedure {name}", suggestion=nearest(name, known)) from error
    if machine is not None:
        raise AuthorError(f"{procedure.name} is a procedure and has no machine {machine}")
    return _DrawnProcedure(procedure, site)


def _procedures(site: Site) -> Iterator[str]:
    for name in site.library.names():
        yield from (name, name.removesuffix(".py"), name.removesuffix(".py").rpartition("/")[2])


def _machine(plan: Blueprint, machine: str | None) -> str | None:
    machines = charts_of(plan)
    if machine is not None and machine not in machines:
        raise AuthorError(f"{plan.component} has no machine {machine}", suggestion=nearest(machine, machines))
    return machine


@dataclass(frozen=True)
class _DrawnComponent:
    """A component or one of its machines; `name` is its name on the bus if only that one is meant."""

    plan: Blueprint
    name: str | None
    machine: str | None

    @property
    def subject(self) -> Blueprint:
        return self.plan

    def drawing(self, *, meanings: bool) -> Drawing:
        return draw_component(self.plan, self.machine, meanings=meanings)

    def scxml(self) -> str:
        if self.machine is None:
            return scxml_component(self.plan)
        return scxml_component_machine(self.plan, self.machine)

    def key(self, name: str) -> Key:
        short, _, state = name.rpartition(".")
        machine = short or self.machine
        if machine is None:
            raise AuthorError(f"{self.plan.component} has many machines", suggestion=f"MACHINE.{state}")
        _machine(self.plan, machine)
        states = charts_of(self.plan)[machine].state_names
        if state not in states:
            raise AuthorError(
                f"{self.plan.component}.{machine} has no state {state}", suggestion=nearest(state, states)
            )
        if self.machine not in (None, machine):
            raise AuthorError(f"{machine} is not drawn, only {self.machine}")
        return machine, state

    def visits(self, records: Iterable[Record]) -> Visits:
        kept = list(records)
        return visits_of_component(self.plan, kept, name=self.name, begins=self._beginnings(kept))

    def _beginnings(self, records: Iterable[Record]) -> Mapping[str, str]:
        """Return where the observatory of a run has the component begin."""
        run = next((record for record in records if record["kind"] == "run"), None)
        try:
            placed = open_site(str(run["observatory"])).sheet.components if run is not None else {}
        except AuthorError:  # an observatory of its own, which is not here
            return {}
        for name, item in placed.items():
            if name == self.name or (self.name is None and name.partition(":")[0] == self.plan.component):
                return {"summary": item.state, **item.machines}
        return {}

    def visits_of(self, seen: Seen) -> Visits:
        states: Counter[Key] = Counter()
        ways: Counter[tuple[Key, Key]] = Counter()
        for item, count in seen.counts.items():
            match item:
                case ("state", self.plan.component, machine, state):
                    states[machine, state] += count
                case ("transition", self.plan.component, machine, source, target, _) if target:
                    ways[(machine, source), (machine, target)] += count
        return Visits(nodes=states, edges=ways)

    def figure(self, covered: Covered) -> str:
        (states, all_states), (ways, all_ways) = covered
        return f"{states} of {all_states} states, {ways} of {all_ways} ways between two of them"


@dataclass(frozen=True)
class _DrawnProcedure:
    """A procedure, and where it acts."""

    procedure: Procedure
    site: Site

    @property
    def subject(self) -> Procedure:
        return self.procedure

    def drawing(self, *, meanings: bool) -> Drawing:
        return draw_procedure(self.procedure)

    def scxml(self) -> str:
        return scxml_procedure(self.procedure)

    @cached_property
    def _steps(self) -> list[str]:
        return [node.key[1] for node in draw_procedure(self.procedure).nodes if node.key is not None]

    def key(self, name: str) -> Key:
        if name not in self._steps:
            raise AuthorError(f"{self.procedure.name} has no step {name}", suggestion=nearest(name, self._steps))
        return self.procedure.name, name

    def visits(self, records: Iterable[Record]) -> Visits:
        return visits_of_procedure(self.procedure, records, self.site.library)

    def visits_of(self, seen: Seen) -> Visits:
        begun = {
            (owner, step): count
            for (_, owner, step, what), count in seen.of("step")
            if owner == self.procedure.name and what == "begun"
        }
        return Visits(nodes=begun)

    def figure(self, covered: Covered) -> str:
        steps, all_steps = covered.nodes
        return f"{steps} of {all_steps} steps"
