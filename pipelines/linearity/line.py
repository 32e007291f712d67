"""A straight line through points of which some lie far off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["robust_line", "weighted_polynomial"]

Array = NDArray[np.float64]

_CAUCHY = 2.385
_PASSES = 50
_SETTLED = 1e-10


def robust_line(abscissa: Array, ordinate: Array, errors: Array) -> tuple[float, float]:
    """Return offset and slope; a point counts less the further off it lies.

    The weight 1 / (1 + (r / 2.385)²) is Cauchy's, r being the residual in errors.

    Examples
    --------
    >>> time = np.arange(1.0, 20.0)
    >>> offset, slope = robust_line(time, np.where(time == 15.0, 900.0, 2.0 * time), np.ones(19))
    >>> round(slope, 2)
    2.0
    """
    weights = np.ones_like(abscissa)
    offset, slope = 0.0, float(np.median(ordinate / np.where(abscissa == 0.0, np.nan, abscissa)))
    for _ in range(_PASSES):
        before = slope
        weights = 1.0 / (1.0 + ((ordinate - offset - slope * abscissa) / errors / _CAUCHY) ** 2)
        offset, slope = weighted_polynomial(abscissa, ordinate, errors / np.sqrt(weights), 1)
        if abs(slope - before) <= _SETTLED * abs(slope):
            break
    return float(offset), float(slope)


def weighted_polynomial(abscissa: Array, ordinate: Array, errors: Array, order: int) -> Array:
    """Return the coefficients, lowest power first, of the polynomial with the least sum of squares."""
    unit = float(np.max(np.abs(abscissa)))
    powers = (abscissa / unit)[:, None] ** np.arange(order + 1)
    found = np.linalg.lstsq(powers / errors[:, None], ordinate / errors, rcond=None)[0]
    return np.asarray(found / unit ** np.arange(order + 1), dtype=np.float64)
