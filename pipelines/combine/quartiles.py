"""What the quartiles of values tell of their scatter, if some of the values are better than others."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from pipelines.image import Float

__all__ = ["SIGMA_OF_QUARTILES", "sigma_of_quartiles"]

SIGMA_OF_QUARTILES = 0.7413
"""Standard deviation of normal values, by the distance of their quartiles: lsst/afw, Statistics."""

_QUARTILE = 0.674490  # of a normal distribution [standard deviations]
_HALVINGS = 50


def sigma_of_quartiles(weights: Float) -> float:
    """Return the standard deviation of a value of weight 1, by the distance of the quartiles of them all.

    Parameters
    ----------
    weights
        Shape (values,): the inverse of the variance that each has, but for a common factor.

    Examples
    --------
    >>> sigma_of_quartiles(np.ones(5, np.float32))
    0.7413
    >>> round(sigma_of_quartiles(np.array([1.0, 1.0, 1.0, 0.01], np.float32)), 3)
    0.544
    """
    if np.ptp(weights) == 0.0:
        return SIGMA_OF_QUARTILES * math.sqrt(float(weights[0]))
    return SIGMA_OF_QUARTILES * _QUARTILE / _quartile_of_mixture(tuple(np.sqrt(weights.astype(np.float64)).tolist()))


@lru_cache(maxsize=64)
def _quartile_of_mixture(narrowness: tuple[float, ...]) -> float:
    """Return above what a quarter of normal values lies, each distribution as narrow as it is, all equally many."""
    low, high = 0.0, 10.0 / min(narrowness)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        below = sum(math.erf(middle * each / math.sqrt(2.0)) for each in narrowness) / len(narrowness)
        low, high = (middle, high) if below < 0.5 else (low, middle)
    return low
