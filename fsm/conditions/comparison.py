"""What it means to be equal, near, between and in a state: values in, one of three truths out."""

from __future__ import annotations

import math
from collections.abc import Mapping

from fsm.conditions.names import NULL, Truth, Value

__all__ = ["angle_between", "equal", "is_between", "is_within", "number", "state_truth"]

_LARGEST = 10**300
"""Integers beyond it count as unknown: they would overflow when they meet a float."""


def number(value: Value) -> float | None:
    """Return a value that is a number, None for any other and for not-a-number."""
    if isinstance(value, float):
        return value if value == value else None
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -_LARGEST < value < _LARGEST else None
    return None


def angle_between(one: float, other: float) -> float:
    """Return the angle [deg, 0 to 180] between two directions."""
    return abs(math.remainder(one - other, 360.0))


def state_truth(value: Value, states: frozenset[str], *, negated: bool) -> Truth:
    """Tell whether a machine, or every member of a group, is in one of the states (`negated`: in none)."""
    if isinstance(value, str):
        return (value in states) is not negated
    if isinstance(value, Mapping):
        members = [state_truth(member, states, negated=negated) for member in value.values()]
        if False in members:
            return False
        return True if members and None not in members else None
    return None


def equal(one: Value, other: Value, *, wraps: bool = False) -> Truth:
    """Tell whether two values are the same; unknown if one of them is, or is not-a-number."""
    if one is None or other is None or one != one or other != other:
        return None
    if one is NULL or other is NULL or isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if wraps and isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return angle_between(one, other) == 0.0 if math.isfinite(one - other) else one == other
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return list(one) == list(other)
    return one == other


def is_within(value: Value, tolerance: Value, target: Value, *, relative: bool = False, wraps: bool = False) -> Truth:
    """Tell whether two numbers differ by at most the tolerance, or (`relative`) by that percentage of the target."""
    seen, width, wanted = number(value), number(tolerance), number(target)
    if seen is None or width is None or wanted is None:
        return None
    if relative:
        width *= abs(wanted) / 100.0
    distance = seen - wanted
    if wraps and math.isfinite(distance):
        distance = math.remainder(distance, 360.0)
    return abs(distance) <= width


def is_between(value: Value, low: Value, high: Value, *, wraps: bool = False) -> Truth:
    """Tell whether a number lies in a closed interval; where `wraps`, on the arc from `low` upwards to `high`."""
    seen, lowest, highest = number(value), number(low), number(high)
    if seen is None or lowest is None or highest is None:
        return None
    if wraps and math.isfinite(seen) and abs(highest - lowest) < 360.0:
        return (seen - lowest) % 360.0 <= (highest - lowest) % 360.0
    return lowest <= seen <= highest
