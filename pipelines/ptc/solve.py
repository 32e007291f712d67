"""From pairs of flats to gain, read noise and the matrices of each amplifier; and which pairs do not fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.ptc.curve import FIT_TYPES, AmplifierCurve, PhotonTransferCurve
from pipelines.ptc.extract import FlatPair
from pipelines.ptc.fit import Fit, covariance_errors, fit_covariances, fit_exponential
from pipelines.ptc.models import Array

__all__ = ["SolveSettings", "noise_disagreements", "solve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveSettings:
    """How curves are fitted.

    Attributes
    ----------
    fit_type
        One of `FIT_TYPES`.
    lags
        Covariances that the full model fits, along either axis.
    first_signal
        The first fit uses fainter pairs only [electron].
    outlier_limit, outlier_passes
        Pairs whose variance is off by more standard deviations are left out.
    largest_jump
        A pair that fits again, further above one that does not, counts no more, nor does any above it [electron].
    minimum_points
        An amplifier with fewer pairs is bad.
    """

    fit_type: str = "FULLCOVARIANCE"
    lags: int = 10
    first_signal: float = 50_000.0
    outlier_limit: float = 5.0
    outlier_passes: int = 2
    largest_jump: float = 9_000.0
    minimum_points: int = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Points:
    """What was measured of one amplifier, a row for each pair."""

    times: Array
    means: Array
    variances: Array
    covariances: Array
    counts: Array
    read_noise: float


def solve(pairs: Sequence[FlatPair], settings: SolveSettings | None = None) -> PhotonTransferCurve:
    """Fit the curve of every amplifier.

    Raises
    ------
    ValueError
        If there is no pair, the pairs have not the same amplifiers and lags, or the model is not known.
    """
    settings = settings or SolveSettings()
    if settings.fit_type not in FIT_TYPES:
        raise ValueError(f"fit type {settings.fit_type!r}; expected one of {', '.join(FIT_TYPES)}")
    if not pairs:
        raise ValueError("photon transfer curve: no pair of flats; two flats of equal exposure time make one")
    pairs = sorted(pairs, key=lambda found: (found.pair.value, found.pair.first))
    names = tuple(pairs[0].amplifiers)
    for found in pairs:
        if tuple(found.amplifiers) != names:
            raise ValueError(f"exposures {found.pair.first} and {found.pair.second}: other amplifiers than the rest")
    curves, bad = {}, []
    for name in names:
        points = _points(pairs, name)
        fit, used = _fit(points, settings)
        if fit is None:
            bad.append(name)
        curves[name] = _curve(points, fit, used, settings)
    return PhotonTransferCurve(
        fit_type=settings.fit_type,
        exposures=tuple((found.pair.first, found.pair.second) for found in pairs),
        amplifiers=curves,
        bad_amps=tuple(bad),
    )


def noise_disagreements(curve: PhotonTransferCurve, tolerance: float = 0.05) -> dict[str, float]:
    """Return the amplifiers whose fitted read noise is off the overscan's by a larger part, and that part."""
    parts = {name: found.noise / found.overscan_noise - 1.0 for name, found in curve.amplifiers.items()}
    return {name: part for name, part in parts.items() if abs(part) > tolerance}


def _points(pairs: Sequence[FlatPair], name: str) -> _Points:
    found = [pair.amplifiers[name] for pair in pairs]
    shapes = {each.covariances.shape for each in found}
    if len(shapes) > 1:
        raise ValueError(f"{name}: covariances of different sizes {sorted(shapes)}; extract all pairs with equal lags")
    return _Points(
        times=np.array([pair.pair.value for pair in pairs]),
        means=np.array([each.mean for each in found]),
        variances=np.array([each.variance for each in found]),
        covariances=np.array([each.covariances for each in found]),
        counts=np.array([each.counts for each in found]),
        read_noise=float(np.median([each.read_noise for each in found])),
    )


