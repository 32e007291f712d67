"""Cosmic rays in a single frame: what is sharper than any light can be.

Light that came through the telescope is spread like a star's image at least; a pixel that stands out from its
neighbours more than a star's middle would is a ray, or a part of one. What lies beside a ray is looked at again with
the ray filled in: so a track is found from its ends inward, and inward from its brightest parts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipelines.image import CcdImage, Float, MaskPlane

__all__ = ["CosmicRaySettings", "CosmicRays", "TooManyCosmicRays", "fill_in", "find_cosmic_rays", "repair_cosmic_rays"]

Found = NDArray[np.bool_]
_Places = tuple[NDArray[np.intp], ...]

_FWHM_OF_SIGMA = 2.3548
# To one of each pair of opposite neighbours: step in rows and in columns.
_DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))
_NEIGHBOURS = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1) if row or column]
_UNFIT = MaskPlane.BAD | MaskPlane.SAT | MaskPlane.NO_DATA | MaskPlane.UNMASKEDNAN | MaskPlane.INTRP
_SQUARE = np.ones((3, 3), bool)
_STRIP = 32  # rows that stay in a processor's cache
_THIN = 8  # a level is found in every eighth row and column


class TooManyCosmicRays(ValueError):
    """More pixels look like rays than there can be: something else is wrong with the image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CosmicRaySettings:
    """What a ray is.

    Attributes
    ----------
    fwhm
        Of a star's image, a Gaussian [pixels].
    min_sigma
        How far a pixel stands above the mean of two opposite neighbours [standard deviations].
    min_sum
        Of a ray's pixels above what surrounds them [the image's unit].
    cond_3_fac
        Standard deviations by which the test of sharpness favours light.
    cond_3_fac_2
        Fraction of a star's sharpness that light may reach.
    passes
        Over the image, then over what touches the rays found.
    max_pixels
        More are an error.
    grow
        Pixels around a ray that are marked with it.
    max_column
        Pixels in a row of one column, from which on it is no ray but a bad column or a trail of charge: chosen here.

    References
    ----------
    lsst/meas_algorithms: python/lsst/meas/algorithms/findCosmicRaysConfig.py (values);
    lsst/cp_pipe: python/lsst/cp/pipe/cpDarkTask.py (`fwhm`, `grow`)
    """

    fwhm: float = 3.0
    min_sigma: float = 6.0
    min_sum: float = 150.0
    cond_3_fac: float = 2.5
    cond_3_fac_2: float = 0.6
    passes: int = 3
    max_pixels: int = 10_000
    grow: int = 2
    max_column: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CosmicRays:
    """The rays of an image.

    Attributes
    ----------
    pixels
        Which are hit, shape of the image, not grown.
    number
        Of rays.
    """

    pixels: Found
    number: int


def find_cosmic_rays(image: CcdImage, settings: CosmicRaySettings | None = None) -> CosmicRays:
    """Find the cosmic rays of an image; it stays as it is.

    Parameters
    ----------
    image
        After ISR [electron]. Masked pixels, bad or saturated, are filled in before, and are never rays.

    Raises
    ------
    TooManyCosmicRays
        If more than `max_pixels` are hit: mask defects first.
    """
    settings = settings or CosmicRaySettings()
    unfit = image.masked(_UNFIT)
    unfit |= ~np.isfinite(image.image)
    pixels = fill_in(image.image, unfit) if unfit.any() else image.image
    found = np.zeros(image.shape, bool)
    work, places = pixels, _standing_out(pixels, image.variance, settings)
    for _ in range(settings.passes):
        rows, columns = _sharp(work, image.variance, places, settings)
        new = ~unfit[rows, columns] & ~found[rows, columns]
        if not new.any():
            break
        found[rows[new], columns[new]] = True
        # Columns are told from rays at once: filled in, they would draw their neighbours after them.
        found &= ~_columns(found, settings.max_column)
        if np.count_nonzero(found) > settings.max_pixels:
            raise TooManyCosmicRays(
                f"{image.header.get('OBSID', 'image')}: more than {settings.max_pixels} pixels look like cosmic rays; "
                "mask its defects before looking for rays"
            )
        work, places = fill_in(pixels, found), _around(found)
    labels, count = ndimage.label(found, _SQUARE) if found.any() else (found, 0)
    if count:
        rows, columns = np.nonzero(found)
        above = pixels[rows, columns].astype(np.float64) - work[rows, columns]
        sums = np.bincount(labels[rows, columns], above, minlength=count + 1)
        weak = sums < settings.min_sum
        found[rows, columns] = ~weak[labels[rows, columns]]
        count -= int(np.count_nonzero(weak[1:]))
    return CosmicRays(pixels=found, number=int(count))


