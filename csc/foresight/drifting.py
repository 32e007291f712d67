"""What may happen in a world without anybody's doing: once it is drifted, the world says so.

Three things happen by themselves: a behaviour fires a trigger, a behaviour commands another component, a timed row
rings of a machine whose state is not certain. Each only may happen, so each makes states uncertain and takes none away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from csc.foresight.cast import Cast, Member
from csc.foresight.reacting import Reacting
from csc.foresight.views import LocalView
from csc.foresight.world import World
from fsm import Condition
from fsm.conditions import ANYTHING, judge

__all__ = ["Drifting"]


class Drifting:
    """Lets worlds drift, and remembers of each component in which circumstances nothing more happens.

    Parameters
    ----------
    reacting
        Carries out what happens.
    """

    def __init__(self, reacting: Reacting) -> None:
        self._reacting = reacting
        self._cast = reacting.cast
        self._at_rest: dict[str, set[tuple[object, ...]]] = {member.name: set() for member in self._cast.players}

    def drift(self, world: World) -> None:
        """Let everything that may happen by itself perhaps have happened."""
        while world.unsettled:
            stirred = world.unsettled
            world.unsettled = set()
            for member in self._cast.players:
                if member.name in stirred or not stirred.isdisjoint(self._cast.neighbours(member)):
                    self._drift(world, member)

    def _drift(self, world: World, member: Member) -> None:
        before = self._circumstances(world, member)
        if before in self._at_rest[member.name]:
            return
        changed = False
        for happen in _happenings(world, member, self._reacting):
            changed = _quietly(world, happen) or changed
        if not changed:
            self._at_rest[member.name].add(before)

    def _circumstances(self, world: World, member: Member) -> tuple[object, ...]:
        """Return all that what a component does by itself depends on."""
        machines, values, stored = self._cast.surroundings(member)
        known = [item for item in world.learned.items() if item[0][0] in stored]
        return (
            *map(world.machines.__getitem__, machines),
            *map(world.values.__getitem__, values),
            *map(world.connected.__getitem__, stored),
            *map(world.overrides.__getitem__, stored),
            tuple(sorted(known, key=str)),
        )


def _happenings(world: World, member: Member, reacting: Reacting) -> Iterator[Callable[[], bool]]:
    cast = reacting.cast
    for trigger, when in member.plan.fires.items():
        if trigger in member.listeners and _may(cast, world, member, when):
            yield partial(reacting.fire, world, member, trigger, certain=False)
    for chart in member.charts.values():
        states = world.machines[member.name, chart.name]
        if len(states) > 1:
            for row in dict.fromkeys(row for state in states for _, row in chart.timed[state]):
                yield partial(reacting.take, world, member, chart, row, certain=False)
    for when in member.plan.fails.values():
        if _may(cast, world, member, when):
            yield partial(reacting.stand, world, member, ("FAULT",), certain=False)
    for sending in member.plan.sends:
        target = cast.find(sending.component)
        if target is None or not _may(cast, world, member, sending.when):
            continue
        command = target.plan.commands[sending.command]
        standing = world.machines.get((target.name, "summary"))
        if standing is not None and standing.isdisjoint(command.states):
            continue
        arguments = dict.fromkeys(command.fields, ANYTHING)
        view = LocalView(cast, target, world, arguments=arguments)
        if all(True in judge(guard.that, view) for guard in command.guards):
            yield partial(reacting.fire, world, target, command.name, certain=False, arguments=arguments)


def _may(cast: Cast, world: World, member: Member, when: Condition | None) -> bool:
    return when is None or True in judge(when, LocalView(cast, member, world))


def _quietly(world: World, happen: Callable[[], bool]) -> bool:
    """Let something happen; tell whether the component is another one, for only then it is stirred."""
    stirred = set(world.unsettled)
    changed = happen()
    if not changed:
        world.unsettled = stirred
    return changed
