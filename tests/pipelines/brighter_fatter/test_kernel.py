import json
import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from pipelines.brighter_fatter import (
    SOURCES,
    BrighterFatterKernel,
    KernelSettings,
    is_valid,
    mirror,
    solve_kernel,
    solve_poisson,
    without_sum,
)
from pipelines.ptc import SolveSettings, convolution, solve
from tests.pipelines.ptc.flats import AREA_CHANGE, large_pairs, small_pairs

TRUTH = np.zeros((6, 6))
TRUTH[:3, :3] = AREA_CHANGE[2:, 2:]
# The mean of all pairs is too small by what charge that was pushed out pushes back.
BIAS = {"AVERAGE": 0.06, "EXTRAPOLATED": 0.0, "A_MATRIX": 0.0}


@cache
def curve(fit_type="FULLCOVARIANCE"):
    return solve(large_pairs(), SolveSettings(fit_type=fit_type, lags=6))


@pytest.mark.parametrize("source", SOURCES)
def test_the_change_of_areas_is_recovered_within_its_errors(source):
    found = solve_kernel(curve(), KernelSettings(source=source, lags=6))

    area, error = found.area_changes["C00"], found.area_errors["C00"]
    off = np.abs(area - TRUTH) - BIAS[source] * np.abs(TRUTH)
    assert (off / error).max() < 4.0
    assert error[0, 0] < 1.2e-7
    assert error[1:, 1:].max() < 1e-7


def without_noise(signals, pushed_back):
    """Return a curve of exact covariances: the part `pushed_back` of what the convolution of a with itself is."""
    amplifier = curve().amplifiers["C00"]
    number = len(signals)
    a = amplifier.a_matrix.copy()
    a[...] = TRUTH
    shape = (convolution(a) @ a.ravel()).reshape(a.shape)
    found = np.array([(a + pushed_back * shape * signal) * signal**2 for signal in signals])
    found[:, 0, 0] += signals + 9.0**2
    changes = {
        "gain": 1.5,
        "gain_err": 0.0,
        "noise": 9.0,
        "raw_means": signals / 1.5,
        "raw_vars": found[:, 0, 0] / 1.5**2,
        "covariances": found / 1.5**2,
        "counts": np.full(found.shape, 1e6),
        "exp_id_mask": np.ones(number, bool),
    }
    return replace(curve(), amplifiers={"C00": replace(amplifier, **changes)})


@pytest.mark.parametrize("source", ["AVERAGE", "EXTRAPOLATED"])
def test_read_noise_is_no_repulsion_even_in_faint_flats(source):
    ptc = without_noise(np.geomspace(500.0, 3_000.0, 10), 0.0)

    area = solve_kernel(ptc, KernelSettings(source=source, lags=6)).area_changes["C00"]

    np.testing.assert_allclose(area, TRUTH, atol=1e-3 * -TRUTH[0, 0])


def test_what_pushes_back_is_extrapolated_away():
    ptc = without_noise(np.geomspace(1e3, 1e5, 20), 0.5)

    average, extrapolated = (
        solve_kernel(ptc, KernelSettings(source=source, lags=6)).area_changes["C00"][0, 0]
        for source in ("AVERAGE", "EXTRAPOLATED")
    )

    assert average > 0.95 * TRUTH[0, 0]
    assert extrapolated == pytest.approx(TRUTH[0, 0], rel=0.01)


def test_the_kernel_is_that_of_the_truth():
    found = solve_kernel(curve(), KernelSettings(lags=6))

    truth = solve_poisson(np.pad(-mirror(TRUTH), 1))
    depth = -truth.min()
    assert found.kernels["C00"].shape == (13, 13)
    np.testing.assert_allclose(found.kernels["C00"], truth, atol=0.12 * depth)
    assert found.valid == {"C00": True}
    assert found.gain["C00"] == pytest.approx(1.08, rel=0.01)


def test_all_amplifiers_together_make_one_kernel():
    ptc = solve(small_pairs(), SolveSettings(fit_type="EXPAPPROXIMATION", lags=4))
    settings = KernelSettings(level="DETECTOR", source="AVERAGE", lags=4)

    found = solve_kernel(ptc, settings)
    alone = solve_kernel(ptc, replace(settings, level="AMP"))

    assert set(found.kernels) == {"DETECTOR"}
    assert found.kernel("C05") is found.kernels["DETECTOR"]
    area, error = found.area_changes["DETECTOR"], found.area_errors["DETECTOR"]
    assert (np.abs(area - TRUTH[:4, :4]) - 0.1 * np.abs(TRUTH[:4, :4]) < 4.0 * error).all()
    assert error[1, 1] == pytest.approx(alone.area_errors["C00"][1, 1] / 4.0, rel=0.2)


