from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from pipelines.linearity import LinearitySettings, correction, robust_line, solve_linearity
from pipelines.ptc import AmplifierCurve, ExtractSettings, PhotonTransferCurve, SolveSettings, solve
from tests.pipelines.ptc.flats import RATE, SATURATED, TIMES, Sensor, one_amplifier

QUADRATIC = 2e-8
TRUE = np.linspace(2_000.0, 118_000.0, 60)
KINDS = ("Squared", "Polynomial", "Spline", "LookupTable")


def seen(true):
    """Return what the sensor makes of a true signal, with wiggles on top of the square [adu]."""
    return true - QUADRATIC * true**2 + 40.0 * np.sin(true / 15_000.0)


def curve(means, used=None, times=TIMES):
    """Return a curve of given means; everything that linearity does not look at is 0."""
    means, times = np.asarray(means), np.asarray(times)
    plane, cube = np.zeros((1, 1)), np.zeros((len(means), 1, 1))
    amplifier = AmplifierCurve(
        gain=1.08,
        gain_err=0.0,
        noise=8.5,
        noise_err=0.0,
        a00=0.0,
        a00_err=0.0,
        ptc_turnoff=float(means.max()),
        overscan_noise=8.5,
        chi2=1.0,
        a_matrix=plane,
        b_matrix=plane,
        noise_matrix=plane,
        raw_means=means,
        raw_vars=means / 1.08,
        raw_exp_times=times,
        covariances=cube,
        counts=cube,
        exp_id_mask=means < 0.99 * SATURATED if used is None else used,
    )
    pairs = tuple((2 * index, 2 * index + 1) for index in range(len(means)))
    return PhotonTransferCurve(fit_type="EXPAPPROXIMATION", exposures=pairs, amplifiers={"C00": amplifier})


@cache
def flickering(seed):
    """Return the curve of flats whose lamp flickers by 0.2 % from shot to shot."""
    sensor = Sensor(detector=one_amplifier(), quadratic=QUADRATIC)
    pairs = sensor.pairs(RATE, TIMES, (220, 800), ExtractSettings(lags=2), seed=seed, flicker=0.002)
    return solve(pairs, SolveSettings(fit_type="EXPAPPROXIMATION"))


def nonlinearity(linearizer, signal, true):
    """Return by how much corrected signals are off a straight line, as a part of it."""
    ratio = (signal + correction(linearizer.kind, linearizer.coefficients["C00"], signal)) / true
    return np.abs(ratio / np.median(ratio) - 1.0).max()


def test_squared_recovers_the_square_that_was_planted():
    true = RATE * np.array(TIMES)
    signal = np.minimum(true - QUADRATIC * true**2, SATURATED)

    found = solve_linearity(curve(signal), LinearitySettings(kind="Squared"))

    assert found.coefficients["C00"][0] == pytest.approx(QUADRATIC, rel=0.02)


def test_a_strong_square_is_not_mistaken_for_less_light():
    true = RATE * np.array(TIMES)
    signal = np.minimum(true - 6e-7 * true**2, SATURATED)
    settings = LinearitySettings(kind="Squared", ignore_ptc_mask=True, minimum=20_000.0, maximum=94_000.0)

    found = solve_linearity(curve(signal), settings)

    assert found.coefficients["C00"][0] == pytest.approx(6e-7, rel=0.01)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_corrected_signal_follows_the_light(kind, seed):
    found = solve_linearity(flickering(seed), LinearitySettings(kind=kind))

    assert nonlinearity(found, TRUE - QUADRATIC * TRUE**2, TRUE) < 0.003
    assert np.nanmax(np.abs(found.residuals["C00"])) < 0.005


def test_the_spline_follows_wiggles_that_a_square_cannot():
    ptc = curve(np.minimum(seen(RATE * np.array(TIMES)), SATURATED))

    spline, square = (solve_linearity(ptc, LinearitySettings(kind=kind)) for kind in ("Spline", "Squared"))

    assert nonlinearity(spline, seen(TRUE), TRUE) < 0.5 * nonlinearity(square, seen(TRUE), TRUE)
    nodes, values = np.split(np.array(spline.coefficients["C00"]), 2)
    assert len(nodes) == 10
    assert values[0] == 0.0
    assert values.mean() == pytest.approx(0.0, abs=1e-9)


