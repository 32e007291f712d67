"""An axis at work: its present path and where it has been.

Joins a path of `csc.kinematics` with a history that other components may sense. Decides nothing about limits,
brakes or what happens on arrival; that is stated in the data sheets.
"""

from __future__ import annotations

from dataclasses import dataclass

from csc.kinematics import Path, stand, stop, trapezoid
from fsm import Timeline

__all__ = ["Axis", "Pursuit", "pursue"]

_INSTANT = 1e-6
"""Times nearer than this [s] are the same: the resolution of simulated time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pursuit:
    """A path to a target that itself moves at a constant rate.

    Attributes
    ----------
    closing
        The path seen from the target: it ends at 0.
    t0
        When the target was at `position0` [s].
    position0, rate
        Position and velocity of the target.
    """

    closing: Path
    t0: float
    position0: float
    rate: float

    @property
    def end(self) -> float:
        """When the axis has caught up with the target [s]."""
        return self.closing.end

    @property
    def kinks(self) -> tuple[float, ...]:
        """Times after the start at which velocity or acceleration jump [s]."""
        return self.closing.kinks

    def position(self, t: float) -> float:
        """Give the position at a time [s]."""
        return self.closing.position(t) + self.position0 + self.rate * (t - self.t0)

    def velocity(self, t: float) -> float:
        """Give the velocity at a time [s]."""
        return self.closing.velocity(t) + self.rate


class Axis:
    """One axis.

    Parameters
    ----------
    position
        Where it begins.
    t
        When [s].
    """

    def __init__(self, position: float, t: float = 0.0) -> None:
        self.path: Path = stand(position, t)
        self.timeline = Timeline(position, t)

    def position(self, t: float) -> float:
        """Give the position at a time [s] that the history remembers."""
        return self.timeline.value(t)

    def velocity(self, t: float) -> float:
        """Give the velocity on the present path at a time [s]."""
        return self.path.velocity(t)

    def remaining(self, t: float) -> float:
        """Give the time left until the present path comes to its end [s]."""
        return max(0.0, self.path.end - t)

    def follow(self, t: float, path: Path) -> None:
        """Take a new path from a time on [s]."""
        self.path = path
        self.timeline.follow(t, path.position, path.kinks)

    def rest(self, t: float) -> None:
        """Note that the path has come to its end; what has not moves on."""
        if self.path.end <= t + _INSTANT and not isinstance(self.path, Pursuit):
            self.hold(t)

    def hold(self, t: float) -> None:
        """Stop dead: from a time on [s] it stands."""
        end = self.path.end
        position = self.path.position(end if t < end <= t + _INSTANT else t)
        self.path = stand(position, t)
        self.timeline.follow(t, position)

    def brake(self, t: float, deceleration: float) -> None:
        """Come to rest with a deceleration, from a time on [s]."""
        self.follow(t, stop(self.path, t, deceleration))


def pursue(
    axis: Axis, target: float, *, rate: float, at: float, t: float, max_velocity: float, max_acceleration: float
) -> Path:
    """Make the path on which an axis catches up with a target.

    Parameters
    ----------
    axis
        The axis, moving or not.
    target
        Where the target is at the time `at` [s].
    rate
        The target's velocity; smaller than `max_velocity`.
    at, t
        When the target is there, and when the move begins [s].
    max_velocity, max_acceleration
        Limits of the axis.
    """
    position, velocity = axis.path.position(t), axis.path.velocity(t)
    if rate == 0.0:
        return trapezoid(
            position, target, max_velocity=max_velocity, max_acceleration=max_acceleration, t0=t, velocity=velocity
        )
    here = target + rate * (t - at)
    closing = trapezoid(
        position - here,
        0.0,
        max_velocity=max_velocity - abs(rate),
        max_acceleration=max_acceleration,
        t0=t,
        velocity=velocity - rate,
    )
    return Pursuit(closing=closing, t0=t, position0=here, rate=rate)
