"""What conditions see of a world: a component from inside, and all of them as they publish themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TypeAlias

from csc.foresight.cast import CONNECTED, Cast, Member
from csc.foresight.world import World
from fsm import Name, Statechart
from fsm.conditions import ANYTHING, UNKNOWN, Possible, between, exactly, narrow, one_of

__all__ = ["LocalView", "PublishedView", "published", "sends", "shown_as"]

Reader: TypeAlias = "Callable[[World], Possible | Mapping[Name, Possible]]"


class LocalView:
    """The names of a component's own conditions.

    Parameters
    ----------
    cast, member
        Whose conditions they are.
    world
        What may be so.
    arguments
        What the fields of the command under way may be, in canonical units.
    fixed
        Machines of which one state is looked at, and that state.
    at_rest
        Whether the component is at rest; its invariants need not hold while it reacts.
    """

    __slots__ = ("_arguments", "_asked", "_at_rest", "_cast", "_fixed", "_member", "_world")

    def __init__(
        self,
        cast: Cast,
        member: Member,
        world: World,
        *,
        arguments: Mapping[str, Possible] | None = None,
        fixed: Mapping[str, str] | None = None,
        at_rest: bool = True,
    ) -> None:
        self._cast = cast
        self._member = member
        self._world = world
        self._arguments = arguments or {}
        self._fixed = fixed or {}
        self._at_rest = at_rest
        self._asked: set[str] = set()

    def possible(self, name: Name) -> Possible | Mapping[Name, Possible]:
        """Return what a name may be."""
        member, world, parts = self._member, self._world, name.parts
        if len(parts) == 1:
            what = parts[0]
            if what in self._fixed:
                return exactly(self._fixed[what])
            states = world.machines.get((member.name, what))
            if states is not None:
                return Possible(states)
            value = world.values.get((member.name, what))
            if value is not None:
                return value
            if what in member.plan.outputs:
                return self._computed(what)
            if what in member.plan.parameters:
                return member.parameter(what, world.overrides[member.name])
            if what in member.plan.senses:
                return self._sensed(what)
        elif parts[0] == "argument":
            return self._arguments.get(parts[1], ANYTHING)
        other = self._cast.find(parts[0])
        if other is None:
            return UNKNOWN
        return published(self._cast, other, world, parts[1] if len(parts) > 1 else "summary")

    def _computed(self, what: str) -> Possible:
        member, world = self._member, self._world
        known = world.learned.get((member.name, what)) or member.anything(member.plan.outputs[what])
        if what in self._asked or not self._at_rest:
            return known
        self._asked.add(what)
        for machine, state, condition in member.promises.get(what, ()):
            if machine is None or world.machines[member.name, machine] == {state}:
                more = narrow(condition, self, holds=True)
                if more is not None:
                    known = more.get(Name((what,)), known).meet(known)
        self._asked.discard(what)
        return known

    def _sensed(self, what: str) -> Possible:
        sense = self._member.plan.senses[what]
        source = self._cast.find(sense.component)
        if source is None:
            return exactly(sense.default)
        found = LocalView(self._cast, source, self._world).possible(Name((sense.output,)))
        return found if isinstance(found, Possible) else ANYTHING


def published(cast: Cast, member: Member, world: World, what: str) -> Possible:
    """Return what a component may have published of a machine or output."""
    connected = world.connected[member.name]
    if what == "summary":
        return Possible(world.machines[member.name, "summary"])
    chart = member.plan.machines.get(what)
    early = chart is not None and chart.carrier and member.plan.topics[chart.carrier.partition(".")[0]].early
    if connected is False and not early:
        return UNKNOWN
    if chart is not None:
        shown = _shown(chart)
        return one_of((shown[state] for state in world.machines[member.name, what]), unknown=connected is not True)
    output = member.plan.outputs[what]
    value = LocalView(cast, member, world).possible(Name((what,)))
    if not isinstance(value, Possible):
        return ANYTHING
    topic = member.plan.topics[output.topics[0][0]]
    sampled = bool(topic.cadence)
    return Possible(value.values, value.low, value.high, value.unknown or connected is None or sampled)


def sends(cast: Cast, world: World, component: str, topic: str) -> Possible:
    """Return how long it may take until a component sends a topic [s]; unknown if it need not come at all.

    A heartbeat always comes; other samples are sent while a CSC is DISABLED or ENABLED, and a plain event if something
    happens.
    """
    member = cast.find(component)
    cadence = None if member is None else member.plan.topics[topic].cadence
    if member is None or not cadence:
        return ANYTHING
    states = world.machines.get((member.name, "summary"))
    certain = states is None or topic == "heartbeat" or states <= CONNECTED
    return between(0.0, cadence, unknown=not certain)


def shown_as(chart: Statechart, state: str) -> str:
    """Return the state that others read for a state: of those that look alike the first."""
    return _shown(chart)[state]


@cache
def _shown(chart: Statechart) -> Mapping[str, str]:
    alike: dict[object, str] = {}
    looks: dict[str, object] = {}
    for state in chart.states:
        looks[state.name] = state.value if chart.carrier else state.publishes
        alike.setdefault(looks[state.name], state.name)
    return {name: alike[look] for name, look in looks.items()}


class PublishedView:
    """The names of procedures, as far as components publish them.

    Parameters
    ----------
    cast
        The components and their groups.
    world
        What may be so.
    canonical
        Turns an alias into the name on the bus.
    fresh
        Whether sampled topics have just been sampled, where their component sends them.
    """

    __slots__ = ("_canonical", "_cast", "_fresh", "_world")

    def __init__(self, cast: Cast, world: World, canonical: Callable[[str], str], *, fresh: bool = False) -> None:
        self._cast = cast
        self._world = world
        self._canonical = canonical
        self._fresh = fresh

    def possible(self, name: Name) -> Possible | Mapping[Name, Possible]:
        """Return what a name may be."""
        parts = name.parts
        if len(parts) == 1 and parts[0] in self._cast.groups:
            members = self._cast.groups[parts[0]]
            return {Name((member,)): self._of(member, "summary") for member in members}
        if len(parts) > 2:
            return ANYTHING  # what the last event of a topic said
        return self._of(self._canonical(parts[0]), parts[1] if len(parts) > 1 else "summary")

    def _of(self, component: str, what: str) -> Possible:
        member = self._cast.find(component)
        if member is None:
            return UNKNOWN
        value = published(self._cast, member, self._world, what)
        if self._fresh and value.unknown and self._sends(member, what):
            return value.known
        return value

    def _sends(self, member: Member, what: str) -> bool:
        """Tell whether a component certainly sends the telemetry that carries an output."""
        output = member.plan.outputs.get(what)
        if output is None or not member.plan.topics[output.topics[0][0]].cadence:
            return False
        states = self._world.machines.get((member.name, "summary"))
        return states is None or states <= CONNECTED
