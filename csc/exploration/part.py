"""A component that is explored, and what is said of it apart from its places."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from csc.blueprint import Blueprint, Command, Fault, Field, Output, Parameter
from csc.catalogue import behaviour_of
from fsm import Condition, Expression, Transition, Value
from fsm.conditions import ANYTHING, UNKNOWN, Possible, between, exactly, join_all, one_of

__all__ = ["Part", "argument", "fault_parameter", "values_of"]

FLAG = one_of((True, False))
_ENUMERABLE = 8
"""Whole numbers in a range with no more values than this are tried one by one."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A component that is explored.

    Attributes
    ----------
    name
        Its name on the bus.
    state
        The summary state in which it begins.
    machines
        States in which machines begin that do not begin as the data sheet says.
    parameters
        Values that replace the data sheet's defaults.
    faults
        What may break: faults of the data sheet, by name.
    """

    name: str
    plan: Blueprint
    state: str = "STANDBY"
    machines: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Value] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    def parameter(self, name: str) -> Possible:
        """Return what a parameter may be: as given, or as a configuration that `start` accepts says."""
        given = exactly(self.parameters.get(name, self.plan.parameters[name].default))
        settings = (setting[name] for setting in self.plan.configurations.values() if name in setting)
        return join_all((given, *map(exactly, settings)))

    def anything(self, what: str, *, sound: bool | None = None) -> Possible:
        """Return what a machine, output or parameter may be when nothing is known of it.

        Parameters
        ----------
        sound
            Whether ranges of outputs hold: they do while nothing is broken; as the component itself, if left out.
        """
        plan = self.plan
        if what == "summary":
            return one_of(plan.summary_chart.state_names) if plan.summary_chart is not None else UNKNOWN
        if what in plan.machines:
            return one_of(plan.machines[what].state_names)
        if what in plan.parameters:
            return self.parameter(what)
        output = plan.outputs[what]
        if output.type == "flag":
            return FLAG
        holds = not self.faults if sound is None else sound
        return between(*output.range) if output.range is not None and holds else Possible()

    @property
    def breakable(self) -> tuple[Fault, ...]:
        """The faults that may happen."""
        return tuple(self.plan.faults[name] for name in self.faults)

    def mended_by(self, fault: Fault) -> tuple[str, ...]:
        """Return the triggers with which people mend a fault: not commands, and nothing in the component fires them."""
        fired = {trigger for row in self.rows for trigger in row.emits} | set(self.plan.fires) | set(self.plan.commands)
        if self.plan.summary_chart is not None:
            fired |= {f"{what}_{state}" for what in ("enter", "leave") for state in self.plan.summary_chart.state_names}
        return tuple(trigger for trigger in fault.cured_by if trigger not in fired)

    @cached_property
    def orphans(self) -> tuple[str, ...]:
        """The triggers that machines listen to and nothing in the data sheet fires: somebody outside must."""
        plan = self.plan
        known = {trigger for row in self.rows for trigger in row.emits} | set(plan.fires) | set(plan.commands)
        known |= {f"{command}_timed_out" for command in plan.commands}
        for fault in plan.faults.values():
            known |= {f"{fault.name}_cleared", *fault.cured_by, *(effect.target for effect in fault.effects)}
        if plan.summary_chart is not None:
            known |= {f"{what}_{state}" for what in ("enter", "leave") for state in plan.summary_chart.state_names}
        listened = {trigger for row in self.rows for trigger in row.on}
        return tuple(sorted(listened - known))

    def is_stored(self, output: Output) -> bool:
        """Tell whether rows and faults alone say what an output is."""
        return output.initial is not None and not output.set_by_behaviour

    @cached_property
    def rows(self) -> tuple[Transition, ...]:
        """The rows of all machines but the summary state."""
        return tuple(row for chart in self.plan.machines.values() for row in chart.transitions)

    def conditions(self) -> Iterator[Condition | Expression]:
        """Yield everything in the data sheet by which what happens next is decided."""
        yield from (row.guard for row in self.rows if row.guard is not None)
        for command in self.plan.commands.values():
            yield from (guard.that for guard in command.guards)
            if command.ignored_when is not None:
                yield command.ignored_when
        yield from self.plan.fires.values()
        yield from self.plan.fails.values()
        yield from (condition for *_, condition in self.invariants())

    def invariants(self) -> Iterator[tuple[str, str | None, int, Condition]]:
        """Yield what the data sheet says always holds: where it stands, the machine and the number of its state."""
        for condition in self.plan.invariants:
            yield self.name, None, 0, condition
        for chart in self.plan.machines.values():
            for number, state in enumerate(chart.states):
                for condition in state.invariants:
                    yield f"{self.name}.{chart.name} {state.name}", chart.name, number, condition

    @cached_property
    def _behaviour(self) -> type[Any] | None:
        return behaviour_of(self.plan)

    def computes_for(self, command: Command) -> bool:
        """Tell whether the behaviour computes something for a command."""
        return getattr(self._behaviour, f"do_{command.name}", None) is not None

    def takes_time(self, command: Command) -> bool:
        """Tell whether the behaviour may take its time between the guards of a command and its effect."""
        method = getattr(self._behaviour, f"do_{command.name}", None)
        if method is None or not command.changes_state:
            return False
        return inspect.iscoroutinefunction(method) or "Coroutine" in str(method.__annotations__.get("return", ""))


def argument(plan: Field) -> Possible:
    """Return what a field of a command may be, in canonical units."""
    if plan.length != 1:
        return ANYTHING
    if plan.type == "boolean":
        return FLAG
    if plan.enum is not None:
        return one_of(plan.enum.values())
    if plan.range is not None:
        return _whole(*plan.range) if not plan.is_real else between(*plan.range)
    return Possible()


def fault_parameter(plan: Parameter) -> Possible:
    """Return what a parameter of a fault may be, in canonical units."""
    if plan.choices is not None:
        return one_of(plan.choices)
    if isinstance(plan.default, bool):
        return FLAG
    if plan.range is not None:
        return _whole(*plan.range) if isinstance(plan.default, int) else between(*plan.range)
    return Possible()


def _whole(low: float, high: float) -> Possible:
    if high - low < _ENUMERABLE and float(low).is_integer() and float(high).is_integer():
        return one_of(range(int(low), int(high) + 1))
    return between(low, high)


def values_of(value: Possible) -> list[Possible]:
    """Return what something may be, value by value where they can be listed."""
    if value.values is None or value.unknown or not 0 < len(value.values) <= _ENUMERABLE:
        return [value]
    return [exactly(one) for one in sorted(value.values, key=lambda each: (str(type(each)), each))]
