"""Which pixels of one frame are bad: those far from the rest of their amplifier, and columns of them.

A dark shows pixels that are too bright; a flat shows those too dark or too bright; a bias shows those far above it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipelines.camera import Detector, amplifier_box
from pipelines.clipping import clip
from pipelines.image import CcdImage, Float, MaskPlane

__all__ = ["ColumnRules", "DefectSettings", "measure_defects"]

Bad = NDArray[np.bool_]

_LITTLE = 1e-3  # of a window: too few pixels to tell a level

_UNFIT = MaskPlane.SAT | MaskPlane.BAD | MaskPlane.NO_DATA | MaskPlane.CR


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRules:
    """When bad pixels make a bad column, within one amplifier.

    Attributes
    ----------
    bad
        Bad pixels at which the column is filled between the first and the last of them.
    gap
        Good pixels in a row that are left between bad ones.
    whole
        Bad pixels that condemn the whole column; None for never. LATISS: 1000.
    saturated
        Saturated pixels that condemn it, with its neighbours; None for never.
    saturated_neighbours
        How many on each side.
    """

    bad: int = 50
    gap: int = 30
    whole: int | None = None
    saturated: int | None = 20
    saturated_neighbours: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectSettings:
    """What is bad.

    Attributes
    ----------
    threshold
        ``STDEV``: distances in standard deviations of the amplifier; ``VALUE``: in the units below.
    bright_sigma, dark_sigma
        How far above or below the mean a pixel is bad [standard deviations].
    dark_current
        Of a bad pixel in a dark [electron/s]. LATISS' combined dark: 3.
    bias_level
        Of a bad pixel in a bias [adu].
    flat_fraction
        Of the mean, below which a pixel of a flat is bad. LATISS' combined flat: 0.9.
    window
        Side of the window in which the level of a flat is taken [pixels]; 0 for that of the amplifier. Chosen here: a
        flat that finds dead pixels must not be divided by another one, and then has the shadows of dust, which are
        no defects.
    columns
        Rules for columns.

    References
    ----------
    lsst/cp_pipe: python/lsst/cp/pipe/defects.py, pipelines/LATISS
    """

    threshold: str = "STDEV"
    bright_sigma: float = 4.8
    dark_sigma: float = 5.0
    dark_current: float = 5.0
    bias_level: float = 1000.0
    flat_fraction: float = 0.8
    window: int = 21
    columns: ColumnRules = field(default_factory=ColumnRules)


_Rule = Callable[[DefectSettings, float, float, float], tuple[float, float]]
"""Limits [adu from the mean] by settings, mean and standard deviation [adu], and adu per electron/s of dark current."""

_LIMITS: Mapping[str, Mapping[str, _Rule]] = {
    "STDEV": {
        "dark": lambda settings, mean, sigma, scale: (-np.inf, settings.bright_sigma * sigma),
        "flat": lambda settings, mean, sigma, scale: (-settings.dark_sigma * sigma, settings.bright_sigma * sigma),
    },
    "VALUE": {
        "bias": lambda settings, mean, sigma, scale: (-np.inf, settings.bias_level),
        "dark": lambda settings, mean, sigma, scale: (-np.inf, settings.dark_current * scale),
        "flat": lambda settings, mean, sigma, scale: ((settings.flat_fraction - 1) * mean, np.inf),
    },
}
"""A bias is not looked at by its scatter: what is wrong there is its level."""


def measure_defects(
    image: CcdImage, detector: Detector, kind: str, settings: DefectSettings | None = None
) -> NDArray[np.bool_]:
    """Return which pixels of a frame after ISR are bad, shape of the image.

    Parameters
    ----------
    image
        In adu. A combined dark or bias is one, too; a dark's DARKTIME [s] tells what a dark current adds up to.
    kind
        ``bias``, ``dark`` or ``flat``.

    Raises
    ------
    ValueError
        If there is no such kind of frame, or no such threshold.
    """
    settings = settings or DefectSettings()
    limits = _LIMITS.get(settings.threshold)
    if limits is None:
        raise ValueError(f"there is no threshold {settings.threshold}; there is {', '.join(_LIMITS)}")
    if kind not in limits:
        raise ValueError(f"defects are not seen by {settings.threshold} in a {kind}; they are in {', '.join(limits)}")
    bad = np.zeros(image.shape, bool)
    fit, rays = ~image.masked(_UNFIT), image.masked(MaskPlane.CR)
    seconds = float(image.header.get("DARKTIME", 1.0))
    for amplifier in detector.amplifiers.values():
        box = amplifier_box(amplifier, image.shape)
        if not fit[box].any():
            continue
        level, deviation, centred = _centred(image.image[box], fit[box], settings.window if kind == "flat" else 0)
        below, above = limits[kind](settings, level, deviation, seconds / amplifier.gain)
        found = ((centred < below) | (centred > above)) & ~rays[box] | ~np.isfinite(centred)
        bad[box] = _columns(found, image.masked(MaskPlane.SAT)[box], settings.columns)
    return bad


def _centred(image: Float, fit: Bad, window: int) -> tuple[float, float, Float]:
    """Return the level of an amplifier, its scatter, and what its pixels are off by, with a window from around them."""
    sample = clip(image[fit])
    centred = image - np.float32(sample.mean)
    if not window:
        return sample.mean, sample.deviation, centred
    usual = fit & (centred >= sample.low - sample.mean) & (centred <= sample.high - sample.mean)
    share = ndimage.uniform_filter(usual.astype(np.float32), window)
    around = ndimage.uniform_filter(np.where(usual, centred, np.float32(0)), window) / np.maximum(share, _LITTLE)
    centred -= np.where(share > _LITTLE, around, np.float32(0))
    return sample.mean, clip(centred[fit]).deviation, centred


def _columns(bad: Bad, saturated: Bad, rules: ColumnRules) -> Bad:
    """Apply the rules to one amplifier."""
    found = bad.copy()
    counts = np.count_nonzero(bad, axis=0)
    for column in np.flatnonzero(counts >= rules.bad):
        rows = np.flatnonzero(bad[:, column])
        for before, after in itertools.pairwise(rows):
            if after - before - 1 < rules.gap:
                found[before:after, column] = True
    if rules.whole is not None:
        found[:, counts >= rules.whole] = True
    if rules.saturated is not None:
        for column in np.flatnonzero(np.count_nonzero(saturated, axis=0) >= rules.saturated):
            found[:, max(column - rules.saturated_neighbours, 0) : column + rules.saturated_neighbours + 1] = True
    return found
