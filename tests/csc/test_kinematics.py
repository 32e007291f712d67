"""Axis moves keep their limits, are continuous, and end where they should."""

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from csc.kinematics import (
    Path,
    constant_rate,
    shortest,
    stand,
    stop,
    trapezoid,
    two_speed,
    wrap180,
    wrap360,
)

positions = st.floats(-300.0, 300.0)
times = st.floats(0.0, 1e6)
speeds = st.floats(0.1, 10.0)
velocities = st.floats(-12.0, 12.0)


def samples(path: Path, t0: float, count: int = 200) -> list[float]:
    end = path.end if math.isfinite(path.end) else t0 + 100.0
    step = (end - t0) / count
    return [t0 + i * step for i in range(count + 1)] + list(path.kinks)


@pytest.mark.parametrize(
    ("distance", "duration"),
    [(5.0, 2.6), (10.0, 3.7), (41.0, 9.9), (90.0, 19.7), (180.0, 37.7), (188.7, 39.4), (270.0, 55.7)],
)
def test_slew_of_the_mount_takes_the_reference_time(distance, duration):
    path = trapezoid(0.0, distance, max_velocity=5.0, max_acceleration=3.0, t0=0.0)

    assert path.end == pytest.approx(duration, abs=0.05)


@given(positions, positions, velocities, speeds, speeds, times)
def test_trapezoid_ends_at_rest_at_its_target(start, target, velocity, v, a, t0):
    path = trapezoid(start, target, max_velocity=v, max_acceleration=a, t0=t0, velocity=velocity)

    assert path.position(t0) == pytest.approx(start, abs=1e-9)
    assert path.position(path.end) == target
    assert path.position(path.end + 1e4) == target
    assert path.velocity(path.end) == 0.0


@given(positions, positions, velocities, speeds, speeds, times)
def test_trapezoid_keeps_its_limits(start, target, velocity, v, a, t0):
    path = trapezoid(start, target, max_velocity=v, max_acceleration=a, t0=t0, velocity=velocity)

    ticks = sorted(samples(path, t0))
    assert all(abs(path.velocity(t)) <= max(v, abs(velocity)) * (1 + 1e-9) + 1e-6 for t in ticks)
    for before, after in pairwise(ticks):
        change = abs(path.velocity(after) - path.velocity(before))
        assert change <= a * (after - before) + 1e-6


@given(positions, positions, velocities, speeds, speeds)
def test_trapezoid_is_continuous_in_position_and_velocity(start, target, velocity, v, a):
    path = trapezoid(start, target, max_velocity=v, max_acceleration=a, t0=0.0, velocity=velocity)

    for kink in path.kinks:
        before = math.nextafter(kink, -1.0)
        assert path.position(before) == pytest.approx(path.position(kink), abs=1e-6)
        assert path.velocity(before) == pytest.approx(path.velocity(kink), abs=1e-5)


@given(positions, positions, speeds, speeds)
def test_trapezoid_from_rest_never_leaves_the_way(start, target, v, a):
    path = trapezoid(start, target, max_velocity=v, max_acceleration=a, t0=0.0)

    low, high = min(start, target) - 1e-9, max(start, target) + 1e-9
    assert all(low <= path.position(t) <= high for t in samples(path, 0.0))


def test_trapezoid_too_fast_to_stop_passes_the_target_and_comes_back():
    path = trapezoid(0.0, 1.0, max_velocity=5.0, max_acceleration=3.0, t0=0.0, velocity=5.0)

    assert max(path.position(t) for t in samples(path, 0.0)) == pytest.approx(25.0 / 6.0, abs=0.01)
    assert path.position(path.end) == 1.0


def test_trapezoid_that_never_reaches_full_speed_has_no_cruise():
    path = trapezoid(0.0, -5.0, max_velocity=5.0, max_acceleration=3.0, t0=10.0)

    assert path.kinks == pytest.approx((10.0 + math.sqrt(5.0 / 3.0), 10.0 + 2.0 * math.sqrt(5.0 / 3.0)))


def test_trapezoid_that_starts_too_fast_slows_down_first():
    path = trapezoid(0.0, 100.0, max_velocity=5.0, max_acceleration=3.0, t0=0.0, velocity=8.0)

    assert path.velocity(1.0) == 5.0
    assert path.velocity(path.end - 1.0) == pytest.approx(3.0)
    assert path.end == pytest.approx(1.0 + (100.0 - 6.5 - 25.0 / 6.0) / 5.0 + 5.0 / 3.0)


def test_trapezoid_to_where_it_stands_takes_no_time():
    path = trapezoid(7.0, 7.0, max_velocity=5.0, max_acceleration=3.0, t0=4.0)

    assert path.end == 4.0
    assert path.kinks == ()
    assert path.position(4.0) == 7.0


@pytest.mark.parametrize("limit", ["max_velocity", "max_acceleration"])
@pytest.mark.parametrize("value", [0.0, -1.0, math.inf, math.nan])
def test_trapezoid_refuses_a_limit_that_is_none(limit, value):
    limits = {"max_velocity": 1.0, "max_acceleration": 1.0, limit: value}

    with pytest.raises(ValueError, match=f"{limit}=.* must be positive and finite"):
        trapezoid(0.0, 1.0, t0=0.0, **limits)


@given(positions, positions, speeds, times)
def test_constant_rate_ends_at_its_target_in_distance_over_rate(start, target, rate, t0):
    path = constant_rate(start, target, rate=rate, t0=t0)

    assert path.end - t0 == pytest.approx(abs(target - start) / rate, abs=1e-6)
    assert path.position(path.end) == target
    assert all(abs(path.velocity(t)) in (0.0, rate) for t in samples(path, t0))


