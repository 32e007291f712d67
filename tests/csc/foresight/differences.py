"""In what a running observatory is not as a world says that it may be: machines, outputs, and what is published."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from csc import Observatory
from csc.foresight import Cast, LocalView, Member, PublishedView, World
from csc.scopes import PublishedReader
from fsm import Name
from fsm.conditions import Possible

__all__ = ["unlike"]

SLACK = 1e-6
"""Numbers nearer than this, in their own size, are taken for the same."""


def unlike(cast: Cast, world: World, observatory: Observatory, watched: Member) -> Iterator[str]:
    """Yield in what a running observatory is not as a world says it may be, each time its name first."""
    published = PublishedView(cast, world, str)
    for member in cast.members.values():
        component = observatory.components[member.name]
        if component.summary_state is not None:
            yield from _state(world, member, "summary", component.summary_state)
        for machine in component.machines.values():
            yield from _state(world, member, machine.name, machine.state)
        view = LocalView(cast, member, world)
        seen = {name: component.output(name) for name in member.plan.outputs}
        if member is watched:
            seen |= dict(component.parameters)
            seen |= {name: sensor.value() for name, sensor in component.senses.items()}
        for name, value in seen.items():
            yield from _value(f"{member.name}.{name}", value, view.possible(Name((name,))))
        connected = world.connected[member.name]
        if connected is not None and connected is not component.publisher.connected:
            yield f"{member.name} has {'not ' if connected else ''}published its events"
        reader = PublishedReader(observatory.bus, member.name, member.plan)
        for what in _events(member):
            name = f"{member.name}.{what} as published"
            yield from _value(name, reader.reader(what)(), published.possible(Name((member.name, what))))


def _state(world: World, member: Member, machine: str, state: str) -> Iterator[str]:
    states = world.machines[member.name, machine]
    if state not in states:
        yield f"{member.name}.{machine} is {state}, not {' or '.join(sorted(states))}"


def _value(name: str, value: Any, possible: Possible | Mapping[Name, Possible]) -> Iterator[str]:
    if isinstance(possible, Possible) and not _may_be(possible, value):
        yield f"{name} is {value!r}, not {possible}"


def _may_be(possible: Possible, value: Any) -> bool:
    """Tell whether it may be a value, or one so near that only rounding makes the difference."""
    if isinstance(value, list):
        value = tuple(value)
    if possible.may_be(value) or not isinstance(value, float):
        return possible.may_be(value) or (value != value and possible.values is None)
    slack = SLACK * max(1.0, abs(value))
    if possible.values is None:
        return (
            possible.low is not None
            and possible.high is not None
            and (possible.low - slack <= value <= possible.high + slack)
        )
    return any(isinstance(each, int | float) and math.isclose(each, value, rel_tol=SLACK, abs_tol=SLACK)
               for each in possible.values)  # fmt: skip


def _events(member: Member) -> Iterator[str]:
    """Yield the machines and outputs of a component that its events carry."""
    plan = member.plan
    if plan.is_csc:
        yield "summary"
    for name in (*plan.machines, *plan.outputs):
        if plan.published(name):
            output = plan.outputs.get(name)
            if output is None or not plan.topics[output.topics[0][0]].cadence:
                yield name
