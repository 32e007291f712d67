"""A situation as one whole number: each place has its own bits.

Many situations are an array, and looking at a place is a shift and a mask for all of them at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from fsm.explore.system import Place, Situation

__all__ = ["BITS", "Codes", "Encoding", "Glance", "TooManyPlaces"]

Codes: TypeAlias = "npt.NDArray[np.int64]"
"""Situations, one number each; shape (n,)."""

BITS = 63
"""What a number of 64 bits has room for, apart from its sign."""


class TooManyPlaces(ValueError):
    """The places have more values together than can be numbered."""


class Encoding:
    """Where the bits of each place are.

    Parameters
    ----------
    places
        The places.

    Raises
    ------
    TooManyPlaces
        If they need more than 63 bits.
    """

    def __init__(self, places: Sequence[Place]) -> None:
        self.widths = [(len(place.values) - 1).bit_length() for place in places]
        self.shifts = [sum(self.widths[:number]) for number in range(len(places))]
        self.bits = sum(self.widths)
        if self.bits > BITS:
            raise TooManyPlaces(f"{len(places)} places need {self.bits} bits, and there are {BITS}")

    def pack(self, situation: Situation) -> int:
        """Return the number of a situation."""
        return sum(value << shift for value, shift in zip(situation, self.shifts, strict=True))

    def unpack(self, code: int) -> Situation:
        """Return the situation that a number stands for."""
        return tuple(
            (int(code) >> shift) & ((1 << width) - 1) for shift, width in zip(self.shifts, self.widths, strict=True)
        )

    def values(self, codes: Codes, place: int) -> Codes:
        """Return the value of a place in each situation."""
        return (codes >> self.shifts[place]) & ((1 << self.widths[place]) - 1)

    def mask(self, places: Sequence[int]) -> int:
        """Return the bits of some places."""
        return sum(((1 << self.widths[place]) - 1) << self.shifts[place] for place in places)

    def put(self, sets: Sequence[tuple[int, int]]) -> tuple[int, int]:
        """Return the bits that are kept and those that are put in when places get values."""
        keep = ~self.mask([place for place, _ in sets])
        return keep, sum(value << self.shifts[place] for place, value in sets)


class Glance:
    """Looks at some places of many situations at once, and numbers what it sees.

    Parameters
    ----------
    encoding
        Where the bits are.
    looks
        The places, by number.
    """

    def __init__(self, encoding: Encoding, looks: Sequence[int]) -> None:
        self._encoding = encoding
        self._looks = tuple(looks)
        self.bits = sum(encoding.widths[place] for place in looks)
        self._runs: list[tuple[int, int]] = []
        at = 0
        for place in sorted(looks, key=lambda each: encoding.shifts[each]):
            shift, width = encoding.shifts[place], encoding.widths[place]
            bits = ((1 << width) - 1) << at
            if self._runs and self._runs[-1][0] == shift - at:  # its neighbour is looked at, too: one step for both
                self._runs[-1] = (shift - at, self._runs[-1][1] | bits)
            elif width:
                self._runs.append((shift - at, bits))
            at += width

    def __call__(self, codes: Codes) -> Codes:
        """Return the number of what is seen in each situation, from 0 up to 2**bits."""
        seen: Codes | None = None
        for shift, bits in self._runs:
            part = (codes >> shift) & bits
            seen = part if seen is None else seen | part
        return np.zeros(len(codes), np.int64) if seen is None else seen

    def values(self, number: int) -> Situation:
        """Return the values of the places, in their order, of what has a number."""
        at, found = 0, {}
        for place in sorted(self._looks, key=lambda each: self._encoding.shifts[each]):
            width = self._encoding.widths[place]
            found[place] = (int(number) >> at) & ((1 << width) - 1)
            at += width
        return tuple(found[place] for place in self._looks)
