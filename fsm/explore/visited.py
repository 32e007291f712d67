"""The situations that were reached already: sorted arrays, joined as they grow."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fsm.explore.encoding import Codes

__all__ = ["Visited", "contains", "distinct"]

_GROWTH = 4
"""An array is joined with a newer one that is not smaller by more than this factor."""


class Visited:
    """A set of situations."""

    def __init__(self) -> None:
        self._runs: list[Codes] = []

    def __len__(self) -> int:
        return sum(len(run) for run in self._runs)

    def add(self, codes: Codes) -> None:
        """Add situations, sorted and none of them in it yet."""
        self._runs.append(codes)
        while len(self._runs) > 1 and len(self._runs[-2]) < _GROWTH * len(self._runs[-1]):
            newer, older = self._runs.pop(), self._runs.pop()
            joined = np.concatenate((older, newer))
            joined.sort(kind="stable")  # two sorted halves: merging is what a stable sort is best at
            self._runs.append(joined)

    def without(self, codes: Codes) -> Codes:
        """Return those of some sorted situations that are not in it."""
        for run in self._runs:
            if not len(codes):
                break
            codes = codes[~contains(run, codes)]
        return codes

    def all(self) -> Codes:
        """Return all of them, sorted."""
        if len(self._runs) > 1:
            self._runs = [np.sort(np.concatenate(self._runs))]
        return self._runs[0] if self._runs else np.zeros(0, np.int64)


def distinct(codes: Codes) -> Codes:
    """Return situations sorted, each of them once."""
    codes = np.sort(codes)  # for whole numbers faster than `np.unique`, which hashes them first
    if len(codes) < 2:
        return codes
    keep = np.empty(len(codes), np.bool_)
    keep[0] = True
    np.not_equal(codes[1:], codes[:-1], out=keep[1:])
    return codes[keep]


def contains(run: Codes, codes: Codes) -> npt.NDArray[np.bool_]:
    """Tell of each situation whether it is in a sorted array."""
    if not len(run):
        return np.zeros(len(codes), np.bool_)
    place = np.searchsorted(run, codes)
    place[place == len(run)] = 0
    found: npt.NDArray[np.bool_] = run[place] == codes
    return found
