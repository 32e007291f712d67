"""Targets of the pointing component: where they are at any time.

A target is a pure function of TAI. Decides nothing about limits or about what is posted when.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from csc.atmount.sky import horizontal, sidereal_time
from csc.kinematics import wrap180

__all__ = ["AzElTarget", "Place", "SkyTarget", "Target", "nearest_turn", "straight_for"]

Demand = tuple[float, float, float]
"""Azimuth, elevation and rotator angle [deg]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the telescope stands.

    Attributes
    ----------
    latitude, longitude
        East is positive [deg].
    leap_seconds
        TAI minus UTC [s].
    """

    latitude: float
    longitude: float
    leap_seconds: float

    def sidereal_time(self, tai: float) -> float:
        """Return the local sidereal time [deg] at a TAI [s]."""
        return sidereal_time(tai - self.leap_seconds, self.longitude)


class Target(Protocol):
    """Something to point at."""

    def demand(self, tai: float) -> Demand:
        """Return where the mount should be at a TAI [s]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AzElTarget:
    """A fixed place of the mount.

    Attributes
    ----------
    azimuth, elevation, rotator
        Angles [deg]; the azimuth is taken as it is, in its own turn.
    """

    azimuth: float
    elevation: float
    rotator: float

    def demand(self, tai: float) -> Demand:
        """Return where the mount should be at a TAI [s]: always the same."""
        return self.azimuth, self.elevation, self.rotator


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyTarget:
    """A point of the sky. The rotator keeps its angle: field rotation is not followed (chosen here).

    Attributes
    ----------
    ra, declination, rotator
        Angles [deg].
    place
        Where from.
    near
        The azimuth [deg] whose turn is taken.
    """

    ra: float
    declination: float
    rotator: float
    place: Place
    near: float

    def hour_angle(self, tai: float) -> float:
        """Return the hour angle [deg] at a TAI [s]."""
        return wrap180(self.place.sidereal_time(tai) - self.ra)

    def demand(self, tai: float) -> Demand:
        """Return where the mount should be at a TAI [s]."""
        azimuth, elevation = horizontal(self.hour_angle(tai), self.declination, self.place.latitude)
        return self.near + wrap180(azimuth - self.near), elevation, self.rotator


def nearest_turn(azimuth: float, present: float, limit: float) -> float | None:
    """Return the turn of an azimuth that is nearest to the present one and within +-limit [deg]; None if none is.

    Examples
    --------
    >>> nearest_turn(-170.0, 100.0, 270.0), nearest_turn(-170.0, -100.0, 270.0)
    (190.0, -170.0)
    """
    turns = [angle for turn in (-360.0, 0.0, 360.0) if abs(angle := azimuth + turn) <= limit]
    return min(turns, key=lambda angle: abs(angle - present), default=None)


def straight_for(target: Target, tai: float, tolerance: float, longest: float) -> float:
    """Return how long [s] a straight line from `tai` on stays within a tolerance [deg] of a target.

    The curvature is measured over a few seconds, where it hardly changes.
    """
    step = min(longest, 10.0)
    before, here, after = (target.demand(tai + offset) for offset in (-step, 0.0, step))
    scale = math.cos(math.radians(here[1]))
    bend = max(
        scale * abs(before[0] - 2.0 * here[0] + after[0]),
        abs(before[1] - 2.0 * here[1] + after[1]),
    )
    return longest if bend == 0.0 else min(longest, step * math.sqrt(2.0 * tolerance / bend))
