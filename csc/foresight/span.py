"""Times that are not known exactly."""

from __future__ import annotations

import math
from typing import NamedTuple

from fsm.conditions import Possible

__all__ = ["FOREVER", "NOW", "Span", "Timer", "span_of"]


MARKS = (0.0, 60.0, 600.0, 1800.0, 3600.0, 7200.0, 14400.0, 86400.0, math.inf)
"""Where the ends of a time are put that grows again and again [s]."""


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
        """Return what may be either, with an end that has moved put farther, to one of few places."""
        low = self.low if other.low >= self.low else max(mark for mark in MARKS if mark <= other.low)
        high = self.high if other.high <= self.high else min(mark for mark in MARKS if mark >= other.high)
        return Span(low, high)


NOW = Span(0.0, 0.0)
FOREVER = Span(0.0, math.inf)
"""Any time at all."""


class Timer(NamedTuple):
    """A timed row of a state in which a machine certainly is.

    All timers of a state are set as it is entered, so of two the one that is set for less rings first, however long
    ago that was.

    Attributes
    ----------
    left
        When it rings [s from now].
    full
        For how long it was set [s]; any time up to that if the state may have been entered without setting it.
    """

    left: Span
    full: Span

    @classmethod
    def set_now(cls, full: Span) -> Timer:
        """Return one that is set now."""
        return cls(full, full)

    @classmethod
    def running(cls, full: Span) -> Timer:
        """Return one that may have run for a while, or may have rung in vain."""
        return cls(Span(0.0, full.high), Span(0.0, full.high))

    @property
    def in_vain(self) -> Timer:
        """The same where it may also have rung in vain."""
        return Timer(Span(self.left.low, math.inf), FOREVER)

    def after(self, passed: Span) -> Timer:
        """Return what it is after some time."""
        return Timer(self.left.after(passed), self.full)

    def join(self, other: Timer, *, widen: bool = False) -> Timer:
        """Return what may be either."""
        left = self.left.widened(other.left) if widen else self.left.join(other.left)
        full = self.full.join(other.full)
        return Timer(Span(left.low, min(left.high, full.high)), full)


def span_of(value: Possible) -> Span:
    """Return the time that a value stands for; any time if it may be something else."""
    hull = value.known.hull
    return FOREVER if hull is None else Span(max(0.0, hull[0]), max(0.0, hull[1]))
