"""What always holds in a component: looked at after every change, journaled when it begins to fail.

A data sheet states invariants of the whole component and of single states.
"""

from __future__ import annotations

from collections.abc import Iterator
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
        self._always = component.blueprint.invariants
        self._machines = [
            machine
            for machine in component.machines.values()
            if any(state.invariants for state in machine.chart.states)
        ]
        self._broken: set[tuple[str, str]] = set()

    def broken(self) -> Iterator[tuple[str, str, str]]:
        """Yield those that do not hold now: whose it is, the condition, the reason."""
        component, scope = self._component, self._component.scope
        for condition in self._always:
            if condition.evaluate(scope) is False:
                yield component.name, str(condition), condition.explain(scope)
        for machine in self._machines:
            for text, because in machine.violations():
                yield f"{component.name}.{machine.name} {machine.state}", text, because

    def check(self) -> None:
        """Record those that fail now and did not before."""
        if not (self._always or self._machines):
            return
        component = self._component
        broken: set[tuple[str, str]] = set()
        for where, condition, because in self.broken():
            broken.add((where, condition))
            if (where, condition) not in self._broken:
                component.journal.write(
                    "condition", component.name, where=where, condition=condition, truth=False, because=because
                )
        self._broken = broken
