"""One frame of the fringe pattern: what is left of the sky in an exposure, relative to its level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.clipping import clip
from pipelines.image import CcdImage, MaskPlane
from pipelines.sky import UNUSABLE, detect, fit_background

__all__ = ["FringeSettings", "relative_fringes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FringeSettings:
    """How the pattern is found.

    Attributes
    ----------
    background_size
        Side of the boxes whose mean is no fringe [pixels].
    width
        Standard deviation of a star [pixels].
    threshold, grow
        Stars are found above so many standard deviations, and made larger [pixels].
    """

    background_size: int = 128
    width: float = 1.0
    threshold: float = 5.0
    grow: int = 3


def relative_fringes(image: CcdImage, settings: FringeSettings | None = None) -> CcdImage:
    """Return the fringes of a flat-fielded exposure of the sky: (image - smooth background) / level.

    Stars are marked DETECTED; combine such frames, leaving those pixels out, to get the fringe frame of a filter.

    Raises
    ------
    ValueError
        If the level of the sky is not above 0.
    """
    settings = settings or FringeSettings()
    good = ~image.masked(UNUSABLE) & np.isfinite(image.image)
    level = clip(image.image[good]).mean
    if not level > 0.0:
        raise ValueError(f"fringes: the level of the sky is {level}; fringes are measured relative to it")
    background = fit_background(image.image, good, settings.background_size)
    stars = detect(
        image.image - background, good, threshold=settings.threshold, width=settings.width, grow=settings.grow
    )
    # Stars lift the means of their boxes, so that the background is measured once more without them.
    background = fit_background(image.image, good & ~stars, settings.background_size)
    found = image.copy()
    found.image -= background.astype(np.float32)
    found.image /= np.float32(level)
    found.variance /= np.float32(level**2)
    found.mask[stars] |= np.uint16(MaskPlane.DETECTED)
    found.header["FRINGE LEVEL"] = level
    return found
