"""Values for pixels that have none of their own."""

from __future__ import annotations

import numpy as np

from pipelines.camera import Detector, amplifier_box
from pipelines.image import CcdImage, MaskPlane

__all__ = ["interpolate_along_rows", "set_bad_amplifiers"]


def interpolate_along_rows(image: CcdImage, planes: MaskPlane) -> None:
    """Fill pixels with any of the bits, in place, by a line between the good ones left and right; mark them INTRP.

    A run at the edge takes the value of its one neighbour; a row without any good pixel stays as it is.
    """
    bad = image.masked(planes)
    rows = np.flatnonzero(bad.any(axis=1) & ~bad.all(axis=1))
    columns = np.arange(bad.shape[1])
    for row in rows:
        gaps = np.flatnonzero(bad[row])
        good = columns[~bad[row]]
        for plane in (image.image, image.variance):
            plane[row, gaps] = np.interp(gaps, good, plane[row, good])
        image.mask[row, gaps] |= np.uint16(MaskPlane.INTRP)


def set_bad_amplifiers(image: CcdImage, detector: Detector) -> list[str]:
    """Give amplifiers whose pixels are all BAD the median of the good ones, in place; return their names."""
    bad = image.masked(MaskPlane.BAD)
    boxes = {name: amplifier_box(each, image.shape) for name, each in detector.amplifiers.items()}
    lost = {name: box for name, box in boxes.items() if bad[box].all()}
    if lost and not bad.all():
        middle = np.median(image.image[~bad])
        for box in lost.values():
            image.image[box] = middle
    return list(lost)
