"""Mean and scatter of the values that lie near most of the others.

The rule is that of lsst/afw: the first pass cuts about the median by the quartiles, later passes about the clipped mean
by the clipped deviation, and each pass tries all values again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["IQR_TO_SIGMA", "Clipped", "clip", "clip_factor"]

IQR_TO_SIGMA = 0.7413
"""Standard deviation of a Gaussian over the distance of its quartiles."""

_QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clipped:
    """What is left: `count` values within [`low`, `high`], their `mean` and standard `deviation`."""

    mean: float
    deviation: float
    count: int
    low: float
    high: float


def clip(values: NDArray[Any], *, limit: float = 3.0, passes: int = 3) -> Clipped:
    """Clip values of any shape.

    Parameters
    ----------
    limit
        Distance from the middle beyond which a value is left out [standard deviations].

    Returns
    -------
    Clipped
        Mean and deviation are NaN where no value is finite.

    Examples
    --------
    >>> clip(np.array([1.0, 2.0, 3.0, 2.0, 900.0])).mean
    2.0
    """
    # Sorted, values are looked at once; what lies between two limits is then a run of them.
    flat = np.sort(values if values.dtype.kind == "f" else values.astype(np.float64), axis=None)
    finite = slice(np.searchsorted(flat, -np.inf, side="right"), np.searchsorted(flat, np.inf))
    ordered = flat[finite].astype(np.float64)
    if not ordered.size:
        return Clipped(mean=math.nan, deviation=math.nan, count=0, low=math.nan, high=math.nan)
    first, middle, third = (_quantile(ordered, fraction) for fraction in _QUARTILES)
    low, high, sigma, kept = -math.inf, math.inf, IQR_TO_SIGMA * (third - first), ordered
    for _ in range(passes):
        low, high = middle - limit * sigma, middle + limit * sigma
        inside = ordered[np.searchsorted(ordered, low) : np.searchsorted(ordered, high, side="right")]
        if not inside.size:
            break
        kept, middle = inside, float(inside.mean())
        sigma = math.sqrt(_squares(inside, middle) / inside.size)
    mean = float(kept.mean())
    deviation = math.sqrt(_squares(kept, mean) / (kept.size - 1)) if kept.size > 1 else 0.0
    return Clipped(mean=mean, deviation=deviation, count=kept.size, low=low, high=high)


def _squares(values: NDArray[np.float64], middle: float) -> float:
    """Return the sum of the squares of distances; not by BLAS, whose threads cost more than they save."""
    off = values - middle
    np.square(off, out=off)
    return float(off.sum())


def _quantile(ordered: NDArray[np.float64], fraction: float) -> float:
    """Return a quantile of sorted values, between two of them in proportion."""
    place = fraction * (ordered.size - 1)
    below = int(place)
    low, high = float(ordered[below]), float(ordered[min(below + 1, ordered.size - 1)])
    return low + (place - below) * (high - low)


def clip_factor(limit: float) -> float:
    """Return what the variance of a Gaussian clipped at +/- `limit` deviations must be multiplied with.

    Examples
    --------
    >>> round(clip_factor(2.0), 3), round(clip_factor(5.5), 5)
    (1.292, 1.0)
    """
    density = math.exp(-0.5 * limit**2) / math.sqrt(2.0 * math.pi)
    return 1.0 / (1.0 - 2.0 * limit * density / math.erf(limit / math.sqrt(2.0)))
