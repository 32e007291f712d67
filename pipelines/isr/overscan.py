"""The level of an amplifier at each row, or column, from pixels that saw no light.

Fits take the overscan as (lines, pixels): a level is found for each line. The serial overscan has a line for each row;
the parallel one, turned around, for each column.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import interpolate, ndimage

from pipelines.camera import Geometry
from pipelines.clipping import clip
from pipelines.image import Float
from pipelines.isr.settings import OverscanSettings

__all__ = ["FIT_TYPES", "Corrected", "correct_overscan"]

Double = NDArray[np.float64]
_Fit = Callable[[Double, OverscanSettings], Double]

_NOISE_CLIP = 5.0  # standard deviations: a narrower clip takes 1 % and more of the noise itself. Chosen here.


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """An amplifier's data without its level.

    Attributes
    ----------
    data
        Shape (data rows, data columns) [adu], still in readout order.
    level, level_scatter
        Median and standard deviation of what was subtracted in the serial direction [adu].
    noise
        Standard deviation of the overscan after correction, clipped: the read noise [adu].
    """

    data: Float
    level: float
    level_scatter: float
    noise: float


def correct_overscan(raw: NDArray[np.int32], geometry: Geometry, settings: OverscanSettings) -> Corrected:
    """Subtract an amplifier's level from its data.

    Parameters
    ----------
    raw
        Shape `geometry.shape` [adu], in readout order.

    Raises
    ------
    ValueError
        If the fit is unknown, or no overscan is left to fit.
    """
    if settings.fit_type not in FIT_TYPES:
        raise ValueError(f"there is no overscan fit {settings.fit_type}; there is {', '.join(FIT_TYPES)}")
    columns = geometry.serial[1]
    serial = _without_strays(raw[:, columns].astype(np.float64), settings)
    level = _fit(serial, settings)
    light = (raw[:, geometry.data[1]] - level[:, np.newaxis]).astype(np.float32)
    rows = geometry.data[0]
    residual = (serial - level[:, np.newaxis])[rows]
    data = light[rows].copy()
    if settings.do_parallel_overscan and geometry.parallel_overscan:
        data -= _parallel_level(light[geometry.data_rows :], settings)
    return Corrected(
        data=data,
        level=float(np.median(level[rows])),
        level_scatter=float(level[rows].std()),
        noise=clip(residual, limit=_NOISE_CLIP).deviation,
    )


def _without_strays(overscan: Double, settings: OverscanSettings) -> Double:
    """Leave out the pixels at the ends of lines, and those far from the middle: they become not a number."""
    lines = overscan[:, settings.leading_to_skip : overscan.shape[1] - settings.trailing_to_skip]
    if not lines.size:
        raise ValueError(
            f"no overscan is left of {overscan.shape[1]} pixels in a line: {settings.leading_to_skip} and "
            f"{settings.trailing_to_skip} are skipped"
        )
    middle = np.nanmedian(lines) if np.isfinite(lines).any() else 0.0
    return np.where(np.abs(lines - middle) > settings.max_deviation, np.nan, lines)


def _parallel_level(above: Float, settings: OverscanSettings) -> Float:
    """Return the level of each column; columns that bleed, and those beside them, have the middle one."""
    bleeding = above > settings.parallel_overscan_saturation_level
    if bleeding.any():
        bleeding = ndimage.binary_dilation(bleeding, iterations=settings.parallel_overscan_mask_grow_size)
    lines = np.where(bleeding, np.nan, above).T.astype(np.float64)
    fractions = replace(settings, overscan_is_int=False)
    level = _fit(_without_strays(lines, fractions), fractions)
    return level.astype(np.float32)


def _fit(lines: Double, settings: OverscanSettings) -> Double:
    """Return the level of each line; one without any pixel has the middle of the others."""
    level = FIT_TYPES[settings.fit_type](lines, settings)
    empty = ~np.isfinite(level)
    if empty.any():
        level[empty] = np.median(level[~empty]) if not empty.all() else 0.0
    return level


def _constant(measure: Callable[[Double, OverscanSettings], float]) -> _Fit:
    def fit(lines: Double, settings: OverscanSettings) -> Double:
        good = lines[np.isfinite(lines)]
        return np.full(lines.shape[0], measure(good, settings) if good.size else np.nan)

    return fit


def _mean(values: Double, _: OverscanSettings) -> float:
    return float(values.mean())


def _clipped_mean(values: Double, settings: OverscanSettings) -> float:
    return clip(values, limit=settings.num_sigma_clip).mean


def _median(values: Double, settings: OverscanSettings) -> float:
    return float(_medians(values[np.newaxis], settings)[0])


def _medians(lines: Double, settings: OverscanSettings) -> Double:
    """Return the median of each line.

    That of whole numbers lies within the unit of the middle one, as far up as there are values below it: noise of a few
    units is then measured finer than the unit.
    """
    ordered = np.sort(lines, axis=1)
    good = np.count_nonzero(np.isfinite(ordered), axis=1)
    pick = partial(np.take_along_axis, ordered, axis=1)
    last = np.maximum(good - 1, 0)
    low = pick((last // 2)[:, np.newaxis])[:, 0]
    if not settings.overscan_is_int:
        high = pick(((last + 1) // 2)[:, np.newaxis])[:, 0]
        return np.asarray((low + high) / 2)
    below = np.count_nonzero(ordered < low[:, np.newaxis], axis=1)
    equal = np.count_nonzero(ordered == low[:, np.newaxis], axis=1)
    return np.asarray(low - 0.5 + (good / 2 - below) / np.maximum(equal, 1))


def _means(lines: Double, _: OverscanSettings) -> Double:
    good = np.isfinite(lines)
    count = np.count_nonzero(good, axis=1)
    total = np.where(good, lines, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _smooth(curve: Callable[[Double, Double, int], Callable[[Double], Double]]) -> _Fit:
    """Return a fit of a smooth curve along the lines' medians, those far from it left out and fitted again."""

    def fit(lines: Double, settings: OverscanSettings) -> Double:
        level = _medians(lines, settings)
        place = np.linspace(-1.0, 1.0, level.size)
        good = np.isfinite(level)
        if not good.any():
            return level
        found = level
        for _ in range(2):
            found = curve(place[good], level[good], min(settings.order, int(good.sum()) - 1))(place)
            residual = level - found
            scatter = residual[good].std()
            good &= np.abs(residual) <= settings.num_sigma_clip * scatter + 1e-9
        return found

    return fit


