"""How warm the chiller's coolant is: closed-form laws, when they reach a limit, and what the chiller says of it.

It decides numbers only. Which law holds, and who is told of an alarm, is left to the behaviour.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Alarm", "Approach", "Law", "Ramp", "Threshold", "Warn", "beyond", "next_crossing"]

_NEARLY = 1e-9
"""Temperatures that differ by less [deg_C] are the same: rounding of the closed forms."""


class Alarm(enum.IntFlag):
    """Alarms of the first level that temperatures and flow raise (lsst-ts/ts_xml: enums/ATWhiteLight.py)."""

    HIGH_CONTROL_TEMP = 0x2
    LOW_CONTROL_TEMP = 0x8
    LOW_COOLANT_FLOW = 0x200
    HIGH_AMBIENT_TEMP = 0x2000
    LOW_AMBIENT_TEMP = 0x4000
    NO_COOLANT_FLOW = 0x40000


class Warn(enum.IntFlag):
    """Warnings that temperatures and flow raise (lsst-ts/ts_xml: enums/ATWhiteLight.py)."""

    LOW_COOLANT_FLOW = 0x1
    HIGH_CONTROL_TEMP = 0x10
    LOW_CONTROL_TEMP = 0x20
    HIGH_AMBIENT_TEMP = 0x40
    LOW_AMBIENT_TEMP = 0x80


class Law(Protocol):
    """A temperature as a function of time, rising or falling all the time."""

    @property
    def rises(self) -> bool:
        """Whether the temperature rises."""

    def value(self, t: float) -> float:
        """Give the temperature [deg_C] at a time [s]."""

    def reaches(self, limit: float) -> float | None:
        """Give the time [s] at which a temperature [deg_C] is reached; None if it never is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approach:
    """An exponential approach: from `start` [deg_C] at `t0` [s] to `target` [deg_C] with a time constant [s].

    Examples
    --------
    >>> round(Approach(start=12.0, target=20.0, time_constant=180.0, t0=0.0).reaches(16.0), 1)
    124.8
    """

    start: float
    target: float
    time_constant: float
    t0: float

    @property
    def rises(self) -> bool:
        """Whether the temperature rises."""
        return self.target > self.start

    def value(self, t: float) -> float:
        """Give the temperature [deg_C] at a time [s]."""
        return self.target + (self.start - self.target) * math.exp(-(t - self.t0) / self.time_constant)

    def reaches(self, limit: float) -> float | None:
        """Give the time [s] at which a temperature [deg_C] is reached; None if it never is."""
        way = self.start - self.target
        left = (limit - self.target) / way if way else 0.0
        return self.t0 - self.time_constant * math.log(left) if 0.0 < left < 1.0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """A steady rise from `start` [deg_C] at `t0` [s] with a positive `rate` [deg_C/s]."""

    start: float
    rate: float
    t0: float

    @property
    def rises(self) -> bool:
        """Whether the temperature rises."""
        return True

    def value(self, t: float) -> float:
        """Give the temperature [deg_C] at a time [s]."""
        return self.start + self.rate * (t - self.t0)

    def reaches(self, limit: float) -> float | None:
        """Give the time [s] at which a temperature [deg_C] is reached; None if it never is."""
        return self.t0 + (limit - self.start) / self.rate if limit > self.start else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A limit [deg_C]: above it, or with `high` false below it, the chiller shows a flag."""

    limit: float
    high: bool
    flag: Alarm | Warn


def beyond(law: Law, t: float, threshold: Threshold) -> bool:
    """Tell whether a temperature is beyond a threshold at a time [s]; at the limit its direction decides."""
    excess = law.value(t) - threshold.limit
    if abs(excess) < _NEARLY:
        return law.rises == threshold.high
    return (excess > 0.0) == threshold.high


def next_crossing(law: Law, t: float, thresholds: Iterable[Threshold]) -> float | None:
    """Give the first time [s] after `t` at which the temperature passes a threshold; None if there is none."""
    times = []
    for threshold in thresholds:
        crossing = law.reaches(threshold.limit)
        if crossing is not None and crossing > t and abs(law.value(t) - threshold.limit) >= _NEARLY:
            times.append(crossing)
    return min(times, default=None)
