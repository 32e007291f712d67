"""How the dome turns, and what its encoder makes of it: closed form, no clock, no bus.

The encoder's wheel runs on the dome's ring and slips, the more the farther the dome turns::

    reported = encoder + offset            what telemetry says and the controller steers by
    true     = reported - slip             where the screen and the doors really are

Decides nothing about when the dome turns; that is the business of the machines in `atdome.yaml`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from csc.kinematics import Path, stand, wrap180, wrap360

__all__ = ["Rotation", "is_near", "next_crossing"]

_SAME = 1e-6
"""Angles nearer than this [deg] are one: far below a count of the encoder's noise, far above rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """One turn of the dome, from one change to the next.

    Attributes
    ----------
    path
        The encoder's way [deg], which does not wrap.
    start
        Where on that way the turn begins [deg].
    offset
        Reported azimuth minus encoder [deg].
    slip
        Reported minus true azimuth at the start [deg].
    growth
        Slip gathered for each degree that the encoder turns, either way; its sign is that of the slip.
    """

    path: Path
    start: float
    offset: float
    slip: float
    growth: float = 0.0

    @classmethod
    def at_rest(cls, encoder: float, *, offset: float, slip: float) -> Rotation:
        """Stand at a position of the encoder [deg]."""
        return cls(path=stand(encoder), start=encoder, offset=offset, slip=slip)

    @property
    def heading(self) -> int:
        """Which way the dome turns: 1, -1, or 0 if it stands."""
        way = self.path.position(self.path.end) - self.start
        return 0 if way == 0.0 else int(math.copysign(1.0, way))

    def slip_at(self, t: float) -> float:
        """Give reported minus true azimuth [deg] at a time [s]."""
        return self.slip + self.growth * abs(self.path.position(t) - self.start)

    def reported(self, t: float) -> float:
        """Give the reported azimuth [deg] in [0, 360) at a time [s]."""
        return wrap360(self.path.position(t) + self.offset)

    def turned(self, t: float) -> float:
        """Give the true azimuth [deg] at a time [s], not wrapped."""
        return self.path.position(t) + self.offset - self.slip_at(t)

    def true(self, t: float) -> float:
        """Give the true azimuth [deg] in [0, 360) at a time [s]."""
        return wrap360(self.turned(t))

    def encoder_way(self, way: float) -> float:
        """Give how far the encoder turns [deg] while the dome truly turns by `way` [deg]."""
        return way / (1.0 - self.growth * math.copysign(1.0, way))

    def stopped(self, t: float) -> Rotation:
        """Give the rest that follows when the dome is stopped at a time [s]."""
        return Rotation.at_rest(self.path.position(t), offset=self.offset, slip=self.slip_at(t))

    def slipped(self, t: float, slip: float) -> Rotation:
        """Give the same turn from a time [s] on, with another slip [deg]."""
        return replace(self, start=self.path.position(t), slip=slip)


def next_crossing(rotation: Rotation, t: float, centre: float, half_width: float) -> tuple[float, bool] | None:
    """Find when the dome next enters or leaves the surroundings of an azimuth.

    Parameters
    ----------
    rotation
        The turn; its path keeps one direction.
    t
        Look after this time [s].
    centre, half_width
        The surroundings [deg].

    Returns
    -------
    time, entered
        When [s], and whether the dome is inside afterwards; None if it does not cross the border any more.
    """
    here, end = rotation.turned(t), rotation.turned(rotation.path.end)
    if abs(end - here) <= _SAME:
        return None
    way = math.copysign(1.0, end - here)
    crossings = []
    for border, entered in ((centre - way * half_width, True), (centre + way * half_width, False)):
        distance = (way * (border - here) - _SAME) % 360.0 + _SAME
        if distance <= abs(end - here):
            crossings.append((distance, entered))
    if not crossings:
        return None
    distance, entered = min(crossings)
    low, high = t, rotation.path.end
    while (middle := 0.5 * (low + high)) not in (low, high):
        if way * (rotation.turned(middle) - here) < distance:
            low = middle
        else:
            high = middle
    return high, entered


def is_near(azimuth: float, centre: float, half_width: float) -> bool:
    """Tell whether an azimuth lies within the surroundings of another; all [deg]."""
    return abs(wrap180(azimuth - centre)) <= half_width
