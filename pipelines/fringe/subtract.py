"""Taking fringes off an image: how strong they are in it, and what is left."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.image import CcdImage, MaskPlane
from pipelines.sky import UNUSABLE, fit_background

__all__ = ["FringeAmplitude", "fit_amplitude", "subtract_fringes"]

_UNUSABLE = UNUSABLE | MaskPlane.DETECTED
_GOOD_PART = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class FringeAmplitude:
    """How much of a fringe frame an image contains, in the unit of the image, and its error, one sigma."""

    value: float
    error: float


def fit_amplitude(
    image: CcdImage,
    fringe: CcdImage,
    *,
    box: int = 3,
    background_size: int = 128,
    clip_limit: float = 3.0,
    passes: int = 10,
) -> FringeAmplitude:
    """Fit the fringe frame to the image; what is smooth in either does not count.

    Parameters
    ----------
    image, fringe
        Of the same shape.
    box
        Means of boxes with this side are compared [pixels].
    background_size
        Side of the boxes whose mean is no fringe [pixels].
    clip_limit, passes
        Boxes further off the fit are left out: stars [standard deviations].

    Raises
    ------
    ValueError
        If the shapes differ, or no box is good in both.
    """
    if image.shape != fringe.shape:
        raise ValueError(f"fringes: the image has {image.shape} pixels, the fringe frame {fringe.shape}")
    good = ~(image.masked(_UNUSABLE) | fringe.masked(_UNUSABLE))
    good &= np.isfinite(image.image) & np.isfinite(fringe.image)
    seen, pattern = (
        _box_means(each.image - fit_background(each.image, good, background_size), good, box)
        for each in (image, fringe)
    )
    usable = np.isfinite(seen) & np.isfinite(pattern)
    seen, pattern = seen[usable], pattern[usable]
    if not seen.size or not pattern.any():
        raise ValueError("fringes: no pixel is good in both the image and the fringe frame, or the frame is empty")
    kept = np.ones(seen.shape, np.bool_)
    for _ in range(passes):
        x, y = pattern[kept] - pattern[kept].mean(), seen[kept] - seen[kept].mean()
        value = float((x * y).sum() / (x * x).sum())
        rest = seen - value * pattern
        rest -= np.median(rest[kept])
        scatter = float(rest[kept].std())
        inside = np.abs(rest) <= clip_limit * scatter
        if scatter == 0.0 or np.array_equal(inside, kept):
            break
        kept = inside
    return FringeAmplitude(value=value, error=scatter / math.sqrt(float((x * x).sum())))


def subtract_fringes(image: CcdImage, fringe: CcdImage) -> CcdImage:
    """Return the image without its fringes; the header says how strong they were."""
    amplitude = fit_amplitude(image, fringe)
    found = image.copy()
    found.image -= np.float32(amplitude.value) * np.nan_to_num(fringe.image)
    found.header |= {"FRINGE AMPLITUDE": amplitude.value, "FRINGE AMPLITUDE ERROR": amplitude.error}
    return found


def _box_means(plane: NDArray[np.float64], good: NDArray[np.bool_], box: int) -> NDArray[np.float64]:
    """Return the means of good pixels in boxes; NaN where fewer than half are good."""
    rows, columns = (length // box for length in plane.shape)
    inner = (slice(0, rows * box), slice(0, columns * box))
    blocks = (rows, box, columns, box)
    count = good[inner].reshape(blocks).sum(axis=(1, 3))
    total = np.where(good, plane, 0.0)[inner].reshape(blocks).sum(axis=(1, 3))
    enough = count >= _GOOD_PART * box**2
    means: NDArray[np.float64] = np.where(enough, total / np.maximum(count, 1), np.nan)
    return means
