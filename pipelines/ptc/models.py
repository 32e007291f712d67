"""How the variance and the covariances of flats grow with their mean: formulas and derivatives.

Charge that lies in a pixel moves its borders: by the part a of its area per electron. Signals are in adu, a in
1/electron, c (the product of a and b) in 1/electron2, noise in electron2, the gain in electron/adu.

References
----------
Astier et al. 2019, arXiv:1905.08677, equations 16 and 20.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "convolution", "exponential", "exponential_slopes", "full_covariance", "full_covariance_slopes"]

Array = NDArray[np.float64]

_SMALL = 1e-6


def exponential(mean: Array, a00: float, gain: float, noise: float) -> Array:
    """Return the variance [adu2] of flats.

    Parameters
    ----------
    mean
        [adu], any shape.
    a00
        [1/electron]
    gain
        [electron/adu]
    noise
        Variance of the read noise [electron2].

    Examples
    --------
    >>> exponential(np.array([1000.0]), 0.0, 2.0, 16.0)
    array([504.])
    """
    return mean / gain * _growth(2.0 * a00 * gain * mean) + noise / gain**2


def exponential_slopes(mean: Array, a00: float, gain: float, noise: float) -> Array:
    """Return the derivatives of `exponential` by a00, gain and noise, shape (means, 3)."""
    argument = 2.0 * a00 * gain * mean
    growth, slope = _growth(argument), _growth_slope(argument)
    by_a00 = 2.0 * mean**2 * slope
    by_gain = -mean / gain**2 * growth + 2.0 * a00 * mean**2 / gain * slope - 2.0 * noise / gain**3
    return np.stack([by_a00, by_gain, np.full_like(mean, gain**-2)], axis=-1)


def _growth(argument: Array) -> Array:
    """Return (exp(x) - 1) / x."""
    small = np.abs(argument) < _SMALL
    safe = np.where(small, 1.0, argument)
    return np.where(small, 1.0 + argument / 2.0, np.expm1(safe) / safe)


def _growth_slope(argument: Array) -> Array:
    small = np.abs(argument) < _SMALL
    safe = np.where(small, 1.0, argument)
    return np.where(small, 0.5 + argument / 3.0, (np.exp(safe) - _growth(safe)) / safe)


@cache
def _images(lags: int) -> tuple[NDArray[np.int64], Array]:
    """Return, for each element of a convolution's matrix, the lags that it is the sum of, and how often each counts.

    Along each axis that is the distance from lag to lag, and that to the mirror image of the second, if it has one.
    Shapes (4, lags⁴); lags are counted in a quadrant that zeros make twice as wide and as high.
    """
    lag = np.arange(lags)
    near, far = np.abs(lag[:, None] - lag), lag[:, None] + lag
    ways = (near, np.ones_like(near)), (far, np.broadcast_to(lag > 0, far.shape))
    places, counts = [], []
    for rows, row_counts in ways:
        for columns, column_counts in ways:
            places.append(2 * lags * rows[:, None, :, None] + columns[None, :, None, :])
            counts.append(row_counts[:, None, :, None] * column_counts[None, :, None, :])
    return np.stack(places).reshape(4, -1), np.stack(counts).reshape(4, -1).astype(float)


def convolution(quadrant: Array) -> Array:
    """Return the matrix that convolves a quadrant with this one.

    Each quadrant stands for a plane that is the same in all four; what lies beyond it is 0.

    Parameters
    ----------
    quadrant
        Shape (lags, lags).

    Returns
    -------
    matrix
        Shape (lags², lags²), for flattened quadrants.

    Examples
    --------
    >>> convolution(np.array([[1.0, 0.5], [0.0, 0.0]])) @ np.array([1.0, 0.5, 0.0, 0.0])
    array([1.5, 1. , 0. , 0. ])
    """
    lags = len(quadrant)
    padded = np.zeros((2 * lags, 2 * lags))
    padded[:lags, :lags] = quadrant
    places, counts = _images(lags)
    matrix: Array = np.einsum("ij,ij->j", padded.ravel()[places], counts)
    return matrix.reshape(lags**2, lags**2)


def full_covariance(mean: Array, a: Array, c: Array, noise: Array, gain: float) -> Array:
    """Return the covariances [adu2] of flats, shape (means, lags, lags).

    Parameters
    ----------
    mean
        [adu], shape (means,).
    a, c, noise
        By row lag, then column lag [1/electron, 1/electron2, electron2], shape (lags, lags).
    gain
        [electron/adu]
    """
    first, second, third = _orders(a, c, convolution(a))
    signal = (mean * gain)[:, None]
    growth = first * signal + second * signal**2 + third * signal**3
    growth[:, 0] += 1.0
    found = mean[:, None] / gain * growth + noise.ravel() / gain**2
    return found.reshape(len(mean), *a.shape)


def _orders(a: Array, c: Array, by_a: Array) -> tuple[Array, Array, Array]:
    """Return the flattened factors of the signal's powers 1, 2 and 3; `by_a` is the convolution with a."""
    twice = by_a @ a.ravel()
    second = 2.0 / 3.0 * (twice + c.ravel())
    third = by_a @ twice / 3.0 + 5.0 / 6.0 * (by_a @ c.ravel())
    return a.ravel(), second, third


def full_covariance_slopes(mean: Array, a: Array, c: Array, noise: Array, gain: float) -> dict[str, Array]:
    """Return the derivatives of `full_covariance` by the gain (means, lags²), and by a, c and noise (…, lags²)."""
    size = a.size
    by_a = convolution(a)
    _, second, third = _orders(a, c, by_a)
    twice = (by_a @ a.ravel()).reshape(a.shape)
    signal = (mean * gain)[:, None]
    one = np.zeros(size)
    one[0] = 1.0
    by_gain = mean[:, None] ** 2 / gain * (second * signal + 2.0 * third * signal**2)
    by_gain += -mean[:, None] / gain**2 * one - 2.0 * noise.ravel() / gain**3
    second_by_a = 4.0 / 3.0 * by_a
    third_by_a = (convolution(twice) + 2.0 * by_a @ by_a) / 3.0 + 5.0 / 6.0 * convolution(c)
    front, cube = (mean[:, None] / gain)[:, :, None], signal[:, :, None]
    unit = np.eye(size)
    return {
        "gain": by_gain,
        "a": front * (unit * cube + second_by_a * cube**2 + third_by_a * cube**3),
        "c": front * (2.0 / 3.0 * unit * cube**2 + 5.0 / 6.0 * by_a * cube**3),
        "noise": np.broadcast_to(unit / gain**2, (len(mean), size, size)),
    }
