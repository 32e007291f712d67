"""Where a point of the sky stands over the observatory: sidereal motion in closed form.

Mean places only: no precession, nutation, aberration or refraction. Chosen here: what matters to the rehearsal
of a procedure is how fast the mount moves and where its limits are, not the last arc minute.

References
----------
Meeus, Astronomical Algorithms, chapters 12 and 13
"""

from __future__ import annotations

import math

from csc.kinematics import wrap180, wrap360

__all__ = ["equatorial", "horizontal", "sidereal_time"]

_UNIX_OF_J2000 = 946728000.0
"""2000-01-01 12:00:00 UTC [s since 1970]."""
_SECONDS_A_DAY = 86400.0


def sidereal_time(utc: float, longitude: float) -> float:
    """Return the local mean sidereal time [deg].

    Parameters
    ----------
    utc
        Seconds since 1970-01-01 00:00:00 UTC; UT1 is taken as equal to UTC.
    longitude
        East is positive [deg].

    Examples
    --------
    >>> round(sidereal_time(946728000.0, 0.0), 3)
    280.461
    """
    days = (utc - _UNIX_OF_J2000) / _SECONDS_A_DAY
    return wrap360(280.46061837 + 360.98564736629 * days + longitude)


def horizontal(hour_angle: float, declination: float, latitude: float) -> tuple[float, float]:
    """Turn an hour angle and a declination into azimuth and elevation.

    Parameters
    ----------
    hour_angle, declination, latitude
        Angles [deg].

    Returns
    -------
    azimuth, elevation
        Azimuth from north over east in [-180, 180), elevation in [-90, 90] [deg].

    Examples
    --------
    A star in the east, six hours before it culminates:

    >>> azimuth, elevation = horizontal(-90.0, 0.0, -30.0)
    >>> round(azimuth, 6), abs(round(elevation, 6))
    (90.0, 0.0)
    """
    h, d, f = math.radians(hour_angle), math.radians(declination), math.radians(latitude)
    north = math.sin(d) * math.cos(f) - math.cos(d) * math.cos(h) * math.sin(f)
    east = -math.cos(d) * math.sin(h)
    up = math.sin(d) * math.sin(f) + math.cos(d) * math.cos(h) * math.cos(f)
    return wrap180(math.degrees(math.atan2(east, north))), math.degrees(math.asin(max(-1.0, min(1.0, up))))


def equatorial(azimuth: float, elevation: float, latitude: float) -> tuple[float, float]:
    """Turn azimuth and elevation into an hour angle and a declination.

    Parameters
    ----------
    azimuth, elevation, latitude
        Angles [deg].

    Returns
    -------
    hour_angle, declination
        Hour angle in [-180, 180), declination in [-90, 90] [deg].

    Examples
    --------
    >>> hour_angle, declination = equatorial(*horizontal(20.0, -40.0, -30.0), -30.0)
    >>> round(hour_angle, 6), round(declination, 6)
    (20.0, -40.0)
    """
    a, e, f = math.radians(azimuth), math.radians(elevation), math.radians(latitude)
    pole = math.sin(e) * math.sin(f) + math.cos(e) * math.cos(a) * math.cos(f)
    west = -math.cos(e) * math.sin(a)
    meridian = math.sin(e) * math.cos(f) - math.cos(e) * math.cos(a) * math.sin(f)
    return wrap180(math.degrees(math.atan2(west, meridian))), math.degrees(math.asin(max(-1.0, min(1.0, pole))))