def test_a_bad_amplifier_has_a_kernel_of_zeros_that_is_not_valid():
    pairs = [
        replace(pair, amplifiers={**pair.amplifiers, "C07": replace(pair.amplifiers["C07"], mean=math.nan)})
        for pair in small_pairs()
    ]
    ptc = solve(pairs, SolveSettings(fit_type="EXPAPPROXIMATION", lags=4))

    found = solve_kernel(ptc, KernelSettings(lags=4))

    assert not found.kernels["C07"].any()
    assert not found.valid["C07"]
    assert found.kernels["C06"].any()


def test_bright_pairs_can_be_left_out():
    faint = solve_kernel(curve(), KernelSettings(source="AVERAGE", lags=6, brightest=40_000.0))
    every = solve_kernel(curve(), KernelSettings(source="AVERAGE", lags=6))

    assert faint.area_errors["C00"][2, 2] > 1.5 * every.area_errors["C00"][2, 2]


def test_the_fitted_matrix_needs_a_model_that_has_one():
    with pytest.raises(ValueError, match="EXPAPPROXIMATION has no a matrix; fit the curve by FULLCOVARIANCE"):
        solve_kernel(curve("EXPAPPROXIMATION"), KernelSettings(source="A_MATRIX"))


@pytest.mark.parametrize("wrong", [{"level": "RAFT"}, {"source": "GUESS"}])
def test_what_is_not_known_is_refused(wrong):
    with pytest.raises(ValueError, match="'(RAFT|GUESS)' is not known; expected one of"):
        solve_kernel(curve(), KernelSettings(**wrong))


@pytest.mark.parametrize(("source", "lags"), [("AVERAGE", 10), ("EXTRAPOLATED", 10), ("A_MATRIX", 6)])
def test_as_many_lags_count_as_are_known(source, lags):
    found = solve_kernel(curve(), KernelSettings(source=source, lags=12))

    assert found.area_changes["C00"].shape == (lags, lags)
    assert found.kernels["C00"].shape == (2 * lags + 1, 2 * lags + 1)


def test_poisson_is_solved_to_the_last_digit():
    source = np.random.default_rng(1).normal(size=(9, 11))

    plane = np.pad(solve_poisson(source), 1)

    inner = plane[1:-1, 1:-1]
    laplacian = plane[2:, 1:-1] + plane[:-2, 1:-1] + plane[1:-1, 2:] + plane[1:-1, :-2] - 4.0 * inner
    np.testing.assert_allclose(laplacian, source, atol=1e-12)


def test_a_sum_is_taken_from_what_is_known_worst():
    quadrant = np.array([[-1.0, 0.2], [0.3, 0.1]])
    errors = np.array([[0.001, 0.1], [0.1, 0.1]])

    found = without_sum(quadrant, errors)

    assert mirror(found).sum() == pytest.approx(0.0, abs=1e-12)
    assert found[0, 0] == pytest.approx(-1.0, abs=1e-3)


def test_a_kernel_that_is_high_or_shallow_or_wide_is_not_valid():
    truth = solve_poisson(np.pad(-mirror(TRUTH), 1))
    high, wide = truth.copy(), truth.copy()
    high[2, 2] = -0.1 * truth.min()
    wide[0, 0] = 0.1 * truth.min()

    assert is_valid(truth)
    assert not is_valid(-truth)
    assert not is_valid(high)
    assert not is_valid(wide)
    assert not is_valid(np.zeros((5, 5)))


def test_a_kernel_survives_plain_data():
    found = solve_kernel(curve(), KernelSettings(lags=6))

    again = BrighterFatterKernel.from_dict(json.loads(json.dumps(found.as_dict())))

    assert again.as_dict() == found.as_dict()


def test_a_kernel_with_an_even_side_is_refused():
    data = solve_kernel(curve(), KernelSettings(lags=6)).as_dict()
    data["kernels"]["C00"] = [[0.0, 0.0], [0.0, 0.0]]

    with pytest.raises(ValueError, match=r"kernels, C00: has the shape \(2, 2\); expected an odd square"):
        BrighterFatterKernel.from_dict(data)
