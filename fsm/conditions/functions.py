"""The language's own functions, as values in and a value out; None where they have no answer."""

from __future__ import annotations

import math
from collections.abc import Sequence

from fsm.conditions.comparison import number
from fsm.conditions.names import Value, format_value

__all__ = ["call"]


def call(function: str, arguments: Sequence[Value]) -> Value:
    """Apply a function to values.

    Parameters
    ----------
    function
        One of abs, len, listed, max, min, round, sum.
    arguments
        Values in canonical units; one that is unknown makes the result unknown.
    """
    if function == "len":
        only = arguments[0]
        return len(only) if isinstance(only, (str, tuple, list)) else None
    if function == "listed":
        items = arguments[0]
        return ", ".join(format_value(item) for item in items) if isinstance(items, (tuple, list)) else None
    if function in ("max", "min", "sum") and len(arguments) == 1 and isinstance(arguments[0], (tuple, list)):
        arguments = arguments[0]
    numbers = _numbers(arguments)
    if numbers is None:
        return None
    match function:
        case "sum":
            return math.fsum(numbers) if any(isinstance(each, float) for each in numbers) else sum(numbers)
        case "max" if numbers:
            return max(numbers)
        case "min" if numbers:
            return min(numbers)
        case "abs":
            return abs(numbers[0])
        case "round" if math.isfinite(numbers[0]):
            return round(numbers[0], int(numbers[1])) if len(numbers) == 2 else round(numbers[0])
        case _:
            return None


def _numbers(values: Sequence[Value]) -> list[float] | None:
    numbers = [number(value) for value in values]
    known = [each for each in numbers if each is not None]
    return known if len(known) == len(numbers) else None
