"""The photon transfer curve of a detector: what was measured, and what it says of each amplifier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.plain import array, each, number, record, text

__all__ = ["FIT_TYPES", "AmplifierCurve", "PhotonTransferCurve"]

FIT_TYPES = ("EXPAPPROXIMATION", "FULLCOVARIANCE", "FULLCOVARIANCE_NO_B")
"""Models of the variance and covariances, by the names of lsst/cp_pipe."""

_NUMBERS = ("gain", "gain_err", "noise", "noise_err", "a00", "a00_err", "ptc_turnoff", "overscan_noise", "chi2")
_MATRICES = ("a_matrix", "b_matrix", "noise_matrix")
_SERIES = ("raw_means", "raw_vars", "raw_exp_times", "exp_id_mask")
_CUBES = ("covariances", "counts")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AmplifierCurve:
    """One amplifier; what the fit does not give is NaN.

    Attributes
    ----------
    gain, gain_err
        [electron/adu]
    noise, noise_err
        Read noise [electron].
    a00, a00_err
        Relative change of a pixel's area per electron in it [1/electron]: negative, charge repels charge.
    a_matrix, b_matrix, noise_matrix
        By row lag, then column lag, shape (lags, lags) [1/electron, 1/electron, electron2].
    ptc_turnoff
        Highest mean that the fit still used [adu].
    overscan_noise
        Read noise that the overscan shows [electron].
    chi2
        Per degree of freedom.
    raw_means, raw_vars, raw_exp_times
        Of each pair, in the order of the curve's exposures [adu, adu2, s].
    covariances, counts
        Of each pair, shape (pairs, lags, lags) [adu2, pairs of pixels].
    exp_id_mask
        Whether the fit used the pair.
    """

    gain: float
    gain_err: float
    noise: float
    noise_err: float
    a00: float
    a00_err: float
    ptc_turnoff: float
    overscan_noise: float
    chi2: float
    a_matrix: NDArray[np.float64]
    b_matrix: NDArray[np.float64]
    noise_matrix: NDArray[np.float64]
    raw_means: NDArray[np.float64]
    raw_vars: NDArray[np.float64]
    raw_exp_times: NDArray[np.float64]
    covariances: NDArray[np.float64]
    counts: NDArray[np.float64]
    exp_id_mask: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PhotonTransferCurve:
    """All amplifiers of a detector.

    Attributes
    ----------
    fit_type
        One of `FIT_TYPES`.
    exposures
        The two exposures of each pair, by rising exposure time.
    bad_amps
        Amplifiers that gave too few points for a fit.
    """

    fit_type: str
    exposures: tuple[tuple[int, int], ...]
    amplifiers: Mapping[str, AmplifierCurve]
    bad_amps: tuple[str, ...] = ()

    @property
    def gain(self) -> dict[str, float]:
        """By amplifier [electron/adu]."""
        return {name: curve.gain for name, curve in self.amplifiers.items()}

    @property
    def gain_err(self) -> dict[str, float]:
        """By amplifier [electron/adu]."""
        return {name: curve.gain_err for name, curve in self.amplifiers.items()}

    @property
    def noise(self) -> dict[str, float]:
        """Read noise by amplifier [electron]."""
        return {name: curve.noise for name, curve in self.amplifiers.items()}

    @property
    def noise_err(self) -> dict[str, float]:
        """By amplifier [electron]."""
        return {name: curve.noise_err for name, curve in self.amplifiers.items()}

    @property
    def a00(self) -> dict[str, float]:
        """By amplifier [1/electron]."""
        return {name: curve.a00 for name, curve in self.amplifiers.items()}

    @property
    def ptc_turnoff(self) -> dict[str, float]:
        """By amplifier [adu]."""
        return {name: curve.ptc_turnoff for name, curve in self.amplifiers.items()}

    def as_dict(self) -> dict[str, Any]:
        """Return plain mappings, lists and numbers."""
        return {
            "fit_type": self.fit_type,
            "exposures": [list(pair) for pair in self.exposures],
            "bad_amps": list(self.bad_amps),
            "amplifiers": {
                name: {key: getattr(curve, key) for key in _NUMBERS}
                | {key: getattr(curve, key).tolist() for key in (*_MATRICES, *_SERIES, *_CUBES)}
                for name, curve in self.amplifiers.items()
            },
        }

    @classmethod
    def from_dict(cls, data: object) -> PhotonTransferCurve:
        """Read what `as_dict` wrote.

        Raises
        ------
        ValueError
            If anything is missing, unknown or of the wrong shape.
        """
        what = "photon transfer curve"
        found = record(data, what, ("fit_type", "exposures", "bad_amps", "amplifiers"))
        pairs = array(found["exposures"], f"{what}, exposures", (-1, 2)).astype(np.int64).tolist()
        amplifiers = {
            name: _curve(values, f"{what}, {name}", len(pairs))
            for name, values in each(found["amplifiers"], f"{what}, amplifiers").items()
        }
        return cls(
            fit_type=text(found["fit_type"], f"{what}, fit_type", FIT_TYPES),
            exposures=tuple((first, second) for first, second in pairs),
            amplifiers=amplifiers,
            bad_amps=tuple(text(name, f"{what}, bad_amps", amplifiers) for name in found["bad_amps"]),
        )


def _curve(data: object, what: str, pairs: int) -> AmplifierCurve:
    values = record(data, what, (*_NUMBERS, *_MATRICES, *_SERIES, *_CUBES))
    lags = array(values["a_matrix"], f"{what}, a_matrix", (-1, -1)).shape
    cubes = array(values["covariances"], f"{what}, covariances", (pairs, -1, -1)).shape
    shapes = dict.fromkeys(_MATRICES, lags) | dict.fromkeys(_SERIES, (pairs,)) | dict.fromkeys(_CUBES, cubes)
    read: dict[str, Any] = {key: array(values[key], f"{what}, {key}", shape) for key, shape in shapes.items()}
    read["exp_id_mask"] = read["exp_id_mask"].astype(np.bool_)
    read |= {key: number(values[key], f"{what}, {key}") for key in _NUMBERS}
    return AmplifierCurve(**read)
