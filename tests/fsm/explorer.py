"""The plainest explorer there is: one situation after the other, one decision after the other, in dictionaries.

What the fast one finds is held against it, and its speed is what the fast one's is compared with.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fsm.explore import Decision, Mark, Situation, System, Way

MOST_TRIGGERS = 200


@dataclass
class Found:
    """What can be reached, and how soon."""

    depths: dict[Situation, int] = field(default_factory=dict)
    dead: set[Situation] = field(default_factory=set)
    marks: set[Mark] = field(default_factory=set)
    after: dict[Situation, list[tuple[int, Situation]]] = field(default_factory=dict)
    _decided: dict[tuple[int, Situation], Sequence[Way]] = field(default_factory=dict)

    def ways(self, decision: Decision, situation: Situation) -> Sequence[Way]:
        """Decide, once for all situations that look alike."""
        key = id(decision), tuple(situation[place] for place in decision.looks)
        if key not in self._decided:
            self._decided[key] = decision.ways(key[1])
            self.marks |= {way.mark for way in self._decided[key] if way.mark is not None}
        return self._decided[key]


def explore_plainly(system: System, limit: int | None = None) -> Found:
    """Reach everything, breadth first."""
    found = Found()
    waiting: deque[Situation] = deque()
    for situation, triggers in system.starts:
        for start in _complete(system, situation, tuple(triggers), (), found):
            if start not in found.depths:
                found.depths[start] = 0
                waiting.append(start)
    while waiting:
        here = waiting.popleft()
        after = found.after[here] = []
        for number, action in enumerate(system.actions):
            for way in found.ways(action.decision, here):
                begun = _set(here, way.sets)
                after += [(number, each) for each in _complete(system, begun, way.emits, way.afterwards, found)]
        if all(each == here for _, each in after):
            found.dead.add(here)
        for _, each in after:
            if each not in found.depths:
                if limit is not None and len(found.depths) >= limit:
                    return found
                found.depths[each] = found.depths[here] + 1
                waiting.append(each)
    return found


def _set(situation: Situation, sets: tuple[tuple[int, int], ...]) -> Situation:
    values = list(situation)
    for place, value in sets:
        values[place] = value
    return tuple(values)


def _complete(
    system: System, situation: Situation, now: tuple[str, ...], later: tuple[str, ...], found: Found
) -> set[Situation]:
    """Give triggers until none is left; return where that may end."""
    ended: set[Situation] = set()
    seen: set[Any] = set()
    live = [(situation, now, later, 0)]
    while live:
        here, now, later, given = live.pop()
        if given > MOST_TRIGGERS:
            raise RecursionError("never comes to rest")
        if (here, now, later) in seen:
            continue
        seen.add((here, now, later))
        if not now and later:
            now, later = later[:1], later[1:]
        if not now:
            ended.add(here)
            continue
        trigger, now = now[0], now[1:]
        branches = [(here, now, later, False)]
        for decision in system.reactions.get(trigger, ()):
            following = []
            for at, emitted, afterwards, stopped in branches:
                if stopped:
                    following.append((at, emitted, afterwards, True))
                    continue
                for way in found.ways(decision, at):
                    following.append((_set(at, way.sets), emitted + way.emits, afterwards + way.afterwards, way.stops))
            branches = following
        live += [(at, emitted, afterwards, given + 1) for at, emitted, afterwards, _ in branches]
    return ended