def repair_cosmic_rays(
    image: CcdImage, settings: CosmicRaySettings | None = None, *, gain: float = 1.0, keep: bool = True
) -> CosmicRays:
    """Find and mark cosmic rays (CR), in place, grown by `grow`.

    Parameters
    ----------
    image
        After ISR.
    gain
        What makes electrons of its unit: 1 where it is in electrons.
    keep
        Leave the pixels' values, only mark them; otherwise fill them in from around them.
    """
    settings = settings or CosmicRaySettings()
    # All else is a comparison within the image, whatever its unit.
    rays = find_cosmic_rays(image, replace(settings, min_sum=settings.min_sum / gain))
    hit = rays.pixels
    if settings.grow and rays.number:
        hit = ndimage.binary_dilation(hit, _SQUARE, iterations=settings.grow)
    image.mask[hit] |= np.uint16(MaskPlane.CR)
    if not keep:
        image.image[...] = fill_in(image.image, hit & ~image.masked(_UNFIT))
    return rays


def fill_in(image: Float, holes: Found) -> Float:
    """Return an image whose holes have the mean of the good pixels around them, filled from their edges inward."""
    filled = image.copy()
    rows, columns = np.nonzero(holes)
    good = ~holes
    while rows.size:
        total, count = np.zeros(rows.size), np.zeros(rows.size)
        for down, right in _NEIGHBOURS:
            row, column = rows + down, columns + right
            inside = (row >= 0) & (row < image.shape[0]) & (column >= 0) & (column < image.shape[1])
            row, column = row[inside], column[inside]
            usable = good[row, column]
            total[inside] += np.where(usable, filled[row, column], 0)
            count[inside] += usable
        ready = count > 0
        if not ready.any():
            filled[rows, columns] = 0
            break
        filled[rows[ready], columns[ready]] = total[ready] / count[ready]
        good[rows[ready], columns[ready]] = True
        rows, columns = rows[~ready], columns[~ready]
    return filled


def _standing_out(image: Float, variance: Float, settings: CosmicRaySettings) -> _Places:
    """Return the pixels that stand out from the least of their pairs of neighbours, and those at the edges."""
    found = np.ones(image.shape, bool)
    limit = settings.min_sigma**2
    for start in range(1, image.shape[0] - 1, _STRIP):
        stop = min(start + _STRIP, image.shape[0] - 1)
        least = np.full((stop - start, image.shape[1] - 2), np.inf, np.float32)
        for down, right in _DIRECTIONS:
            columns = slice(1 + right, image.shape[1] - 1 + right), slice(1 - right, image.shape[1] - 1 - right)
            pair = image[start + down : stop + down, columns[0]] + image[start - down : stop - down, columns[1]]
            np.minimum(least, pair, out=least)
        excess = np.maximum(image[start:stop, 1:-1] - least / 2, 0)
        found[start:stop, 1:-1] = excess * excess > limit * variance[start:stop, 1:-1]
    return np.nonzero(found)


def _sharp(image: Float, variance: Float, places: _Places, settings: CosmicRaySettings) -> _Places:
    """Return those of the pixels that stand out, and are sharper than a star, in some direction."""
    rows, columns = places
    level = np.float32(np.median(image[::_THIN, ::_THIN]))
    own = np.sqrt(np.maximum(variance[places], 0))
    height = image[places] - level
    last_row, last_column = image.shape[0] - 1, image.shape[1] - 1
    sharp = np.zeros(rows.size, bool)
    for down, right in _DIRECTIONS:
        one = np.clip(rows + down, 0, last_row), np.clip(columns + right, 0, last_column)
        other = np.clip(rows - down, 0, last_row), np.clip(columns - right, 0, last_column)
        pair = (image[one] + image[other]) / 2 - level
        error = np.sqrt(np.maximum(variance[one] + variance[other], 0)) / 2
        star = np.exp(-0.5 * (down**2 + right**2) * (_FWHM_OF_SIGMA / settings.fwhm) ** 2)
        highest = settings.cond_3_fac_2 * star * (height - settings.cond_3_fac * own)
        sharp |= (height - pair > settings.min_sigma * own) & (pair + settings.cond_3_fac * error < highest)
    return rows[sharp], columns[sharp]


def _around(found: Found) -> _Places:
    """Return the pixels that touch one that is found."""
    rows, columns = np.nonzero(found)
    near = np.zeros(found.shape, bool)
    for down, right in _NEIGHBOURS:
        near[np.clip(rows + down, 0, found.shape[0] - 1), np.clip(columns + right, 0, found.shape[1] - 1)] = True
    near[rows, columns] = False
    return np.nonzero(near)


def _columns(found: Found, longest: int) -> Found:
    """Return the pixels that lie in runs of at least `longest` along a column."""
    if found.shape[0] < longest:
        return np.zeros_like(found)
    candidates = np.flatnonzero(np.count_nonzero(found, axis=0) >= longest)
    runs = np.zeros_like(found)
    for column in candidates:
        labels, count = ndimage.label(found[:, column])
        sizes = np.bincount(labels, minlength=count + 1)
        sizes[0] = 0
        runs[:, column] = sizes[labels] >= longest
    return runs
