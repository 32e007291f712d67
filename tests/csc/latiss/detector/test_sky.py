"""Recipes of the sky and conditions of the detector refuse what cannot be."""

import pytest

from csc.latiss.detector import Condition, Sky, Star
from csc.latiss.detector.sky import star_field


def test_a_star_field_is_that_of_its_seed_and_stays_in_its_range():
    field = star_field(3, 50, faintest=10.0, brightest=1000.0)

    assert field == star_field(3, 50, faintest=10.0, brightest=1000.0)
    assert field != star_field(4, 50, faintest=10.0, brightest=1000.0)
    assert all(10.0 <= star.peak <= 1000.0 for star in field)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Star(x=1.1, y=0.5, peak=1.0), "within 0 to 1"),
        (lambda: Star(x=0.1, y=0.5, peak=-1.0), "not be negative"),
        (lambda: Sky(seeing=0.0), "seeing=0.0 arcsec must be above 0"),
        (lambda: Sky(fringes=31.0), "fringes=31.0 must lie in 0 to 30"),
        (lambda: star_field(1, 2, faintest=5.0, brightest=1.0), "at most brightest=1.0"),
        (lambda: Condition(dark_current=-1.0), "no negative factor"),
        (lambda: Condition(bad_columns=-1), "no negative factor"),
        (lambda: Condition(tilt=2.0), "tilt=2.0 leaves an edge without light"),
    ],
)
def test_what_cannot_be_is_refused(make, text):
    with pytest.raises(ValueError, match=text):
        make()
