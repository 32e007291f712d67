"""Decisions as tables: what is decided once for what is seen holds for all situations that look alike.

A table is filled as far as it is asked, so that only what comes about is ever decided in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fsm.explore.encoding import Codes, Encoding, Glance
from fsm.explore.system import Check, Decision, Mark, Situation, Way

__all__ = ["CheckTable", "Lookup", "Step", "WayTable"]

DENSE = 20
"""Up to so many bits of what is seen there is a place in an array for each; beyond, only for what was seen."""
_UNSEEN = -1

Sources = npt.NDArray[np.int32]
"""For each situation the number of the one that it came from; shape (n,)."""


class Lookup:
    """A function of a few places, computed once for each of their values that comes about.

    Parameters
    ----------
    encoding
        Where the bits are.
    looks
        The places.
    compute
        The function; its results are whole numbers, not below 0.
    """

    def __init__(self, encoding: Encoding, looks: tuple[int, ...], compute: Callable[[Situation], int]) -> None:
        self.glance = Glance(encoding, looks)
        self._compute = compute
        self._dense = np.full(1 << self.glance.bits, _UNSEEN, np.int32) if self.glance.bits <= DENSE else None
        self._sparse: dict[int, int] = {}

    def __call__(self, codes: Codes) -> npt.NDArray[np.int32]:
        """Return the result for each situation."""
        seen = self.glance(codes)
        if self._dense is None:
            return self._one_by_one(seen)
        found = self._dense[seen]
        new = found == _UNSEEN
        if new.any():
            for number in np.unique(seen[new]):
                self._dense[number] = self._compute(self.glance.values(number))
            found = self._dense[seen]
        return found

    def _one_by_one(self, seen: Codes) -> npt.NDArray[np.int32]:
        numbers, where = np.unique(seen, return_inverse=True)
        for number in numbers.tolist():
            if number not in self._sparse:
                self._sparse[number] = self._compute(self.glance.values(number))
        return np.array([self._sparse[number] for number in numbers.tolist()], np.int32)[where]

    def seen(self) -> Iterator[Situation]:
        """Yield the values of the places for which it was asked."""
        numbers = self._sparse if self._dense is None else np.flatnonzero(self._dense != _UNSEEN)
        for number in numbers:
            yield self.glance.values(int(number))


class CheckTable:
    """A check of many situations at once.

    Parameters
    ----------
    encoding
        Where the bits are.
    check
        The check.
    """

    HOLDS, BROKEN, OPEN = range(3)

    def __init__(self, encoding: Encoding, check: Check) -> None:
        self._check = check
        self.verdicts = Lookup(encoding, check.looks, self._verdict)

    def _verdict(self, values: Situation) -> int:
        holds = self._check.holds(values)
        return self.OPEN if holds is None else self.HOLDS if holds else self.BROKEN


class Step(NamedTuple):
    """Situations in which a decision has gone the same way.

    Attributes
    ----------
    then
        What is emitted, by its number.
    """

    then: int
    codes: Codes
    sources: Sources


class WayTable:
    """A decision for many situations at once.

    Parameters
    ----------
    encoding
        Where the bits are.
    decision
        The decision.
    number
        Numbers what a way leaves to be done: what it emits, what follows afterwards, and whether it stops.
    """

    def __init__(
        self,
        encoding: Encoding,
        decision: Decision,
        number: Callable[[tuple[str, ...], tuple[str, ...], bool], int],
    ) -> None:
        self._encoding = encoding
        self.decision = decision
        self._number = number
        self._menus: list[tuple[Way, ...]] = []
        self._numbers: dict[tuple[Way, ...], int] = {}
        self.lookup = Lookup(encoding, decision.looks, self._menu)
        self._shape()
        self._seen = np.zeros(0, np.bool_)

    def _menu(self, values: Situation) -> int:
        ways = tuple(dict.fromkeys(self.decision.ways(values)))
        number = self._numbers.get(ways)
        if number is None:
            number = self._numbers[ways] = len(self._menus)
            self._menus.append(ways)
        return number

    def _shape(self) -> None:
        """Make arrays of the menus: of each its first ways, its second ways ..."""
        size = len(self._menus)
        self._lengths = np.array([len(menu) for menu in self._menus], np.int32)
        widest = int(self._lengths.max(initial=0))
        self._keep = np.full((widest, size), -1, np.int64)
        self._put = np.zeros((widest, size), np.int64)
        self._then = np.zeros((widest, size), np.int32)
        for menu, ways in enumerate(self._menus):
            for place, way in enumerate(ways):
                self._keep[place, menu], self._put[place, menu] = self._encoding.put(way.sets)
                self._then[place, menu] = self._number(way.emits, way.afterwards, way.stops)
        self._everywhere = [bool((self._lengths > place).all()) for place in range(widest)]
        self._thens = [sorted(set(self._then[place, self._lengths > place].tolist())) for place in range(widest)]

    def steps(self, codes: Codes, sources: Sources) -> Iterator[Step]:
        """Go every way that there is, from each of many situations."""
        menu = self.lookup(codes)
        if len(self._menus) != len(self._lengths):
            self._shape()
        if len(self._seen) != len(self._menus):
            self._seen = np.append(self._seen, np.zeros(len(self._menus) - len(self._seen), np.bool_))
        self._seen[menu] = True
        for place, everywhere in enumerate(self._everywhere):
            some, at, of = codes, sources, menu
            if not everywhere:
                chosen = np.flatnonzero(self._lengths[menu] > place)
                if not len(chosen):
                    break
                some, at, of = codes[chosen], sources[chosen], menu[chosen]
            after = (some & self._keep[place][of]) | self._put[place][of]
            thens = self._thens[place]
            if len(thens) == 1:
                yield Step(thens[0], after, at)
                continue
            then = self._then[place][of]
            for each in thens:
                where = np.flatnonzero(then == each)
                if len(where) == len(then):
                    yield Step(each, after, at)
                    break
                if len(where):
                    yield Step(each, after[where], at[where])

    def marks(self) -> Iterator[Mark]:
        """Yield the marks of all ways that were gone."""
        for menu, seen in zip(self._menus, self._seen, strict=False):
            if seen:
                yield from (way.mark for way in menu if way.mark is not None)
