"""Invariants of a component's states: looked at after every change, journaled when they begin to fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csc.component import Component

__all__ = ["Invariants"]


class Invariants:
    """The invariants of one component.

    Parameters
    ----------
    component
        Whose they are.
    """

    def __init__(self, component: Component) -> None:
        self._component = component
        self._machines = [
            machine
            for machine in component.machines.values()
            if any(state.invariants for state in machine.chart.states)
        ]
        self._violated: set[tuple[str, str]] = set()

    def check(self) -> None:
        """Record those that fail now and did not before."""
        if not self._machines:
            return
        component = self._component
        violated: set[tuple[str, str]] = set()
        for machine in self._machines:
            for condition, because in machine.violations():
                key = (machine.name, condition)
                violated.add(key)
                if key not in self._violated:
                    component.journal.write(
                        "condition",
                        component.name,
                        where=f"{component.name}.{machine.name} {machine.state}",
                        condition=condition,
                        truth=False,
                        because=because,
                    )
        self._violated = violated
