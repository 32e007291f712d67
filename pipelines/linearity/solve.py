"""From the signals of a photon transfer curve to what makes them proportional to the light."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import Akima1DInterpolator
from scipy.optimize import least_squares

from pipelines.linearity.line import Array, robust_line, weighted_polynomial
from pipelines.linearity.linearizer import Linearizer, correction
from pipelines.ptc import AmplifierCurve, PhotonTransferCurve

__all__ = ["LinearitySettings", "solve_linearity"]

_LEVEL_ERROR = 1.0
_LIGHT_ERROR = 0.002
_FAINT = 1000.0
_WRONG_BY = 0.01
_BEND = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearitySettings:
    """How the correction is found.

    Attributes
    ----------
    kind
        One of `pipelines.linearity.KINDS`; LATISS uses the spline.
    order
        Of the polynomial, and of the one from which the square is taken.
    knots
        Nodes of the spline, at equal distances from 0 to the brightest pair.
    minimum, maximum
        Pairs outside do not count [adu].
    ignore_ptc_mask
        Whether pairs that the photon transfer curve left out count all the same.
    clip_limit
        Pairs further off a smooth line are left out [errors].
    table_step
        Step of the lookup table [adu].
    fit_offset
        Whether the spline leaves room for a signal without light.
    """

    kind: str = "Spline"
    order: int = 3
    knots: int = 10
    minimum: float = 30.0
    maximum: float = 120_000.0
    ignore_ptc_mask: bool = False
    clip_limit: float = 5.0
    table_step: float = 10.0
    fit_offset: bool = False


def solve_linearity(
    ptc: PhotonTransferCurve,
    settings: LinearitySettings | None = None,
    light: Mapping[tuple[int, int], float] | None = None,
) -> Linearizer:
    """Find the correction of every amplifier.

    Parameters
    ----------
    light
        What a photodiode saw of each pair, in any unit; the exposure time without it.

    Raises
    ------
    ValueError
        If the kind is not known, or `light` lacks a pair.
    """
    settings = settings or LinearitySettings()
    if settings.kind not in _SOLVERS:
        raise ValueError(f"linearity {settings.kind!r}; expected one of {', '.join(_SOLVERS)}")
    if light is not None and (missing := [pair for pair in ptc.exposures if pair not in light]):
        raise ValueError(f"linearity: no light measured for exposures {missing}")
    coefficients, residuals, turnoff = {}, {}, {}
    for name, curve in ptc.amplifiers.items():
        seen = curve.raw_exp_times if light is None else np.array([light[pair] for pair in ptc.exposures])
        used = _used(curve, seen, settings)
        turnoff[name] = _turnoff(curve.raw_means, seen, curve.exp_id_mask)
        if np.count_nonzero(used) <= settings.order:
            coefficients[name] = _nothing(settings)
            residuals[name] = (math.nan,) * len(seen)
            continue
        used &= ~_outliers(seen, curve.raw_means, used, settings)
        coefficients[name] = _SOLVERS[settings.kind](seen[used], curve.raw_means[used], settings)
        residuals[name] = _residuals(seen, curve.raw_means, used, settings.kind, coefficients[name])
    return Linearizer(kind=settings.kind, coefficients=coefficients, residuals=residuals, turnoff=turnoff)


def _errors(signal: Array) -> Array:
    """Return how far signals [adu] are off a smooth line: chosen here, an overscan of 1 adu and a lamp of 0.2 %."""
    return np.hypot(_LEVEL_ERROR, _LIGHT_ERROR * signal)


def _used(curve: AmplifierCurve, light: Array, settings: LinearitySettings) -> NDArray[np.bool_]:
    means = np.nan_to_num(curve.raw_means)
    used: NDArray[np.bool_] = np.isfinite(curve.raw_means) & np.isfinite(light) & (light > 0.0)
    used &= (means >= settings.minimum) & (means <= settings.maximum)
    return used if settings.ignore_ptc_mask else used & curve.exp_id_mask


def _outliers(light: Array, signal: Array, used: NDArray[np.bool_], settings: LinearitySettings) -> NDArray[np.bool_]:
    """Return the points off a smooth line through the used ones; as the line is robust, one point cannot bend it."""
    errors = _errors(signal)
    offset, slope = robust_line(light[used], signal[used], errors[used])
    linear = offset + slope * light
    bend = weighted_polynomial(linear[used], signal[used], errors[used], settings.order)
    off = np.abs(signal - np.polynomial.polynomial.polyval(linear, bend))
    outlying: NDArray[np.bool_] = used & (off > settings.clip_limit * errors)
    return outlying if np.count_nonzero(used & ~outlying) > settings.order else np.zeros_like(used)


def _powers(light: Array, signal: Array, order: int) -> tuple[float, ...]:
    """Return c of U + c0 U² + …: minus k_j / k_1^j of the polynomial k that the signal is of the linear signal."""
    errors = _errors(signal)
    offset, slope = robust_line(light, signal, errors)
    k = weighted_polynomial(offset + slope * light, signal, errors, order)
    return tuple(float(-k[power] / k[1] ** power) for power in range(2, order + 1))


def _polynomial(light: Array, signal: Array, settings: LinearitySettings) -> tuple[float, ...]:
    return _powers(light, signal, settings.order)


def _squared(light: Array, signal: Array, settings: LinearitySettings) -> tuple[float, ...]:
    """Fit a parabola; chosen here, as the square of a cubic without its cube corrects too much or too little."""
    return _powers(light, signal, 2)


def _spline(light: Array, signal: Array, settings: LinearitySettings) -> tuple[float, ...]:
    """Return nodes and values of the spline S that makes (signal - S(signal) - offset) / (k light) nearest to 1.

    S(0) = 0, and the mean of the values is 0: a constant factor is the scale of the light, k. Chosen here: where there
    are fewer pairs than nodes, the spline bends by no more than it must; 0.1 % of the brightest pair costs one error.
    """
    nodes = np.linspace(0.0, float(signal.max()), settings.knots)
    scale = float(np.median(signal / light))
    errors = _errors(signal) / signal

    def values(parameters: Array) -> Array:
        inner = parameters[: settings.knots - 2] * nodes[-1] * _WRONG_BY
        return np.concatenate([[0.0], inner, [-inner.sum()]])

    def residuals(parameters: Array) -> Array:
        offset = parameters[-1] * _LEVEL_ERROR if settings.fit_offset else 0.0
        corrected = signal - Akima1DInterpolator(nodes, values(parameters))(signal) - offset
        found: Array = (corrected / (scale * parameters[settings.knots - 2] * light) - 1.0) / errors
        return found

    start = np.zeros(settings.knots - 1 + settings.fit_offset)
    start[settings.knots - 2] = 1.0

    def bends(parameters: Array) -> Array:
        found: Array = np.diff(values(parameters), 2) / (_BEND * nodes[-1])
        return found

    def both(parameters: Array) -> Array:
        return np.concatenate([residuals(parameters), bends(parameters)])

    found = least_squares(both, start)
    return (*(float(each) for each in nodes), *(float(each) for each in values(found.x)))


def _lookup_table(light: Array, signal: Array, settings: LinearitySettings) -> tuple[float, ...]:
    """Return the polynomial's correction as a table."""
    steps = np.arange(0.0, float(signal.max()) + settings.table_step, settings.table_step)
    table = correction("Polynomial", _polynomial(light, signal, settings), steps + settings.table_step / 2.0)
    return (settings.table_step, *(float(each) for each in table))


