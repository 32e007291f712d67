"""The clipped mean as it is stated, one pixel at a time."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr


def clipped_mean_of_pixel(
    values: np.ndarray, sigma: float, iterations: int, weights: np.ndarray | None = None
) -> tuple[float, float, int]:
    """Return mean, variance of a value of weight 1, and number of what is kept."""
    finite = np.isfinite(values)
    good = values[finite].astype(np.float64)
    if not good.size:
        return np.nan, np.nan, 0
    all_weights = np.ones(values.size) if weights is None else weights.astype(np.float64)
    heavy = all_weights[finite]
    inside = np.ones(good.size, bool)
    for number in range(iterations):
        if number == 0:
            quarter, centre, three_quarters = np.percentile(good, [25, 50, 75])
            width = 0.7413 * (three_quarters - quarter) * narrower(all_weights)
        else:
            centre = np.average(good[inside], weights=heavy[inside])
            width = np.sqrt(variance(good[inside], heavy[inside], 0.0))
        # Values that are equal but for rounding are equal.
        inside = np.abs(good - centre) <= sigma * width / np.sqrt(heavy) + 1e-9 * np.abs(centre)
    mean = np.average(good[inside], weights=heavy[inside]) if inside.any() else np.nan
    return mean, variance(good[inside], heavy[inside], np.nan), int(inside.sum())


def variance(values: np.ndarray, weights: np.ndarray, alone: float) -> float:
    """Return the variance of a value of weight 1; that of a single one is `alone`."""
    if values.size < 2:
        return alone
    return float(np.sum(weights * (values - np.average(values, weights=weights)) ** 2) / (values.size - 1))


def narrower(weights: np.ndarray) -> float:
    """Return the standard deviation of a value of weight 1, in that of equal values with the same quartiles."""

    def more_than_a_quarter(place: float) -> float:
        return float(np.mean(ndtr(place * np.sqrt(weights))) - 0.75)

    return float(0.67449 / brentq(more_than_a_quarter, 0.0, 1e3, xtol=1e-12))
