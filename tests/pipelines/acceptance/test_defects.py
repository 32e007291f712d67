"""Defects that are found are those that were planted."""

from __future__ import annotations

import numpy as np
import pytest

from csc.latiss.detector.patterns import patterns
from pipelines.defects import Defects
from pipelines.image import MaskPlane
from tests.pipelines.acceptance.laboratory import Laboratory, darks

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


def test_what_was_planted_is_found_and_little_else(lab: Laboratory) -> None:
    found, planted = lab.defects.mask(lab.sensor.shape), lab.flaws

    assert (found & planted).sum() >= 0.95 * planted.sum()
    assert (found & ~planted).sum() < 0.01 * found.sum()


def test_darks_do_not_show_dead_pixels_and_flats_do(lab: Laboratory) -> None:
    flaws = patterns(lab.sensor).flaws
    first, both = (each.mask(lab.sensor.shape).ravel() for each in (lab.first_defects, lab.defects))

    assert first[flaws.leaking].mean() > 0.95
    assert first[flaws.dead].mean() < 0.1
    assert both[flaws.dead].mean() > 0.99


def test_hot_pixels_are_a_part_of_the_dark(lab: Laboratory) -> None:
    """They are as sharp as cosmic rays and found as such in every long dark; what most darks show is no ray."""
    flaws = patterns(lab.sensor).flaws

    dark = lab.make_dark(darks(), defects=Defects())

    gains = np.ones(dark.shape)
    for amplifier in lab.sensor.readout.amplifiers:
        gains[lab.sensor.box(amplifier)] = amplifier.gain
    leak = lab.sensor.levels.dark_current + flaws.leak
    found = (dark.image * gains).ravel()[flaws.leaking]
    alone = ~np.isin(flaws.leaking, np.concatenate([flaws.dead, flaws.unstable]))
    assert not dark.masked(MaskPlane.BAD).ravel()[flaws.leaking[alone]].any()
    off = np.abs(found - leak)[alone] - 0.05 * leak[alone]
    assert np.median(np.abs(found / leak - 1.0)[alone]) < 0.03
    assert np.mean(off < 0.4) > 0.98  # [electron/s], beside 5 %: a hot pixel may be planted twice