def _no_correction(light: Array, signal: Array, settings: LinearitySettings) -> tuple[float, ...]:
    return ()


_SOLVERS = {
    "None": _no_correction,
    "Squared": _squared,
    "Polynomial": _polynomial,
    "Spline": _spline,
    "LookupTable": _lookup_table,
}


def _nothing(settings: LinearitySettings) -> tuple[float, ...]:
    """Return coefficients that correct nothing."""
    nodes = np.linspace(0.0, settings.maximum, settings.knots)
    return {
        "None": (),
        "Squared": (0.0,),
        "Polynomial": (0.0,) * (settings.order - 1),
        "Spline": (*nodes.tolist(), *(0.0,) * settings.knots),
        "LookupTable": (settings.table_step, 0.0),
    }[settings.kind]


def _residuals(
    light: Array, signal: Array, used: NDArray[np.bool_], kind: str, coefficients: tuple[float, ...]
) -> tuple[float, ...]:
    """Return by what part each corrected signal is off a straight line through all of them."""
    corrected = signal + correction(kind, coefficients, signal)
    offset, slope = robust_line(light[used], corrected[used], _errors(signal[used]))
    parts = np.where(used, corrected / (offset + slope * light) - 1.0, np.nan)
    return tuple(float(part) for part in parts)


def _turnoff(signal: Array, light: Array, trusted: NDArray[np.bool_]) -> float:
    """Return the highest signal before the first that is off the light by more than 1 %."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = signal / light
    line = trusted & (signal > _FAINT) & np.isfinite(ratio)
    if not line.any():
        return math.nan
    order = np.argsort(np.where(np.isfinite(signal), light, np.inf))
    last = math.nan
    slope = float(np.median(ratio[line]))
    for index in order:
        if not signal[index] > _FAINT:
            continue
        if abs(ratio[index] / slope - 1.0) > _WRONG_BY:
            break
        last = float(np.nanmax([last, signal[index]]))
    return last
