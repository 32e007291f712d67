"""What can be done to a component from outside: effects of the faults that its data sheet names, and disturbances.

A fault is injected by its cause. It holds triggers back, sets what is stored, fires a trigger, sends the
component to FAULT, drops or delays a topic. It lasts until a trigger that cures it is fired, or until it is
cleared by hand. A disturbance is injected and cleared alike; what it does is in `csc.disturbances`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from csc.blueprint import Fault
from csc.disturbances import DISTURBANCES, fault_of
from csc.values import check_value
from fsm import AuthorError, Name, Scope, Value, nearest

if TYPE_CHECKING:
    from csc.component import Component

__all__ = ["ActiveFault", "FaultBay", "fault_values"]


@dataclass(slots=True, eq=False)
class ActiveFault:
    """A fault that was injected and is not cured."""

    plan: Fault
    values: Mapping[str, Value]
    held: dict[str, int | None] = field(default_factory=dict)
    parameters: dict[str, Value] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    delayed: dict[str, float] = field(default_factory=dict)
    end: Callable[[], None] | None = None


class _FaultScope:
    def __init__(self, inner: Scope, values: Mapping[str, Value]) -> None:
        self._inner = inner
        self._values = values

    def read(self, name: Name) -> Value | None:
        if len(name.parts) == 2 and name.parts[0] == "fault":
            return self._values[name.parts[1]]
        return self._inner.read(name)


def fault_values(component: str, plan: Fault, given: Mapping[str, Value]) -> dict[str, Value]:
    """Join the given parameters of a fault with its defaults.

    Raises
    ------
    AuthorError
        If it has no such parameter (names the nearest), or a value does not suit it.
    """
    for key, value in given.items():
        if key not in plan.parameters:
            raise AuthorError(
                f"fault {component}.{plan.name} has no parameter {key}", suggestion=nearest(key, plan.parameters)
            )
        check_value(plan.parameters[key], value)
    return {name: given.get(name, parameter.default) for name, parameter in plan.parameters.items()}


class FaultBay:
    """The faults of one component.

    Parameters
    ----------
    component
        Whose they are.
    """

    def __init__(self, component: Component) -> None:
        self._component = component
        self.active: list[ActiveFault] = []

    def inject(self, name: str, **given: Value) -> ActiveFault:
        """Let a fault happen now.

        Raises
        ------
        AuthorError
            If the component has no such fault or parameter, or nothing of the name that it is aimed at.
        """
        component = self._component
        plan = fault_of(component.blueprint, name, given, component=component.name)
        values = fault_values(component.name, plan, given)
        fault = ActiveFault(plan, values)
        component.journal.write("fault", component.name, fault=name, parameters=values, what="injected")
        self.active.append(fault)
        if name not in component.blueprint.faults:
            fault.end = DISTURBANCES[name].begin(component, values, partial(self.clear, fault))
        scope = _FaultScope(component.scope, values)
        for effect in plan.effects:
            amount = effect.amount.evaluate(scope) if effect.amount is not None else None
            match effect.kind:
                case "set":
                    for target, expression in effect.values:
                        self._set(fault, target, expression.evaluate(scope))
                case "hold":
                    fault.held[effect.target] = _count(amount)
                case "fire":
                    component.fire(effect.target)
                case "fault":
                    component.standing.fault(effect.target)
                case "drop":
                    fault.dropped.add(effect.target)
                case "delay":
                    fault.delayed[effect.target] = float(amount) if isinstance(amount, int | float) else 0.0
            self._settle()
        component.changed()
        return fault

    def _set(self, fault: ActiveFault, target: str, value: Value | None) -> None:
        if target in self._component.blueprint.parameters:
            fault.parameters[target] = value
        else:
            self._component.assign(target, value)

    def _settle(self) -> None:
        """Let the faults that are active now, and no others, stand."""
        publisher = self._component.publisher
        publisher.drop({topic for fault in self.active for topic in fault.dropped})
        publisher.delayed = {topic: by for fault in self.active for topic, by in fault.delayed.items()}
        self._component.configuration.settle(
            {key: value for fault in self.active for key, value in fault.parameters.items()}
        )

    def holds(self, trigger: str) -> bool:
        """Tell whether a fault holds a trigger back; counts the occasion."""
        for fault in self.active:
            if trigger in fault.held:
                left = fault.held[trigger]
                if left is None:
                    return True
                if left > 0:
                    fault.held[trigger] = left - 1
                    return True
        return False

    def cure(self, trigger: str) -> None:
        """Clear the faults that a trigger cures."""
        for fault in tuple(self.active):
            if trigger in fault.plan.cured_by:
                self.clear(fault, "cured")

    def clear(self, fault: ActiveFault, what: str = "cleared") -> None:
        """End a fault: held triggers, topics and parameters come back; machines get the trigger `<fault>_cleared`."""
        component = self._component
        self.active.remove(fault)
        self._settle()
        component.journal.write("fault", component.name, fault=fault.plan.name, what=what)
        if fault.end is not None:
            fault.end()
        if not component.closed:
            component.fire(f"{fault.plan.name}_cleared")

    def leave(self) -> None:
        """End all faults without a word: their component is there no more."""
        while self.active:
            fault = self.active.pop()
            if fault.end is not None:
                fault.end()


def _count(amount: Any) -> int | None:
    return int(amount) if isinstance(amount, int | float) else None
