"""The weather's turns: an observer sees them and waits; no command changes the weather."""

from __future__ import annotations

from tests.acceptance.faults.bench import Bench, about

STATION = "ESS:301"


@about(f"{STATION}.wind_rises")
async def test_wind_is_waited_for(bench: Bench) -> None:
    """Wind: shown by the sample of a minute, until it drops."""
    bench.inject(f"{STATION}.wind_rises", speed=16.0)
    assert (await bench.telemetry(f"{STATION}.airFlow", timeout=130.0)).maxSpeed > 16.0

    await bench.cycle(STATION)
    assert (await bench.telemetry(f"{STATION}.airFlow", timeout=130.0)).speed == 16.0

    bench.by_hand(f"{STATION}.wind_dropped")
    assert (await bench.telemetry(f"{STATION}.airFlow", timeout=130.0)).speed < 8.0


@about(f"{STATION}.humidity_rises")
async def test_humidity_is_waited_for(bench: Bench) -> None:
    """Humidity: the dew point comes close to the temperature, until the air dries."""
    bench.inject(f"{STATION}.humidity_rises", humidity=95.0)
    assert (await bench.telemetry(f"{STATION}.relativeHumidity")).relativeHumidityItem == 95.0
    temperature = (await bench.telemetry(f"{STATION}.temperature")).temperatureItem[0]
    assert temperature - (await bench.telemetry(f"{STATION}.dewPoint")).dewPointItem < 2.0

    await bench.cycle(STATION)
    assert (await bench.telemetry(f"{STATION}.relativeHumidity")).relativeHumidityItem == 95.0

    bench.by_hand(f"{STATION}.air_dried")
    assert (await bench.telemetry(f"{STATION}.relativeHumidity")).relativeHumidityItem < 65.0


@about(f"{STATION}.rain_begins")
async def test_rain_at_the_station_is_waited_for(bench: Bench) -> None:
    """Rain: the station says so, until it is over."""
    bench.inject(f"{STATION}.rain_begins")
    assert bench.event(f"{STATION}.precipitation").raining is True

    await bench.cycle(STATION)
    assert bench.event(f"{STATION}.precipitation").raining is True

    bench.by_hand(f"{STATION}.rain_ended")
    assert bench.event(f"{STATION}.precipitation").raining is False


@about(f"{STATION}.station_silent")
async def test_silent_station_is_restarted(bench: Bench) -> None:
    """Station silent: no new samples, whatever is done to the CSC, until the station is restarted."""
    bench.inject(f"{STATION}.station_silent")
    assert await bench.is_silent(f"{STATION}.relativeHumidity", 10.0)

    await bench.cycle(STATION)
    assert await bench.is_silent(f"{STATION}.airFlow", 130.0)

    bench.by_hand(f"{STATION}.station_restarted")
    assert not await bench.is_silent(f"{STATION}.airFlow", 130.0)
