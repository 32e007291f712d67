"""An observatory: a set of components built from a configuration, on one bus, in one time.

The configuration (``sim_configs/observatories/*.yaml``) says which components there are, under which names,
with which parameters, and in which states they begin.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from csc.blueprint import Blueprint
from csc.bus import Bus, MemoryBus
from csc.catalogue import Catalogue, behaviour_of, load_catalogue
from csc.component import Component
from csc.parameter_set import ParameterSet, wrong_parameters
from csc.remote import Remote, RemoteGroup
from csc.summary_state import SummaryState
from csc.values import read_value
from csc.vocabulary import ObservatoryVocabulary
from fsm import AuthorError, AuthorErrors, Clock, Document, Journal, Streams, Value, load_document, nearest, validate

__all__ = ["Observatory", "ObservatorySheet", "load_observatory", "tai_from_iso"]


class PlacedComponent(BaseModel):
    """One component of an observatory."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    state: str = "STANDBY"
    parameters: Mapping[str, Any] = Field(default_factory=dict)
    machines: Mapping[str, str] = Field(default_factory=dict)


class ObservatorySheet(BaseModel):
    """The configuration of an observatory."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    observatory: str
    title: str
    summary: str = ""
    start: str
    parameter_set: str = "summit"
    components: Mapping[str, PlacedComponent]
    groups: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)

    @property
    def tai_start(self) -> float:
        """TAI at the beginning of a run [s since 1970-01-01 00:00:00 TAI]."""
        return tai_from_iso(self.start)

    def with_parameters(self, values: ParameterSet) -> Self:
        """Return the observatory with the values of a parameter set; what it gives a component itself stands above."""
        components = {
            name: placed.model_copy(update={"parameters": {**values.of(name), **placed.parameters}})
            for name, placed in self.components.items()
        }
        return self.model_copy(update={"parameter_set": values.name, "components": components})


def tai_from_iso(text: str) -> float:
    """Return TAI [s since 1970-01-01 00:00:00 TAI] of a date and time in TAI, such as 2026-01-15T13:00:00."""
    moment = datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)
    return moment.timestamp()


def load_observatory(path: Path, catalogue: Catalogue | None = None) -> ObservatorySheet:
    """Read the configuration of an observatory and check every name in it.

    Raises
    ------
    AuthorErrors
        With every mistake of the file.
    """
    document = load_document(path, name=path.name)
    sheet = validate(document, ObservatorySheet)
    _check(sheet, document, catalogue or load_catalogue())
    return sheet


def _check(sheet: ObservatorySheet, document: Document, catalogue: Catalogue) -> None:
    errors: list[AuthorError] = []

    def wrong(path: tuple[str | int, ...], message: str, suggestion: str | None = None) -> None:
        errors.append(AuthorError.at(document.position(path), message, suggestion=suggestion))

    try:
        tai_from_iso(sheet.start)
    except ValueError:
        wrong(("start",), f"{sheet.start} is not a date and time such as 2026-01-15T13:00:00")
    for name, placed in sheet.components.items():
        component, _, index = name.partition(":")
        if component not in catalogue:
            wrong(("components", name), f"there is no component {component}", nearest(component, catalogue))
            continue
        plan = catalogue[component]
        indices = [str(number) for number in plan.indices]
        if bool(indices) != bool(index) or (index and index not in indices):
            known = f"index {' or '.join(indices)}" if indices else "no index"
            wrong(("components", name), f"{component} takes {known}, not {index or 'none'}")
        if placed.state not in SummaryState.__members__:
            wrong(
                ("components", name, "state"),
                f"there is no summary state {placed.state}",
                nearest(placed.state, SummaryState.__members__),
            )
        for key, error in wrong_parameters(plan, placed.parameters):
            wrong(("components", name, "parameters", key), error.message, error.suggestion)
        for machine, state in placed.machines.items():
            path: tuple[str | int, ...] = ("components", name, "machines", machine)
            if machine not in plan.machines:
                wrong(path, f"{component} has no machine {machine}", nearest(machine, plan.machines))
            elif state not in plan.machines[machine].by_name:
                wrong(path, f"{machine} has no state {state}", nearest(state, plan.machines[machine].by_name))
    for group, members in sheet.groups.items():
        if not members:
            wrong(("groups", group), f"{group} has no members")
        for number, member in enumerate(members):
            if member not in sheet.components:
                wrong(("groups", group, number), f"there is no {member} here", nearest(member, sheet.components))
    if errors:
        raise AuthorErrors(errors)


class Observatory:
    """The components of one run.

    Parameters
    ----------
    sheet
        Which there are.
    clock, journal
        The run's time and record.
    seed
        Seed of all its random streams.
    services
        What it lends to its components, by name.
    catalogue
        Where the components' blueprints come from; this package's own if left out.
    make_bus
        Makes the bus that all of them are on; it is closed with the observatory.
    """

    def __init__(
        self,
        sheet: ObservatorySheet,
        clock: Clock,
        journal: Journal,
        *,
        seed: int = 0,
        services: Mapping[str, Any] | None = None,
        catalogue: Catalogue | None = None,
        make_bus: Callable[[Clock, Journal], Bus] = MemoryBus,
    ) -> None:
        self.sheet = sheet
        self.clock = clock
        self.journal = journal
        self.streams = Streams(seed)
        self.catalogue = catalogue or load_catalogue()
        self.bus = make_bus(clock, journal)
        self.services: dict[str, Any] = {"observatory": self, **(services or {})}
        self.components: dict[str, Component] = {}
        self.groups = sheet.groups
        self._closing: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        for name, placed in self.sheet.components.items():
            self.build(name, parameters=self._parameters(name, placed))
        for name, placed in self.sheet.components.items():
            self.components[name].start(placed.state, placed.machines)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for component in reversed(list(self.components.values())):
                await component.close()
            await asyncio.gather(*self._closing)
        finally:
            self.bus.close()

    def _parameters(self, name: str, placed: PlacedComponent) -> dict[str, Value]:
        plans = self.catalogue[name.partition(":")[0]].parameters
        return {key: read_value(plans[key], raw) for key, raw in placed.parameters.items()}

    def build(
        self, name: str, *, parameters: Mapping[str, Value] | None = None, services: Mapping[str, Any] | None = None
    ) -> Component:
        """Build a component under its name on the bus, and connect what it senses; `start` it afterwards."""
        plan = self.catalogue[name.partition(":")[0]]
        component = Component(
            plan,
            behaviour_of(plan),
            name=name,
            bus=self.bus,
            clock=self.clock,
            journal=self.journal,
            streams=self.streams,
            parameters=parameters,
            services=self.services | dict(services or {}),
        )
        component.scope.know({remote: self.catalogue[remote] for remote in plan.remotes})
        self.components[name] = component
        for other in self.components.values():
            self._connect(other)
        return component

    def _connect(self, component: Component) -> None:
        for key, sense in component.blueprint.senses.items():
            source = self.components.get(sense.component)
            if source is not None:
                component.senses[key].connect(source, sense.output, reported=sense.reported)

    def rebuild(self, former: Component) -> Component:
        """Build a component anew in the place of one that was retired; `start` it afterwards."""
        placed = self.sheet.components[former.name]
        component = self.build(former.name, parameters=self._parameters(former.name, placed))
        component.succeed(former)
        return component

    def retire(self, name: str) -> None:
        """Take a component away once what is under way at this instant is through; its events stay readable."""
        component = self.components.pop(name)
        task = self.clock.loop.create_task(component.close(), name=f"close {name}")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def find(self, name: str) -> Component:
        """Return a component by its name on the bus or an alias.

        Raises
        ------
        AuthorError
            If it is not here; names the nearest.
        """
        canonical = self.vocabulary().canonical(name)
        if canonical not in self.components:
            raise AuthorError(f"there is no component {name} here", suggestion=nearest(name, self.components))
        return self.components[canonical]

    def remote(self, name: str, identity: str) -> Remote:
        """Return a new client of a component."""
        return Remote(self.bus, self.clock, name, identity)

    def group(self, name: str, identity: str) -> RemoteGroup:
        """Return clients of all members of a group."""
        return RemoteGroup(name, {member: self.remote(member, identity) for member in self.groups[name]})

    def vocabulary(self, *, truth: bool = False) -> ObservatoryVocabulary:
        """Return the names that procedures may use of what the configuration has."""
        return vocabulary_of(self.sheet, self.catalogue, truth=truth)

    def snapshot(self) -> dict[str, Any]:
        """Return every component as it is now."""
        return {
            name: component.snapshot() for name, component in self.components.items() if not name.startswith("Script:")
        }


def vocabulary_of(sheet: ObservatorySheet, catalogue: Catalogue, *, truth: bool = False) -> ObservatoryVocabulary:
    """Return the names that procedures may use in an observatory."""
    plans: dict[str, Blueprint] = {name: catalogue[name.partition(":")[0]] for name in sheet.components}
    return ObservatoryVocabulary(plans, sheet.groups, truth=truth)
