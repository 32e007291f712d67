"""Places that are alike: what may happen to one may happen to each, and nothing asks which one it was.

Of situations that differ only in the order of such places one stands for all.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from fsm.explore.encoding import Codes, Encoding
from fsm.explore.system import Decision, Mark, System, Way

__all__ = ["Symmetry"]

_COMBINATIONS = 4096
"""A decision that may see more than this is not compared with others."""


class Symmetry:
    """Groups of places that are alike.

    Parameters
    ----------
    encoding
        Where the bits are.
    groups
        The places of each group, by number.
    """

    def __init__(self, encoding: Encoding, groups: Sequence[tuple[int, ...]]) -> None:
        self.groups = tuple(groups)
        self._encoding = encoding

    @classmethod
    def of(cls, system: System, encoding: Encoding) -> Symmetry:
        """Find the groups of a system."""
        alike = _Alike(system)
        groups: list[list[int]] = []
        for place in range(len(system.places)):
            for group in groups:
                if alike.may_be_swapped(group[0], place):
                    group.append(place)
                    break
            else:
                groups.append([place])
        return cls(encoding, [tuple(group) for group in groups if len(group) > 1])

    def ordered(self, codes: Codes) -> Codes:
        """Return for each situation the one that stands for it."""
        for group in self.groups:
            values = np.sort(np.stack([self._encoding.values(codes, place) for place in group]), axis=0)
            codes = codes & ~self._encoding.mask(group)
            for place, row in zip(group, values, strict=True):
                codes = codes | (row << self._encoding.shifts[place])
        return codes

    def standing_for(self, codes: Codes) -> int:
        """Return how many situations these stand for."""
        if not self.groups:
            return len(codes)
        orders = np.ones(len(codes), np.int64)
        for group in self.groups:
            patterns, where = np.unique(codes & self._encoding.mask(group), return_inverse=True)
            sizes = []
            for pattern in patterns:
                counts = Counter(int(self._encoding.values(pattern, place)) for place in group)
                sizes.append(math.factorial(len(group)) // math.prod(map(math.factorial, counts.values())))
            orders *= np.array(sizes, np.int64)[where]
        return int(orders.sum())

    def marks(self, marks: Iterable[Mark]) -> set[Mark]:
        """Return marks with those that places which are alike have for each other."""
        groups = {place: group for group in self.groups for place in group}
        return {(each, what) for place, what in marks for each in groups.get(place, (place,))}

    def reached(self, codes: Codes) -> list[npt.NDArray[np.int64]]:
        """Return for each place how many of these situations have each of its values."""
        widths = self._encoding.widths
        counts = [
            np.bincount(self._encoding.values(codes, place), minlength=1 << width) for place, width in enumerate(widths)
        ]
        for group in self.groups:
            total = np.sum([counts[place] for place in group], axis=0)
            for place in group:
                counts[place] = total
        return counts


class _Alike:
    """Compares places of a system."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._checked = {place for check in (*system.checks, *system.assumed) for place in check.looks}
        self._decisions: dict[int, list[tuple[str, Decision]]] = {}
        for trigger, decisions in system.reactions.items():
            for decision in decisions:
                self._note(trigger, decision)
        for action in system.actions:
            self._note("", action.decision)

    def _note(self, trigger: str, decision: Decision) -> None:
        for place in {*decision.looks, *decision.touches}:
            self._decisions.setdefault(place, []).append((trigger, decision))

    def may_be_swapped(self, one: int, other: int) -> bool:
        """Tell whether two places may change their values for each other, and nothing else becomes different."""
        places = self._system.places
        if places[one].values != places[other].values or {one, other} & self._checked:
            return False
        if any(situation[one] != situation[other] for situation, _ in self._system.starts):
            return False
        if Counter(self._outlines(one)) != Counter(self._outlines(other)) or self._meet(one, other):
            return False
        mine, theirs = self._tables(one), self._tables(other)
        return mine is not None and theirs is not None and Counter(mine) == Counter(theirs)

    def _meet(self, one: int, other: int) -> bool:
        return any(other in (*decision.looks, *decision.touches) for _, decision in self._decisions.get(one, ()))

    def _outlines(self, place: int) -> list[tuple[object, ...]]:
        """Return of each decision that has to do with a place when it is taken and what else it looks at."""
        return [(trigger, _looks(decision, place)) for trigger, decision in self._decisions.get(place, ())]

    def _tables(self, place: int) -> list[tuple[object, ...]] | None:
        """Describe all decisions that have to do with a place, without its name; None if that cannot be done."""
        found: list[tuple[object, ...]] = []
        for trigger, decision in self._decisions.get(place, ()):
            sizes = [len(self._system.places[each].values) for each in decision.looks]
            if math.prod(sizes) > _COMBINATIONS:
                return None
            table = []
            for values in itertools.product(*map(range, sizes)):
                ways = decision.ways(values)
                if trigger and any(way.emits or way.afterwards or way.stops for way in ways):
                    return None  # whose emissions come first would tell them apart
                table.append(tuple(_unnamed(way, place) for way in ways))
            found.append((trigger, _looks(decision, place), tuple(table)))
        return found


def _looks(decision: Decision, place: int) -> tuple[int, ...]:
    return tuple(-1 if each == place else each for each in decision.looks)


def _unnamed(way: Way, place: int) -> tuple[object, ...]:
    sets = tuple((-1 if each == place else each, value) for each, value in way.sets)
    mark = None if way.mark is None else (-1 if way.mark[0] == place else way.mark[0], way.mark[1])
    return sets, way.emits, way.afterwards, way.stops, mark
