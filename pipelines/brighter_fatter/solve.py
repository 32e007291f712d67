"""From the covariances of flats to the kernel whose Laplacian they are.

Pixels of flats vary together because charge pushes the borders of its pixel outwards. The change of areas a
[1/electron] is minus the Laplacian of the kernel: a pixel loses area where the kernel is hollow.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from pipelines.brighter_fatter.kernel import DETECTOR, LEVELS, BrighterFatterKernel
from pipelines.brighter_fatter.line import WeightedLine
from pipelines.ptc import AmplifierCurve, PhotonTransferCurve, convolution

__all__ = ["SOURCES", "KernelSettings", "is_valid", "mirror", "solve_kernel", "solve_poisson", "without_sum"]

Array = NDArray[np.float64]

_TINY = 1e-300
_FEW = 6
_PASSES = 3
_LEFT_BEHIND = ((0, 0), (0, 1), (1, 0))
"""Lags in which charge shows that a transfer left behind; chosen here. In the first it is missing."""


def _others(lag: tuple[int, ...]) -> tuple[int, ...]:
    """Return the powers of the signal, over its square, of what is no push: those of charge left behind, and of noise.

    The level of a row, from the overscan, is off by as much for all of its pixels.
    """
    return (-1,) * (lag in _LEFT_BEHIND) + (-2,) * (lag[0] == 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelSettings:
    """How kernels are made.

    Attributes
    ----------
    level
        One of `LEVELS`.
    source
        One of `SOURCES`.
    lags
        Covariances that count, along either axis, if so many are known.
    clip_limit
        Covariances further off those of other pairs are left out [errors].
    reject_level
        Pairs whose covariances add up to more than this part of the sum of their sizes are left out.
    brightest
        Pairs above do not count [electron].
    """

    level: str = "AMP"
    source: str = "EXTRAPOLATED"
    lags: int = 10
    clip_limit: float = 5.0
    reject_level: float = 2.0
    brightest: float = math.inf


def solve_kernel(ptc: PhotonTransferCurve, settings: KernelSettings | None = None) -> BrighterFatterKernel:
    """Find the kernels; amplifiers without a curve get one of zeros that is not valid.

    Raises
    ------
    ValueError
        If level or source is not known, or the curve's model has no matrix that the source needs.
    """
    settings = settings or KernelSettings()
    for value, known in ((settings.level, LEVELS), (settings.source, SOURCES)):
        if value not in known:
            raise ValueError(f"brighter-fatter kernel: {value!r} is not known; expected one of {', '.join(known)}")
    if settings.source == "A_MATRIX" and ptc.fit_type == "EXPAPPROXIMATION":
        raise ValueError("brighter-fatter kernel: EXPAPPROXIMATION has no a matrix; fit the curve by FULLCOVARIANCE")
    settings = replace(
        settings, lags=min(settings.lags, *(_known(curve, settings) for curve in ptc.amplifiers.values()))
    )
    changes = {
        name: SOURCES[settings.source](curve, settings)
        for name, curve in ptc.amplifiers.items()
        if name not in ptc.bad_amps
    }
    if settings.level == DETECTOR:
        changes = {DETECTOR: _together(list(changes.values()), settings)}
        names = [DETECTOR]
    else:
        names = list(ptc.amplifiers)
    kernels, areas, errors = {}, {}, {}
    for name in names:
        area, error = changes.get(name) or _nothing(settings)
        kernels[name] = solve_poisson(np.pad(-mirror(without_sum(area, error)), 1))
        areas[name], errors[name] = area, error
    return BrighterFatterKernel(
        level=settings.level,
        kernels=kernels,
        area_changes=areas,
        area_errors=errors,
        valid={name: is_valid(kernel) for name, kernel in kernels.items()},
        gain=ptc.gain,
    )


def _known(curve: AmplifierCurve, settings: KernelSettings) -> int:
    return len(curve.a_matrix) if settings.source == "A_MATRIX" else curve.covariances.shape[1]


def _nothing(settings: KernelSettings) -> tuple[Array, Array]:
    size = (settings.lags, settings.lags)
    return np.zeros(size), np.full(size, np.inf)


def _per_pair(curve: AmplifierCurve, settings: KernelSettings) -> tuple[Array, Array, Array]:
    """Return the signals [electron] of the pairs that count, and their a with errors, shape (pairs, lags, lags).

    The covariances of a flat of F electrons are F for the pixel itself, plus a F², plus the read noise.
    """
    gain, lags = curve.gain, settings.lags
    used = curve.exp_id_mask & (curve.raw_means * gain <= settings.brightest)
    signal = (curve.raw_means[used] * gain)[:, None, None]
    found = curve.covariances[used][:, :lags, :lags] * gain**2
    found[:, 0, 0] -= signal[:, 0, 0] + curve.noise**2
    area = found / signal**2
    with np.errstate(divide="ignore"):
        errors = (
            (curve.raw_vars[used] * gain**2)[:, None, None] / signal**2 / np.sqrt(curve.counts[used][:, :lags, :lags])
        )
    errors[:, 0, 0] *= math.sqrt(2.0)
    planes = np.array([mirror(plane) for plane in area]).reshape(len(area), -1)
    balance = np.abs(planes.sum(axis=1)) / np.maximum(np.abs(planes).sum(axis=1), _TINY)
    # A pixel that gains area from its own charge is no brighter-fatter effect: noise alone does that to faint flats.
    kept = (area[:, 0, 0] <= 0.0) & (balance <= settings.reject_level)
    return signal[kept], area[kept], errors[kept]


def _average(curve: AmplifierCurve, settings: KernelSettings) -> tuple[Array, Array]:
    """Return the clipped mean over pairs, each with the weight of its error."""
    signal, area, errors = _per_pair(curve, settings)
    values, deviations, first_weights = _clipped_mean(area, errors, settings)
    common = float(first_weights @ _by_gain(curve, signal))
    deviations[0, 0] = math.hypot(deviations[0, 0], common)
    return values, deviations


def _extrapolated(curve: AmplifierCurve, settings: KernelSettings) -> tuple[Array, Array]:
    """Return what the covariances would be over the square of the signal if there were almost none.

    Charge that was pushed out pushes back: in the next order that part falls in proportion to the signal times the
    convolution of a with itself. One factor of proportion is fitted for all lags and pairs; as the many far lags get
    no slopes of their own, they do not get more noise.

    What does not grow with the square of the signal is no push, and is fitted beside: charge that a transfer leaves
    behind in the next pixel, what the gain is off by, and the noise that the pixels of a row share.
    """
    signal, area, errors = _per_pair(curve, settings)
    if len(area) < _FEW:
        return _average(curve, settings)
    rough, _, _ = _clipped_mean(area, errors, settings)
    shape = (convolution(rough) @ rough.ravel()).reshape(rough.shape)
    weights = np.where(np.isfinite(area) & np.isfinite(errors), errors, np.inf) ** -2.0
    area, relative = np.nan_to_num(area), (signal / signal.mean())[:, 0, 0]
    values, deviations = np.empty(rough.shape), np.empty(rough.shape)
    for _ in range(_PASSES):
        fits = {lag: WeightedLine(relative, weights[(..., *lag)], _others(lag)) for lag in np.ndindex(*rough.shape)}
        slopes = {lag: fit.rest(shape[lag] * relative) for lag, fit in fits.items()}
        norm = max(sum(float(slopes[lag] @ fit.weights_of(slopes[lag])) for lag, fit in fits.items()), _TINY)
        factor = sum(float(slopes[lag] @ fit.weights_of(area[(..., *lag)])) for lag, fit in fits.items()) / norm
        for lag, fit in fits.items():
            bend = shape[lag] * relative
            seen = area[(..., *lag)] - factor * bend
            values[lag] = fit.limit(seen)
            deviations[lag] = math.hypot(fit.limit_error, fit.limit(bend) / math.sqrt(norm))
            far = np.abs(fit.rest(seen)) > settings.clip_limit * errors[(..., *lag)]
            weights[(..., *lag)][far] = 0.0
    return values, deviations


def _by_gain(curve: AmplifierCurve, signal: Array) -> Array:
    """Return by how much the gain's error changes the first lag of all pairs together [1/electron]."""
    changes: Array = curve.gain_err / curve.gain / signal[:, 0, 0]
    return changes


