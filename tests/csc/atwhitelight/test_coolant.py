"""Closed forms of the coolant's temperature, and the thresholds it passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc.atwhitelight.coolant import Alarm, Approach, Ramp, Threshold, Warn, beyond, next_crossing

HIGH = Threshold(limit=50.0, high=True, flag=Alarm.HIGH_CONTROL_TEMP)
LOW = Threshold(limit=5.0, high=False, flag=Warn.LOW_CONTROL_TEMP)

temperatures = st.floats(-20.0, 80.0)


@given(start=temperatures, target=temperatures, limit=temperatures)
def test_an_approach_is_at_the_limit_when_it_says_so(start, target, limit):
    law = Approach(start=start, target=target, time_constant=180.0, t0=10.0)

    t = law.reaches(limit)

    if t is not None:
        assert t >= 10.0
        assert law.value(t) == pytest.approx(limit, abs=1e-6)


def test_an_approach_never_reaches_what_lies_beyond_its_target():
    law = Approach(start=12.0, target=20.0, time_constant=180.0, t0=0.0)

    assert law.reaches(20.0) is None
    assert law.reaches(25.0) is None
    assert law.reaches(11.0) is None


def test_an_approach_that_is_there_does_not_move():
    law = Approach(start=20.0, target=20.0, time_constant=180.0, t0=0.0)

    assert law.value(1000.0) == 20.0
    assert law.reaches(20.0) is None


def test_a_ramp_rises_steadily():
    law = Ramp(start=20.0, rate=0.2, t0=100.0)

    assert law.value(150.0) == pytest.approx(30.0)
    assert law.reaches(50.0) == pytest.approx(250.0)
    assert law.reaches(10.0) is None


def test_the_first_crossing_is_found_and_the_last_is_followed_by_none():
    law = Ramp(start=0.0, rate=1.0, t0=0.0)

    assert next_crossing(law, 0.0, (HIGH, LOW)) == pytest.approx(5.0)
    assert next_crossing(law, 5.0, (HIGH, LOW)) == pytest.approx(50.0)
    assert next_crossing(law, 50.0, (HIGH, LOW)) is None


@pytest.mark.parametrize(
    ("law", "truth"),
    [
        (Ramp(start=50.0, rate=0.2, t0=0.0), True),
        (Approach(start=50.0, target=12.0, time_constant=1800.0, t0=0.0), False),
    ],
)
def test_at_the_limit_the_direction_decides(law, truth):
    assert beyond(law, 0.0, HIGH) is truth


def test_a_low_threshold_is_passed_downwards():
    assert beyond(Approach(start=4.0, target=3.0, time_constant=1.0, t0=0.0), 0.0, LOW)
    assert not beyond(Approach(start=6.0, target=3.0, time_constant=1.0, t0=0.0), 0.0, LOW)
