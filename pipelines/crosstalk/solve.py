"""From bright pixels and what stands at their places in the other amplifiers to the crosstalk matrix."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.camera import Detector
from pipelines.clipping import IQR_TO_SIGMA, clip
from pipelines.crosstalk.matrix import CrosstalkMatrix, read_order_stack
from pipelines.image import CcdImage, MaskPlane
from pipelines.plain import array, each, record
from pipelines.sky import fit_background, grown

__all__ = ["CrosstalkRatios", "CrosstalkSettings", "extract_ratios", "solve_crosstalk"]

_BAD = MaskPlane.BAD | MaskPlane.INTRP | MaskPlane.NO_DATA
_QUARTILES = (25.0, 50.0, 75.0)
_ENOUGH = 100  # pixels of a row that tell its level
_PARTS, _SMALLEST_PART = 50, 10  # of the ratios of a pair, for its error; and what a part must have


@dataclass(frozen=True, slots=True, kw_only=True)
class CrosstalkSettings:
    """How crosstalk is measured.

    Attributes
    ----------
    threshold
        Pixels above are sources [adu].
    grow
        Pixels around the places of sources that do not count as background.
    faintest, wings
        An amplifier's own sources are what is this much above its middle [adu]; so many pixels around them show their
        wings, and are neither targets nor background. Far above any crosstalk, so that no ghost is taken for a source.
    background_size
        Side of the boxes in which the background is measured [pixels].
    clip_limit, clip_passes
        Clipping of ratios about their median, by their quartiles [standard deviations].
    significance
        A coefficient is valid above this many of its errors.
    minimum
        And if at least so many pixels gave it.
    """

    threshold: float = 30_000.0
    grow: int = 20
    faintest: float = 200.0
    wings: int = 60
    background_size: int = 64
    clip_limit: float = 2.0
    clip_passes: int = 3
    significance: float = 3.0
    minimum: int = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CrosstalkRatios:
    """Ratios of target to source in single pixels, by source, then target: the data set cpCrosstalkRatio."""

    ratios: Mapping[str, Mapping[str, NDArray[np.float64]]]

    def as_dict(self) -> dict[str, Any]:
        """Return plain mappings, lists and numbers."""
        return {
            "ratios": {
                source: {target: found.tolist() for target, found in targets.items()}
                for source, targets in self.ratios.items()
            }
        }

    @classmethod
    def from_dict(cls, data: object) -> CrosstalkRatios:
        """Read what `as_dict` wrote, or raise a ValueError."""
        what = "crosstalk ratios"
        sources = each(record(data, what, ("ratios",))["ratios"], what)
        return cls(
            ratios={
                source: {
                    target: array(found, f"{what}, {source}, {target}", (-1,))
                    for target, found in each(targets, f"{what}, {source}").items()
                }
                for source, targets in sources.items()
            }
        )


def extract_ratios(image: CcdImage, detector: Detector, settings: CrosstalkSettings | None = None) -> CrosstalkRatios:
    """Measure the ratios at the pixels above the threshold of an image [adu] without bias."""
    settings = settings or CrosstalkSettings()
    names = list(detector.amplifiers)
    signals = read_order_stack(image.image, detector.amplifiers).astype(np.float64)
    good = (read_order_stack(image.mask, detector.amplifiers) & np.uint16(_BAD)) == 0
    good &= np.isfinite(signals)
    bright = good & (np.nan_to_num(signals) > settings.threshold)
    # What is bright in one amplifier may have left something in all: none of it is background.
    places = grown(bright.any(axis=0), settings.grow)
    ratios: dict[str, dict[str, NDArray[np.float64]]] = {name: {} for name in names}
    for other, signal, usable in zip(names, signals, good, strict=True):
        own = grown(usable & (signal > np.median(signal[usable]) + settings.faintest), settings.wings)
        ghosts = _above_background(signal, usable & ~own & ~places, settings.background_size)
        for name, source, lit in zip(names, signals, bright, strict=True):
            at = lit & usable & ~own
            if name != other and at.any():
                ratios[name][other] = ghosts[at] / source[at]
    return CrosstalkRatios(ratios=ratios)


def _above_background(
    signal: NDArray[np.float64], free: NDArray[np.bool_], background_size: int
) -> NDArray[np.float64]:
    """Return what is above the background, and above the level that a row's free pixels share.

    Chosen here: the overscan tells the level of a row no better than its few pixels can, and that error is common to
    all pixels of a ghost in that row.
    """
    rest = signal - fit_background(signal, free, background_size)
    limits = clip(rest[free])
    level = free & (rest >= limits.low) & (rest <= limits.high)
    number = level.sum(axis=1)
    shared = np.where(level, rest, 0.0).sum(axis=1) / np.maximum(number, 1)
    found: NDArray[np.float64] = rest - np.where(number >= _ENOUGH, shared, 0.0)[:, np.newaxis]
    return found


def solve_crosstalk(
    found: Sequence[CrosstalkRatios], detector: Detector, settings: CrosstalkSettings | None = None
) -> CrosstalkMatrix:
    """Average the ratios of several images; pairs without any pixel have coefficients of 0 that are not valid."""
    settings = settings or CrosstalkSettings()
    names = tuple(detector.amplifiers)
    size = (len(names), len(names))
    coefficients, errors, numbers = np.zeros(size), np.zeros(size), np.zeros(size)
    for source, target in np.ndindex(size):
        parts = [image.ratios.get(names[source], {}).get(names[target]) for image in found]
        ratios = np.concatenate([part for part in parts if part is not None] or [np.empty(0)])
        place = source, target
        coefficients[place], errors[place], numbers[place] = _coefficient(ratios, settings)
    significant = np.abs(coefficients) > settings.significance * errors / np.sqrt(np.maximum(numbers, 1.0))
    return CrosstalkMatrix(
        amplifiers=names,
        coefficients=coefficients,
        errors=errors,
        numbers=numbers,
        valid=significant & (numbers >= settings.minimum),
    )


def _coefficient(ratios: NDArray[np.float64], settings: CrosstalkSettings) -> tuple[float, float, int]:
    """Return the clipped mean, its error times the root of the number of ratios that are left, and that number.

    Chosen here: the error is what the mean changes by if one part of the ratios after the other is left out. Ratios to
    faint sources scatter more than those to bright ones, and neighbouring pixels share some of their noise; the scatter
    of what is left after clipping knows of neither, and is a fifth too small.

    References
    ----------
    Efron and Stein 1981, Annals of Statistics 9, 586: the jackknife.
    """
    usable = ratios[np.isfinite(ratios) & (np.abs(ratios) < 1.0)]
    mean, kept = _clipped(usable, settings)
    if not kept.size:
        return 0.0, 0.0, 0
    error = float(kept.std())
    parts = min(_PARTS, usable.size // _SMALLEST_PART)
    if parts > 1:
        edges = np.linspace(0, usable.size, parts + 1).astype(int)
        means = [
            _clipped(np.concatenate([usable[:start], usable[end:]]), settings)[0] for start, end in pairwise(edges)
        ]
        error = max(error, math.sqrt((parts - 1) * float(np.var(means)) * kept.size))
    return mean, error, kept.size


def _clipped(ratios: NDArray[np.float64], settings: CrosstalkSettings) -> tuple[float, NDArray[np.float64]]:
    """Return the mean of what is left after clipping, and what is left."""
    kept = ratios
    for _ in range(settings.clip_passes):
        if kept.size < settings.minimum:
            break
        first, middle, third = np.percentile(kept, _QUARTILES)
        half = settings.clip_limit * IQR_TO_SIGMA * float(third - first)
        kept = kept[np.abs(kept - middle) <= half]
    return (float(kept.mean()) if kept.size else 0.0), kept