def _clipped_mean(area: Array, errors: Array, settings: KernelSettings) -> tuple[Array, Array, Array]:
    """Return the weighted mean over pairs without those far off, its errors, and the weights of the first lag's."""
    weights = np.where(np.isfinite(area) & np.isfinite(errors), errors, np.inf) ** -2.0
    area = np.nan_to_num(area)
    for _ in range(_PASSES):
        total = np.maximum(weights.sum(axis=0), _TINY)
        values = (weights * area).sum(axis=0) / total
        weights = np.where(np.abs(area - values) > settings.clip_limit * errors, 0.0, weights)
    return values, 1.0 / np.sqrt(total), weights[:, 0, 0] / total[0, 0]


def _a_matrix(curve: AmplifierCurve, settings: KernelSettings) -> tuple[Array, Array]:
    """Return the matrix of the photon transfer curve's own fit; all lags are as good as the first."""
    lags = settings.lags
    error = np.full((lags, lags), curve.a00_err / math.sqrt(2.0))
    error[0, 0] = curve.a00_err
    return curve.a_matrix[:lags, :lags].copy(), error


SOURCES: dict[str, Callable[[AmplifierCurve, KernelSettings], tuple[Array, Array]]] = {
    "AVERAGE": _average,
    "EXTRAPOLATED": _extrapolated,
    "A_MATRIX": _a_matrix,
}
"""Where the change of areas comes from: covariances over the square of the signal, their limit, or the curve's fit."""


