"""Which point of the sky stands in a direction: what a script asks before it has it followed.

Mean places, like those that the pointing component follows.

References
----------
lsst-ts/ts_observatory_control: python/lsst/ts/observatory/control/base_tcs.py (radec_from_azel)
"""

from __future__ import annotations

from csc.atmount.sky import equatorial, sidereal_time
from csc.kinematics import wrap360
from procedures.sun import LATITUDE, LONGITUDE

__all__ = ["sky_position"]

TAI_MINUS_UTC = 37.0
"""Leap seconds so far [s] (IERS Bulletin C)."""


def sky_position(tai_s: float, azimuth: float, elevation: float) -> tuple[float, float]:
    """Return what stands in a direction.

    Parameters
    ----------
    tai_s
        TAI [s since 1970-01-01 00:00:00 TAI].
    azimuth, elevation
        Direction [deg].

    Returns
    -------
    right_ascension, declination
        Right ascension in [0, 360), declination in [-90, 90] [deg].

    Examples
    --------
    In the zenith the declination is the telescope's latitude:

    >>> right_ascension, declination = sky_position(1768482000.0, 0.0, 90.0)
    >>> round(declination, 3)
    -30.245
    """
    hour_angle, declination = equatorial(azimuth, elevation, LATITUDE)
    return wrap360(sidereal_time(tai_s - TAI_MINUS_UTC, LONGITUDE) - hour_angle), declination
