"""How one fault can be said more simply: its moment, its end, its parameters.

Each way goes only downwards, so that simplifying comes to an end: from chance to certainty, from a condition or the nth
command to a time, a step and the beginning, from odd times to round ones, from long to short, from large to small.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from csc import ObservatoryVocabulary
from csc.disturbances import fault_of
from procedures.campaign.beginnings import Beginning
from procedures.scenario_injection import Injection
from procedures.scenario_trigger import Occasion

__all__ = ["Quantity", "quantities", "restatements"]

_GRAINS = (3600.0, 600.0, 60.0, 10.0, 1.0)
"""How round a time is [s], from the roundest."""


def restatements(
    fault: Injection, truth: ObservatoryVocabulary, happened: float | None, steps: Sequence[Beginning]
) -> Iterator[Injection]:
    """Yield simpler ways to say a fault, the simplest first.

    Parameters
    ----------
    happened
        When it has happened [simulated s]; None if that is not known.
    steps
        When the steps begin, in order.
    """
    sure = replace(fault, probability=1.0)
    rank = _rank(fault)
    if rank > 0:
        yield replace(sure, at=0.0, when=None, on=None)
    if fault.on is not None and fault.on.nth > 1:
        yield replace(sure, on=replace(fault.on, nth=1))
    if happened is not None and rank > 1:
        begun = [each for each in steps if each.t <= happened]
        if begun:
            step = Occasion(step=begun[-1].step, nth=begun[-1].nth)
            yield replace(sure, at=None, when=None, on=step)
        yield from (replace(sure, at=t, when=None, on=None) for t in _rounder(happened, rank))
    if fault.probability < 1.0:
        yield sure
    if fault.until is not None:
        yield replace(fault, until=None)
    yield from _with_defaults(fault, truth)


def _rank(fault: Injection) -> int:
    """Return how much has to be said about when a fault happens: nothing, a step, a time, or more."""
    if fault.when is not None:
        return 4
    if fault.on is not None:
        return 1 if fault.on.step else 3
    return 2 if fault.at else 0


def _rounder(t: float, rank: int) -> Iterator[float]:
    own = next((grain for grain in _GRAINS if t % grain == 0.0), 0.0)
    for grain in _GRAINS:
        if grain > own or rank > 2:
            for rounded in dict.fromkeys((math.floor(t / grain) * grain, math.ceil(t / grain) * grain)):
                if rounded > 0.0:
                    yield rounded
    if rank > 2:
        yield t


def _with_defaults(fault: Injection, truth: ObservatoryVocabulary) -> Iterator[Injection]:
    """Leave parameters to the data sheet, where that does not make them larger."""
    plan = fault_of(truth.blueprints[fault.component], fault.fault, fault.values)
    for key, value in fault.values.items():
        default = plan.parameters[key].default
        if default == value or not (_is_number(default) and _is_number(value)) or abs(default) <= abs(value):
            yield replace(fault, values={name: each for name, each in fault.values.items() if name != key})


# ------------------------------------------------------------------- quantities

SMALLEST = 1000.0
"""A number is not made smaller than so many times."""
SHORTEST = 1.0
"""A fault is not made shorter [s]."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a fault that may become smaller.

    Attributes
    ----------
    name
        A parameter's name; empty for how long the fault lasts [s].
    """

    name: str
    value: float
    is_whole: bool

    @property
    def floor(self) -> float:
        """The smallest magnitude that is worth a try."""
        return max(SHORTEST, abs(self.value) / SMALLEST) if not self.name else abs(self.value) / SMALLEST

    def inside(self, fault: Injection, value: float) -> Injection:
        """Return a fault in which it has another value."""
        if not self.name:
            return replace(fault, lasting=value)
        return replace(fault, values={**fault.values, self.name: int(value) if self.is_whole else value})

    def between(self, low: float, high: float) -> list[float]:
        """Return round values between two magnitudes, without them, the smallest first; the sign is its own.

        >>> Quantity("slip", -8.0, is_whole=False).between(0.0, 8.0)
        [-0.08, -0.8, -2.0, -4.0]
        >>> Quantity("times", 9, is_whole=True).between(2.0, 4.0)
        [3.0]
        """
        parts = (0.01, 0.1, 0.25, 0.5) if low == 0.0 else (0.25, 0.5, 0.75)
        found = {self._rounded(low + part * (high - low)) for part in parts}
        return [math.copysign(each, self.value) for each in sorted(found) if low < each < high]

    def is_narrow(self, low: float, high: float) -> bool:
        """Tell whether nothing worth while lies between two magnitudes."""
        return not self.between(low, high) or high - low < 0.1 * high

    def _rounded(self, value: float) -> float:
        if self.is_whole:
            return float(round(value))
        return float(f"{value:.1e}")


def quantities(fault: Injection, truth: ObservatoryVocabulary) -> list[Quantity]:
    """Return the numbers of a fault that may become smaller."""
    plan = fault_of(truth.blueprints[fault.component], fault.fault, fault.values)
    found = [
        Quantity(key, float(value), is_whole=isinstance(plan.parameters[key].default, int))
        for key, value in fault.values.items()
        if _is_number(value) and value
    ]
    return [*found, Quantity("", fault.lasting, is_whole=False)] if fault.lasting else found


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
