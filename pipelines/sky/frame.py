"""The sky frame: what an even sky looks like through the telescope, averaged over many exposures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from pipelines.clipping import clip
from pipelines.image import CcdImage, MaskPlane
from pipelines.sky.background import Background, measure_background
from pipelines.sky.objects import UNUSABLE

__all__ = ["average_sky", "exposure_scale", "focal_plane_levels", "relative_sky", "sky_image"]

_NO_SKY = UNUSABLE | MaskPlane.DETECTED


def focal_plane_levels(images: Mapping[str, CcdImage]) -> dict[str, float]:
    """Return the level of the sky in each detector of an exposure, objects left out; NaN without a good pixel.

    This is the background of the focal plane in super-pixels as large as a detector.
    """
    return {
        name: clip(image.image[~image.masked(_NO_SKY) & np.isfinite(image.image)]).mean
        for name, image in images.items()
    }


def exposure_scale(levels: Mapping[str, float]) -> float:
    """Return the median level of an exposure's detectors.

    Raises
    ------
    ValueError
        If no detector shows any sky above 0.
    """
    known = [level for level in levels.values() if math.isfinite(level)]
    scale = float(np.median(known)) if known else math.nan
    if not scale > 0.0:
        raise ValueError(f"sky: the median level is {scale}; a sky frame needs exposures of a sky above 0")
    return scale


def relative_sky(image: CcdImage, level: float, scale: float, size: int = 128) -> Background:
    """Return what is left of a detector's sky in boxes: (image - level) / scale.

    Parameters
    ----------
    level
        Of the focal plane's background at the detector, in the unit of the image.
    scale
        Of the exposure.
    size
        Side of the boxes [pixels].
    """
    good = ~image.masked(_NO_SKY) & np.isfinite(image.image)
    return measure_background((image.image - np.float32(level)) / np.float32(scale), good, size)


def average_sky(skies: Sequence[Background]) -> Background:
    """Return the mean of several exposures' skies of a detector, each box weighted by its pixels.

    Raises
    ------
    ValueError
        If there is none, or their boxes differ.
    """
    if not skies or len({(sky.shape, sky.levels.shape) for sky in skies}) != 1:
        raise ValueError(f"sky: cannot average {len(skies)} skies; at least one is needed, all of one size")
    levels = np.stack([sky.levels for sky in skies])
    weights = np.where(np.isfinite(levels), np.stack([sky.numbers for sky in skies]), 0.0)
    total = weights.sum(axis=0)
    mean = (np.nan_to_num(levels) * weights).sum(axis=0) / np.where(total > 0.0, total, np.nan)
    return Background(levels=mean, numbers=total, shape=skies[0].shape)


def sky_image(sky: Background) -> CcdImage:
    """Return the sky frame at each pixel; boxes that never saw the sky are BAD."""
    found = CcdImage.blank(sky.shape, {"OBSTYPE": "sky"})
    found.image[...] = sky.image()
    edges = [
        np.linspace(0, length, count + 1).astype(int) for length, count in zip(sky.shape, sky.levels.shape, strict=True)
    ]
    for row, column in zip(*np.nonzero(~np.isfinite(sky.levels)), strict=True):
        box = (slice(*edges[0][row : row + 2]), slice(*edges[1][column : column + 2]))
        found.mask[box] |= np.uint16(MaskPlane.BAD)
    return found
