"""What must be computed for the weather station: what its sensors read, and the dew point."""

from __future__ import annotations

import math

from csc.behaviour import Behaviour

__all__ = ["ESS"]

WHOLE = 100.0
"""All [%]: the humidity of saturated air."""


class ESS(Behaviour):
    """Computes for the weather station."""

    def wind_speed(self) -> float:
        """Speed of the wind [m/s]."""
        return float(self.p.mean_wind)

    def wind_speed_deviation(self) -> float:
        """Scatter of the speed [m/s], a standard deviation."""
        return float(self.p.mean_wind * self.p.wind_scatter)

    def wind_gust(self) -> float:
        """Strongest gust [m/s]."""
        return float(self.p.mean_wind * self.p.gust_factor)

    def wind_direction(self) -> float:
        """Where the wind comes from [deg]."""
        return float(self.p.wind_from)

    def wind_direction_deviation(self) -> float:
        """Scatter of where the wind comes from [deg], a standard deviation."""
        return float(self.p.wind_from_scatter)

    def relative_humidity(self) -> float:
        """Relative humidity [%]."""
        return float(self.p.humidity)

    def temperatures(self) -> tuple[float, ...]:
        """Temperature of the air [deg_C], one a sensor."""
        return (float(self.p.air_temperature),)

    def dew_point(self) -> float:
        """Temperature at which dew falls [deg_C], by Magnus' formula."""
        ratio, temperature = self.p.magnus_ratio, self.p.magnus_temperature
        air = self.p.air_temperature
        saturation = math.log(self.p.humidity / WHOLE) + ratio * air / (temperature + air)
        return float(temperature * saturation / (ratio - saturation))
