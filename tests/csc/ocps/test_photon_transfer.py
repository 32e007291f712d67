"""The curve that somebody looks at: gains and noises of the sensor that made the flats, within their errors."""

from __future__ import annotations

import math

import numpy as np
import pytest

from csc.latiss.detector.recipes import make_exposure
from csc.latiss.detector.rendering import render
from csc.latiss.detector.sensor import latiss_sensor
from csc.ocps.developing import raw_from_pixels
from csc.ocps.photon_transfer import measure_curve

SENSOR = latiss_sensor(0.12)
TIMES = [round(0.4 * 1.5**step, 2) for step in range(12)]


def flats(times):
    exposures = [make_exposure("FLAT", number, exposure_time=time, filter="SDSSr_65mm") for number, time in times]
    return {each.id: each for each in exposures}


def curve_of(exposures, **options):
    def read(one):
        return raw_from_pixels(render(exposures[one], SENSOR), SENSOR.readout)

    return measure_curve({one: each.exposure_time for one, each in exposures.items()}, read, "LATISS", 0, **options)


@pytest.fixture(scope="module")
def curve():
    return curve_of(flats(enumerate([time for time in TIMES for _ in range(2)], 1)))


def test_gains_are_those_of_the_sensor(curve):
    true = {one.name: one.gain for one in SENSOR.readout.amplifiers}
    off = {name: one.gain / true[name] - 1.0 for name, one in curve.curves.items() if name != "C05"}  # a column blinks

    assert len(off) == 15
    assert abs(np.mean(list(off.values()))) < 0.01
    assert max(map(abs, off.values())) < 0.05
    assert all(abs(curve.curves[name].gain - true[name]) < 5.0 * curve.curves[name].gain_err for name in off)


def test_the_noise_of_the_overscan_is_that_of_the_sensor(curve):
    true = {one.name: one.read_noise for one in SENSOR.readout.amplifiers}

    for name, one in curve.curves.items():
        if name != "C05":
            assert one.overscan_noise == pytest.approx(true[name], rel=0.08), name


def test_pairs_and_pictures_go_together(curve):
    assert [pair.value for pair in curve.pairs] == TIMES
    assert curve.single == ()
    assert list(curve.curves) == list(curve.pictures) == list(curve.nominal) == sorted(curve.curves)
    picture = curve.pictures["C00"]
    assert picture.means.size == picture.residuals.size == len(TIMES)
    assert np.count_nonzero(picture.used) == curve.curves["C00"].exp_id_mask.sum()


def test_two_flats_are_in_memory_at_a_time_and_progress_is_told():
    exposures = flats([(1, 1.0), (2, 2.0), (3, 1.0), (4, 2.0), (5, 7.0)])
    told: list[int] = []

    curve = curve_of(exposures, notice=told.append)

    assert told == [1, 2]
    assert curve.single == (next(one for one, each in exposures.items() if each.exposure_time == 7.0),)
    assert all(math.isnan(one.gain) for one in curve.curves.values())  # two points are no curve


def test_flats_without_a_partner_make_no_curve():
    with pytest.raises(ValueError, match="no pair of flats"):
        curve_of(flats([(1, 1.0), (2, 2.0)]))
