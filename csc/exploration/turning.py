"""Flags that a behaviour sets, but not while they are said to be steady: until it sets them they keep their value.

A behaviour may set one when it computes for a command, before the rows are taken, and whenever everything is at rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from csc.exploration.layout import Layout
from csc.exploration.part import Part
from fsm import Condition
from fsm.conditions import judge
from fsm.explore import Action, Decision, Reader, Sight, Situation, Way

__all__ = ["Turning", "turning_flags"]


class Turning:
    """A flag that a behaviour sets.

    Parameters
    ----------
    place
        Its place.
    steady
        While this holds it is not set.
    read
        What names stand for.
    """

    def __init__(self, name: str, place: int, steady: Condition, read: Reader) -> None:
        self.name = name
        self.place = place
        self._steady = steady
        self._sight = Sight(read, [steady])
        self.looks = frozenset((place, *self._sight.looks))

    def turns(self, values: Mapping[int, int]) -> list[tuple[tuple[int, int], ...]]:
        """Return what may become of it: nothing, or that it gets its other value."""
        kept: list[tuple[tuple[int, int], ...]] = [()]
        if all(judge(self._steady, view) == {True} for view in self._sight.cases(values)):
            return kept
        return [*kept, ((self.place, 1 - values[self.place]),)]

    def action(self) -> Action:
        """Return it as something that happens by itself."""
        looks = tuple(sorted(self.looks))

        def ways(situation: Situation) -> list[Way]:
            return [Way(sets=sets) for sets in self.turns(dict(zip(looks, situation, strict=True))) if sets]

        return Action(f"{self.name} is set", "spontaneous", Decision(looks, frozenset((self.place,)), ways))


def turning_flags(layout: Layout, part: Part, read: Reader) -> Iterator[Turning]:
    """Yield the flags of a component that its behaviour sets."""
    for other, output in layout.turning:
        place, steady = layout.place(part.name, output), part.plan.outputs[output].steady if other is part else None
        if place is not None and steady is not None:
            yield Turning(f"{part.name}: {output}", place, steady, read)
