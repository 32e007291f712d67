"""What a pair of equal flats tells of each amplifier: mean, variance, covariances, and a first gain.

Everything stays in adu: nothing here needs the gain.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.camera import Amplifier, Detector, amplifier_box
from pipelines.clipping import Clipped, clip, clip_factor
from pipelines.image import CcdImage, MaskPlane
from pipelines.plain import array, each, number, record
from pipelines.ptc.covariances import covariances
from pipelines.ptc.pairs import Pair

__all__ = [
    "GAIN_CORRECTIONS",
    "AmplifierPair",
    "ExtractSettings",
    "FlatPair",
    "extract",
    "gain_from_pairs",
    "pair_gain",
]

GAIN_CORRECTIONS = ("NONE", "FULL")
"""What the gain of one pair is corrected for: nothing, or the read noise and the mean of a ratio."""

_NUMBERS = ("mean", "variance", "row_mean_variance", "gain", "read_noise")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractSettings:
    """How pairs are measured.

    Attributes
    ----------
    lags
        Covariances reach to lags - 1 [pixels].
    clip_limit, clip_passes
        Clipping of images and of their difference [standard deviations].
    minimum_pixels
        An amplifier with fewer good pixels gives no numbers.
    edge
        Pixels left out along the borders of each amplifier.
    gain_correction
        One of `GAIN_CORRECTIONS`.
    bad_planes
        Pixels with any of these do not count.
    """

    lags: int = 10
    clip_limit: float = 5.5
    clip_passes: int = 3
    minimum_pixels: int = 10_000
    edge: int = 0
    gain_correction: str = "FULL"
    bad_planes: MaskPlane = MaskPlane.SUSPECT | MaskPlane.BAD | MaskPlane.NO_DATA | MaskPlane.SAT


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AmplifierPair:
    """One amplifier in one pair of flats; NaN where there were too few good pixels.

    Attributes
    ----------
    mean
        Of both flats [adu].
    variance
        Of one flat [adu2]: half of that of the difference.
    covariances
        By row lag, then column lag [adu2], shape (lags, lags); the first is the variance.
    counts
        Pairs of pixels in each covariance.
    row_mean_variance
        Of the means of rows, times the pixels of a row [adu2]: the variance, if nothing varies from row to row.
    gain
        Of this pair alone [electron/adu].
    read_noise
        Measured from the overscan, or nominal [adu].
    """

    mean: float
    variance: float
    covariances: NDArray[np.float64]
    counts: NDArray[np.float64]
    row_mean_variance: float
    gain: float
    read_noise: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlatPair:
    """All amplifiers in one pair of flats: the data set cpCovariances."""

    pair: Pair
    amplifiers: Mapping[str, AmplifierPair]

    def as_dict(self) -> dict[str, Any]:
        """Return plain mappings, lists and numbers."""
        amplifiers = {
            name: {key: getattr(found, key) for key in _NUMBERS}
            | {"covariances": found.covariances.tolist(), "counts": found.counts.tolist()}
            for name, found in self.amplifiers.items()
        }
        return {
            "first": self.pair.first,
            "second": self.pair.second,
            "value": self.pair.value,
            "amplifiers": amplifiers,
        }

    @classmethod
    def from_dict(cls, data: object) -> FlatPair:
        """Read what `as_dict` wrote.

        Raises
        ------
        ValueError
            If anything is missing, unknown or of the wrong shape.
        """
        what = "flat pair"
        found = record(data, what, ("first", "second", "value", "amplifiers"))
        amplifiers = {}
        for name, values in each(found["amplifiers"], f"{what}, amplifiers").items():
            where = f"{what}, {name}"
            values = record(values, where, (*_NUMBERS, "covariances", "counts"))
            plane = array(values["covariances"], f"{where}, covariances", (-1, -1))
            counts = array(values["counts"], f"{where}, counts", plane.shape)
            numbers = {key: number(values[key], f"{where}, {key}") for key in _NUMBERS}
            amplifiers[name] = AmplifierPair(covariances=plane, counts=counts, **numbers)
        first, second = (int(number(found[key], f"{what}, {key}")) for key in ("first", "second"))
        pair = Pair(first=first, second=second, value=number(found["value"], f"{what}, value"))
        return cls(pair=pair, amplifiers=amplifiers)


def extract(
    first: CcdImage, second: CcdImage, pair: Pair, detector: Detector, settings: ExtractSettings | None = None
) -> FlatPair:
    """Measure every amplifier of two flats [adu] that are corrected for bias and dark current.

    The read noise is taken from the header, where ISR wrote the scatter of the overscan, else from the camera.

    Raises
    ------
    ValueError
        If the images differ in shape or the settings name no known correction.
    """
    settings = settings or ExtractSettings()
    if first.shape != second.shape:
        raise ValueError(
            f"exposures {pair.first} and {pair.second}: images of {first.shape} and {second.shape} pixels are no pair"
        )
    if settings.gain_correction not in GAIN_CORRECTIONS:
        raise ValueError(f"gain correction {settings.gain_correction!r}; expected one of {', '.join(GAIN_CORRECTIONS)}")
    good = ~(first.masked(settings.bad_planes) | second.masked(settings.bad_planes))
    amplifiers = {}
    for name, amplifier in detector.amplifiers.items():
        box = amplifier_box(amplifier, first.shape)
        noises = [_read_noise(image.header, amplifier) for image in (first, second)]
        usable = good[box].copy()
        if settings.edge:
            usable[: settings.edge] = usable[-settings.edge :] = False
            usable[:, : settings.edge] = usable[:, -settings.edge :] = False
        amplifiers[name] = _measure(first.image[box], second.image[box], usable, float(np.mean(noises)), settings)
    return FlatPair(pair=pair, amplifiers=amplifiers)


def pair_gain(mean: float, ratio: float, read_noise: float, correction: str = "FULL") -> float:
    """Return the gain of one pair [electron/adu].

    Parameters
    ----------
    mean
        Of both flats [adu].
    ratio
        Mean of the squared difference over the sum of the two flats [adu].
    read_noise
        [adu]
    correction
        One of `GAIN_CORRECTIONS`.
    """
    if correction == "NONE":
        return 1.0 / ratio
    noise = 2.0 * read_noise**2
    root = mean**2 - 2.0 * mean * ratio + noise
    denominator = 2.0 * ratio * mean - noise
    return (mean + math.sqrt(root)) / denominator if root >= 0.0 < denominator else math.nan


def gain_from_pairs(pairs: Sequence[FlatPair], brightest: float = math.inf) -> dict[str, float]:
    """Return the gain of each amplifier [electron/adu]: the median over its pairs, NaN where there is none.

    Charge that repels charge raises the gain of a pair by some 2 % for every 10 000 electrons.

    Parameters
    ----------
    brightest
        Pairs above this mean do not count [adu].
    """
    found: dict[str, list[float]] = {}
    for each_pair in pairs:
        for name, amplifier in each_pair.amplifiers.items():
            found.setdefault(name, [])
            if math.isfinite(amplifier.gain) and amplifier.mean <= brightest:
                found[name].append(amplifier.gain)
    return {name: float(np.median(gains)) if gains else math.nan for name, gains in found.items()}


def _read_noise(header: Mapping[str, Any], amplifier: Amplifier) -> float:
    measured = header.get(f"LSST ISR OVERSCAN NOISE {amplifier.name}")
    return amplifier.read_noise / amplifier.gain if measured is None else float(measured)


def _measure(
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    good: NDArray[np.bool_],
    read_noise: float,
    settings: ExtractSettings,
) -> AmplifierPair:
    one, two = first.astype(np.float64), second.astype(np.float64)
    good = good & np.isfinite(one) & np.isfinite(two)
    lags = settings.lags
    if np.count_nonzero(good) < settings.minimum_pixels:
        return _nothing(lags, read_noise)

    def clipped(values: NDArray[np.float64]) -> Clipped:
        return clip(values[good], limit=settings.clip_limit, passes=settings.clip_passes)

    level_one, level_two = clipped(one).mean, clipped(two).mean
    mean = (level_one + level_two) / 2.0
    if mean <= 0.0:
        return _nothing(lags, read_noise)
    # Each flat is scaled to the mean of both, so that a lamp that flickers adds nothing to the difference.
    difference = (level_two * one - level_one * two) / mean
    total = (level_two * one + level_one * two) / mean
    kept = clipped(difference)
    good &= (difference >= kept.low) & (difference <= kept.high)
    if kept.count < settings.minimum_pixels:
        return _nothing(lags, read_noise)
    plane, counts = covariances(difference - kept.mean, good, lags)
    factor = clip_factor(settings.clip_limit)
    plane *= 0.5 * factor**2
    plane[0, 0] /= factor
    usable = good & (total > 0.0)
    ratio = float(np.mean(difference[usable] ** 2 / total[usable])) if usable.any() else math.nan
    return AmplifierPair(
        mean=mean,
        variance=float(plane[0, 0]),
        covariances=plane,
        counts=counts,
        row_mean_variance=_row_mean_variance(difference, good),
        gain=pair_gain(mean, ratio, read_noise, settings.gain_correction) if ratio > 0.0 else math.nan,
        read_noise=read_noise,
    )


def _row_mean_variance(difference: NDArray[np.float64], good: NDArray[np.bool_]) -> float:
    """Return half the variance of the means of rows, times the mean number of pixels in a row [adu2]."""
    counts = good.sum(axis=1)
    rows = counts > 0
    if np.count_nonzero(rows) < 2:
        return math.nan
    means = np.where(good, difference, 0.0).sum(axis=1)[rows] / counts[rows]
    return float(0.5 * means.var(ddof=1) * counts[rows].mean())


def _nothing(lags: int, read_noise: float) -> AmplifierPair:
    nan = math.nan
    return AmplifierPair(
        mean=nan,
        variance=nan,
        covariances=np.full((lags, lags), nan),
        counts=np.zeros((lags, lags)),
        row_mean_variance=nan,
        gain=nan,
        read_noise=read_noise,
    )
