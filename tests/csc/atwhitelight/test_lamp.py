"""ATWhiteLight's lamp: on, off, warm-up, cool-down, the light."""

import math

import pytest

from csc import Ack
from tests.csc.atwhitelight.bench import WL, chill, enable, light, refused, states, try_out, warm


def test_the_lamp_lights_within_a_moment_and_is_on_after_the_warm_up():
    async def scenario(rig):
        await chill(rig)
        began = rig.now

        await rig.command(WL, "turnLampOn", power=910.0)

        assert rig.now == pytest.approx(began + 0.2)
        assert rig.event(WL, "lampState").basicState == 4
        assert rig.event(WL, "lampState").lightDetected is True
        assert rig.event(WL, "lampState").warmupEndTime == pytest.approx(rig.clock.tai_start + began + 900.0)
        await rig.sleep(899.0)
        assert rig.state(WL, "lamp") == "WARMUP"
        await rig.sleep(1.0)
        assert rig.event(WL, "lampState").basicState == 2
        assert rig.log_lines(WL)[-2:] == ["Powering on the lamp, attempt 1 of 3", "Lamp powered on"]

    try_out(scenario)


def test_the_callers_limit_is_extended_by_the_time_of_all_tries():
    async def scenario(rig):
        await chill(rig)
        rig.inject(WL, "bulb_will_not_ignite", times=2)
        progress: list[Ack] = []

        await rig.remote(WL).command("turnLampOn", power=910.0, timeout=1.0, on_progress=progress.append)

        assert [ack.timeout for ack in progress] == [pytest.approx(257.0)]

    try_out(scenario)


def test_power_zero_takes_the_configured_power():
    async def scenario(rig):
        await light(rig, power=0.0)

        assert rig.output(WL, "commanded_power") == 900.0

    try_out(scenario)


def test_the_power_read_back_is_a_step_of_the_set_voltage():
    async def scenario(rig):
        await light(rig, power=910.0)

        assert rig.event(WL, "lampState").setPower == pytest.approx(910.0, abs=400.0 / 155.0 / 2.0)
        assert rig.event(WL, "lampState").setPower != 910.0

    try_out(scenario)


def test_turn_lamp_on_again_only_changes_the_power():
    async def scenario(rig):
        await warm(rig, power=910.0)
        began = rig.now

        await rig.command(WL, "turnLampOn", power=1000.0)

        assert rig.now == began
        assert rig.state(WL, "lamp") == "ON"
        assert rig.output(WL, "lamp_light") == pytest.approx(1000.0 / 910.0, rel=3e-3)
        await rig.command(WL, "turnLampOn")
        assert rig.output(WL, "commanded_power") == 900.0

    try_out(scenario)


@pytest.mark.parametrize("power", [799.9, 1200.1, -5.0])
def test_turn_lamp_on_refuses_a_power_out_of_range(power):
    async def scenario(rig):
        await chill(rig)

        await refused(rig, "turnLampOn", rf"power={power:g} must be 0 or in range \[800, 1200\] W", power=power)

    try_out(scenario)


@pytest.mark.parametrize("power", [800.0, 1200.0])
def test_the_limits_of_the_power_are_allowed(power):
    async def scenario(rig):
        await light(rig, power)

        assert rig.event(WL, "lampState").setPower == power

    try_out(scenario)


def test_turn_lamp_on_is_refused_while_the_chiller_does_not_run():
    async def scenario(rig):
        await enable(rig)

        await refused(rig, "turnLampOn", "Chiller not running; it is STANDBY", power=910.0)

    try_out(scenario)


def test_turn_lamp_on_is_refused_while_the_pump_does_not_run():
    async def scenario(rig):
        await enable(rig)
        rig.inject(WL, "pump_stops")
        await rig.command(WL, "startChiller")
        await rig.sleep(1.0)

        await refused(rig, "turnLampOn", "Chiller pump not running", power=910.0)

    try_out(scenario)


def test_turn_lamp_on_is_refused_while_it_is_being_turned_on():
    async def scenario(rig):
        await chill(rig)
        rig.inject(WL, "bulb_will_not_ignite", times=1)
        first = rig.later(WL, "turnLampOn", power=910.0)
        await rig.sleep(10.0)

        await refused(rig, "turnLampOn", "Already turning the lamp on, attempt 1 of 3", power=910.0)
        await rig.sleep(30.0)
        await refused(rig, "turnLampOn", "Already turning the lamp on, attempt 1 of 3", power=910.0)

        await first

    try_out(scenario)


def test_turn_lamp_on_is_refused_while_cooling_with_the_time_that_is_left():
    async def scenario(rig):
        await warm(rig)
        await rig.command(WL, "turnLampOff")
        await rig.sleep(99.5)

        await refused(rig, "turnLampOn", r"Cooling; wait 800\.0 s", power=910.0)

    try_out(scenario)


def test_the_brightness_rises_as_stated():
    async def scenario(rig):
        assert rig.output(WL, "lamp_light") == 0.0
        await light(rig)
        for t in (0.0, 10.0, 150.0, 900.0):
            assert rig.component(WL).timelines["lamp_light"].value(rig.now + t) == pytest.approx(
                1.0 - math.exp(-t / 150.0)
            )

    try_out(scenario)


def test_the_light_is_gone_after_the_lamp_is_off():
    async def scenario(rig):
        await warm(rig)

        await rig.command(WL, "turnLampOff")

        assert rig.output(WL, "lamp_light") == 0.0

    try_out(scenario)


