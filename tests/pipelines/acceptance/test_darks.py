"""Darks of unequal times: why they count by the square of their time."""

from __future__ import annotations

import numpy as np
import pytest

from tests.pipelines.acceptance.laboratory import Laboratory, darks, failures, verdict

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

NIGHT = darks((30.0,) * 4, 151)


def test_the_scripts_darks_pass_weighted_and_not_in_a_plain_mean(lab: Laboratory) -> None:
    weighted_stats, plain_stats = lab.verify("dark", NIGHT), lab.verify("dark", NIGHT, dark=lab.plain_dark)

    assert verdict(weighted_stats).passed
    assert failures(weighted_stats)["NOISE"] <= {"C07", "C11"}
    assert not verdict(plain_stats).passed


def test_weights_take_off_a_sixth_of_the_noise(lab: Laboratory) -> None:
    good = ~lab.flaws

    ratio = float(np.std(lab.dark.image[good]) / np.std(lab.plain_dark.image[good]))

    assert ratio == pytest.approx(0.85, abs=0.05)


def test_the_dark_current_is_the_true_one(lab: Laboratory) -> None:
    gains = lab.true_gains()
    found = np.mean(
        [np.median(lab.dark.image[lab.sensor.box(each)]) * gains[each.name] for each in lab.sensor.readout.amplifiers]
    )

    assert found == pytest.approx(lab.sensor.levels.dark_current, abs=0.02)
