"""Crosstalk coefficients of star fields are the true ones within their errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from csc.latiss.detector.recipes import make_exposure
from csc.latiss.detector.sky import Sky, star_field
from pipelines.crosstalk import CrosstalkMatrix, CrosstalkSettings, extract_ratios, solve_crosstalk
from tests.pipelines.acceptance.laboratory import BIASED, DETECTOR, Laboratory, R

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

IMAGES, STARS = 20, 40
NEIGHBOUR = 5e-5  # between the coefficients of neighbours and those of all others


@pytest.fixture(scope="module")
def found(lab: Laboratory) -> CrosstalkMatrix:
    usual = CrosstalkSettings()
    settings = replace(
        usual,
        grow=max(4, round(usual.grow * lab.scale)),
        wings=max(12, round(usual.wings * lab.scale)),
        background_size=max(48, round(usual.background_size * lab.scale)),
    )
    isr = replace(BIASED, do_defect=True, do_variance=False, do_linearize=True)
    ratios = []
    for number in range(IMAGES):
        sky = Sky(stars=star_field(50 + number, STARS, faintest=4000.0, brightest=7000.0))
        exposure = make_exposure("OBJECT", 601 + number, exposure_time=15.0, filter=R, sky=sky, sky_rate=1.0)
        image = lab.corrected(exposure, isr, bias=lab.bias, defects=lab.defects, linearizer=lab.linearizer)
        ratios.append(extract_ratios(image, DETECTOR, settings))
    return solve_crosstalk(ratios, DETECTOR, settings)


def truth(lab: Laboratory) -> np.ndarray:
    """Return the true coefficients by source, then target, in the order of the detector's amplifiers."""
    place = {each.name: number for number, each in enumerate(lab.sensor.readout.amplifiers)}
    order = [place[name] for name in DETECTOR.amplifiers]
    return lab.sensor.crosstalk()[np.ix_(order, order)]


def test_coefficients_are_the_true_ones_within_their_errors(lab: Laboratory, found: CrosstalkMatrix) -> None:
    known = found.numbers > 20
    pulls = (found.coefficients - truth(lab))[known] / found.mean_errors[known]

    assert known.sum() == 16 * 15
    assert np.abs(pulls).max() < 4.0
    assert np.sqrt(np.mean(pulls**2)) < 1.3


def test_every_neighbour_is_found(lab: Laboratory, found: CrosstalkMatrix) -> None:
    true = truth(lab)
    neighbours = true > NEIGHBOUR

    assert neighbours.sum() == 28
    assert found.valid[neighbours].all()
    assert np.average(found.coefficients[neighbours] / true[neighbours]) == pytest.approx(1.0, abs=0.08)
