import json
import math
from dataclasses import replace

import numpy as np
import pytest

from pipelines.ptc import FIT_TYPES, PhotonTransferCurve, SolveSettings, curve_picture, noise_disagreements, solve
from tests.pipelines.ptc.flats import A00, AREA_CHANGE, SATURATED, TRUE_GAINS, large_pairs, small_pairs

# The simulated charge moves once, in proportion to what lies there in the end. The full model has parameters for that
# (b), the others take it for a larger a.
TOLERANCE_OF_A00 = {"EXPAPPROXIMATION": 0.15, "FULLCOVARIANCE": 0.12, "FULLCOVARIANCE_NO_B": 0.15}


def changed(pair, name="C00", **changes):
    amplifiers = {**pair.amplifiers, name: replace(pair.amplifiers[name], **changes)}
    return replace(pair, amplifiers=amplifiers)


@pytest.mark.parametrize("fit_type", FIT_TYPES)
def test_gain_noise_and_repulsion_are_recovered(fit_type):
    curve = solve(large_pairs(), SolveSettings(fit_type=fit_type, lags=6)).amplifiers["C00"]

    assert curve.gain == pytest.approx(1.08, rel=0.01)
    assert curve.noise == pytest.approx(8.5, rel=0.03)
    assert curve.a00 == pytest.approx(A00, rel=TOLERANCE_OF_A00[fit_type])
    assert curve.chi2 < 2.5


def test_errors_of_the_full_model_are_honest():
    curve = solve(large_pairs(), SolveSettings(lags=4)).amplifiers["C00"]

    assert abs(curve.gain - 1.08) < 4.0 * curve.gain_err < 0.01
    assert abs(curve.noise - 8.5) < 4.0 * curve.noise_err < 0.3
    assert abs(curve.a00 - A00) < 4.0 * curve.a00_err < 5e-7
    assert curve.chi2 == pytest.approx(1.0, abs=0.3)


def test_the_full_model_recovers_the_neighbours():
    matrix = solve(large_pairs(), SolveSettings(fit_type="FULLCOVARIANCE_NO_B", lags=6)).amplifiers["C00"].a_matrix

    np.testing.assert_allclose(matrix[:3, :3].ravel()[1:], AREA_CHANGE[2:, 2:].ravel()[1:], atol=1.2e-7)
    assert matrix[1, 0] > 1.4 * matrix[0, 1] > 0.0


def test_the_turn_off_is_where_pixels_fill():
    curve = solve(large_pairs(), SolveSettings(fit_type="EXPAPPROXIMATION")).amplifiers["C00"]
    means = np.sort(curve.raw_means)

    assert curve.ptc_turnoff == means[means < 0.99 * SATURATED][-1]
    assert not curve.exp_id_mask[curve.raw_means > 0.99 * SATURATED].any()
    assert curve.exp_id_mask.sum() == (means < 0.99 * SATURATED).sum()


@pytest.mark.parametrize("fit_type", FIT_TYPES)
def test_every_amplifier_has_its_own_gain(fit_type):
    ptc = solve(small_pairs(), SolveSettings(fit_type=fit_type, lags=3))

    parts = np.array([ptc.gain[name] / gain - 1.0 for name, gain in TRUE_GAINS.items()])
    noises = np.array(list(ptc.noise.values()))
    assert np.abs(parts).max() < 0.03
    assert abs(parts.mean()) < 0.01
    assert noises.mean() == pytest.approx(8.5, rel=0.05)
    assert ptc.bad_amps == ()


def test_a_pair_off_the_curve_is_left_out_and_changes_nothing():
    pairs = list(large_pairs())
    before = solve(pairs, SolveSettings(fit_type="EXPAPPROXIMATION"))
    pairs[10] = changed(pairs[10], variance=1.4 * pairs[10].amplifiers["C00"].variance)

    after = solve(pairs, SolveSettings(fit_type="EXPAPPROXIMATION", largest_jump=math.inf))

    assert not after.amplifiers["C00"].exp_id_mask[10]
    assert after.gain["C00"] == pytest.approx(before.gain["C00"], rel=2e-3)