def test_a_run_may_begin_with_a_warm_lamp():
    async def scenario(rig):
        await rig.sleep(2.0)

        assert rig.state(WL, "lamp") == "ON"
        assert rig.output(WL, "lamp_light") == pytest.approx(900.0 / 910.0, rel=3e-3)
        assert rig.output(WL, "shutter_open") == 1.0
        assert rig.output(WL, "supply_temperature") == pytest.approx(25.0, abs=0.1)
        assert rig.state(WL) == "ENABLED"

    placed = {"power": "ON", "bulb": "LIT", "thermotek": "RUN", "pump": "RUNNING", "shutter": "OPEN"}
    try_out(scenario, states={WL: "ENABLED"}, machines={WL: placed})


def test_turn_lamp_off_ends_when_it_is_dark_and_the_lamp_cools():
    async def scenario(rig):
        await warm(rig)
        began = rig.now

        await rig.command(WL, "turnLampOff")

        assert rig.now == pytest.approx(began + 0.5)
        lamp = rig.event(WL, "lampState")
        assert (lamp.basicState, lamp.lightDetected, lamp.setPower) == (3, False, 0.0)
        assert lamp.cooldownEndTime == pytest.approx(rig.clock.tai_start + began + 900.0)
        assert rig.event(WL, "lampOnHours").hours == pytest.approx(900.2 / 3600.0)
        await rig.sleep(899.0)
        assert rig.state(WL, "lamp") == "COOLDOWN"
        await rig.sleep(0.5)
        assert rig.event(WL, "lampState").basicState == 1

    try_out(scenario)


def test_turn_lamp_off_is_refused_while_warming_up_with_the_time_that_is_left():
    async def scenario(rig):
        await light(rig)
        await rig.sleep(99.8)

        await refused(rig, "turnLampOff", r"while warming up; wait 800\.0 s or use force=True")

    try_out(scenario)


def test_force_puts_out_a_lamp_that_warms_up():
    async def scenario(rig):
        await light(rig)
        await rig.sleep(99.8)

        await rig.command(WL, "turnLampOff", force=True)

        assert rig.state(WL, "lamp") == "COOLDOWN"
        assert "while it warms up, because force=True; 800.0 s were left" in rig.log_lines(WL)[-1]

    try_out(scenario)


def test_turn_lamp_off_does_nothing_to_a_dark_lamp():
    async def scenario(rig):
        await enable(rig)
        before = states(rig)

        await rig.command(WL, "turnLampOff")

        assert states(rig) == before

    try_out(scenario)


def test_a_second_turn_lamp_off_waits_for_the_same_darkness():
    async def scenario(rig):
        await warm(rig)
        began = rig.now
        first = rig.later(WL, "turnLampOff")
        await rig.sleep(0.1)

        await rig.command(WL, "turnLampOff")

        await first
        assert rig.now == pytest.approx(began + 0.5)

    try_out(scenario)


def test_stop_chiller_is_refused_while_the_lamp_is_on():
    async def scenario(rig):
        await light(rig)

        await refused(rig, "stopChiller", "Can't stop cooling while the lamp is on")

    try_out(scenario)


def test_stop_chiller_is_refused_while_cooling_with_the_time_that_is_left():
    async def scenario(rig):
        await warm(rig)
        await rig.command(WL, "turnLampOff")

        await refused(rig, "stopChiller", r"you can't stop the chiller for 899\.50 s")

    try_out(scenario)


def test_stop_chiller_is_allowed_after_the_cool_down():
    async def scenario(rig):
        await warm(rig)
        await rig.command(WL, "turnLampOff")
        await rig.sleep(899.5)

        await rig.command(WL, "stopChiller")

        watchdog = rig.event(WL, "chillerWatchdog")
        assert (watchdog.controllerState, watchdog.pumpRunning) == (1, False)

    try_out(scenario)


@pytest.mark.parametrize("state", ["DISABLED", "FAULT"])
def test_standby_is_refused_while_cooling_from_any_state(state):
    async def scenario(rig):
        await warm(rig)
        if state == "DISABLED":
            await rig.command(WL, "turnLampOff")
            await rig.command(WL, "disable")
        else:
            rig.inject(WL, "chiller_link_lost")
            await rig.sleep(0.5)

        await refused(rig, "standby", r"until the chiller has run for another 899\.50 s")

        assert rig.state(WL) == state
        await rig.sleep(899.5)
        await rig.command(WL, "standby")

    try_out(scenario)


def test_standby_puts_out_a_lit_lamp_and_its_cool_down_is_remembered():
    async def scenario(rig):
        await warm(rig)

        await rig.set_state(WL, "STANDBY")

        assert rig.event(WL, "lampState").basicState == 3
        await rig.sleep(0.5)
        assert rig.output(WL, "lamp_light") == 0.0
        await rig.sleep(100.0)
        await enable(rig)
        await refused(rig, "turnLampOn", r"Cooling; wait 798\.3 s", power=910.0)

    try_out(scenario)


def test_the_cool_down_ends_in_unknown_while_the_link_is_closed():
    async def scenario(rig):
        await warm(rig)
        await rig.set_state(WL, "STANDBY")

        await rig.sleep(900.0)

        assert rig.event(WL, "lampState").basicState == 0

    try_out(scenario)


def test_the_light_stays_while_disabled():
    async def scenario(rig):
        await warm(rig)

        await rig.command(WL, "disable")
        await rig.sleep(100.0)

        assert rig.state(WL, "lamp") == "ON"

    try_out(scenario)
