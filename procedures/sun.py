"""Where the Sun stands over Cerro Pachon.

Decides how far the dome may face away from it and how long a day is left. The Earth's orientation comes from
the tables that astropy brings along; nothing is fetched. Beyond those tables it is extrapolated, which costs
less than 0.01 deg.

References
----------
lsst-ts/ts_observatory_control: python/lsst/ts/observatory/control/base_tcs.py (the site, and the use of
astropy's Sun).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["sun_position", "time_until_sunset"]

LONGITUDE = -70.747698
"""East longitude of the telescope [deg]."""
LATITUDE = -30.244728
"""Latitude of the telescope [deg]."""
HEIGHT = 2663.0
"""Height of the telescope [m]."""
SPAN = 90000.0
"""Time within which the Sun sets at least once at this latitude [s]; a day from sunset to sunset may be over 24 h."""
LOOKS = 301
"""How often that time is sampled: every 5 min."""
NEAR_ENOUGH = 0.1
"""How well a sunset is found [s]."""


def sun_position(tai_s: float) -> tuple[float, float]:
    """Return where the Sun stands, without refraction.

    Parameters
    ----------
    tai_s
        TAI [s since 1970-01-01 00:00:00 TAI].

    Returns
    -------
    elevation_deg, azimuth_deg
        Elevation of its centre in [-90, 90], azimuth from north over east in [0, 360).

    Examples
    --------
    Mid-January, 10 o'clock in Chile: well up in the east.

    >>> elevation, azimuth = sun_position(1768482000.0)
    >>> f"{elevation:.1f} {azimuth:.1f}"
    '37.2 94.5'
    """
    position = _horizontal(tai_s)
    return float(position.alt.deg), float(position.az.deg)


def time_until_sunset(tai_s: float) -> float:
    """Return the time [s] until the Sun's centre next sinks below the horizon, without refraction.

    Parameters
    ----------
    tai_s
        TAI [s since 1970-01-01 00:00:00 TAI].
    """
    import numpy as np

    times = tai_s + np.linspace(0.0, SPAN, LOOKS)
    heights = _horizontal(times).alt.deg
    sets = np.flatnonzero((heights[:-1] > 0.0) & (heights[1:] <= 0.0))
    low, high = float(times[sets[0]]), float(times[sets[0] + 1])
    while high - low > NEAR_ENOUGH:
        middle = (low + high) / 2
        if sun_position(middle)[0] > 0.0:
            low = middle
        else:
            high = middle
    return high - tai_s


def _horizontal(tai_s: Any) -> Any:
    """Return the Sun's horizontal coordinates at one time or at many [s]."""
    with _offline():
        from astropy import units
        from astropy.coordinates import AltAz, EarthLocation, get_sun
        from astropy.time import Time

        site = EarthLocation.from_geodetic(LONGITUDE * units.deg, LATITUDE * units.deg, HEIGHT * units.m)
        when = Time(tai_s, format="unix_tai")
        return get_sun(when).transform_to(AltAz(obstime=when, location=site))


@contextmanager
def _offline() -> Iterator[None]:
    """Keep astropy to the tables on disk, however old they are, and quiet about it."""
    from astropy.utils import iers

    with (
        warnings.catch_warnings(),
        iers.conf.set_temp("auto_download", False),
        iers.conf.set_temp("auto_max_age", None),
        iers.conf.set_temp("iers_degraded_accuracy", "ignore"),
    ):
        warnings.simplefilter("ignore")
        yield