def _polynomial(kind: type[np.polynomial.Polynomial | np.polynomial.Chebyshev | np.polynomial.Legendre]) -> _Fit:
    return _smooth(lambda x, y, order: kind.fit(x, y, order, domain=[-1, 1]))


def _spline(through: Callable[[Double, Double], Callable[[Double], Double]]) -> _Fit:
    """Return a fit of a spline through the means of as many pieces as the order says, and one more."""

    def curve(x: Double, y: Double, order: int) -> Callable[[Double], Double]:
        pieces = [piece for piece in np.array_split(np.arange(x.size), max(order + 1, 2)) if piece.size]
        places, levels = (
            np.array([x[piece].mean() for piece in pieces]),
            np.array([y[piece].mean() for piece in pieces]),
        )
        if places.size < 2:
            return lambda at: np.full(at.shape, levels[0])
        return through(places, levels)

    return _smooth(curve)


FIT_TYPES: Mapping[str, _Fit] = {
    "MEAN": _constant(_mean),
    "MEANCLIP": _constant(_clipped_mean),
    "MEDIAN": _constant(_median),
    "MEDIAN_PER_ROW": _medians,
    "MEAN_PER_ROW": _means,
    "POLY": _polynomial(np.polynomial.Polynomial),
    "CHEB": _polynomial(np.polynomial.Chebyshev),
    "LEG": _polynomial(np.polynomial.Legendre),
    "NATURAL_SPLINE": _spline(lambda x, y: interpolate.CubicSpline(x, y, bc_type="natural")),
    "CUBIC_SPLINE": _spline(interpolate.CubicSpline),
    "AKIMA_SPLINE": _spline(lambda x, y: interpolate.Akima1DInterpolator(x, y, extrapolate=True)),
}
"""How the level of each line is found, by the names of lsst/ip_isr."""
