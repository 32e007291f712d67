from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from pipelines.combine.compiled import exchanges


def exchanged(values: np.ndarray) -> np.ndarray:
    found = values.copy()
    for below, above in exchanges(len(values)):
        found[[below, above]] = np.sort(found[[below, above]], axis=0)
    return found


@pytest.mark.parametrize("count", range(1, 13))
def test_exchanges_sort_every_pattern_of_two_values(count):
    """What sorts all of those sorts all values."""
    patterns = np.array(list(product([0, 1], repeat=count))).T

    np.testing.assert_array_equal(exchanged(patterns), np.sort(patterns, axis=0))


@pytest.mark.parametrize("count", [20, 33, 50, 64, 100])
def test_exchanges_sort_any_values(count):
    values = np.random.default_rng(count).normal(size=(count, 300))

    np.testing.assert_array_equal(exchanged(values), np.sort(values, axis=0))
