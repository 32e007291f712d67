"""The clipped mean of values that are not equally good, in plain numpy: each clip looks at all of them again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipelines.combine.quartiles import sigma_of_quartiles
from pipelines.image import Float

__all__ = ["clip_weighted"]

_BLOCK = 4096  # pixels at a time
_ROUNDING = 1e-6  # of the mean: float32 may put equal values that far from it
_QUARTERS = (0.25, 0.5, 0.75)

Double = NDArray[np.float64]


def clip_weighted(
    values: Float,
    weights: Float,
    sigma: float,
    iterations: int,
    mean: Float,
    variance: Float,
    weight: Float,
    count: NDArray[np.int32],
) -> None:
    """Fill mean, variance, weight and count, shape (pixels,), from values of shape (images, pixels)."""
    own = weights[:, np.newaxis]
    scatter = 1 / np.sqrt(own)
    width = sigma * sigma_of_quartiles(weights)
    for start in range(0, values.shape[1], _BLOCK):
        block = slice(start, min(start + _BLOCK, values.shape[1]))
        quarter, pivot, three_quarters = _quartiles(values[:, block])
        off = values[:, block] - pivot.astype(np.float32)
        centre, reach = np.zeros_like(pivot), width * (three_quarters - quarter)
        inside = np.isfinite(off)
        for clip in range(max(iterations, 1)):
            if iterations:
                slack = _ROUNDING * np.abs(centre)
                inside = np.abs(off - centre.astype(np.float32)) <= (reach * scatter + slack).astype(np.float32)
            heavy = np.where(inside, own, np.float32(0))
            near = np.where(inside, off, np.float32(0))
            total = heavy.sum(axis=0, dtype=np.float64)
            sums = np.einsum("ij,ij->j", heavy, near, dtype=np.float64)
            squares = np.einsum("ij,ij,ij->j", heavy, near, near, dtype=np.float64)
            kept = np.count_nonzero(inside, axis=0)
            centre = sums / np.where(total > 0, total, np.nan)
            spread = np.maximum(squares - sums * np.nan_to_num(centre), 0.0) / np.maximum(kept - 1, 1)
            if clip < iterations - 1:
                reach, centre = sigma * np.sqrt(spread), np.nan_to_num(centre)
        mean[block] = pivot.astype(np.float32) + centre
        variance[block] = np.where(kept > 1, spread, np.nan)
        weight[block], count[block] = total, kept


def _quartiles(values: Float) -> list[Double]:
    """Return the quartiles of each pixel, 0 where it has no value."""
    ordered = np.sort(np.ascontiguousarray(values.T), axis=1)  # what is not a number comes last
    last = np.maximum(np.count_nonzero(np.isfinite(ordered), axis=1) - 1, 0)
    pixel = np.arange(last.size)
    found = []
    for fraction in _QUARTERS:
        place = fraction * last
        index = place.astype(np.intp)
        low = ordered[pixel, index].astype(np.float64)
        high = ordered[pixel, np.minimum(index + 1, last)]
        found.append(np.nan_to_num(low + (place - index) * (high - low)))
    return found
