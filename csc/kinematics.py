r"""Closed-form axis moves: where an axis is, and how fast, at any time; nothing ticks.

A move is a `Path`: made when it begins, asked whenever somebody looks. After its end an axis stands at its target.
Positions do not wrap; an axis that turns gives as its target the start plus `shortest`.
Lengths are in the unit of the axis (deg, mm, percent); speeds and accelerations in that unit per second.

It decides the shape of a move. Limits, brakes and what a component does on arrival are left to the components.

::

    velocity   trapezoid          two_speed          constant_rate
                  ______            _________           _________
                 /      \          |         |_        |         |
                /        \         |           |       |         |
"""

import math
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Path", "Segments", "constant_rate", "shortest", "stand", "stop", "trapezoid", "two_speed"]
__all__ += ["wrap180", "wrap360"]


class Path(Protocol):
    """One move of one axis."""

    @property
    def end(self) -> float:
        """When the axis comes to rest [s]; infinite if it never does."""

    @property
    def kinks(self) -> tuple[float, ...]:
        """Times after the start at which velocity or acceleration jump [s]; the end is the last."""

    def position(self, t: float) -> float:
        """Give the position at a time [s]; before the start, that of the start."""

    def velocity(self, t: float) -> float:
        """Give the velocity at a time [s]; before the start, that of the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """A path of parabolas: from each time on, a position, a velocity and a constant acceleration.

    All tuples have the same length; times [s] do not decrease; the last segment has no end.
    """

    times: tuple[float, ...]
    positions: tuple[float, ...]
    velocities: tuple[float, ...]
    accelerations: tuple[float, ...]

    @property
    def end(self) -> float:
        """When the axis comes to rest [s]; infinite if it never does."""
        return self.times[-1] if self.velocities[-1] == 0.0 and self.accelerations[-1] == 0.0 else math.inf

    @property
    def kinks(self) -> tuple[float, ...]:
        """Times after the start at which velocity or acceleration jump [s]; the end is the last."""
        return self.times[1:]

    def position(self, t: float) -> float:
        """Give the position at a time [s]; before the start, that of the start."""
        i = self._segment(t)
        dt = max(0.0, t - self.times[i])
        return self.positions[i] + (self.velocities[i] + 0.5 * self.accelerations[i] * dt) * dt

    def velocity(self, t: float) -> float:
        """Give the velocity at a time [s]; before the start, that of the start."""
        i = self._segment(t)
        return self.velocities[i] + self.accelerations[i] * max(0.0, t - self.times[i])

    def _segment(self, t: float) -> int:
        return max(0, bisect_right(self.times, t) - 1)


def stand(position: float, t0: float = 0.0) -> Path:
    """Stay at a position from `t0` [s] on."""
    return _path(position, t0, (), position)


def trapezoid(
    start: float, target: float, *, max_velocity: float, max_acceleration: float, t0: float, velocity: float = 0.0
) -> Path:
    """Move to a target and stop there in the shortest time that the limits allow.

    Parameters
    ----------
    start, target
        Positions.
    max_velocity, max_acceleration
        Limits, positive and finite.
    t0
        When the move begins [s].
    velocity
        Velocity at the start. An axis that is too fast to stop at the target passes it and comes back;
        one faster than `max_velocity` first slows down to it.

    Raises
    ------
    ValueError
        If a limit is not positive and finite.

    Examples
    --------
    >>> round(trapezoid(0.0, 188.7, max_velocity=5.0, max_acceleration=3.0, t0=0.0).end, 1)
    39.4
    """
    _positive(max_velocity=max_velocity, max_acceleration=max_acceleration)
    braking = velocity * abs(velocity) / (2.0 * max_acceleration)
    sign = math.copysign(1.0, target - start - braking)
    # Along the direction of the last approach: distance, velocity at the start, velocity at the peak.
    distance, v0 = sign * (target - start), sign * velocity
    peak = min(max_velocity, math.sqrt(max(0.0, max_acceleration * distance + 0.5 * v0 * v0)))
    speeding = abs(peak - v0) / max_acceleration
    way = 0.5 * (v0 + peak) * speeding + 0.5 * peak * peak / max_acceleration
    cruise = max(0.0, distance - way) / peak if peak == max_velocity else 0.0
    legs = (
        (speeding, velocity, sign * math.copysign(max_acceleration, peak - v0)),
        (cruise, sign * peak, 0.0),
        (peak / max_acceleration, sign * peak, -sign * max_acceleration),
    )
    return _path(start, t0, legs, target)


def constant_rate(start: float, target: float, *, rate: float, t0: float) -> Path:
    """Move to a target at one speed, starting and stopping at once.

    Parameters
    ----------
    start, target
        Positions. An infinite target gives a move without end.
    rate
        Speed, positive and finite.
    t0
        When the move begins [s].

    Raises
    ------
    ValueError
        If the rate is not positive and finite.
    """
    _positive(rate=rate)
    velocity = math.copysign(rate, target - start)
    if math.isinf(target):
        return Segments(times=(t0,), positions=(start,), velocities=(velocity,), accelerations=(0.0,))
    return _path(start, t0, ((abs(target - start) / rate, velocity, 0.0),), target)


def two_speed(
    start: float, target: float, *, high: float, low: float, threshold: float, t0: float, tolerance: float = 0.0
) -> Path:
    """Move as a dome does: fast while far from the target, then slowly.

    Parameters
    ----------
    start, target
        Positions.
    high, low
        Speeds, positive and finite.
    threshold
        The high speed is used while the target is farther away than this.
    t0
        When the move begins [s].
    tolerance
        The axis stops as soon as it is this near to the target; if it is already, it does not move.

    Raises
    ------
    ValueError
        If a speed is not positive and finite, or threshold or tolerance is negative.
    """
    _positive(high=high, low=low)
    if not (threshold >= 0.0 and tolerance >= 0.0):
        raise ValueError(f"{threshold=} and {tolerance=} must not be negative")
    sign = math.copysign(1.0, target - start)
    distance = abs(target - start)
    if distance <= tolerance:
        return stand(start, t0)
    slow = max(0.0, min(distance, threshold) - tolerance)
    fast = distance - tolerance - slow
    legs = ((fast / high, sign * high, 0.0), (slow / low, sign * low, 0.0))
    return _path(start, t0, legs, target - sign * tolerance)


def stop(path: Path, t: float, deceleration: float) -> Path:
    """Brake a move.

    Parameters
    ----------
    path
        The move that is broken off.
    t
        When the brake is applied [s].
    deceleration
        Positive; infinite to stop dead.

    Raises
    ------
    ValueError
        If the deceleration is not positive.
    """
    if not deceleration > 0.0:
        raise ValueError(f"{deceleration=} must be positive")
    position, velocity = path.position(t), path.velocity(t)
    if velocity == 0.0 or math.isinf(deceleration):
        return stand(position, t)
    legs = ((abs(velocity) / deceleration, velocity, -math.copysign(deceleration, velocity)),)
    return _path(position, t, legs, position + velocity * abs(velocity) / (2.0 * deceleration))


def wrap360(angle: float) -> float:
    """Give the same angle [deg] in [0, 360)."""
    wrapped = angle % 360.0
    return wrapped if wrapped < 360.0 else 0.0  # a tiny negative angle rounds up to 360


def wrap180(angle: float) -> float:
    """Give the same angle [deg] in [-180, 180)."""
    wrapped = math.remainder(angle, 360.0)
    return wrapped if wrapped < 180.0 else -180.0


def shortest(start: float, target: float) -> float:
    """Give the shorter way from one angle [deg] to another, signed [deg], in [-180, 180).

    Examples
    --------
    >>> shortest(350.0, 3.0), shortest(3.0, 285.0)
    (13.0, -78.0)
    """
    return wrap180(target - start)


def _path(start: float, t0: float, legs: Iterable[tuple[float, float, float]], final: float) -> Segments:
    """Chain legs of (duration [s], velocity at its start, acceleration), then stand at exactly `final`."""
    segments: list[tuple[float, float, float, float]] = []
    t, position = t0, start
    for duration, velocity, acceleration in legs:
        if t + duration > t:  # shorter ones are lost in the clock's digits
            segments.append((t, position, velocity, acceleration))
            t += duration
            position += (velocity + 0.5 * acceleration * duration) * duration
    segments.append((t, final, 0.0, 0.0))
    times, positions, velocities, accelerations = zip(*segments, strict=True)
    return Segments(times=times, positions=positions, velocities=velocities, accelerations=accelerations)


def _positive(**limits: float) -> None:
    for name, value in limits.items():
        if not 0.0 < value < math.inf:
            raise ValueError(f"{name}={value} must be positive and finite")
