from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.combine import ENGINES, clipped_mean
from pipelines.combine.compiled import is_compiled
from tests.pipelines.combine.reference import clipped_mean_of_pixel

pytestmark = pytest.mark.parametrize(
    "engine",
    [
        pytest.param(name, marks=pytest.mark.skipif(name == "compiled" and not is_compiled(), reason="needs numba"))
        for name in ENGINES
    ],
)


def assert_as_stated(
    values: np.ndarray, engine: str, sigma: float = 3.0, iterations: int = 3, weights: np.ndarray | None = None
) -> None:
    given = () if weights is None else weights.tolist()
    found = clipped_mean(values, weights=given, sigma=sigma, iterations=iterations, engine=engine)
    for pixel in range(values.shape[1]):
        mean, variance, count = clipped_mean_of_pixel(values[:, pixel], sigma, iterations, weights)
        assert found.count[pixel] == count, values[:, pixel]
        np.testing.assert_allclose(found.mean[pixel], mean, rtol=1e-6, atol=1e-3)
        np.testing.assert_allclose(found.variance[pixel], variance, rtol=2e-3, atol=1e-3)


@pytest.mark.parametrize("images", [1, 2, 3, 4, 5, 9, 20, 51])
def test_clipped_mean_is_the_stated_one(engine, images):
    rng = np.random.default_rng(images)
    values = rng.normal(20_000, 9, (images, 400)).astype(np.float32)
    values[rng.random(values.shape) < 0.05] += 3000
    values[rng.random(values.shape) < 0.05] = np.nan
    values[:, :3] = np.nan

    assert_as_stated(values, engine)


@pytest.mark.parametrize("images", [1, 2, 5, 22, 51])
def test_clipped_mean_of_unequal_images_is_the_stated_one(engine, images):
    rng = np.random.default_rng(images)
    weights = rng.choice([0.05, 0.4, 1.7], images).astype(np.float32)
    values = rng.normal(100, 3, (images, 400)) / np.sqrt(weights)[:, np.newaxis]
    values = values.astype(np.float32)
    values[rng.random(values.shape) < 0.05] += 3000
    values[rng.random(values.shape) < 0.05] = np.nan
    values[:, :3] = np.nan

    assert_as_stated(values, engine, weights=weights)


@pytest.mark.parametrize("iterations", [0, 1, 3])
def test_weights_of_one_change_nothing(engine, iterations):
    values = np.random.default_rng(2).normal(0, 1, (20, 500)).astype(np.float32)

    plain = clipped_mean(values, iterations=iterations, engine=engine)
    weighted = clipped_mean(values, weights=[2.0] * 20, iterations=iterations, engine=engine)

    np.testing.assert_allclose(weighted.mean, plain.mean, atol=1e-6)
    np.testing.assert_array_equal(weighted.count, plain.count)
    np.testing.assert_allclose(weighted.variance / weighted.weight, plain.variance / plain.count, rtol=1e-4)


def test_the_variance_of_a_weighted_mean_is_that_of_its_best_values(engine):
    scatter = np.repeat([6.0, 2.0, 1.0], [4, 2, 16])
    values = np.random.default_rng(5).normal(0, 1, (22, 20_000)) * scatter[:, np.newaxis]

    found = clipped_mean(values.astype(np.float32), weights=(1 / scatter**2).tolist(), engine=engine)

    expected = 1 / np.sum(1 / scatter**2)
    assert found.mean.var() == pytest.approx(expected, rel=0.08)  # a clip costs some of what the values know
    assert (found.variance / found.weight).mean() == pytest.approx(expected, rel=0.08)
    assert found.count.mean() > 21.7  # values that scatter more are not taken for outliers


@pytest.mark.parametrize("weights", [[1.0], [1.0, 0.0], [1.0, np.nan]])
def test_weights_that_are_no_use_are_refused(engine, weights):
    with pytest.raises(ValueError, match="2 images need as many weights above 0"):
        clipped_mean(np.zeros((2, 3), np.float32), weights=weights, engine=engine)


@settings(max_examples=150)
@given(
    st.integers(1, 30).flatmap(
        lambda images: st.lists(
            st.lists(st.sampled_from([0, 1, 2, 3, 5, 8, 40, 1000, None]), min_size=images, max_size=images),
            min_size=1,
            max_size=6,
        )
    ),
    st.sampled_from([1.7, 2.3, 3.1]),
    st.integers(0, 4),
)
def test_clipped_mean_of_any_values_is_the_stated_one(engine, pixels, sigma, iterations):
    values = np.array([[np.nan if each is None else 500.0 + each for each in pixel] for pixel in pixels], np.float32).T

    assert_as_stated(values, engine, sigma, iterations)


def test_a_later_clip_takes_back_what_the_first_dropped(engine):
    # Quartiles are narrow, tails are wide: some values that go about the median return about the mean.
    values = np.concatenate([np.linspace(-1, 1, 80), np.linspace(-3.2, 3.2, 40)]).astype(np.float32)[:, np.newaxis]

    first = clipped_mean(values, iterations=1, engine=engine).count[0]
    assert clipped_mean(values, iterations=3, engine=engine).count[0] > first
    assert_as_stated(values, engine)


def test_outliers_do_not_cost_precision(engine):
    rng = np.random.default_rng(3)
    values = rng.normal(0, 1, (50, 1000)).astype(np.float32)
    clean = clipped_mean(values, engine=engine).mean
    values[[0, 25, 49]] = 2e5  # where the pivot is taken from

    np.testing.assert_allclose(clipped_mean(values, engine=engine).mean, clean, atol=0.6)
    assert_as_stated(values[:, :100], engine)


def test_blocks_do_not_show(engine):
    values = np.random.default_rng(4).normal(100, 5, (7, 9000)).astype(np.float32)

    whole = clipped_mean(values, engine=engine)
    parts = np.concatenate(
        [clipped_mean(values[:, start : start + 777], engine=engine).mean for start in range(0, 9000, 777)]
    )

    np.testing.assert_array_equal(whole.mean, parts)
