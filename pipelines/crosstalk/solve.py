"""From bright pixels and what stands at their places in the other amplifiers to the crosstalk matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.camera import Detector
from pipelines.clipping import IQR_TO_SIGMA
from pipelines.crosstalk.matrix import CrosstalkMatrix, read_order_stack
from pipelines.image import CcdImage, MaskPlane
from pipelines.plain import array, each, record
from pipelines.sky import fit_background, grown

__all__ = ["CrosstalkRatios", "CrosstalkSettings", "extract_ratios", "solve_crosstalk"]

_BAD = MaskPlane.BAD | MaskPlane.INTRP | MaskPlane.NO_DATA
_QUARTILES = (25.0, 50.0, 75.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrosstalkSettings:
    """How crosstalk is measured.

    Attributes
    ----------
    threshold
        Pixels above are sources [adu].
    grow
        Pixels around the places of sources that do not count as background.
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
    background_size: int = 128
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
    # Chosen here: what lies beside a source of its own shows the source's wings.
    aside = [grown(each, settings.grow) for each in bright]
    backgrounds = [
        fit_background(signal, usable & ~places, settings.background_size)
        for signal, usable in zip(signals, good, strict=True)
    ]
    ratios: dict[str, dict[str, NDArray[np.float64]]] = {}
    for source, name in enumerate(names):
        ratios[name] = {}
        for target, other in enumerate(names):
            at = bright[source] & good[target] & ~aside[target]
            if target != source and at.any():
                ratios[name][other] = (signals[target][at] - backgrounds[target][at]) / signals[source][at]
    return CrosstalkRatios(ratios=ratios)


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

    Chosen here: what was clipped counts in the error as if it lay at the clip's edge, as the error of a trimmed mean
    does. Ratios to faint sources scatter more than those to bright ones, so that a clip takes more of them than of
    normal values, and what is left looks too good.

    References
    ----------
    Tukey and McLaughlin 1963, Sankhya A 25, 331: the error of a trimmed mean from the scatter of what is left.
    """
    all_of_them = kept = ratios[np.isfinite(ratios) & (np.abs(ratios) < 1.0)]
    half = 0.0
    for _ in range(settings.clip_passes):
        if kept.size < settings.minimum:
            break
        first, middle, third = np.percentile(kept, _QUARTILES)
        half = settings.clip_limit * IQR_TO_SIGMA * float(third - first)
        kept = kept[np.abs(kept - middle) <= half]
    if not kept.size:
        return 0.0, 0.0, 0
    clipped = all_of_them.size - kept.size
    error = np.sqrt(kept.var() + clipped / kept.size * half**2)
    return float(kept.mean()), float(error), kept.size
