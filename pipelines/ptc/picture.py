"""What a plot of one amplifier's photon transfer curve shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.ptc.curve import AmplifierCurve, PhotonTransferCurve
from pipelines.ptc.models import Array, exponential, full_covariance

__all__ = ["CurvePicture", "curve_picture", "model_variance"]

_POINTS = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CurvePicture:
    """Points and lines.

    Attributes
    ----------
    means, variances
        Of each pair, by rising mean [adu, adu2].
    used
        Whether the fit used it.
    residuals
        Measured over fitted variance, less 1; NaN where there is no fit.
    fit_means, fit_variances
        The fitted line, from the faintest pair to the turn-off.
    poisson_variances
        The straight line that there would be if charge did not repel charge [adu2], at `fit_means`.
    turnoff
        [adu]
    label
        Gain, noise and turn-off, as a person reads them.
    """

    amplifier: str
    means: Array
    variances: Array
    used: NDArray[np.bool_]
    residuals: Array
    fit_means: Array
    fit_variances: Array
    poisson_variances: Array
    turnoff: float
    label: str


def model_variance(curve: AmplifierCurve, fit_type: str, mean: Array) -> Array:
    """Return the fitted variance [adu2] at means [adu]."""
    if fit_type == "EXPAPPROXIMATION":
        return exponential(mean, curve.a00, curve.gain, curve.noise**2)
    c = curve.a_matrix * curve.b_matrix
    return full_covariance(mean, curve.a_matrix, c, curve.noise_matrix, curve.gain)[:, 0, 0]


def curve_picture(ptc: PhotonTransferCurve, amplifier: str) -> CurvePicture:
    """Return what to draw of an amplifier.

    Raises
    ------
    KeyError
        If the curve has no such amplifier.
    """
    curve = ptc.amplifiers[amplifier]
    order = np.argsort(curve.raw_means)
    means, variances = curve.raw_means[order], curve.raw_vars[order]
    fit_means = np.empty(0)
    residuals = np.full_like(means, np.nan)
    if amplifier not in ptc.bad_amps:
        fit_means = np.linspace(float(np.nanmin(means)), curve.ptc_turnoff, _POINTS)
        residuals = variances / model_variance(curve, ptc.fit_type, means) - 1.0
    label = (
        f"{amplifier}: too few points"
        if amplifier in ptc.bad_amps
        else f"{amplifier}: gain {curve.gain:.3f} electron/adu, noise {curve.noise:.1f} electron, "
        f"turn-off {curve.ptc_turnoff:.0f} adu"
    )
    return CurvePicture(
        amplifier=amplifier,
        means=means,
        variances=variances,
        used=curve.exp_id_mask[order],
        residuals=residuals,
        fit_means=fit_means,
        fit_variances=model_variance(curve, ptc.fit_type, fit_means),
        poisson_variances=fit_means / curve.gain + curve.noise**2 / curve.gain**2,
        turnoff=curve.ptc_turnoff,
        label=label,
    )
