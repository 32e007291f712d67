"""What a value may be, when it is not known exactly: one of a few values, a number in an interval, or anything.

A possible value stands for a set of values. Joining two gives one that stands for both; it may stand for more, never
for less. Unknown, a name that nobody has published, is one more possibility.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from fsm.conditions.comparison import number
from fsm.conditions.names import NULL, Value, format_value

__all__ = ["ANYTHING", "NEVER", "UNKNOWN", "Possible", "between", "exactly", "join_all", "one_of"]

MOST = 32
"""So many values are told apart; of more numbers only the interval is kept, of more words nothing."""


@dataclass(frozen=True, slots=True)
class Possible:
    """A set of values.

    Attributes
    ----------
    values
        The values it may be; None if they cannot be listed.
    low, high
        If they cannot be listed: it is a number between these, both ends included; None if it may be anything.
    unknown
        Whether it may also be unknown.
    """

    values: frozenset[Value] | None = None
    low: float | None = None
    high: float | None = None
    unknown: bool = False

    @property
    def hull(self) -> tuple[float, float] | None:
        """The smallest interval with all its numbers; None if it may be something else than a number."""
        if self.values is None:
            return None if self.low is None or self.high is None else (self.low, self.high)
        numbers = [number(value) for value in self.values]
        known = [each for each in numbers if each is not None]
        return (min(known), max(known)) if known and len(known) == len(numbers) else None

    @property
    def only(self) -> Value:
        """The one value it must be; None if there are several or it may be unknown."""
        if self.values is not None and len(self.values) == 1 and not self.unknown:
            return next(iter(self.values))
        return None

    @property
    def is_never(self) -> bool:
        """Whether there is no value at all that it may be."""
        return self.values is not None and not self.values and not self.unknown

    @property
    def known(self) -> Possible:
        """The same, without the possibility that it is unknown."""
        return Possible(self.values, self.low, self.high) if self.unknown else self

    def may_be(self, value: Value) -> bool:
        """Tell whether it stands for this value among others."""
        if value is None:
            return self.unknown
        if self.values is not None:
            return any(_same(each, value) for each in self.values)
        if self.low is None or self.high is None:
            return True
        seen = number(value)
        return seen is not None and self.low <= seen <= self.high

    def join(self, other: Possible) -> Possible:
        """Return what may be either."""
        if self == other:
            return self
        unknown = self.unknown or other.unknown
        if self.values is not None and other.values is not None:
            return _listed(self.values | other.values, unknown)
        if self.values is not None and not self.values:
            return Possible(other.values, other.low, other.high, unknown)
        if other.values is not None and not other.values:
            return Possible(self.values, self.low, self.high, unknown)
        one, two = self.hull, other.hull
        if one is None or two is None:
            return Possible(unknown=unknown)
        return Possible(None, min(one[0], two[0]), max(one[1], two[1]), unknown)

    def widened(self, other: Possible) -> Possible:
        """Return what may be either, and more: an end of an interval that grows goes as far as it can.

        Joining again and again may go on for ever; widening comes to an end.
        """
        joined = self.join(other)
        if joined == self or (mine := self.hull) is None or (hull := joined.hull) is None:
            return joined
        low = mine[0] if hull[0] >= mine[0] else -math.inf
        high = mine[1] if hull[1] <= mine[1] else math.inf
        return Possible(None, low, high, joined.unknown)

    def meet(self, other: Possible) -> Possible:
        """Return what may be both; what is not a number at all is left to the other one."""
        unknown = self.unknown and other.unknown
        if self.values is not None:
            return Possible(frozenset(value for value in self.values if other.may_be(value)), unknown=unknown)
        if other.values is not None:
            return Possible(frozenset(value for value in other.values if self.may_be(value)), unknown=unknown)
        if self.low is None or self.high is None:
            return Possible(None, other.low, other.high, unknown)
        if other.low is None or other.high is None:
            return Possible(None, self.low, self.high, unknown)
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Possible(None, low, high, unknown) if low <= high else Possible(frozenset(), unknown=unknown)

    def shown(self, unit: str | None = None) -> str:
        """Write it for people."""
        if self.values is not None:
            words = sorted(format_value(value, unit) for value in self.values)
        elif self.low is None or self.high is None:
            words = ["anything"]
        elif math.isinf(self.low) or math.isinf(self.high):
            words = ["any number"]
        else:
            words = [f"{format_value(self.low, unit)} .. {format_value(self.high, unit)}"]
        return " or ".join([*words, "unknown"] if self.unknown else words) or "nothing"

    def __str__(self) -> str:
        return self.shown()


def exactly(value: Value) -> Possible:
    """Return what is just this value; None is unknown."""
    if value is None:
        return UNKNOWN
    if isinstance(value, float) and value != value:
        return ANYTHING  # not-a-number equals nothing, not even itself
    if isinstance(value, list):
        value = tuple(value)
    return Possible(frozenset((value,)))


def one_of(values: Iterable[Value], *, unknown: bool = False) -> Possible:
    """Return what is one of these values."""
    return _listed(frozenset(values), unknown)


def between(low: float, high: float, *, unknown: bool = False) -> Possible:
    """Return what is a number in a closed interval."""
    return Possible(None, low, high, unknown)


def join_all(items: Iterable[Possible]) -> Possible:
    """Return what may be any of several."""
    result = NEVER
    for item in items:
        result = result.join(item)
    return result


def _listed(values: frozenset[Value], unknown: bool) -> Possible:
    if len(values) <= MOST:
        return Possible(values, unknown=unknown)
    hull = Possible(values).hull
    return Possible(unknown=unknown) if hull is None else Possible(None, *hull, unknown)


def _same(one: Value, other: Value) -> bool:
    if one is NULL or other is NULL or isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


ANYTHING = Possible(unknown=True)
"""No idea, not even whether it is known."""

UNKNOWN = Possible(frozenset(), unknown=True)
"""Certainly unknown."""

NEVER = Possible(frozenset())
"""No value at all: what cannot be."""