def _fit(points: _Points, settings: SolveSettings) -> tuple[Fit | None, NDArray[np.bool_]]:
    """Return the fit, none if there are too few points, and which points it used."""
    lags = min(settings.lags, points.covariances.shape[1])
    usable = np.isfinite(points.means) & np.isfinite(points.variances) & (points.means > 0.0) & (points.variances > 0.0)
    if np.count_nonzero(usable) < settings.minimum_points:
        return None, usable
    guess = float(np.median(points.means[usable] / points.variances[usable]))
    signals = np.where(usable, points.means * guess, math.inf)
    # A ramp that begins too bright is fitted from its faintest points.
    brightest = max(settings.first_signal, float(np.sort(signals)[settings.minimum_points - 1]))
    used = signals <= brightest
    fit = _exponential(points, used, lags)
    for _ in range(settings.outlier_passes):
        used = usable & ~_outliers(points, fit, settings.outlier_limit)
        used = _before_jump(points.means * fit.gain, used, settings.largest_jump)
        if np.count_nonzero(used) < settings.minimum_points:
            return None, used
        fit = _exponential(points, used, lags)
    if settings.fit_type != "EXPAPPROXIMATION":
        errors = covariance_errors(points.variances[used], points.counts[used])[:, :lags, :lags]
        plane = points.covariances[used][:, :lags, :lags]
        with_b = settings.fit_type == "FULLCOVARIANCE"
        fit = fit_covariances(points.means[used], plane, errors, fit, with_b=with_b)
    return fit, used


def _exponential(points: _Points, used: NDArray[np.bool_], lags: int) -> Fit:
    errors = covariance_errors(points.variances[used], points.counts[used])[:, 0, 0]
    return fit_exponential(points.means[used], points.variances[used], errors, lags)


def _outliers(points: _Points, fit: Fit, limit: float) -> NDArray[np.bool_]:
    """Return the points off the fit.

    The scale is the root of the variance, as in lsst/cp_pipe: the noise of a single pixel, which at full size is far
    above the error of the variance. Chosen here: that error is added, so that small images do not lose good points.
    """
    model = fit.variance(np.nan_to_num(points.means))
    errors = covariance_errors(model, points.counts)[:, 0, 0]
    outlying: NDArray[np.bool_] = np.abs(model - points.variances) > limit * np.sqrt(model + errors**2)
    return outlying


def _before_jump(signals: Array, used: NDArray[np.bool_], largest: float) -> NDArray[np.bool_]:
    """Return the points that are used, without any above a gap in which one was left out."""
    kept = used.copy()
    order = np.argsort(signals)
    last, gap = -math.inf, False
    for place, index in enumerate(order):
        if used[index] and gap and signals[index] - last > largest:
            kept[order[place:]] = False
            break
        gap = not used[index]
        last = signals[index] if used[index] else last
    return kept


def _curve(points: _Points, fit: Fit | None, used: NDArray[np.bool_], settings: SolveSettings) -> AmplifierCurve:
    lags = min(settings.lags, points.covariances.shape[1])
    nothing, nan = np.full((lags, lags), np.nan), math.nan
    turnoff = float(points.means[used].max()) if fit and used.any() else nan
    noise = math.sqrt(max(0.0, float(fit.noise[0, 0]))) if fit else nan
    with np.errstate(divide="ignore", invalid="ignore"):
        b = np.where(fit.a != 0.0, fit.c / fit.a, 0.0) if fit else nothing
    return AmplifierCurve(
        gain=fit.gain if fit else nan,
        gain_err=fit.gain_err if fit else nan,
        noise=noise,
        noise_err=fit.noise_err / (2.0 * noise) if fit and noise > 0.0 else nan,
        a00=float(fit.a[0, 0]) if fit else nan,
        a00_err=fit.a00_err if fit else nan,
        ptc_turnoff=turnoff,
        overscan_noise=points.read_noise * (fit.gain if fit else nan),
        chi2=fit.chi2 if fit else nan,
        a_matrix=fit.a if fit else nothing,
        b_matrix=b,
        noise_matrix=fit.noise if fit else nothing,
        raw_means=points.means,
        raw_vars=points.variances,
        raw_exp_times=points.times,
        covariances=points.covariances,
        counts=points.counts,
        exp_id_mask=used if fit else np.zeros_like(used),
    )
