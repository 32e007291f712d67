"""Which pixels show a star or a galaxy instead of the sky."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipelines.clipping import clip
from pipelines.image import CcdImage, MaskPlane
from pipelines.sky.background import fit_background

__all__ = ["UNUSABLE", "detect", "grown", "mask_objects"]

UNUSABLE = MaskPlane.BAD | MaskPlane.SAT | MaskPlane.NO_DATA | MaskPlane.UNMASKEDNAN | MaskPlane.CR
"""Pixels that tell nothing of the sky."""

_LITTLE = 1e-6
_WIDE = 20  # pixels


def detect(
    image: NDArray[np.floating[Any]], good: NDArray[np.bool_], *, threshold: float, width: float, grow: int
) -> NDArray[np.bool_]:
    """Return the pixels of sources above a background of 0.

    Parameters
    ----------
    image, good
        Shape (ny, nx).
    threshold
        In standard deviations of the smoothed image.
    width
        Standard deviation of the Gaussian by which the image is smoothed [pixels]: that of a star.
    grow
        By how much sources are made larger [pixels].
    """
    smooth = ndimage.gaussian_filter(np.where(good, image, 0.0).astype(np.float32), width)
    if not good.all():
        weight = ndimage.gaussian_filter(good.astype(np.float32), width)
        smooth /= np.maximum(weight, np.float32(_LITTLE))
    # Within the width of a star the smoothed noise repeats itself.
    sparse = (slice(None, None, max(1, int(width))),) * 2
    level = clip(smooth[sparse][good[sparse]])
    above: NDArray[np.bool_] = good & (smooth > level.mean + threshold * level.deviation)
    return grown(above, grow)


def grown(mask: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    """Return the pixels within `radius` [pixels] of any in the mask.

    Examples
    --------
    >>> int(grown(np.eye(5, dtype=bool) & (np.arange(5) == 2), 1).sum())
    5
    """
    found = mask.copy()
    if not radius or not mask.any():
        return found
    if radius > _WIDE:
        return np.asarray(ndimage.distance_transform_edt(~mask) <= radius)
    # A small disc is a run of pixels in each row: faster than the distance of each pixel to the mask.
    for row in range(radius + 1):
        half = math.isqrt(radius**2 - row**2)
        wide = ndimage.maximum_filter1d(mask.view(np.uint8), 2 * half + 1, axis=1, mode="constant").view(np.bool_)
        found[: mask.shape[0] - row] |= wide[row:]
        found[row:] |= wide[: mask.shape[0] - row]
    return found


def mask_objects(
    image: CcdImage,
    *,
    threshold: float = 3.0,
    passes: int = 3,
    width: float = 2.0,
    grow: int = 4,
    background_size: int = 256,
) -> CcdImage:
    """Return the image with its objects DETECTED; each pass measures the background without those found before.

    Parameters
    ----------
    threshold, width, grow
        As in `detect`.
    passes
        At most; they end when a pass finds no pixel that the one before did not.
    """
    usable = ~image.masked(UNUSABLE) & np.isfinite(image.image)
    found = np.zeros(image.shape, np.bool_)
    for _ in range(passes):
        background = fit_background(image.image, usable & ~found, background_size)
        more = detect(image.image - background, usable, threshold=threshold, width=width, grow=grow)
        settled = not (more & ~found).any()
        found |= more
        if settled:
            break
    masked = image.copy()
    masked.mask &= ~np.uint16(MaskPlane.DETECTED)
    masked.mask[found] |= np.uint16(MaskPlane.DETECTED)
    return masked
