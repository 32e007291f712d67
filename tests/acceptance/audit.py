"""Holds components to their data sheets in a rehearsal: what they send, how far numbers go, what stays as it is."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from csc import Component, Observatory
from fsm import Clock
from fsm.journal import Record
from procedures import Rehearsal

__all__ = ["Audit"]

STIRS = ("ack", "command", "transition")
"""Records after which a component may have changed in more than what time does."""
NEARLY = 1e-6
"""Numbers that differ by less are the same: rounding of closed forms and of the journal's times."""
PERIOD = 3.7
"""Time [s] between looks: no multiple of what components do regularly."""


class Audit:
    """A spectator of one rehearsal without faults.

    Attributes
    ----------
    complaints
        What was not as a data sheet says, each once.
    sent
        Commands that components sent to each other, as ``ATDome.moveAzimuth``.
    """

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.sent: set[str] = set()
        self._components: dict[str, Component] = {}
        self._stirred: dict[str, float] = {}
        self._stood: dict[str, dict[str, Any]] = {}

    def begin(self, rehearsal: Rehearsal, observatory: Observatory) -> None:
        """Take the stage."""
        self._components = observatory.components
        for component in self._components.values():
            component.watch(partial(self._measure, component))
        self._look_again(observatory.clock)

    def see(self, record: Record) -> None:
        """Look at a record."""
        who = record["who"]
        if record["kind"] == "command":
            self._sends(str(record["by"]), f"{who.partition(':')[0]}.{record['command']}")
        if (
            record["kind"] == "condition"
            and not record["truth"]
            and re.search(r" (fires|fails with) ", record["where"])
        ):
            self._complain(f"{record['where']}: {record['because']}")
        if who in self._components and record["kind"] in STIRS:
            self._stirred[who] = record["t"]
            self._stood.pop(who, None)

    def _look_again(self, clock: Clock) -> None:
        """Look at what stands still, now and then, whether or not anything happens."""
        for name, component in tuple(self._components.items()):
            if clock.now > self._stirred.get(name, 0.0) + NEARLY:
                self._stay(component)
        clock.call_later(PERIOD, partial(self._look_again, clock))

    def _complain(self, text: str) -> None:
        if text not in self.complaints:
            self.complaints.append(text)

    def _sends(self, by: str, command: str) -> None:
        component = self._components.get(by)
        if component is None or component.blueprint.component == "Script":  # a script sends what its procedure says
            return
        self.sent.add(command)
        for sending in component.blueprint.sends:
            if f"{sending.component}.{sending.command}" == command:
                if sending.when.evaluate(component.scope) is not True:
                    self._complain(f"{by} sends {command}: {sending.when.explain(component.scope)}")
                return
        self._complain(f"{by} sends {command}, of which its data sheet says nothing")

    def _measure(self, component: Component) -> None:
        """Look whether numbers are in their ranges."""
        for output in component.blueprint.outputs.values():
            if output.range is None:
                continue
            low, high = output.range
            value = component.output(output.name)
            if value is not None and not (isinstance(value, int | float) and low - NEARLY <= value <= high + NEARLY):
                self._complain(f"{component.name}.{output.name} is {value}, not in [{low}, {high}]")

    def _stay(self, component: Component) -> None:
        """Look whether what does not change by itself is still the same."""
        now = {
            output.name: component.output(output.name)
            for output in component.blueprint.outputs.values()
            if output.steady is not None and output.steady.evaluate(component.scope) is True
        }
        before = self._stood.setdefault(component.name, now)
        for name in before.keys() & now.keys():
            one, two = before[name], now[name]
            same = abs(one - two) < NEARLY if isinstance(one, float) and isinstance(two, float) else one == two
            if not same:
                self._complain(f"{component.name}.{name} has changed by itself from {one} to {two}")
