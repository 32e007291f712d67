"""ATWhiteLight's chiller: set point, temperature, flow, telemetry."""

import math

import pytest

from tests.csc.atwhitelight.bench import WL, chill, cycle, enable, refused, try_out, warm


def test_start_and_stop_are_seen_at_once():
    async def scenario(rig):
        await enable(rig)
        began = rig.now

        await rig.command(WL, "startChiller")
        assert rig.event(WL, "chillerWatchdog").controllerState == 2
        assert rig.event(WL, "chillerWatchdog").pumpRunning is True
        await rig.command(WL, "startChiller")
        await rig.command(WL, "stopChiller")
        assert rig.event(WL, "chillerWatchdog").controllerState == 1
        await rig.command(WL, "stopChiller")

        assert rig.now == began

    try_out(scenario)


def test_an_idle_component_sets_no_timer():
    async def scenario(rig):
        await chill(rig)
        await rig.sleep(10.0)
        count = rig.journal.count

        await rig.sleep(100_000.0)

        assert rig.journal.count == count
        assert not rig.component(WL)._timers

    try_out(scenario)


@pytest.mark.parametrize(
    ("temperature", "match"),
    [
        (4.9, r"temperature=4\.9 < low_supply_warning=5 deg_C"),
        (50.1, r"temperature=50\.1 > high_supply_warning=50 deg_C"),
    ],
)
def test_a_set_point_out_of_range_is_refused(temperature, match):
    async def scenario(rig):
        await enable(rig)

        await refused(rig, "setChillerTemperature", match, temperature=temperature)

    try_out(scenario)


def test_the_set_point_is_25_on_connecting():
    async def scenario(rig):
        await chill(rig)
        assert rig.output(WL, "set_temperature") == 20.0

        await cycle(rig)

        assert rig.output(WL, "set_temperature") == 25.0

    try_out(scenario)


def test_the_supply_reaches_the_band_of_20_percent_after_two_minutes():
    async def scenario(rig):
        await chill(rig)

        await rig.sleep(124.0)
        assert rig.output(WL, "supply_temperature") < 16.0
        await rig.sleep(1.0)

        assert rig.output(WL, "supply_temperature") >= 16.0

    try_out(scenario)


def test_a_lit_lamp_keeps_the_supply_above_the_set_point():
    async def scenario(rig):
        await warm(rig, power=1000.0)
        await rig.sleep(3600.0)

        assert rig.output(WL, "supply_temperature") == pytest.approx(22.0, abs=0.01)

    try_out(scenario)


def test_a_stopped_chiller_goes_to_the_temperature_of_the_air():
    async def scenario(rig):
        await chill(rig)
        await rig.sleep(3600.0)
        await rig.command(WL, "stopChiller")
        await rig.sleep(1800.0)

        assert rig.output(WL, "supply_temperature") == pytest.approx(12.0 + 8.0 / math.e, abs=0.01)

    try_out(scenario)


def test_telemetry_of_the_chiller():
    async def scenario(rig):
        await chill(rig)
        remote = rig.remote(WL)
        readers = {name: remote.telemetry(name) for name in TELEMETRY}
        for reader in readers.values():
            reader.open()
        await rig.sleep(8.0)

        temperatures = readers["chillerTemperatures"].get()
        assert temperatures.setTemperature == 20.0
        assert 12.0 < temperatures.supplyTemperature < 13.0
        assert math.isnan(temperatures.returnTemperature)
        assert temperatures.ambientTemperature == 12.0
        assert readers["chillerCoolantFlow"].get().flow == 1.9
        assert readers["chillerFanSpeeds"].get().fan3 == 33.0
        assert readers["chillerTECBankCurrents"].get().bank2 == -2.234
        assert readers["chillerTECDrive"].get().level == 67.0
        assert readers["chillerTECDrive"].get().isCooling is False

    try_out(scenario)


TELEMETRY = (
    "chillerTemperatures",
    "chillerCoolantFlow",
    "chillerFanSpeeds",
    "chillerTECBankCurrents",
    "chillerTECDrive",
)


def test_the_flow_ceases_within_two_seconds():
    async def scenario(rig):
        await chill(rig)
        await rig.command(WL, "stopChiller")
        await rig.sleep(1.0)
        assert rig.output(WL, "coolant_flow") == pytest.approx(0.95)
        await rig.sleep(1.0)

        assert rig.output(WL, "coolant_flow") == 0.0

    try_out(scenario)


def test_a_reading_that_was_due_is_dropped_with_the_link():
    async def scenario(rig):
        await enable(rig)
        rig.inject(WL, "chiller_warning")

        await rig.set_state(WL, "STANDBY")
        await rig.sleep(10.0)

        assert rig.state(WL, "watchdog") == "QUIET"
        assert rig.event(WL, "chillerWarnings").warnings == 0

    try_out(scenario)
