"""A weighted fit, over the signals of pairs of flats, of a constant and of other powers of the signal."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["WeightedLine"]

Array = NDArray[np.float64]

_TINY = 1e-300


class WeightedLine:
    """A fit of a constant and of other powers of the signal.

    Parameters
    ----------
    signal, weights
        Of each pair, shape (pairs,).
    powers
        Beside the constant.
    """

    __slots__ = ("_columns", "_inverse", "_weights")

    def __init__(self, signal: Array, weights: Array, powers: tuple[int, ...]) -> None:
        columns = np.stack([signal**power for power in (0, *powers)], axis=1)
        self._columns: Array = columns / np.maximum(np.sqrt(weights @ columns**2 / max(weights.sum(), _TINY)), _TINY)
        self._columns[:, 0] = 1.0
        self._weights = weights
        self._inverse = np.linalg.pinv(self._columns.T @ (weights[:, None] * self._columns), rcond=1e-12)

    @property
    def limit_error(self) -> float:
        """Error of the constant."""
        return math.sqrt(max(float(self._inverse[0, 0]), 0.0))

    def weights_of(self, values: Array) -> Array:
        """Return values times their weights."""
        return self._weights * values

    def limit(self, values: Array) -> float:
        """Return the constant."""
        return float(self._fit(values)[0])

    def rest(self, values: Array) -> Array:
        """Return what the fit leaves of values."""
        found: Array = values - self._columns @ self._fit(values)
        return found

    def _fit(self, values: Array) -> Array:
        found: Array = self._inverse @ (self._columns.T @ self.weights_of(values))
        return found
