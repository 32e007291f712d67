"""The observatory's time, as its clock tells it."""

from __future__ import annotations

import time

import pytest

from csc.client import ToldTime
from fsm import OperatorError


def told(**changed):
    return {"t": 10.0, "tai": 1010.0, "speed": 60.0, "wall": time.time(), **changed}


def test_time_goes_on_at_its_speed():
    read = ToldTime.read(told(), kept=False)

    assert read == ToldTime(t=10.0, tai=1010.0, speed=60.0)
    assert read.after(2.0) == ToldTime(t=130.0, tai=1130.0, speed=60.0)


def test_without_a_speed_it_is_what_was_told_last():
    read = ToldTime.read(told(speed=None), kept=False)

    assert read is not None
    assert read.after(2.0) == read


def test_what_was_kept_is_as_old_as_it_says():
    read = ToldTime.read(told(wall=time.time() - 5.0), kept=True)

    assert read is not None
    assert read.t == pytest.approx(310.0, abs=10.0)


def test_a_clock_that_nobody_has_set_for_long_is_none():
    assert ToldTime.read(told(wall=time.time() - 60.0), kept=True) is None


def test_a_clock_of_another_machine_may_be_ahead():
    assert ToldTime.read(told(wall=time.time() + 60.0), kept=True) == ToldTime(t=10.0, tai=1010.0, speed=60.0)


@pytest.mark.parametrize(
    "changed", [{"t": "now"}, {"tai": None}, {"speed": 0}, {"speed": "fast"}, {"wall": float("nan")}]
)
def test_what_is_no_clock_is_refused(changed):
    with pytest.raises(OperatorError, match="is no message of a clock"):
        ToldTime.read(told(**changed), kept=False)