def test_above_a_gap_with_a_jump_no_pair_counts():
    pairs = list(large_pairs())
    pairs[20] = changed(pairs[20], variance=1.4 * pairs[20].amplifiers["C00"].variance)

    curve = solve(pairs, SolveSettings(fit_type="EXPAPPROXIMATION")).amplifiers["C00"]

    assert curve.exp_id_mask.tolist() == [index < 20 for index in range(len(pairs))]


def test_an_amplifier_without_enough_pairs_is_bad():
    pairs = [changed(pair, "C07", mean=math.nan) for pair in small_pairs()]

    ptc = solve(pairs, SolveSettings(fit_type="EXPAPPROXIMATION"))

    assert ptc.bad_amps == ("C07",)
    assert math.isnan(ptc.gain["C07"])
    assert not ptc.amplifiers["C07"].exp_id_mask.any()
    assert math.isfinite(ptc.gain["C06"])


def test_read_noise_that_the_overscan_does_not_show_is_told():
    pairs = [changed(pair, read_noise=1.3 * pair.amplifiers["C00"].read_noise) for pair in large_pairs()]
    settings = SolveSettings(fit_type="EXPAPPROXIMATION")

    assert noise_disagreements(solve(large_pairs(), settings)) == {}
    assert noise_disagreements(solve(pairs, settings))["C00"] == pytest.approx(1.0 / 1.3 - 1.0, abs=0.03)


def test_pairs_may_come_in_any_order():
    settings = SolveSettings(fit_type="EXPAPPROXIMATION")

    backwards = solve(large_pairs()[::-1], settings)

    assert json.dumps(backwards.as_dict()) == json.dumps(solve(large_pairs(), settings).as_dict())
    assert np.all(np.diff(backwards.amplifiers["C00"].raw_exp_times) > 0.0)


def test_no_pair_is_refused():
    with pytest.raises(ValueError, match="no pair of flats"):
        solve([])


def test_an_unknown_model_is_refused():
    with pytest.raises(ValueError, match="fit type 'POLYNOMIAL'; expected one of EXPAPPROXIMATION"):
        solve(large_pairs(), SolveSettings(fit_type="POLYNOMIAL"))


def test_pairs_of_another_detector_are_refused():
    with pytest.raises(ValueError, match="exposures 2 and 3: other amplifiers than the rest"):
        solve([small_pairs()[0], large_pairs()[1]])


def test_a_curve_survives_plain_data():
    ptc = solve(large_pairs(), SolveSettings(fit_type="EXPAPPROXIMATION", lags=3))

    data = json.loads(json.dumps(ptc.as_dict()))
    found = PhotonTransferCurve.from_dict(data)

    assert json.dumps(found.as_dict()) == json.dumps(ptc.as_dict())
    assert found.amplifiers["C00"].exp_id_mask.dtype == np.bool_
    assert found.exposures == ptc.exposures


def test_a_curve_with_a_wrong_shape_says_where():
    data = solve(large_pairs(), SolveSettings(fit_type="EXPAPPROXIMATION", lags=3)).as_dict()
    data["amplifiers"]["C00"]["raw_means"].pop()

    with pytest.raises(ValueError, match=r"photon transfer curve, C00, raw_means: has the shape \(26,\); expected 27"):
        PhotonTransferCurve.from_dict(data)


@pytest.mark.parametrize("fit_type", FIT_TYPES)
def test_a_picture_shows_points_line_and_residuals(fit_type):
    ptc = solve(large_pairs(), SolveSettings(fit_type=fit_type, lags=3))

    picture = curve_picture(ptc, "C00")

    used = picture.used
    assert np.all(np.diff(picture.means) > 0.0)
    assert np.abs(picture.residuals[used & (picture.means > 500.0)]).max() < 0.02
    assert np.abs(picture.residuals[~used]).min() > 0.5
    assert picture.fit_means[-1] == picture.turnoff
    lost = 1.0 - picture.fit_variances[-1] / picture.poisson_variances[-1]
    assert 0.12 < lost < 0.25
    assert picture.label.startswith("C00: gain 1.0")


def test_a_picture_of_a_bad_amplifier_shows_its_points():
    pairs = [changed(pair, variance=math.nan) for pair in large_pairs()]

    picture = curve_picture(solve(pairs, SolveSettings(fit_type="EXPAPPROXIMATION")), "C00")

    assert picture.label == "C00: too few points"
    assert picture.fit_means.size == 0
    assert picture.means.size == len(pairs)
