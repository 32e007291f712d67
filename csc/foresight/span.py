"""Times that are not known exactly."""

from __future__ import annotations

import math
from typing import NamedTuple

from fsm.conditions import Possible

__all__ = ["FOREVER", "NOW", "Span", "span_of"]


class Span(NamedTuple):
    """A time [s] between two others, both included."""

    low: float
    high: float

    def plus(self, other: Span) -> Span:
        """Return the sum of both."""
        return Span(self.low + other.low, self.high + other.high)

    def after(self, passed: Span) -> Span:
        """Return what is left of it after some time has passed, never less than nothing."""
        return Span(max(0.0, self.low - passed.high), max(0.0, self.high - passed.low))

    def join(self, other: Span) -> Span:
        """Return what may be either."""
        return Span(min(self.low, other.low), max(self.high, other.high))

    def widened(self, other: Span) -> Span:
        """Return what may be either, with an end that has moved put as far as it can go."""
        return Span(0.0 if other.low < self.low else self.low, math.inf if other.high > self.high else self.high)


NOW = Span(0.0, 0.0)
FOREVER = Span(0.0, math.inf)
"""Any time at all."""


def span_of(value: Possible) -> Span:
    """Return the time that a value stands for; any time if it may be something else."""
    hull = value.known.hull
    return FOREVER if hull is None else Span(max(0.0, hull[0]), max(0.0, hull[1]))
