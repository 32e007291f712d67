"""Photon transfer curve, linearity and brighter-fatter kernel find the truth that made the images."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.brighter_fatter import KernelSettings, solve_kernel
from pipelines.linearity import LinearitySettings, correction, solve_linearity
from tests.pipelines.acceptance.laboratory import LAGS, Laboratory, photodiode

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

TRUE_SIGNALS = np.array([5e3, 2e4, 5e4, 8e4, 1.1e5])


def test_gains_are_within_two_percent(lab: Laboratory) -> None:
    assert lab.curve.bad_amps == ()
    assert dict(lab.curve.gain) == pytest.approx(lab.true_gains(), rel=0.02)


def test_read_noises_are_within_five_percent(lab: Laboratory) -> None:
    """A small image's faint flats tell the noise no better than its error."""
    for name, truth in lab.true_noises().items():
        found = lab.curve.amplifiers[name]
        assert found.overscan_noise == pytest.approx(truth, rel=0.05)
        assert found.noise == pytest.approx(truth, abs=max(0.05 * truth, 3.5 * found.noise_err))


def test_the_curve_turns_off_near_120_000(lab: Laboratory) -> None:
    turnoffs = [found.ptc_turnoff for found in lab.curve.amplifiers.values()]

    assert min(turnoffs) > 108_000
    assert max(turnoffs) < 123_000
    assert np.median(turnoffs) == pytest.approx(120_000, rel=0.06)


@pytest.mark.parametrize("kind", ["Spline", "Squared", "Polynomial"])
def test_what_is_left_of_nonlinearity_is_below_half_a_percent(lab: Laboratory, kind: str) -> None:
    """By exposure times the lamp's own flicker, 0.2 %, is a part of it."""
    found = solve_linearity(lab.curve, LinearitySettings(kind=kind))
    k = lab.sensor.truth.nonlinearity.quadratic
    seen = TRUE_SIGNALS - k * TRUE_SIGNALS**2

    for name in lab.true_gains():
        ratio = (seen + correction(kind, found.coefficients[name], seen)) / TRUE_SIGNALS
        assert np.abs(ratio / ratio.mean() - 1.0).max() < 0.005
        assert np.nanmax(np.abs(found.residuals[name])) < 0.0065  # three times what the lamp flickers


def test_with_a_photodiode_the_curvature_is_the_true_one(lab: Laboratory) -> None:
    """At full size it comes out an eighth too small, far more than its error; why is not known."""
    found = solve_linearity(lab.curve, LinearitySettings(kind="Squared"), light=photodiode())

    curvature = np.mean([coefficients[0] for coefficients in found.coefficients.values()])
    assert curvature == pytest.approx(lab.sensor.truth.nonlinearity.quadratic, rel=0.15)
    assert max(np.nanmax(np.abs(each)) for each in found.residuals.values()) < 0.005


def test_the_kernel_is_the_true_one_within_its_errors(lab: Laboratory) -> None:
    found = solve_kernel(lab.linear_curve, KernelSettings(level="DETECTOR", lags=LAGS))
    truth = np.zeros((LAGS, LAGS))
    truth[:3, :3] = lab.sensor.brighter_fatter()[2:, 2:]

    pulls = (found.area_changes["DETECTOR"] - truth) / found.area_errors["DETECTOR"]

    assert found.valid["DETECTOR"]
    assert np.abs(pulls).max() < 3.5
    assert np.sqrt(np.mean(pulls**2)) < 1.5
    assert found.area_errors["DETECTOR"][0, 0] < 0.05 * abs(truth[0, 0])
