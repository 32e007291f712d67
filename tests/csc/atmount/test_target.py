import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc.atmount.sky import horizontal
from csc.atmount.target import AzElTarget, Place, SkyTarget, nearest_turn, straight_for

PLACE = Place(latitude=-30.2446, longitude=-70.7494, leap_seconds=37.0)
TAI = 1768482000.0


@given(st.floats(-180.0, 180.0), st.floats(-90.0, 90.0))
def test_the_height_of_a_star_is_the_cosine_of_its_distance_from_the_zenith(hour_angle, declination):
    _, elevation = horizontal(hour_angle, declination, -30.0)
    h, d, f = (math.radians(angle) for angle in (hour_angle, declination, -30.0))
    expected = math.sin(d) * math.sin(f) + math.cos(d) * math.cos(f) * math.cos(h)
    assert math.sin(math.radians(elevation)) == pytest.approx(expected, abs=1e-9)


def test_the_sky_turns_once_in_a_sidereal_day():
    star = SkyTarget(ra=100.0, declination=-60.0, rotator=0.0, place=PLACE, near=180.0)
    assert star.demand(TAI + 86164.0905) == pytest.approx(star.demand(TAI), abs=1e-4)


def test_the_turn_is_that_of_the_azimuth_nearby():
    low = SkyTarget(ra=0.0, declination=-80.0, rotator=0.0, place=PLACE, near=-180.0)
    high = SkyTarget(ra=0.0, declination=-80.0, rotator=0.0, place=PLACE, near=180.0)
    assert high.demand(TAI)[0] - low.demand(TAI)[0] == pytest.approx(360.0)


def test_no_turn_is_nearest_beyond_the_wrap():
    assert nearest_turn(175.0, 0.0, 170.0) is None


def test_a_fixed_target_is_straight_for_ever():
    assert straight_for(AzElTarget(azimuth=1.0, elevation=2.0, rotator=3.0), TAI, 1e-4, 60.0) == 60.0


@pytest.mark.parametrize("declination", [-85.0, -60.0, -10.0])
def test_a_straight_line_stays_within_its_tolerance(declination):
    tolerance = 1.0 / 3600.0
    ra = PLACE.sidereal_time(TAI) - 20.0
    star = SkyTarget(ra=ra, declination=declination, rotator=0.0, place=PLACE, near=0.0)

    duration = straight_for(star, TAI, tolerance, 60.0)

    here, beside, end = (star.demand(TAI + dt) for dt in (0.0, 0.1, duration))
    for axis in (0, 1):
        line = here[axis] + (beside[axis] - here[axis]) / 0.1 * duration
        assert abs(line - end[axis]) < 1.5 * tolerance / math.cos(math.radians(here[1]))