def test_an_offset_of_the_level_can_be_fitted():
    true = RATE * np.array(TIMES)
    ptc = curve(np.minimum(true + 8.0, SATURATED))

    without, with_offset = (solve_linearity(ptc, LinearitySettings(fit_offset=fit)) for fit in (False, True))

    bend = [np.abs(np.split(np.array(found.coefficients["C00"]), 2)[1]).max() for found in (without, with_offset)]
    assert bend[1] < 0.2 * bend[0]


def test_the_turn_off_is_the_last_signal_that_follows_the_light():
    ptc = flickering(1)

    found = solve_linearity(ptc)

    means = ptc.amplifiers["C00"].raw_means
    assert found.turnoff["C00"] == pytest.approx(np.sort(means[means < 0.99 * SATURATED])[-1])


def test_pairs_that_the_curve_left_out_count_only_if_asked_for():
    true = RATE * np.array(TIMES)
    means = true.copy()
    used = true < 40_000.0
    ptc = curve(means, used)

    kept, all_of_them = (
        solve_linearity(ptc, LinearitySettings(kind="Squared", ignore_ptc_mask=ignore)) for ignore in (False, True)
    )

    assert np.isfinite(kept.residuals["C00"]).sum() == (used & (true >= 30.0)).sum()
    assert np.isfinite(all_of_them.residuals["C00"]).sum() == ((true >= 30.0) & (true <= 120_000.0)).sum()


def test_both_limits_cut_whatever_is_asked_for():
    true = RATE * np.array(TIMES)
    settings = LinearitySettings(kind="Squared", ignore_ptc_mask=True, minimum=2_000.0, maximum=20_000.0)

    found = solve_linearity(curve(true), settings)

    assert np.isfinite(found.residuals["C00"]).tolist() == ((true >= 2_000.0) & (true <= 20_000.0)).tolist()


def test_one_pair_far_off_changes_nothing():
    true = RATE * np.array(TIMES)
    signal = np.minimum(true - QUADRATIC * true**2, SATURATED)
    spoilt = np.where(np.arange(len(TIMES)) == 18, 1.3 * signal, signal)

    found = solve_linearity(curve(spoilt), LinearitySettings(kind="Squared"))

    assert found.coefficients["C00"][0] == pytest.approx(QUADRATIC, rel=0.1)
    assert np.isnan(found.residuals["C00"][18])


def test_a_photodiode_takes_the_flicker_out():
    rng = np.random.default_rng(4)
    light = np.array(TIMES) * (1.0 + 0.01 * rng.normal(size=len(TIMES)))
    true = RATE * light
    ptc = curve(np.minimum(true - QUADRATIC * true**2, SATURATED))

    found = solve_linearity(
        ptc, LinearitySettings(kind="Squared"), light=dict(zip(ptc.exposures, light.tolist(), strict=True))
    )

    assert found.coefficients["C00"][0] == pytest.approx(QUADRATIC, rel=0.05)


def test_a_pair_without_measured_light_is_refused():
    with pytest.raises(ValueError, match=r"no light measured for exposures \[\(0, 1\)"):
        solve_linearity(flickering(1), light={})


@pytest.mark.parametrize("kind", ["None", *KINDS])
def test_too_few_pairs_correct_nothing(kind):
    ptc = curve(RATE * np.array(TIMES), used=np.zeros(len(TIMES), bool))

    found = solve_linearity(ptc, LinearitySettings(kind=kind))

    np.testing.assert_array_equal(correction(kind, found.coefficients["C00"], TRUE), 0.0)
    assert np.isnan(found.residuals["C00"]).all()


def test_a_bad_amplifier_corrects_nothing():
    ptc = curve(RATE * np.array(TIMES))
    lost = replace(ptc.amplifiers["C00"], raw_means=np.full(len(TIMES), np.nan))

    found = solve_linearity(replace(ptc, amplifiers={"C00": lost}))

    assert set(np.split(np.array(found.coefficients["C00"]), 2)[1]) == {0.0}
    assert np.isnan(found.turnoff["C00"])


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="linearity 'Cubic'; expected one of None, Squared"):
        solve_linearity(flickering(1), LinearitySettings(kind="Cubic"))


def test_a_robust_line_ignores_a_third_of_the_points():
    x = np.linspace(1.0, 30.0, 30)
    y = 4.0 + 2.0 * x
    y[20:29] += 500.0

    offset, slope = robust_line(x, y, np.ones(30))

    assert (offset, slope) == pytest.approx((4.0, 2.0), abs=0.05)
