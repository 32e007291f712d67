"""A bench for components: a few of them on a bus, in simulated time, driven by a test's coroutine.

def test_something():
    async def scenario(rig):
        await rig.enable("ATDome")
        with pytest.raises(AckError, match="not homed"):
            await rig.command("ATDome", "moveAzimuth", azimuth=3.0)

    run(scenario, "ATDome")
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import csc
from csc import Ack, Component, Observatory, ObservatorySheet, Remote
from csc.catalogue import Catalogue, read_sheets
from csc.observatory import PlacedComponent
from fsm import Clock, Journal, simulate


@cache
def _sheets() -> dict[str, tuple[Path, frozenset[str]]]:
    """Each component's sheet, and the components that it speaks of."""
    found = {}
    for path in sorted(Path(csc.__file__).parent.glob("*/*.yaml")):
        text = path.read_text(encoding="utf-8")
        name = re.search(r"^component: (\w+)", text, re.MULTILINE)
        if name:
            remotes = re.search(r"^remotes: \[(.*)\]", text, re.MULTILINE)
            spoken = [word.strip() for word in remotes[1].split(",") if word.strip()] if remotes else []
            spoken += re.findall(r"from: (\w+)\.\w+", text)
            spoken += re.findall(r"^like: (\w+)", text, re.MULTILINE)
            found[name[1]] = (path, frozenset(spoken))
    return found


@cache
def catalogue_of(*components: str) -> Catalogue:
    """Read only the sheets that these components need."""
    wanted = [name.partition(":")[0] for name in components] + ["Script"]
    needed: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in _sheets() and name not in needed:
            needed.add(name)
            wanted += _sheets()[name][1]
    return read_sheets(sorted(_sheets()[name][0] for name in needed))


class Rig:
    """What a test holds: the components, the clock, the journal."""

    def __init__(self, observatory: Observatory) -> None:
        self.observatory = observatory
        self.clock = observatory.clock
        self.journal = observatory.journal
        self._remotes: dict[str, Remote] = {}

    @property
    def now(self) -> float:
        return self.clock.now

    def component(self, name: str) -> Component:
        return self.observatory.components[name]

    def behaviour(self, name: str) -> Any:
        return self.component(name).behaviour

    def state(self, name: str, machine: str | None = None) -> str:
        component = self.component(name)
        return component.machines[machine].state if machine else str(component.summary_state)

    def output(self, name: str, output: str) -> Any:
        return self.component(name).output(output)

    def remote(self, name: str) -> Remote:
        if name not in self._remotes:
            self._remotes[name] = self.observatory.remote(name, "test")
        return self._remotes[name]

    async def command(self, component: str, command: str, **fields: Any) -> Ack:
        return await self.remote(component).command(command, **fields)

    def later(self, component: str, command: str, **fields: Any) -> Any:
        """Send a command in a task of its own; await it when its acknowledgement matters."""
        return self.clock.loop.create_task(self.command(component, command, **fields))

    async def set_state(self, component: str, state: str, override: str = "") -> None:
        await self.remote(component).set_summary_state(state, override=override, timeout=300.0)

    async def enable(self, *components: str, override: str = "") -> None:
        for component in components:
            await self.set_state(component, "ENABLED", override)

    async def sleep(self, duration: float) -> None:
        await self.clock.sleep(duration)

    def event(self, component: str, topic: str) -> Any:
        return self.remote(component).event(topic).get()

    def inject(self, component: str, fault: str, **values: Any) -> Any:
        return self.component(component).faults.inject(fault, **values)

    def records(self, kind: str, who: str | None = None) -> list[dict[str, Any]]:
        return [record for record in self.journal.of_kind(kind) if who is None or record["who"] == who]

    def states_seen(self, component: str, machine: str) -> list[str]:
        """States that a machine has entered, in order."""
        return [r["state"] for r in self.records("transition", component) if r["machine"] == machine]

    def log_lines(self, component: str) -> list[str]:
        """Lines of the component's log so far."""
        return [
            r["data"]["message"]
            for r in self.records("event", component)
            if r["topic"] == "logMessage" and "message" in r["data"]
        ]


def run(
    scenario: Callable[[Rig], Coroutine[Any, Any, Any]],
    *components: str,
    seed: int = 1,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    machines: Mapping[str, Mapping[str, str]] | None = None,
    states: Mapping[str, str] | None = None,
    services: Mapping[str, Any] | None = None,
    catalogue: Catalogue | None = None,
    start: str = "2026-01-15T13:00:00",
) -> Any:
    """Build components, run a scenario, return what it returns."""
    sheet = ObservatorySheet(
        observatory="rig",
        title="rig",
        start=start,
        components={
            name: PlacedComponent(
                state=(states or {}).get(name, "STANDBY"),
                parameters=(parameters or {}).get(name, {}),
                machines=(machines or {}).get(name, {}),
            )
            for name in components
        },
    )

    async def main(clock: Clock) -> Any:
        journal = Journal(lambda: clock.now)
        async with Observatory(
            sheet,
            clock,
            journal,
            seed=seed,
            services=services,
            catalogue=catalogue or catalogue_of(*sorted(components)),
        ) as observatory:
            return await scenario(Rig(observatory))

    return simulate(main, tai_start=sheet.tai_start)
