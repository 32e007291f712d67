import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc.atdome.rotation import Rotation, is_near, next_crossing
from csc.kinematics import constant_rate, wrap180


def turning(way: float, *, start: float = 0.0, offset: float = 285.0, slip: float = 0.0, growth: float = 0.0):
    path = constant_rate(start, start + way, rate=3.0, t0=0.0)
    return Rotation(path=path, start=start, offset=offset, slip=slip, growth=growth)


def test_true_azimuth_is_the_reported_one_minus_the_slip():
    rotation = turning(30.0, slip=2.0)

    assert rotation.reported(10.0) == pytest.approx(315.0)
    assert rotation.true(10.0) == pytest.approx(313.0)


@pytest.mark.parametrize("way", [7200.0, -7200.0])
def test_slip_grows_with_the_way_in_either_direction(way):
    rotation = turning(way, growth=2.0 / 7200.0)

    assert rotation.slip_at(rotation.path.end) == pytest.approx(2.0)


@pytest.mark.parametrize(("way", "heading"), [(5.0, 1), (-5.0, -1), (0.0, 0)])
def test_heading_is_the_sign_of_the_way(way, heading):
    assert turning(way).heading == heading


@given(st.floats(-300.0, 300.0).filter(lambda way: abs(way) > 0.01), st.floats(-0.01, 0.01))
def test_encoder_way_turns_the_dome_by_the_true_way(way, growth):
    rest = Rotation.at_rest(0.0, offset=0.0, slip=0.0)
    encoder = Rotation(path=rest.path, start=0.0, offset=0.0, slip=0.0, growth=growth).encoder_way(way)

    rotation = turning(encoder, offset=0.0, growth=growth)

    assert rotation.turned(rotation.path.end) == pytest.approx(way)


@given(st.floats(0.0, 120.0), st.floats(-5.0, 5.0))
def test_a_stop_keeps_the_true_azimuth(t, slip):
    rotation = turning(200.0, slip=slip, growth=0.001)

    stopped = rotation.stopped(t)

    assert stopped.turned(t) == pytest.approx(rotation.turned(t))
    assert stopped.reported(t) == pytest.approx(rotation.reported(t))


def test_a_slip_from_outside_leaves_the_reported_azimuth():
    rotation = turning(30.0)

    slipped = rotation.slipped(5.0, 2.0)

    assert slipped.reported(5.0) == rotation.reported(5.0)
    assert wrap180(rotation.true(5.0) - slipped.true(5.0)) == pytest.approx(2.0)


def test_the_dome_enters_and_leaves_the_switch_on_its_way():
    rotation = turning(90.0)

    entered = next_crossing(rotation, 0.0, 0.0, 0.2)
    assert entered is not None
    left = next_crossing(rotation, entered[0], 0.0, 0.2)

    assert left is not None
    assert (entered[1], left[1]) == (True, False)
    assert (entered[0], left[0]) == pytest.approx((74.8 / 3.0, 75.2 / 3.0))


def test_a_dome_that_stops_before_the_switch_does_not_reach_it():
    assert next_crossing(turning(74.0), 0.0, 0.0, 0.2) is None


def test_a_dome_that_stands_crosses_nothing():
    assert next_crossing(Rotation.at_rest(0.0, offset=0.0, slip=0.0), 0.0, 0.0, 0.2) is None


@given(st.floats(-700.0, 700.0), st.floats(0.0, 359.0), st.floats(-180.0, 180.0))
def test_a_crossing_is_where_the_surroundings_begin_or_end(way, offset, centre):
    rotation = turning(way, offset=offset, growth=0.0003)

    crossing = next_crossing(rotation, 0.0, centre, 0.2)

    if crossing is not None:
        when, _ = crossing
        assert 0.0 <= when <= rotation.path.end
        assert abs(wrap180(rotation.true(when) - centre)) == pytest.approx(0.2, abs=1e-6)


def test_nearness_wraps():
    assert is_near(359.9, 0.0, 0.2)
    assert not is_near(359.7, 0.0, 0.2)
    assert math.isclose(wrap180(359.9), -0.1, abs_tol=1e-9)