def test_constant_rate_to_infinity_never_ends():
    path = constant_rate(10.0, -math.inf, rate=2.0, t0=5.0)

    assert path.end == math.inf
    assert path.position(105.0) == -190.0
    assert path.kinks == ()


def test_two_speed_turns_slow_at_the_threshold():
    path = two_speed(285.0, 363.0, high=3.0, low=0.5, threshold=5.0, t0=100.0)

    assert path.velocity(100.0) == 3.0
    assert path.kinks == pytest.approx((100.0 + 73.0 / 3.0, 100.0 + 73.0 / 3.0 + 10.0))
    assert path.position(path.kinks[0]) == pytest.approx(358.0)
    assert path.velocity(path.kinks[0]) == 0.5
    assert path.position(path.end) == 363.0


def test_two_speed_within_the_threshold_is_slow_all_the_way():
    path = two_speed(0.0, -4.0, high=3.0, low=0.5, threshold=5.0, t0=0.0)

    assert path.velocity(0.0) == -0.5
    assert path.end == 8.0


def test_two_speed_stops_short_by_the_tolerance():
    path = two_speed(0.0, -20.0, high=3.0, low=0.5, threshold=5.0, t0=0.0, tolerance=0.5)

    assert path.position(path.end) == -19.5
    assert path.end == pytest.approx(5.0 + 9.0)


def test_two_speed_within_the_tolerance_does_not_move():
    path = two_speed(0.0, 0.4, high=3.0, low=0.5, threshold=5.0, t0=3.0, tolerance=0.5)

    assert path.end == 3.0
    assert path.position(9.0) == 0.0


@given(positions, positions, speeds, speeds, st.floats(0.0, 20.0), st.floats(0.0, 2.0))
def test_two_speed_is_continuous_and_arrives_within_the_tolerance(start, target, high, low, threshold, tolerance):
    path = two_speed(start, target, high=high, low=low, threshold=threshold, t0=0.0, tolerance=tolerance)

    assert abs(target - path.position(path.end)) <= tolerance + 1e-9
    for kink in path.kinks:
        assert path.position(math.nextafter(kink, -1.0)) == pytest.approx(path.position(kink), abs=1e-9)


def test_two_speed_refuses_a_negative_threshold():
    with pytest.raises(ValueError, match=r"threshold=-1\.0"):
        two_speed(0.0, 1.0, high=1.0, low=1.0, threshold=-1.0, t0=0.0)


@given(positions, positions, speeds, speeds, st.floats(0.0, 1.0), speeds)
def test_stop_comes_to_rest_within_the_braking_distance(start, target, v, a, part, deceleration):
    path = trapezoid(start, target, max_velocity=v, max_acceleration=a, t0=0.0)
    t = part * path.end

    stopped = stop(path, t, deceleration)

    speed = abs(path.velocity(t))
    assert stopped.position(t) == pytest.approx(path.position(t), abs=1e-9)
    assert stopped.end == pytest.approx(t + speed / deceleration)
    assert abs(stopped.position(stopped.end) - path.position(t)) == pytest.approx(
        speed**2 / 2.0 / deceleration, abs=1e-9
    )
    assert stopped.velocity(stopped.end) == 0.0


def test_stop_dead_stands_where_it_was():
    path = constant_rate(0.0, 90.0, rate=3.0, t0=0.0)

    stopped = stop(path, 10.0, math.inf)

    assert (stopped.end, stopped.position(99.0)) == (10.0, 30.0)


def test_stop_of_an_axis_at_rest_changes_nothing():
    assert stop(stand(5.0), 10.0, 1.0).position(20.0) == 5.0


def test_stop_refuses_a_brake_that_does_not_brake():
    with pytest.raises(ValueError, match=r"deceleration=0\.0"):
        stop(stand(5.0), 10.0, 0.0)


def test_before_its_start_a_path_answers_with_its_start():
    path = constant_rate(5.0, 90.0, rate=3.0, t0=10.0)

    assert path.position(9.9) == 5.0
    assert path.velocity(9.9) == 3.0


@given(st.floats(-1e6, 1e6))
def test_wrapped_angles_lie_in_their_range_and_agree(angle):
    assert 0.0 <= wrap360(angle) < 360.0
    assert -180.0 <= wrap180(angle) < 180.0
    assert math.cos(math.radians(wrap360(angle))) == pytest.approx(math.cos(math.radians(angle)), abs=1e-8)
    assert math.sin(math.radians(wrap180(angle))) == pytest.approx(math.sin(math.radians(angle)), abs=1e-8)


@pytest.mark.parametrize("angle", [-1e-20, 360.0, -360.0, 0.0])
def test_wrap360_never_answers_360(angle):
    assert wrap360(angle) == 0.0


@pytest.mark.parametrize("angle", [180.0, -180.0, 540.0, -540.0])
def test_wrap180_answers_minus_180_for_the_far_side(angle):
    assert wrap180(angle) == -180.0


@given(st.floats(0.0, 359.99), st.floats(0.0, 359.99))
def test_shortest_leads_from_one_to_the_other(start, target):
    way = shortest(start, target)
    assume(abs(abs(way) - 180.0) > 1e-9)

    assert abs(way) < 180.0
    assert wrap180(start + way - target) == pytest.approx(0.0, abs=1e-9)
