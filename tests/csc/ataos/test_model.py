import math

import pytest

from csc.ataos.model import clipped, mirror_pressure, position

M1 = (114351.586, -220485.725, 278187.272, -48810.102)


@pytest.mark.parametrize(
    ("elevation", "pressure"),
    [(17.0, 16.5e3), (30.0, 49.5e3), (39.0, 67.4e3), (60.0, 101.0e3), (70.0, 112.8e3), (80.0, 120.5e3)],
)
def test_pressures_are_those_of_the_table(elevation, pressure):
    assert mirror_pressure(elevation, M1) == pytest.approx(pressure, abs=50.0)


def test_a_position_is_a_polynomial_in_sine_and_temperature():
    sine = math.sin(math.radians(30.0))
    assert position(30.0, 10.0, ((1.0, 0.1), (2.0, 0.2))) == pytest.approx(1.0 + 1.0 + sine * (2.0 + 2.0))


def test_values_are_clipped_to_an_interval():
    assert [clipped(value, 0.0, 86.0) for value in (-1.0, 5.0, 90.0)] == [0.0, 5.0, 86.0]
