"""The weather station: what it measures, and how the weather changes."""

from __future__ import annotations

import pytest

from tests.csc.rig import run

NAME = "ESS:301"


async def read(rig, topic):
    return await rig.remote(NAME).telemetry(topic).next(timeout=130.0)


def test_it_says_once_a_minute_how_the_wind_blows():
    async def scenario(rig):
        await rig.enable(NAME)
        reader = rig.remote(NAME).telemetry("airFlow")

        first, second = await reader.next(timeout=130.0), await reader.next(timeout=130.0)

        assert second.timestamp - first.timestamp == pytest.approx(60.0)
        assert (first.speed, first.direction) == (4.0, 350.0)
        assert first.speed < first.maxSpeed
        assert (first.sensorName, first.location) == ("AuxTel weather station", "AuxTel, outside")

    run(scenario, NAME)


@pytest.mark.parametrize(
    ("temperature", "humidity", "dew_point"),
    # Tables of the dew point over water (WMO-No. 8).
    [("12 deg_C", "30 %", -5.0), ("20 deg_C", "50 %", 9.3), ("5 deg_C", "100 %", 5.0), ("12 deg_C", "88 %", 10.1)],
)
def test_dew_point_follows_from_temperature_and_humidity(temperature, humidity, dew_point):
    async def scenario(rig):
        await rig.enable(NAME)

        assert (await read(rig, "dewPoint")).dewPointItem == pytest.approx(dew_point, abs=0.1)

    run(scenario, NAME, parameters={NAME: {"air_temperature": temperature, "humidity": humidity}})


def test_temperature_comes_from_the_first_of_sixteen_sensors():
    async def scenario(rig):
        await rig.enable(NAME)

        sample = await read(rig, "temperature")

        assert sample.numChannels == 1
        assert sample.temperatureItem == (12.0, *(0.0,) * 15)

    run(scenario, NAME)


def test_wind_rises_and_drops_again():
    async def scenario(rig):
        await rig.enable(NAME)
        rig.inject(NAME, "wind_rises", speed=16.0)
        assert (await read(rig, "airFlow")).speed == 16.0

        rig.component(NAME).fire("wind_dropped")

        assert (await read(rig, "airFlow")).speed == 4.0

    run(scenario, NAME)


def test_humid_air_brings_the_dew_point_close_to_the_temperature():
    async def scenario(rig):
        await rig.enable(NAME)

        rig.inject(NAME, "humidity_rises")

        assert (await read(rig, "relativeHumidity")).relativeHumidityItem == 90.0
        assert 12.0 - (await read(rig, "dewPoint")).dewPointItem < 2.0

    run(scenario, NAME)


def test_rain_begins_and_ends():
    async def scenario(rig):
        await rig.enable(NAME)
        assert rig.event(NAME, "precipitation").raining is False
        rig.inject(NAME, "rain_begins")
        assert rig.event(NAME, "precipitation").raining is True

        rig.component(NAME).fire("rain_ended")

        assert rig.event(NAME, "precipitation").raining is False

    run(scenario, NAME)


def test_silent_station_sends_no_wind():
    async def scenario(rig):
        await rig.enable(NAME)
        rig.inject(NAME, "station_silent")

        with pytest.raises(TimeoutError):
            await read(rig, "airFlow")

    run(scenario, NAME)
