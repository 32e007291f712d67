import math

import numpy as np
import pytest

from pipelines.clipping import clip, clip_factor


def test_clip_leaves_out_what_lies_far_off():
    rng = np.random.default_rng(1)
    values = rng.normal(100.0, 5.0, 10_000)
    values[:100] = 1e6

    found = clip(values, limit=3.0, passes=3)

    assert found.mean == pytest.approx(100.0, abs=0.3)
    assert found.count == pytest.approx(9900 * 0.9973, abs=60)
    assert found.low < 86.0
    assert found.high < 116.0


def test_clip_tries_values_again_that_an_earlier_pass_left_out():
    # The quartiles lie closer together than the deviation of what they let through.
    values = np.repeat([-3.5, -2.9, -1.0, 0.0, 1.0, 2.9, 3.5], [1, 22, 26, 2, 26, 22, 1])

    first, second = (clip(values, limit=2.0, passes=passes) for passes in (1, 2))

    assert first.count == 98
    assert second.count == 100


def test_later_passes_clip_about_the_mean():
    # Skewed values, whose mean lies far above their median.
    values = np.random.default_rng(3).exponential(1.0, 5_000)
    first = clip(values, limit=2.0, passes=1)
    inside = values[(values >= first.low) & (values <= first.high)]

    second = clip(values, limit=2.0, passes=2)

    assert (second.low + second.high) / 2.0 == pytest.approx(inside.mean())
    assert (second.high - second.low) / 4.0 == pytest.approx(inside.std(), rel=1e-3)


def test_clip_counts_equal_values_and_no_missing_ones():
    found = clip(np.array([3.0, 3.0, np.nan, 3.0]))

    assert (found.mean, found.deviation, found.count) == (3.0, 0.0, 3)


def test_clip_of_nothing_is_not_a_number():
    found = clip(np.full(4, np.nan))

    assert found.count == 0
    assert math.isnan(found.mean)


def test_clip_factor_restores_the_variance():
    values = np.random.default_rng(2).normal(0.0, 1.0, 200_000)
    kept = values[np.abs(values) < 2.0]

    assert kept.var() * clip_factor(2.0) == pytest.approx(1.0, rel=0.01)
