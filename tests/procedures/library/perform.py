"""Performs a script of the library on the Auxiliary Telescope, as the script queue would."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from csc import Observatory, ObservatorySheet, load_catalogue, load_observatory, vocabulary_of
from csc.latiss.images import ImageStore
from fsm import Clock, Journal, Record, simulate
from procedures import Blocks, Library, YesAsker, parse_config
from procedures.frame import Stage
from procedures.runner import run_procedure

OBSERVATORIES = Path(__file__).parents[3] / "sim_configs" / "observatories"
ATCS = ("ATMCS", "ATPtg", "ATAOS", "ATPneumatics", "ATHexapod", "ATDome", "ATDomeTrajectory")
LATISS = ("ATCamera", "ATSpectrograph", "ATHeaderService", "ATOODS")


@cache
def sheet(observatory: str = "auxtel") -> ObservatorySheet:
    return load_observatory(OBSERVATORIES / f"{observatory}.yaml")


@cache
def library() -> Library:
    """The library, for looking at; each performance has its own."""
    return Library(vocabulary_of(sheet(), load_catalogue()))


def placed(
    states: Mapping[str, str],
    machines: Mapping[str, Mapping[str, str]] | None = None,
    observatory: str = "auxtel",
) -> ObservatorySheet:
    components = {
        name: item.model_copy(
            update={"state": states.get(name, item.state), "machines": dict((machines or {}).get(name, {}))}
        )
        for name, item in sheet(observatory).components.items()
    }
    return sheet(observatory).model_copy(update={"components": components})


@dataclass
class Control:
    """A script that keeps what it is told."""

    index: int = 200001
    group_id: str = "2026-01-15T13:00:00.000"
    block_id: str = ""
    checkpoints: list[str] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)
    is_stopping: bool = False

    @property
    def name(self) -> str:
        return f"Script:{self.index}"

    async def checkpoint(self, name: str) -> None:
        self.checkpoints.append(name)

    def log(self, level: str, text: str) -> None:
        self.lines.append((level, text))


@dataclass
class Performance:
    """What a test looks at afterwards."""

    error: Exception | None
    t: float
    records: list[Record]
    components: dict[str, Any]
    control: Control

    @property
    def commands(self) -> list[str]:
        """What the script sent, in order, as ``ATDome.moveAzimuth``."""
        return [f"{r['who']}.{r['command']}" for r in self.records if r["kind"] == "command" and self._mine(r)]

    def sent(self, command: str) -> list[dict[str, Any]]:
        """The fields of each command of that name that the script sent."""
        component, _, name = command.rpartition(".")
        return [
            r["data"]
            for r in self.records
            if r["kind"] == "command" and self._mine(r) and (r["who"], r["command"]) == (component, name)
        ]

    def state(self, component: str, machine: str | None = None) -> str:
        seen = self.components[component]
        return str(seen["machines"][machine] if machine else seen["summary_state"])

    def _mine(self, record: Record) -> bool:
        return bool(record["by"] == self.control.name)


def perform(
    path: str,
    config: str = "",
    *,
    enabled: tuple[str, ...] = (),
    states: Mapping[str, str] | None = None,
    machines: Mapping[str, Mapping[str, str]] | None = None,
    before: Callable[[Observatory], Coroutine[Any, Any, None]] | None = None,
    meanwhile: Callable[[Observatory], Coroutine[Any, Any, None]] | None = None,
    control: Control | None = None,
    start: str | None = None,
    without: tuple[str, ...] = (),
) -> Performance:
    """Perform a script.

    Parameters
    ----------
    enabled, states, machines
        How the components begin.
    without
        Components that are not there.
    before, meanwhile
        What happens to the observatory before the script and beside it.
    """
    script = control or Control()
    place = placed({**dict.fromkeys(enabled, "ENABLED"), **(states or {})}, machines)
    if start is not None:
        place = place.model_copy(update={"start": start})
    if without:
        there = {name: item for name, item in place.components.items() if name not in without}
        place = place.model_copy(update={"components": there})

    async def main(clock: Clock) -> Performance:
        journal = Journal(lambda: clock.now)
        images = ImageStore()
        shelf = Library(vocabulary_of(place, load_catalogue()))
        services = {"images": images, "scripts": shelf, "blocks": Blocks(shelf)}
        async with Observatory(place, clock, journal, services=services) as observatory:
            shelf.stage = Stage(observatory=observatory, library=shelf, images=images, asker=YesAsker())
            if before is not None:
                await before(observatory)
            beside = clock.loop.create_task(meanwhile(observatory)) if meanwhile is not None else None
            begun = clock.now
            error: Exception | None = None
            procedure = shelf.find(path)
            try:
                await run_procedure(
                    shelf.stage, procedure, parse_config(procedure, config), who=script.name, script=script
                )
            except Exception as failure:
                error = failure
            took = clock.now - begun
            if beside is not None:
                await beside
            return Performance(error, took, journal.records, observatory.snapshot(), script)

    return simulate(main, tai_start=place.tai_start)
