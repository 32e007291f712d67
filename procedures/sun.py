"""Where the Sun stands over Cerro Pachon.

Decides how far the dome may face away from it and how long a day is left. The Earth's orientation comes from
the tables that astropy brings along; nothing is fetched. Beyond those tables it is extrapolated, which costs
less than 0.01 deg.

A procedure may ask once a minute for a whole day, so the steps of astropy's own transformation are taken here with
the routines of ERFA that it calls: the same to 1e-4 deg, and thirty times as fast.

References
----------
lsst-ts/ts_observatory_control: python/lsst/ts/observatory/control/base_tcs.py (the site, and the use of
astropy's Sun).
"""

from __future__ import annotations

import math
import warnings
from functools import lru_cache
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
DAY = 86400.0
"""Length of a day [s]."""
EPOCH = 2440587.5
"""Julian date of 1970-01-01 00:00:00."""
TT_MINUS_TAI = 32.184
"""By definition [s]."""


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
    elevation, azimuth = _horizontal(tai_s)
    return float(elevation), float(azimuth)


def time_until_sunset(tai_s: float) -> float:
    """Return the time [s] until the Sun's centre next sinks below the horizon, without refraction.

    Parameters
    ----------
    tai_s
        TAI [s since 1970-01-01 00:00:00 TAI].
    """
    import numpy as np

    times = tai_s + np.linspace(0.0, SPAN, LOOKS)
    heights, _ = _horizontal(times)
    sets = np.flatnonzero((heights[:-1] > 0.0) & (heights[1:] <= 0.0))
    low, high = float(times[sets[0]]), float(times[sets[0] + 1])
    while high - low > NEAR_ENOUGH:
        middle = (low + high) / 2
        if sun_position(middle)[0] > 0.0:
            low = middle
        else:
            high = middle
    return high - tai_s


def _horizontal(tai_s: Any) -> tuple[Any, Any]:
    """Return the Sun's elevation and azimuth [deg] at one time or at many [s]."""
    import erfa
    import numpy as np

    days = tai_s / DAY
    tt = EPOCH, days + TT_MINUS_TAI / DAY
    first = int(np.min(days))
    known = range(first, int(np.max(days)) + 2)
    ut1_minus_tai, xp, yp = (np.interp(days, known, of_days) for of_days in zip(*map(_orientation, known), strict=True))
    heliocentric, barycentric = erfa.epv00(*tt)
    x, y, s = erfa.xys06a(*tt)
    observer = erfa.apco(
        *tt,
        barycentric,
        heliocentric["p"],
        x,
        y,
        s,
        erfa.era00(EPOCH, days + ut1_minus_tai / DAY),
        math.radians(LONGITUDE),
        math.radians(LATITUDE),
        HEIGHT,
        xp,
        yp,
        erfa.sp00(*tt),
        0.0,
        0.0,
    )
    sun = barycentric["p"] - heliocentric["p"] - observer["eb"]
    direction = sun / np.linalg.norm(sun, axis=-1, keepdims=True)
    seen = erfa.rxp(observer["bpn"], erfa.ab(direction, observer["v"], observer["em"], observer["bm1"]))
    azimuth, zenith_distance, *_ = erfa.atioq(*erfa.c2s(seen), observer)
    return 90.0 - np.degrees(zenith_distance), np.degrees(azimuth) % 360.0


@lru_cache(maxsize=1024)
def _orientation(day: int) -> tuple[float, float, float]:
    """Return how the Earth was turned when a day since 1970 began: UT1 - TAI [s], and its pole's x and y [rad].

    astropy is kept to the tables on disk, however old they are, and quiet about it.
    """
    from astropy import units
    from astropy.time import Time
    from astropy.utils import iers

    with (
        warnings.catch_warnings(),
        iers.conf.set_temp("auto_download", False),
        iers.conf.set_temp("auto_max_age", None),
        iers.conf.set_temp("iers_degraded_accuracy", "ignore"),
    ):
        warnings.simplefilter("ignore")
        when = Time(day * DAY, format="unix_tai")
        xp, yp, _ = iers.earth_orientation_table.get().pm_xy(when, return_status=True)
        tai, ut1 = when.tai, when.ut1
        ahead = ((ut1.jd1 - tai.jd1) + (ut1.jd2 - tai.jd2)) * DAY
        return ahead, xp.to_value(units.rad), yp.to_value(units.rad)
