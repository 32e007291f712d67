"""Where the Sun stands over Cerro Pachon, and when it sets."""

from __future__ import annotations

import datetime
import socket
import warnings
from math import asin, atan2, cos, degrees, radians, sin

import pytest

from csc.observatory import tai_from_iso
from procedures.sun import HEIGHT, LATITUDE, LONGITUDE, sun_position, time_until_sunset

TAI_MINUS_UTC = 37.0


@pytest.fixture(autouse=True)
def _without_network(monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network is asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def almanac(tai: float) -> tuple[float, float]:
    """Elevation and azimuth [deg] by the low-precision formulae of the Astronomical Almanac (0.01 deg)."""
    epoch = datetime.datetime(2000, 1, 1, 12, tzinfo=datetime.UTC).timestamp()
    days = (tai - TAI_MINUS_UTC - epoch) / 86400
    anomaly = radians(357.528 + 0.9856003 * days)
    longitude = radians(280.460 + 0.9856474 * days + 1.915 * sin(anomaly) + 0.020 * sin(2 * anomaly))
    obliquity = radians(23.439 - 4e-7 * days)
    right_ascension = atan2(cos(obliquity) * sin(longitude), cos(longitude))
    declination = asin(sin(obliquity) * sin(longitude))
    sidereal = radians(280.46062 + 360.985647366 * days + LONGITUDE)
    hour_angle = sidereal - right_ascension
    latitude = radians(LATITUDE)
    height = asin(sin(latitude) * sin(declination) + cos(latitude) * cos(declination) * cos(hour_angle))
    azimuth = atan2(
        -sin(hour_angle) * cos(declination),
        sin(declination) * cos(latitude) - cos(declination) * cos(hour_angle) * sin(latitude),
    )
    return degrees(height), degrees(azimuth) % 360


@pytest.mark.parametrize(
    "moment",
    ["2026-01-15T13:00:00", "2026-03-20T20:00:00", "2026-06-21T16:00:00", "2026-09-01T03:00:00", "2031-11-05T12:30:00"],
)
def test_sun_is_where_the_almanac_has_it(moment):
    tai = tai_from_iso(moment)

    elevation, azimuth = sun_position(tai)

    expected = almanac(tai)
    assert elevation == pytest.approx(expected[0], abs=0.03)
    assert (azimuth - expected[1] + 180) % 360 - 180 == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize("tai", [1.25e9, 1768482000.0, 1768518600.0 + 6 * 3600, 1.8e9, 2.5e9])
def test_sun_is_where_astropy_has_it(tai):
    from astropy import units
    from astropy.coordinates import AltAz, EarthLocation, get_sun
    from astropy.time import Time
    from astropy.utils import iers

    with (
        warnings.catch_warnings(action="ignore"),
        iers.conf.set_temp("auto_download", False),
        iers.conf.set_temp("auto_max_age", None),
        iers.conf.set_temp("iers_degraded_accuracy", "ignore"),
    ):
        site = EarthLocation.from_geodetic(LONGITUDE * units.deg, LATITUDE * units.deg, HEIGHT * units.m)
        when = Time(tai, format="unix_tai")
        expected = get_sun(when).transform_to(AltAz(obstime=when, location=site))

    elevation, azimuth = sun_position(tai)

    assert elevation == pytest.approx(expected.alt.deg, abs=1e-4)
    assert azimuth == pytest.approx(expected.az.deg, abs=1e-4)


def test_noon_sun_stands_in_the_north():
    _, azimuth = sun_position(tai_from_iso("2026-06-21T16:46:00"))

    assert min(azimuth, 360 - azimuth) < 2.0


@pytest.mark.parametrize("moment", ["2026-01-15T13:00:00", "2026-06-21T16:00:00", "2026-06-21T23:00:00"])
def test_sun_is_at_the_horizon_at_sunset(moment):
    tai = tai_from_iso(moment)

    remaining = time_until_sunset(tai)

    assert 0.0 < remaining <= 90000.0
    assert sun_position(tai + remaining)[0] == pytest.approx(0.0, abs=0.01)
    assert sun_position(tai + remaining - 600.0)[0] > 0.0


def test_sunset_that_was_is_not_the_next_one():
    sunset = tai_from_iso("2026-01-15T13:00:00") + time_until_sunset(tai_from_iso("2026-01-15T13:00:00"))

    assert time_until_sunset(sunset + 60.0) == pytest.approx(86400.0, abs=180.0)


def test_years_beyond_the_tables_are_extrapolated_quietly():
    elevation, azimuth = sun_position(4.0e9)

    assert -90.0 <= elevation <= 90.0
    assert 0.0 <= azimuth < 360.0
