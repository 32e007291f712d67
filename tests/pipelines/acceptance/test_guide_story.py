"""The story of the guide to calibrations: what is wrong with LATISS' sensor shows where the guide says it does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.camera import amplifier_box
from tests.pipelines.acceptance.laboratory import (
    DETECTOR,
    PLAIN,
    Laboratory,
    biases,
    failures,
    verdict,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

CLUSTERED = {"C04", "C11"}


def test_nominal_read_noises_are_wrong_and_that_of_c07_most(lab: Laboratory) -> None:
    image = lab.corrected(biases(1, 31)[0], PLAIN)

    off = {
        name: float(image.header[f"LSST ISR OVERSCAN NOISE {name}"]) * amplifier.gain / amplifier.read_noise - 1.0
        for name, amplifier in DETECTOR.amplifiers.items()
    }

    assert max(off, key=lambda name: abs(off[name])) == "C07"
    assert off["C07"] > 0.3
    assert all(abs(found) < 0.05 for name, found in off.items() if name != "C07")


@pytest.mark.parametrize(("empirical", "noise"), [(False, 8.5), (True, 12.0 / 1.06 * 1.1033)])
def test_the_variance_has_the_noise_that_is_asked_for(lab: Laboratory, empirical: bool, noise: float) -> None:
    """`doEmpiricalReadNoise` takes it from the overscan; here in electrons of the nominal gain."""
    exposure = biases(1, 31)[0]
    image = lab.corrected(exposure, replace(PLAIN, do_empirical_read_noise=empirical))

    amplifier = DETECTOR.amplifiers["C07"]
    assert image.variance[amplifier_box(amplifier, image.shape)].min() ** 0.5 * amplifier.gain == pytest.approx(
        noise, rel=0.03
    )


def test_c04_and_c11_fail_until_defects_are_masked(lab: Laboratory) -> None:
    exposures = biases(6, 31)

    before = failures(lab.verify("bias", exposures, defects=None))
    after = failures(lab.verify("bias", exposures))

    assert before["CR_NOISE"] >= CLUSTERED
    assert "CR_NOISE" not in after
    assert "C04" not in after["NOISE"]


def test_c11_fails_sometimes_even_then_and_c07_always(lab: Laboratory) -> None:
    exposures = biases(6, 31)

    stats = lab.verify("bias", exposures)
    noisy = [line for each in stats.values() if isinstance(each, dict) for line in each.get("FAILURES", ())]

    assert noisy.count("RXX_S00 C07 NOISE") == len(exposures)
    assert 0 < noisy.count("RXX_S00 C11 NOISE") <= len(exposures)
    assert verdict(stats).passed


def test_bad_columns_hide_no_other_amplifier(lab: Laboratory) -> None:
    """Everything else is as good as everybody believes."""
    assert failures(lab.verify("bias", biases(6, 31)))["NOISE"] <= {"C07", "C11"}
