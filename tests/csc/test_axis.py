import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc.axis import Axis, pursue
from csc.kinematics import constant_rate

LIMITS = {"max_velocity": 5.0, "max_acceleration": 3.0}
angles = st.floats(-270.0, 270.0)
rates = st.floats(-0.5, 0.5)


@given(start=angles, target=angles, rate=rates, at=st.floats(-1.0, 1.0))
def test_a_pursuit_ends_on_its_target_and_stays_there(start, target, rate, at):
    axis = Axis(start)

    axis.follow(0.0, pursue(axis, target, rate=rate, at=at, t=0.0, **LIMITS))

    for later in (0.0, 10.0):
        t = axis.path.end + later
        assert axis.position(t) == pytest.approx(target + rate * (t - at), abs=1e-6)
        assert axis.velocity(t) == pytest.approx(rate, abs=1e-9)


@given(start=angles, first=angles, second=angles, rate=rates, t=st.floats(0.0, 100.0))
def test_a_new_target_keeps_position_and_velocity(start, first, second, rate, t):
    axis = Axis(start)
    axis.follow(0.0, pursue(axis, first, rate=rate, at=0.0, t=0.0, **LIMITS))
    before = axis.position(t), axis.velocity(t)

    axis.follow(t, pursue(axis, second, rate=0.0, at=t, t=t, **LIMITS))

    assert (axis.position(t), axis.velocity(t)) == pytest.approx(before, abs=1e-6)


def test_a_pursuit_keeps_within_the_limit_of_velocity():
    axis = Axis(0.0)
    axis.follow(0.0, pursue(axis, 100.0, rate=0.5, at=0.0, t=0.0, **LIMITS))
    assert max(abs(axis.velocity(t / 10.0)) for t in range(400)) <= 5.0 + 1e-9


def test_a_brake_brings_a_tracking_axis_to_rest():
    axis = Axis(0.0)
    axis.follow(0.0, pursue(axis, 0.0, rate=0.3, at=0.0, t=0.0, **LIMITS))

    axis.brake(10.0, 3.0)

    assert axis.remaining(10.0) == pytest.approx(0.1)
    assert axis.velocity(10.2) == 0.0


def test_what_is_held_stands_and_is_known_to():
    axis = Axis(0.0)
    axis.follow(0.0, constant_rate(0.0, 10.0, rate=1.0, t0=0.0))

    axis.hold(4.0)

    assert axis.position(9.0) == 4.0
    assert axis.remaining(4.0) == 0.0
    assert axis.timeline.constant(4.0, 100.0)


def test_rest_leaves_alone_what_still_moves():
    axis = Axis(0.0)
    axis.follow(0.0, constant_rate(0.0, 10.0, rate=1.0, t0=0.0))

    axis.rest(4.0)

    assert axis.position(9.0) == 9.0
