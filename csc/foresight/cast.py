"""The cast: the components of an observatory, with tables of what foresight asks of their blueprints.

What only a behaviour computes is not foreseen: an output that a behaviour sets may be anything, within the range that
its data sheet gives. What a behaviour does by itself, firing a trigger or sending a command, its data sheet states
with the condition under which it may happen.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from csc.blueprint import Blueprint, Command, Output
from csc.catalogue import Catalogue, behaviour_of
from csc.foresight.world import Key, World
from csc.observatory import ObservatorySheet
from csc.summary_state import SummaryState
from csc.values import read_value
from fsm import Condition, Statechart, Value
from fsm.conditions import Possible, between, exactly, one_of

__all__ = ["Cast", "Member"]

STAGE_HANDS = frozenset(("ScriptQueue", "Scheduler", "Script"))
"""Components that carry procedures out: what they do by themselves is the procedure that is thought through."""
CONNECTED = frozenset(("DISABLED", "ENABLED"))


class Member:
    """One component, with tables made of its blueprint.

    Parameters
    ----------
    name
        Its name on the bus.
    plan
        Its blueprint.
    parameters
        Values that replace the data sheet's defaults.
    """

    def __init__(self, name: str, plan: Blueprint, parameters: Mapping[str, Value]) -> None:
        self.name = name
        self.plan = plan
        self._basis = {key: parameter.default for key, parameter in plan.parameters.items()} | dict(parameters)
        self.charts: dict[str, Statechart] = dict(plan.machines)
        self.listeners: dict[str, list[Statechart]] = {}
        for chart in self.charts.values():
            for trigger in sorted(chart.triggers):
                self.listeners.setdefault(trigger, []).append(chart)
        self._settings = {override: self._basis | dict(values) for override, values in plan.configurations.items()}

    def parameter(self, name: str, override: str | None) -> Possible:
        """Return what a parameter may be after a `start` with an override; None is any of them."""
        if override is not None:
            return exactly(self._settings.get(override, self._basis)[name])
        values = exactly(self._basis[name])
        for setting in self._settings.values():
            values = values.join(exactly(setting[name]))
        return values

    def wrong_with(self, override: str) -> str:
        """Say why a `start` with an override is refused; nothing if it is not."""
        if override and override not in self._settings:
            return f"there is {', '.join(self._settings) or 'no override'}"
        parameters = SimpleNamespace(**self._settings.get(override, self._basis))
        return "" if self._behaviour is None else self._behaviour.wrong_with(self.plan, self.name, parameters)

    @cached_property
    def stated(self) -> frozenset[str]:
        """Stored outputs that only rows set: what they are is known from the data sheet."""
        return frozenset(name for name, output in self.plan.outputs.items() if not self.computed(output))

    @cached_property
    def computed_outputs(self) -> frozenset[str]:
        """Outputs in which the behaviour has a say."""
        return frozenset(self.plan.outputs) - self.stated

    def computed(self, output: Output) -> bool:
        """Tell whether the behaviour has a say in what an output is."""
        return output.initial is None or output.set_by_behaviour

    def anything(self, output: Output) -> Possible:
        """Return what a computed output may be when nothing more is known of it."""
        unknown = "None" in self._annotation(output.name)
        if output.type == "flag":
            return one_of((True, False), unknown=unknown)
        if output.range is not None:
            return between(*output.range, unknown=unknown)
        return Possible(unknown=unknown)

    @cached_property
    def promises(self) -> Mapping[str, tuple[tuple[str | None, str, Condition], ...]]:
        """Invariants by the output that they speak of: machine and state, or None if it holds in all."""
        found: dict[str, list[tuple[str | None, str, Condition]]] = {}
        for machine, state, condition in self.invariants():
            for name in condition.names:
                if len(name.parts) == 1 and name.parts[0] in self.plan.outputs:
                    found.setdefault(name.parts[0], []).append((machine, state, condition))
        return {output: tuple(each) for output, each in found.items()}

    def invariants(self) -> Iterator[tuple[str | None, str, Condition]]:
        """Yield each invariant with its machine and state; None and nothing if it holds in all."""
        for condition in self.plan.invariants:
            yield None, "", condition
        for chart in self.charts.values():
            for state in chart.states:
                for condition in state.invariants:
                    yield chart.name, state.name, condition

    @cached_property
    def _behaviour(self) -> type[Any] | None:
        return behaviour_of(self.plan)

    def decides(self, guard: Condition) -> bool:
        """Tell whether what a guard says of a computed output stays so, and worlds are worth telling apart by it."""
        names = (name.parts[0] for name in guard.names if len(name.parts) == 1)
        outputs = self.plan.outputs
        return any(name in outputs and name not in self.stated and outputs[name].steady is not None for name in names)

    def takes_time(self, command: Command) -> bool:
        """Tell whether the behaviour may take time of its own over a command."""
        name = f"do_{command.name}"
        method = getattr(self._behaviour, name, None)
        return inspect.iscoroutinefunction(method) or "Coroutine" in self._annotation(name)

    def _annotation(self, name: str) -> str:
        """Return what a method of the behaviour says that it returns; nothing if there is none."""
        method = getattr(self._behaviour, name, None)
        return str(getattr(method, "__annotations__", {}).get("return", ""))


class Cast:
    """The components of an observatory.

    Parameters
    ----------
    sheet
        Which there are, and how they begin.
    catalogue
        Their blueprints.
    """

    def __init__(self, sheet: ObservatorySheet, catalogue: Catalogue) -> None:
        self.sheet = sheet
        self.groups = sheet.groups
        self.catalogue = catalogue
        self.members: dict[str, Member] = {}
        self._neighbours: dict[str, frozenset[str]] = {}
        self._surroundings: dict[str, tuple[list[Key], list[Key], list[str]]] = {}
        for name, placed in sheet.components.items():
            plan = catalogue[name.partition(":")[0]]
            given = {key: read_value(plan.parameters[key], raw) for key, raw in placed.parameters.items()}
            self.members[name] = Member(name, plan, given)
        self.players = [member for member in self.members.values() if member.plan.component not in STAGE_HANDS]

    def find(self, component: str) -> Member | None:
        """Return a member by its name on the bus, or by its kind if there is one of that kind only."""
        if component in self.members:
            return self.members[component]
        same = [member for name, member in self.members.items() if name.partition(":")[0] == component]
        return same[0] if len(same) == 1 else None

    def opening(self) -> World:
        """Return the world in which the observatory begins, with no timer set yet."""
        world = World(machines={}, values={})
        for name, member in self.members.items():
            placed = self.sheet.components[name]
            if member.plan.is_csc:
                world.machines[name, "summary"] = frozenset((placed.state,))
            for chart in member.charts.values():
                world.machines[name, chart.name] = frozenset((placed.machines.get(chart.name, chart.initial),))
            for output, plan in member.plan.outputs.items():
                if output in member.stated:
                    world.values[name, output] = exactly(plan.initial)
                elif plan.steady is not None and plan.initial is not None:
                    world.learned[name, output] = exactly(plan.initial)
            world.connected[name] = not member.plan.is_csc or placed.state in CONNECTED
            world.overrides[name] = ""
            world.unsettled.add(name)
        return world

    def anything(self) -> World:
        """Return the world in which every component may be in any state but FAULT, with any values."""
        world = self.opening()
        world.learned.clear()
        for name, member in self.members.items():
            if member.plan.is_csc:
                world.machines[name, "summary"] = frozenset(SummaryState.__members__) - {"FAULT"}
                world.connected[name] = None
            for chart in member.charts.values():
                world.machines[name, chart.name] = frozenset(chart.state_names)
            for output in member.stated:
                plan = member.plan.outputs[output]
                world.values[name, output] = member.anything(plan)
            world.overrides[name] = None
        return world

    def neighbours(self, member: Member) -> frozenset[str]:
        """Return the components that a member listens to, senses or commands."""
        found = self._neighbours.get(member.name)
        if found is None:
            spoken = (
                *member.plan.remotes,
                *(sense.component for sense in member.plan.senses.values()),
                *(sending.component for sending in member.plan.sends),
            )
            others = (self.find(name) for name in spoken)
            found = self._neighbours[member.name] = frozenset(other.name for other in others if other is not None)
        return found

    def surroundings(self, member: Member) -> tuple[list[Key], list[Key], list[str]]:
        """Return all that what a member does by itself depends on: machines, stored outputs, and names of components.

        Of a component that it senses or commands, or of which it asks something computed, that is everything; of one
        that it listens to what it names.
        """
        found = self._surroundings.get(member.name)
        if found is None:
            senses, sends = member.plan.senses.values(), member.plan.sends
            spoken = [*(each.component for each in senses), *(each.component for each in sends)]
            asked = set(self._asked_by(member))
            computed = [name for name, what in asked if what in self.members[name].computed_outputs]
            whole = {other.name for other in map(self.find, (*spoken, *computed)) if other is not None}
            names = [member.name, *sorted(self.neighbours(member))]
            machines: list[Key] = []
            values: list[Key] = []
            for name in names:
                each = self.members[name]
                own = [(name, what) for what in ("summary" if each.plan.is_csc else None, *each.charts) if what]
                stored = [(name, output) for output in sorted(each.stated)]
                entire = each is member or name in whole
                machines += [key for key in own if entire or key in asked]
                values += [key for key in stored if entire or key in asked]
            found = self._surroundings[member.name] = (machines, values, names)
        return found

    def _asked_by(self, member: Member) -> Iterator[Key]:
        """Yield machines and outputs of others that a member's conditions name."""
        plan = member.plan
        rows = [row for chart in member.charts.values() for row in chart.transitions]
        asking = (
            *(row.guard for row in rows),
            *(row.after for row in rows),
            *(expression for row in rows for _, expression in row.assign),
            *(condition for _, _, condition in member.invariants()),
            *(output.steady for output in plan.outputs.values()),
            *plan.fires.values(),
            *plan.fails.values(),
            *(sending.when for sending in plan.sends),
        )
        for each in asking:
            for name in () if each is None else each.names:
                other = self.find(name.parts[0])
                if other is not None:
                    yield other.name, name.parts[1] if len(name.parts) > 1 else "summary"
