"""The smooth background of an image: clipped means in boxes, and straight lines from box to box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.clipping import clip

__all__ = ["Background", "fit_background", "measure_background"]

_GOOD_PART = 0.1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Background:
    """Levels in a grid of boxes that share out an image.

    Attributes
    ----------
    levels
        Shape (boxes along y, boxes along x); NaN where a box had too few good pixels.
    numbers
        Pixels that each level comes from.
    shape
        Rows and columns of the image.
    """

    levels: NDArray[np.float64]
    numbers: NDArray[np.float64]
    shape: tuple[int, int]

    def image(self) -> NDArray[np.float64]:
        """Return the level at each pixel: linear between the middles of boxes, and beyond the outermost."""
        levels = _filled(self.levels)
        rows, columns = (_hats(length, count) for length, count in zip(self.shape, levels.shape, strict=True))
        found: NDArray[np.float64] = rows @ levels @ columns.T
        return found


def measure_background(
    image: NDArray[np.floating[Any]], good: NDArray[np.bool_], size: int, *, limit: float = 3.0, passes: int = 3
) -> Background:
    """Measure the clipped mean of the good pixels in boxes of about `size` pixels.

    Parameters
    ----------
    image, good
        Shape (ny, nx).
    """
    shape = (image.shape[0], image.shape[1])
    edges = [np.linspace(0, length, max(1, round(length / size)) + 1).astype(int) for length in shape]
    levels = np.full((len(edges[0]) - 1, len(edges[1]) - 1), np.nan)
    numbers = np.zeros_like(levels)
    for row, column in np.ndindex(levels.shape):
        box = (slice(*edges[0][row : row + 2]), slice(*edges[1][column : column + 2]))
        usable = good[box]
        if np.count_nonzero(usable) > _GOOD_PART * usable.size:
            found = clip(image[box][usable], limit=limit, passes=passes)
            levels[row, column], numbers[row, column] = found.mean, found.count
    return Background(levels=levels, numbers=numbers, shape=shape)


def fit_background(image: NDArray[np.floating[Any]], good: NDArray[np.bool_], size: int) -> NDArray[np.float64]:
    """Return the smooth background at each pixel; 0 where no box has enough good pixels."""
    return measure_background(image, good, size).image()


def _filled(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the levels with empty boxes filled from those around, step by step."""
    levels = levels.copy()
    if not np.isfinite(levels).any():
        return np.zeros_like(levels)
    while (empty := ~np.isfinite(levels)).any():
        padded = np.pad(levels, 1, constant_values=np.nan)
        around = np.stack([padded[2:, 1:-1], padded[:-2, 1:-1], padded[1:-1, 2:], padded[1:-1, :-2]])
        number = np.isfinite(around).sum(axis=0)
        fill = np.nansum(around, axis=0) / np.maximum(number, 1)
        levels = np.where(empty & (number > 0), fill, levels)
    return levels


def _hats(length: int, count: int) -> NDArray[np.float64]:
    """Return the weight of each box for each pixel along an axis, shape (length, count)."""
    if count == 1:
        return np.ones((length, 1))
    edges = np.linspace(0, length, count + 1).astype(int)
    middles = (edges[:-1] + edges[1:] - 1) / 2.0
    pixels = np.arange(length)
    left = np.clip(np.searchsorted(middles, pixels) - 1, 0, count - 2)
    part = (pixels - middles[left]) / (middles[left + 1] - middles[left])
    weights = np.zeros((length, count))
    weights[pixels, left], weights[pixels, left + 1] = 1.0 - part, part
    return weights
