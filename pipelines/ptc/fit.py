"""Fits of the models to one amplifier's points: least squares with the errors that the number of pixels gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import least_squares

from pipelines.ptc.models import Array, exponential, exponential_slopes, full_covariance, full_covariance_slopes

__all__ = ["Fit", "covariance_errors", "fit_covariances", "fit_exponential"]

_START = (-2e-6, 1.5, 25.0)
_LOW, _HIGH = (-1e-4, 0.1, 0.0), (0.0, 10.0, 2000.0)
_SCALE = (1e-6, 1.0, 10.0)
_ENOUGH = 1e-4
_DAMPING, _STUCK = 1e-4, 1e4
_TINY = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """What a model found: gain [electron/adu], matrices [1/electron, 1/electron2, electron2], errors of one sigma.

    `gain_err`, `a00_err` and `noise_err` (of the noise's variance, [electron2]) come from the curvature of the sum of
    squares, times the root of `chi2` per degree of freedom where that is above 1.
    """

    gain: float
    gain_err: float
    a: Array
    a00_err: float
    c: Array
    noise: Array
    noise_err: float
    chi2: float

    def variance(self, mean: Array) -> Array:
        """Return the variance [adu2] at means [adu]."""
        if np.isfinite(self.a).all():
            return full_covariance(mean, self.a, self.c, self.noise, self.gain)[:, 0, 0]
        return exponential(mean, float(self.a[0, 0]), self.gain, float(self.noise[0, 0]))


def covariance_errors(variance: Array, counts: Array) -> Array:
    """Return the errors [adu2] of covariances, shape (means, lags, lags).

    Parameters
    ----------
    variance
        Of each mean [adu2], shape (means,).
    counts
        Pairs of pixels, shape (means, lags, lags).
    """
    with np.errstate(divide="ignore"):
        errors = variance[:, None, None] / np.sqrt(counts)
    errors[:, 0, 0] *= np.sqrt(2.0)
    return errors


def fit_exponential(mean: Array, variance: Array, errors: Array, lags: int) -> Fit:
    """Fit the exponential of one amplifier's variances.

    Parameters
    ----------
    mean, variance, errors
        [adu, adu2, adu2], shape (means,).
    lags
        Size of the matrices, where only the first element is known.
    """

    def residuals(values: Array) -> Array:
        found: Array = (exponential(mean, *values) - variance) / errors
        return found

    def slopes(values: Array) -> Array:
        found: Array = exponential_slopes(mean, *values) / errors[:, None]
        return found

    found = least_squares(residuals, _START, slopes, bounds=(_LOW, _HIGH), x_scale=_SCALE, xtol=1e-12, ftol=1e-12)
    a00, gain, noise = (float(value) for value in found.x)
    chi2, deviations = _errors(slopes(found.x), found.fun)

    def matrix(value: float) -> Array:
        plane = np.full((lags, lags), np.nan)
        plane[0, 0] = value
        return plane

    return Fit(
        gain=gain,
        gain_err=deviations[1],
        a=matrix(a00),
        a00_err=deviations[0],
        c=matrix(np.nan),
        noise=matrix(noise),
        noise_err=deviations[2],
        chi2=chi2,
    )


def fit_covariances(mean: Array, covariances: Array, errors: Array, start: Fit, *, with_b: bool) -> Fit:
    """Fit all covariances of one amplifier at once, 2 or 3 parameters for each lag and the gain.

    Parameters
    ----------
    mean, covariances, errors
        [adu, adu2, adu2], shapes (means,) and (means, lags, lags).
    start
        Fit of the exponential; parabolas give the start of what it leaves open.
    with_b
        Whether the way to a pixel's border changes with the charge, too.
    """
    lags = covariances.shape[1]
    size = lags**2
    matrices = ("a", "c", "noise") if with_b else ("a", "noise")
    # In units of the largest signal all parameters but the noise are near 1.
    signal = float(np.max(mean)) * start.gain
    units = {"a": 1.0 / signal, "c": signal**-2, "noise": 1.0}
    weights = np.where(np.isfinite(covariances) & np.isfinite(errors), 1.0 / errors, 0.0).reshape(len(mean), size)
    data = np.nan_to_num(covariances).reshape(len(mean), size)

    def unpack(values: Array) -> dict[str, Array]:
        parts = dict(zip(matrices, values[1:].reshape(len(matrices), lags, lags), strict=True))
        return {name: parts[name] * unit if name in parts else np.zeros((lags, lags)) for name, unit in units.items()}

    def residuals(values: Array) -> Array:
        model = full_covariance(mean, **unpack(values), gain=float(values[0])).reshape(len(mean), size)
        found: Array = ((model - data) * weights).ravel()
        return found

    def slopes(values: Array) -> Array:
        by = full_covariance_slopes(mean, **unpack(values), gain=float(values[0]))
        blocks = [by["gain"][:, :, None], *(by[name] * units[name] for name in matrices)]
        found: Array = (np.concatenate(blocks, axis=2) * weights[:, :, None]).reshape(len(mean) * size, -1)
        return found

    first = _parabolas(mean, data, weights, start, lags)
    begin = np.concatenate([[start.gain], *((first[name] / units[name]).ravel() for name in matrices)])
    found = _descend(residuals, slopes, begin)
    values = unpack(found)
    chi2, deviations = _errors(slopes(found), residuals(found))
    return replace(
        start,
        gain=float(found[0]),
        gain_err=deviations[0],
        a=values["a"],
        a00_err=deviations[1] * units["a"],
        c=values["c"],
        noise=values["noise"],
        noise_err=deviations[1 + matrices.index("noise") * size],
        chi2=chi2,
    )


def _descend(
    residuals: Callable[[Array], Array], slopes: Callable[[Array], Array], begin: Array, steps: int = 30
) -> Array:
    """Return where the sum of squares is least, by the steps of Levenberg and Marquardt.

    Of some 300 parameters only the normal equations are kept and solved, never the factors of all slopes.
    """
    values, rest = begin, residuals(begin)
    best, damping = float(rest @ rest), _DAMPING
    for _ in range(steps):
        slope = slopes(values)
        scale = np.maximum(np.linalg.norm(slope, axis=0), _TINY)
        slope /= scale
        normal, gradient = slope.T @ slope, slope.T @ rest
        while damping < _STUCK:
            trial = values - np.linalg.solve(normal + damping * np.eye(len(values)), gradient) / scale
            rest_there = residuals(trial)
            there = float(rest_there @ rest_there)
            if there < best:
                break
            damping *= 10.0
        else:
            break
        gained, values, rest, best = best - there, trial, rest_there, there
        damping /= 10.0
        if gained <= _ENOUGH * best:
            break
    return values


def _parabolas(mean: Array, data: Array, weights: Array, start: Fit, lags: int) -> dict[str, Array]:
    """Return matrices that fit each lag alone: noise, and a signal with its square."""
    gain = start.gain
    rest = data.copy()
    rest[:, 0] -= mean / gain
    powers = np.stack([mean**0 / gain**2, mean**2, mean**3 * gain], axis=1)
    a, noise = np.zeros(lags**2), np.zeros(lags**2)
    scale = np.abs(powers).max(axis=0)
    for lag in range(lags**2):
        weight = weights[:, lag]
        noise[lag], a[lag], _ = (
            np.linalg.lstsq(powers / scale * weight[:, None], rest[:, lag] * weight, rcond=None)[0] / scale
        )
    return {"a": a.reshape(lags, lags), "c": np.zeros((lags, lags)), "noise": noise.reshape(lags, lags)}


def _errors(slopes: Array, residuals: Array) -> tuple[float, list[float]]:
    """Return chi2 per degree of freedom, and the errors of the parameters."""
    freedom = max(1, np.count_nonzero(np.any(slopes != 0.0, axis=1)) - slopes.shape[1])
    chi2 = float(residuals @ residuals) / freedom
    scale = np.linalg.norm(slopes, axis=0)
    scale[scale == 0.0] = 1.0
    scaled = slopes / scale
    variances = np.diag(np.linalg.pinv(scaled.T @ scaled)) / scale**2
    return chi2, [float(error) for error in np.sqrt(np.clip(variances, 0.0, None) * max(1.0, chi2))]
