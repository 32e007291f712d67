"""Whether a behaviour does by itself what its data sheet says of it, and nothing else.

A sheet states which triggers a behaviour fires, with which errors it fails, which stored outputs it sets: whoever
reasons about the component without running it relies on that. What is not stated is refused; what happens
although its condition does not hold is journaled as a broken promise, in runs into which no fault was put.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fsm import Condition, nearest

if TYPE_CHECKING:
    from csc.blueprint import Command
    from csc.component import Component

__all__ = ["Contracts"]

_INSTANT = 1e-6
"""Times nearer than this [s] are one."""


class Contracts:
    """What the data sheet of one component promises for its behaviour.

    Parameters
    ----------
    component
        Whose it is.
    """

    def __init__(self, component: Component) -> None:
        plan = component.blueprint
        self._component = component
        self._fires, self._fails = plan.fires, plan.fails
        self._set = frozenset(output.name for output in plan.outputs.values() if output.set_by_behaviour)

    def sets(self, output: str) -> None:
        """Look at an output that the behaviour sets.

        Raises
        ------
        AttributeError
            If the data sheet does not say that it does.
        """
        if output in self._set:
            return
        component = self._component
        if output not in component.variables:
            raise AttributeError(f"{component.name} stores no output {output}")
        file = component.blueprint.file
        raise AttributeError(f"{component.name} stores {output} for its rows; say `set_by: behaviour` in {file}")

    def fires(self, trigger: str) -> None:
        """Look at a trigger that the behaviour fires; one to which no machine listens in its state means nothing.

        Raises
        ------
        TypeError
            If the data sheet does not say that it does.
        """
        component = self._component
        when = self._stated("fires", trigger, self._fires)
        if any(machine.chart.rows.get((machine.state, trigger)) for machine in component.listeners(trigger)):
            self._hold(f"fires {trigger}", when)

    def fails(self, error: str) -> None:
        """Look at an error with which the behaviour sends the component to FAULT.

        Raises
        ------
        TypeError
            If the data sheet does not say that it does.
        """
        when = self._stated("fails", error, self._fails)
        if self._component.summary_state != "FAULT":
            self._hold(f"fails with {error}", when)

    def takes(self, command: Command, seconds: float) -> None:
        """Look at the time [s] after which a command was done over which the behaviour takes time."""
        component = self._component
        if command.takes is None:
            return
        longest = command.takes.evaluate(component.scope)
        if isinstance(longest, int | float) and seconds > longest + _INSTANT:
            what, seen = f"takes over {command.name} at most", f"it took {seconds:g} s"
            self._broken(what, str(command.takes), seen)

    def _stated(self, section: str, name: str, stated: Mapping[str, Condition]) -> Condition:
        if name not in stated:
            near = nearest(name, stated)
            hint = f"; did you mean {near}?" if near else ""
            who, file = self._component.name, self._component.blueprint.file
            raise TypeError(f"{who}: {file} says nothing of {name} in `{section}`{hint}")
        return stated[name]

    def _hold(self, what: str, when: Condition) -> None:
        """Journal that something happens without what it needs, unless a fault may be why."""
        if when.evaluate(self._component.scope) is not True:
            self._broken(what, str(when), when.explain(self._component.scope))

    def _broken(self, what: str, promise: str, because: str) -> None:
        component = self._component
        if "fault" not in component.journal.kinds:
            where = f"{component.name} {what}"
            component.journal.write(
                "condition", component.name, where=where, condition=promise, truth=False, because=because
            )
