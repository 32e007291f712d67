"""Levels of flats taken apart: B = G E, the response G of each sensor times the brightness E of each exposure.

In logarithms it is a sum, fitted by averages over sensors and over exposures in turn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.clipping import clip
from pipelines.image import CcdImage, MaskPlane

__all__ = ["Backgrounds", "Normalization", "measure_background", "normalize"]

Double = NDArray[np.float64]

_IGNORED = MaskPlane.DETECTED | MaskPlane.BAD | MaskPlane.NO_DATA
_PASSES = 10
_CHANGE = 1e-12  # of a logarithm, at which averaging has settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Backgrounds:
    """Levels [adu] and the pixels they are made of, each of shape (sensors, exposures)."""

    level: Double
    pixels: Double


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalization:
    """What levels come apart to.

    Attributes
    ----------
    response
        Of each sensor; the mean, weighted with pixels, is 1.
    brightness
        Of each exposure [adu]: what its images are divided by.
    """

    response: Double
    brightness: Double


def measure_background(image: CcdImage, box: tuple[slice, slice] = (slice(None), slice(None))) -> tuple[float, int]:
    """Return the clipped mean [adu] of an image, or of the amplifier in `box`, and the number of its pixels."""
    kept = clip(image.image[box][~image.masked(_IGNORED)[box]])
    return kept.mean, kept.count


def normalize(level: ArrayLike, pixels: ArrayLike | None = None) -> Normalization:
    """Take the levels of flats apart.

    Parameters
    ----------
    level
        Shape (sensors, exposures) [adu]; what is not a positive number is missing.
    pixels
        How many each level is the mean of: its weight. By default all weigh the same.

    Raises
    ------
    ValueError
        If shapes differ, or a sensor or an exposure has no level at all.

    References
    ----------
    lsst/cp_pipe: python/lsst/cp/pipe/cpFlatNormTask.py

    Examples
    --------
    >>> found = normalize([[900.0, 1800.0], [1100.0, 2200.0]])
    >>> found.response.round(6).tolist(), found.brightness.round(6).tolist()
    ([0.9, 1.1], [1000.0, 2000.0])
    """
    levels = np.asarray(level, np.float64)
    weights = np.ones_like(levels) if pixels is None else np.asarray(pixels, np.float64)
    if levels.ndim != 2 or levels.shape != weights.shape:
        raise ValueError(f"levels and pixels have the shape (sensors, exposures), not {levels.shape}, {weights.shape}")
    there = np.isfinite(levels) & (levels > 0) & (weights > 0)
    for axis, name in ((1, "sensor"), (0, "exposure")):
        dark = np.flatnonzero(~there.any(axis=axis))
        if dark.size:
            raise ValueError(f"{name} {dark[0]} has no level above 0 in any flat; leave it out")
    weights = np.where(there, weights, 0.0)
    logs = np.log(np.where(there, levels, 1.0))
    response, brightness = np.zeros(levels.shape[0]), np.zeros(levels.shape[1])
    for _ in range(_PASSES):
        brightness = _average(logs - response[:, np.newaxis], weights, axis=0)
        before, response = response, _average(logs - brightness, weights, axis=1)
        total = weights.sum(axis=1)
        response -= np.log(np.sum(total * np.exp(response)) / total.sum())
        if np.abs(response - before).max() < _CHANGE:
            break
    brightness = _average(logs - response[:, np.newaxis], weights, axis=0)
    return Normalization(response=np.exp(response), brightness=np.exp(brightness))


def _average(values: Double, weights: Double, axis: int) -> Double:
    found: Double = (values * weights).sum(axis=axis) / weights.sum(axis=axis)
    return found
