"""The tables of the active optics: what elevation and temperature ask of mirror and hexapod.

Pure functions; the coefficients are parameters of the data sheet.

References
----------
lsst-ts/ts_ataos: python/lsst/ts/ataos/model.py
"""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["clipped", "mirror_pressure", "position"]


def clipped(value: float, low: float, high: float) -> float:
    """Return the value, or the nearer end of [low, high]."""
    return min(max(value, low), high)


def mirror_pressure(elevation: float, polynomial: Sequence[float]) -> float:
    """Return the pressure under the mirror [Pa].

    Parameters
    ----------
    elevation
        Of the telescope [deg].
    polynomial
        Coefficients over the sine of the elevation, highest power first [Pa].

    Examples
    --------
    >>> round(mirror_pressure(39.0, (114351.586, -220485.725, 278187.272, -48810.102)), -2)
    67400.0
    """
    sine = math.sin(math.radians(elevation))
    pressure = 0.0
    for coefficient in polynomial:
        pressure = pressure * sine + coefficient
    return pressure


def position(elevation: float, temperature: float, polynomial: Sequence[Sequence[float]]) -> float:
    """Return one coordinate of the hexapod [mm].

    Parameters
    ----------
    elevation
        Of the telescope [deg].
    temperature
        Of the telescope [deg_C].
    polynomial
        Rows are powers of the sine of the elevation, columns powers of the temperature [mm].
    """
    sine = math.sin(math.radians(elevation))
    return sum(
        coefficient * sine**row * temperature**column
        for row, coefficients in enumerate(polynomial)
        for column, coefficient in enumerate(coefficients)
    )
