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


def assert_as_stated(values: np.ndarray, engine: str, sigma: float = 3.0, iterations: int = 3) -> None:
    found = clipped_mean(values, sigma=sigma, iterations=iterations, engine=engine)
    for pixel in range(values.shape[1]):
        mean, variance, count = clipped_mean_of_pixel(values[:, pixel], sigma, iterations)
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