def _together(changes: list[tuple[Array, Array]], settings: KernelSettings) -> tuple[Array, Array]:
    """Return the mean of all amplifiers, weighted by their errors."""
    if not changes:
        return _nothing(settings)
    weights = np.array([error**-2.0 for _, error in changes])
    total = np.maximum(weights.sum(axis=0), _TINY)
    return np.sum([area for area, _ in changes] * weights, axis=0) / total, 1.0 / np.sqrt(total)


def mirror(quadrant: Array) -> Array:
    """Return the plane that is the same in all four quadrants, shape (2 n - 1, 2 n - 1).

    Examples
    --------
    >>> mirror(np.array([[1.0, 2.0], [3.0, 4.0]]))[0]
    array([4., 3., 4.])
    """
    half = np.concatenate([quadrant[:0:-1], quadrant])
    return np.concatenate([half[:, :0:-1], half], axis=1)


def without_sum(quadrant: Array, errors: Array) -> Array:
    """Return the quadrant changed so that its mirrored plane adds up to 0: charge moves, none is lost.

    Each value gives in proportion to its variance, the most likely way. Chosen here: to put the whole sum of many
    small errors on the centre, as lsst/cp_pipe does, would spoil the one value that is known best.
    """
    times = np.full(quadrant.shape, 4.0)
    times[0, :] = times[:, 0] = 2.0
    times[0, 0] = 1.0
    share = np.where(np.isfinite(errors), errors, 0.0) ** 2 * times
    total = float((times * share).sum())
    return quadrant - share * float((times * quadrant).sum()) / total if total > 0.0 else quadrant.copy()


def solve_poisson(source: Array) -> Array:
    """Return the plane whose Laplacian, the four neighbours less 4 times the pixel, is `source`; 0 beyond its borders.

    Solved at once by sine transforms, which make the Laplacian a multiplication.

    Examples
    --------
    >>> plane = np.pad(solve_poisson(np.eye(3)), 1)
    >>> laplacian = plane[2:, 1:-1] + plane[:-2, 1:-1] + plane[1:-1, 2:] + plane[1:-1, :-2] - 4 * plane[1:-1, 1:-1]
    >>> bool(np.allclose(laplacian, np.eye(3)))
    True
    """
    rows, columns = (2.0 * np.cos(np.pi * np.arange(1, size + 1) / (size + 1)) - 2.0 for size in source.shape)
    found = fft.idstn(fft.dstn(source, type=1) / (rows[:, None] + columns), type=1)
    return np.asarray(found, dtype=np.float64)


def is_valid(kernel: Array, highest: float = 0.025, edge: float = 0.025) -> bool:
    """Return whether a kernel is deepest in its middle, nowhere above a part of that depth, and about 0 at its edges.

    Parameters
    ----------
    highest, edge
        Parts of the depth.
    """
    middle = float(kernel[len(kernel) // 2, len(kernel) // 2])
    border = np.concatenate([kernel[0], kernel[-1], kernel[:, 0], kernel[:, -1]])
    return bool(
        middle < 0.0
        and middle <= kernel.min()
        and kernel.max() <= highest * -middle
        and np.abs(border).max() <= edge * -middle
    )
