"""The steps that apply what the other pipelines make: in their place, to the right unit, and not twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipelines.brighter_fatter import BrighterFatterKernel
from pipelines.crosstalk import CrosstalkMatrix
from pipelines.image import CcdImage
from pipelines.isr import IsrSettings, correct
from pipelines.linearity import Linearizer
from tests.pipelines.sensors import DETECTOR, SHAPE, Sensor, inner

PLAIN = IsrSettings(do_bias=False, do_dark=False, do_flat=False, do_defect=False)


def flat() -> Sensor:
    return Sensor(bias=np.zeros(SHAPE), dark_current=0.0)


def test_linearizer_adds_its_square():
    raw = flat().expose(1, "FLAT", seconds=4.0, rate=5000.0)
    linearizer = Linearizer(kind="Squared", coefficients=dict.fromkeys(DETECTOR.amplifiers, (2e-8,)))

    plain = correct(raw, DETECTOR, PLAIN)
    found = correct(raw, DETECTOR, replace(PLAIN, do_linearize=True), linearizer=linearizer)

    np.testing.assert_allclose(found.image - plain.image, 2e-8 * plain.image.astype(float) ** 2, atol=0.01)
    assert "linearity" in found.header["LSST ISR STEPS"]
    assert found.header["LSST ISR FINAL MEAN C00"] > plain.header["LSST ISR FINAL MEAN C00"]


def test_crosstalk_is_taken_from_where_it_was_read():
    names = tuple(DETECTOR.amplifiers)
    coefficients = np.zeros((16, 16))
    coefficients[names.index("C10"), names.index("C07")] = 1e-3
    matrix = CrosstalkMatrix(
        amplifiers=names,
        coefficients=coefficients,
        errors=np.zeros((16, 16)),
        numbers=np.ones((16, 16)),
        valid=coefficients > 0,
    )
    sky = np.zeros(SHAPE)
    sky[inner("C10")][30, 20] = 40_000 * 1.0811
    raw = flat().expose(1, electrons=sky)

    plain = correct(raw, DETECTOR, PLAIN)
    found = correct(raw, DETECTOR, replace(PLAIN, do_crosstalk=True), crosstalk=matrix)

    change = (found.image - plain.image)[inner("C07")]
    # C10 is read from its upper right corner, C07 from its lower right one.
    assert np.argwhere(change == change.min()).tolist() == [[99 - 30, 20]]
    assert change.min() == pytest.approx(-40, rel=0.01)


@pytest.mark.parametrize("level", ["DETECTOR", "AMP"])
def test_brighter_fatter_works_on_electrons(level):
    names = [level] if level == "DETECTOR" else list(DETECTOR.amplifiers)
    kernel = np.zeros((5, 5))
    kernel[2, 2] = -2e-6
    bfk = BrighterFatterKernel(
        level=level,
        kernels=dict.fromkeys(names, kernel),
        area_changes=dict.fromkeys(names, kernel),
        area_errors=dict.fromkeys(names, kernel),
        valid=dict.fromkeys(names, True),
        gain={},
    )
    raw = flat().expose(1, "FLAT", seconds=10.0, rate=5000.0)

    plain = correct(raw, DETECTOR, PLAIN)
    found = correct(raw, DETECTOR, replace(PLAIN, do_brighter_fatter=True), bfk=bfk)

    for name in ("C00", "C11"):
        assert found.image[inner(name)].mean() == pytest.approx(plain.image[inner(name)].mean(), rel=1e-4)
        assert found.image[inner(name)].std() > 1.05 * plain.image[inner(name)].std()
    assert found.header["BUNIT"] == "adu"


def test_fringes_are_subtracted_and_noted():
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    fringe = CcdImage.blank(SHAPE)
    fringe.image[...] = np.sin(x / 6 + y / 9)
    raw = flat().expose(1, "OBJECT", electrons=2000 + 100 * fringe.image)

    found = correct(raw, DETECTOR, replace(PLAIN, do_fringe=True), fringe=fringe)

    assert found.header["FRINGE AMPLITUDE"] == pytest.approx(100 / 1.083, rel=0.05)
    assert np.std(found.image[inner("C00")]) < 0.3 * np.std(correct(raw, DETECTOR, PLAIN).image[inner("C00")])
