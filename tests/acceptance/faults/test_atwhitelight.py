"""The white light's troubles, as an observer meets them and gets out of them."""

from __future__ import annotations

import pytest

from tests.acceptance.faults.bench import Bench, about

WL = "ATWhiteLight"
LAMP = (WL,)
ON = "auxtel/calibrations/power_on_atcalsys.py"
OFF = "auxtel/calibrations/power_off_atcalsys.py"
COOLDOWN = 900.0


def lamp(bench: Bench) -> str:
    """Return the lamp's state, by the name of SAL's number."""
    names = ("UNKNOWN", "OFF", "ON", "COOLDOWN", "WARMUP", "TURNING_ON", "TURNING_OFF", "UNEXPECTEDLY_ON",
             "UNEXPECTEDLY_OFF")  # fmt: skip
    return names[bench.event(f"{WL}.lampState").basicState]


async def works(bench: Bench) -> None:
    """The white light can be switched on."""
    await bench.script(ON)
    assert lamp(bench) == "ON"


# ---------------------------------------------------------------------- lamp


@about(f"{WL}.bulb_will_not_ignite", enabled=LAMP)
async def test_bulb_that_does_not_ignite_may_do_so_once_it_has_cooled(bench: Bench) -> None:
    """Bulb will not ignite: three tries, no fault, a cool-down; then try again."""
    bench.inject(f"{WL}.bulb_will_not_ignite")
    await bench.command(f"{WL}.startChiller")
    begun = bench.now
    await bench.refused(f"{WL}.turnLampOn", "Lamp did not light in 3 attempts", timeout=30.0, power=910.0)

    assert bench.now - begun == pytest.approx(255.0, abs=3.0)
    assert bench.seen(f"{WL}.lampState", "basicState")[-6:] == [5, 3, 5, 3, 5, 3]
    attempts = [line for line in bench.log_of(WL) if "attempt " in line]
    assert [line.rpartition("attempt ")[2] for line in attempts] == [f"{i} of 3" for i in (1, 1, 2, 2, 3, 3)]
    assert bench.summary(WL) == "ENABLED"

    await bench.script_fails(ON, "Cooling; wait")

    await bench.until(f"{WL}.lampState", basicState=1, limit=COOLDOWN)
    await works(bench)
    bench.by_hand(f"{WL}.bulb_replaced")


@about(f"{WL}.bulb_will_not_ignite", enabled=LAMP)
async def test_bulb_that_never_ignites_must_be_replaced(bench: Bench) -> None:
    """Bulb will not ignite: waiting does not help a bulb that is spent, a new one does."""
    bench.inject(f"{WL}.bulb_will_not_ignite", times=100)
    await bench.script_fails(ON, "Lamp did not light in 3 attempts")
    await bench.sleep(COOLDOWN)
    await bench.script_fails(ON, "Lamp did not light in 3 attempts")

    bench.by_hand(f"{WL}.bulb_replaced")
    await bench.sleep(COOLDOWN)
    await works(bench)


@about(f"{WL}.bulb_dies", enabled=LAMP)
async def test_bulb_that_dies_must_be_replaced(bench: Bench) -> None:
    """Bulb dies when lit: FAULT 6 and darkness without a cool-down; a state cycle alone does not bring light."""
    await bench.script(ON)
    bench.inject(f"{WL}.bulb_dies")
    await bench.sleep(1.0)

    assert bench.fault_code(WL) == 6
    assert lamp(bench) == "UNEXPECTEDLY_OFF"
    assert bench.event(f"{WL}.lampState").lightDetected is False
    await bench.script_fails(OFF, "ATWhiteLight is not ENABLED|Not allowed in Fault state")

    await bench.cycle(WL)
    assert lamp(bench) == "OFF"
    await bench.script_fails(ON, "Lamp did not light in 3 attempts")

    bench.by_hand(f"{WL}.bulb_replaced")
    await bench.sleep(COOLDOWN)
    await works(bench)


@about(f"{WL}.bulb_dies", enabled=LAMP)
async def test_bulb_that_dies_while_warming_ends_the_script(bench: Bench) -> None:
    """Bulb dies when lit: the script that waits for a warm lamp says so at once."""
    script = bench.begin_script(ON)
    await bench.until(f"{WL}.lampState", basicState=4)
    bench.inject(f"{WL}.bulb_dies")

    await bench.fails(script, "it did not warm up")
    assert bench.fault_code(WL) == 6
    bench.by_hand(f"{WL}.bulb_replaced")
    await bench.cycle(WL)
    await works(bench)


@about(f"{WL}.lamp_stuck_on", enabled=LAMP)
async def test_lamp_that_stays_on_is_switched_off_by_hand(bench: Bench) -> None:
    """Stuck on: turnLampOff fails, FAULT 7; a state cycle ends there again while it is lit."""
    await bench.script(ON)
    bench.inject(f"{WL}.lamp_stuck_on")
    await bench.script_fails(OFF, "Lamp failed to turn off|interrupted")

    assert bench.fault_code(WL) == 7
    assert lamp(bench) == "UNEXPECTEDLY_ON"
    assert bench.event(f"{WL}.lampState").lightDetected is True

    await bench.set_state(WL, "STANDBY")
    await bench.refused(f"{WL}.start", "reports an error")
    assert bench.fault_code(WL) == 7

    bench.by_hand(f"{WL}.manual_off")
    await bench.cycle(WL)
    assert lamp(bench) == "OFF"
    await works(bench)


@about(f"{WL}.lamp_controller_error", enabled=LAMP)
@pytest.mark.parametrize("code", range(1, 9))
async def test_error_of_the_lamp_controller_is_cleared_at_the_lamp(bench: Bench, code: int) -> None:
    """Controller error 1 to 8: FAULT 3 at once, its number seconds later; no way out until cleared and cool."""
    await bench.script(ON)
    bench.inject(f"{WL}.lamp_controller_error", code=code)
    await bench.sleep(0.5)

    state = bench.event(f"{WL}.lampState")
    assert (bench.fault_code(WL), state.controllerState, state.controllerError) == (3, 3, 0)
    await bench.sleep(1.0)
    assert lamp(bench) == "COOLDOWN"
    await bench.until(f"{WL}.lampState", controllerError=code, limit=code + 2.0)

    await bench.refused(f"{WL}.standby", "lamp controller error .*; clear it first")
    bench.by_hand(f"{WL}.controller_error_cleared")
    await bench.refused(f"{WL}.standby", r"The lamp is cooling.* for another \d+\.\d\d s")

    await bench.sleep(COOLDOWN)
    await bench.cycle(WL)
    await works(bench)


@about(f"{WL}.lamp_link_lost", enabled=LAMP)
async def test_lost_link_to_the_lamp_must_be_restored(bench: Bench) -> None:
    """LabJack link lost: FAULT 2 and a lamp that stays lit; without the link start ends in FAULT 3."""
    await bench.script(ON)
    bench.inject(f"{WL}.lamp_link_lost")
    await bench.sleep(1.0)

    assert bench.fault_code(WL) == 2
    assert bench.event(f"{WL}.lampConnected").connected is False
    assert lamp(bench) == "UNKNOWN"

    await bench.set_state(WL, "STANDBY")
    await bench.refused(f"{WL}.start", "Could not connect to the lamp")
    assert bench.fault_code(WL) == 3

    bench.by_hand(f"{WL}.lamp_link_restored")
    await bench.cycle(WL)
    assert lamp(bench) == "ON"
    assert bench.event(f"{WL}.lampState").lightDetected is True
    await bench.script(OFF)


# ------------------------------------------------------------------- chiller


@about(f"{WL}.chiller_alarm", enabled=LAMP)
async def test_alarm_of_the_chiller_is_cleared_there(bench: Bench) -> None:
    """Chiller alarm: mask, chiller in STANDBY, FAULT 4, lamp off; no way out until cleared and cool."""
    await bench.script(ON)
    bench.inject(f"{WL}.chiller_alarm", level1=0x80000)
    await bench.sleep(6.0)

    assert bench.event(f"{WL}.chillerAlarms").level1 == 0x80000
    assert bench.event(f"{WL}.chillerWatchdog").alarmsPresent is True
    assert bench.fault_code(WL) == 4
    await bench.until(f"{WL}.chillerWatchdog", controllerState=1, limit=10.0)
    assert lamp(bench) == "COOLDOWN"

    await bench.refused(f"{WL}.standby", "chiller is reporting one or more alarms; clear them first")
    bench.by_hand(f"{WL}.alarm_cleared")
    await bench.until(f"{WL}.chillerWatchdog", alarmsPresent=False, limit=10.0)
    await bench.refused(f"{WL}.standby", "The lamp is cooling")

    await bench.sleep(COOLDOWN)
    await bench.cycle(WL)
    await works(bench)


@about(f"{WL}.chiller_warning", enabled=LAMP)
async def test_warning_of_the_chiller_is_only_shown(bench: Bench) -> None:
    """Chiller warning: shown, and nothing else; cycling the CSC does not take it away."""
    bench.inject(f"{WL}.chiller_warning", warnings=2)
    await works(bench)
    assert bench.event(f"{WL}.chillerWarnings").warnings == 2
    await bench.script(OFF)

    await bench.cycle(WL)
    assert bench.event(f"{WL}.chillerWatchdog").warningsPresent is True

    bench.by_hand(f"{WL}.warning_cleared")
    await bench.until(f"{WL}.chillerWatchdog", warningsPresent=False, limit=10.0)


async def cooled_by_time_alone(bench: Bench) -> None:
    """FAULT 5 has put the lamp out; the way out of it opens when the lamp is cool."""
    assert bench.fault_code(WL) == 5
    assert lamp(bench) == "COOLDOWN"
    await bench.refused(f"{WL}.standby", "The lamp is cooling")
    await bench.sleep(COOLDOWN)
    await bench.cycle(WL)


@about(f"{WL}.chiller_stops", enabled=LAMP)
async def test_chiller_that_stops_is_started_again(bench: Bench) -> None:
    """Chiller stops: the watchdog sees it, FAULT 5; cycling the CSC does not start it."""
    await bench.script(ON)
    bench.inject(f"{WL}.chiller_stops")
    await bench.until(f"{WL}.chillerWatchdog", controllerState=1, limit=5.0)
    await bench.sleep(1.0)

    await cooled_by_time_alone(bench)
    await bench.refused(f"{WL}.turnLampOn", "Chiller not running; it is STANDBY", power=910.0)

    await bench.command(f"{WL}.startChiller")
    await works(bench)


@about(f"{WL}.chiller_power_cycled", enabled=LAMP)
async def test_chiller_whose_power_came_back_is_started_again(bench: Bench) -> None:
    """Chiller stops, by its power: AUTOSTART and then STANDBY, FAULT 5."""
    await bench.script(ON)
    bench.inject(f"{WL}.chiller_power_cycled")
    await bench.until(f"{WL}.chillerWatchdog", controllerState=0, limit=5.0)
    await bench.until(f"{WL}.chillerWatchdog", controllerState=1, limit=20.0)

    await cooled_by_time_alone(bench)
    await bench.refused(f"{WL}.turnLampOn", "Chiller not running; it is STANDBY", power=910.0)

    await works(bench)


@about(f"{WL}.chiller_in_test", enabled=LAMP)
async def test_chiller_that_is_being_tested_is_given_back(bench: Bench) -> None:
    """Chiller stops, for a test: FAULT 5; cycling the CSC does not end the test."""
    await bench.script(ON)
    bench.inject(f"{WL}.chiller_in_test")
    await bench.until(f"{WL}.chillerWatchdog", controllerState=4, limit=5.0)
    await bench.sleep(1.0)

    await cooled_by_time_alone(bench)
    await bench.refused(f"{WL}.turnLampOn", "Chiller not running; it is TEST", power=910.0)

    bench.by_hand(f"{WL}.test_ended")
    await works(bench)


@about(f"{WL}.pump_stops", enabled=LAMP)
async def test_broken_pump_must_be_repaired(bench: Bench) -> None:
    """Pump off: FAULT 5, then the alarms of a flow that has ceased; starting the chiller does not help."""
    await bench.script(ON)
    bench.inject(f"{WL}.pump_stops")
    await bench.until(f"{WL}.chillerWatchdog", pumpRunning=False, limit=5.0)
    await bench.sleep(1.0)
    assert bench.fault_code(WL) == 5
    await bench.until(f"{WL}.chillerAlarms", level1=0x40200, limit=15.0)
    await bench.refused(f"{WL}.standby", "chiller is reporting one or more alarms")
    await bench.until(f"{WL}.chillerAlarms", level1=0, limit=10.0)

    await cooled_by_time_alone(bench)
    await bench.script_fails(ON, "ATWhiteLight is FAULT|Chiller pump not running")
    assert bench.fault_code(WL) == 4

    bench.by_hand(f"{WL}.pump_repaired")
    await bench.cycle(WL)
    await works(bench)


@about(f"{WL}.chiller_link_lost", enabled=LAMP)
async def test_lost_link_to_the_chiller_must_be_restored(bench: Bench) -> None:
    """Chiller link lost: FAULT 1, lamp off; without the link start ends in FAULT 4."""
    await bench.script(ON)
    bench.inject(f"{WL}.chiller_link_lost")
    await bench.sleep(1.0)
    assert bench.fault_code(WL) == 1
    assert bench.event(f"{WL}.chillerConnected").connected is False
    assert lamp(bench) == "COOLDOWN"

    await bench.sleep(COOLDOWN)
    await bench.set_state(WL, "STANDBY")
    await bench.refused(f"{WL}.start", "Could not connect to the chiller")
    assert bench.fault_code(WL) == 4

    bench.by_hand(f"{WL}.chiller_link_restored")
    await bench.cycle(WL)
    await works(bench)


@about(f"{WL}.chiller_replies_late", enabled=LAMP)
async def test_chiller_that_answers_after_5_s_is_as_good_as_gone(bench: Bench) -> None:
    """Reply later than 5 s: as a lost link, FAULT 1."""
    await bench.script(ON)
    bench.inject(f"{WL}.chiller_replies_late", reply_time=5.5)
    await bench.sleep(11.0)
    assert bench.fault_code(WL) == 1
    assert bench.event(f"{WL}.chillerConnected").connected is False

    await bench.sleep(COOLDOWN)
    await bench.set_state(WL, "STANDBY")
    await bench.refused(f"{WL}.start", "Could not connect to the chiller")

    bench.by_hand(f"{WL}.chiller_link_restored")
    await bench.cycle(WL)
    await works(bench)


@about(f"{WL}.chiller_too_slow", enabled=LAMP)
async def test_chiller_that_is_too_slow_gets_a_higher_set_point(bench: Bench) -> None:
    """Chiller too slow: the supply is not within 20 % in time, the script gives up; a higher set point is reached."""
    bench.inject(f"{WL}.chiller_too_slow")
    begun = bench.now
    await bench.script_fails(ON, "supply_temperature|coolant")
    assert bench.now - begun == pytest.approx(900.0, abs=20.0)
    assert (await bench.telemetry(f"{WL}.chillerTemperatures")).supplyTemperature > 24.0
    assert bench.summary(WL) == "ENABLED"

    await bench.script_fails(ON, "supply_temperature|coolant")

    await bench.script(ON, "chiller_temperature: 25")
    assert lamp(bench) == "ON"
    bench.by_hand(f"{WL}.cooler_weather")


# ------------------------------------------------------------------- shutter


@about(f"{WL}.shutter_stuck", enabled=LAMP)
async def test_stuck_shutter_must_be_repaired(bench: Bench) -> None:
    """Shutter stuck: neither switch after 30 s, the command times out, no fault; cycling does not free it."""
    bench.inject(f"{WL}.shutter_stuck")
    await bench.script_fails(ON, "openShutter: TIMEOUT")
    assert bench.event(f"{WL}.shutterState").actualState == 0
    assert bench.event(f"{WL}.shutterState").enabled is False
    assert bench.summary(WL) == "ENABLED"

    await bench.refused(f"{WL}.closeShutter", "TIMEOUT")
    await bench.cycle(WL)
    begun = bench.now
    await bench.refused(f"{WL}.openShutter", "TIMEOUT")
    assert bench.now - begun == pytest.approx(30.0)

    bench.by_hand(f"{WL}.shutter_repaired")
    await works(bench)
    assert bench.event(f"{WL}.shutterState").actualState == 2


@about(f"{WL}.shutter_switch_broken", enabled=LAMP)
async def test_broken_switch_of_the_shutter_must_be_repaired(bench: Bench) -> None:
    """Both switches: INVALID, moves are refused, no fault; cycling does not help."""
    bench.inject(f"{WL}.shutter_switch_broken")
    assert bench.event(f"{WL}.shutterState").actualState == 3
    await bench.script_fails(ON, "Both shutter switches are active")
    assert bench.summary(WL) == "ENABLED"

    await bench.cycle(WL)
    await bench.refused(f"{WL}.closeShutter", "Both shutter switches are active")

    bench.by_hand(f"{WL}.shutter_repaired")
    await works(bench)


# ---------------------------------------------------------------- no faults


@about(enabled=LAMP)
async def test_lamp_that_warms_up_is_put_out_only_by_force(bench: Bench) -> None:
    """Off during the warm-up: refused with the seconds that are left; wait, or force."""
    await bench.command(f"{WL}.startChiller")
    await bench.command(f"{WL}.turnLampOn", power=910.0)
    await bench.sleep(300.0)
    await bench.script_fails(OFF, r"Can't power off the lamp while warming up; wait 599\.\d s or use force=True")
    assert lamp(bench) == "WARMUP"

    await bench.command(f"{WL}.turnLampOff", force=True)

    assert lamp(bench) == "COOLDOWN"


@about(enabled=LAMP)
async def test_warm_lamp_is_put_out_without_force(bench: Bench) -> None:
    """Off during the warm-up: whoever waits need not force."""
    await bench.command(f"{WL}.startChiller")
    await bench.command(f"{WL}.turnLampOn", power=910.0)
    await bench.refused(f"{WL}.turnLampOff", "while warming up; wait")
    await bench.until(f"{WL}.lampState", basicState=2, limit=901.0)

    await bench.script(OFF)


@about(enabled=LAMP)
@pytest.mark.parametrize("command", ["stopChiller", "standby"])
async def test_hot_lamp_keeps_its_chiller_and_its_csc(bench: Bench, command: str) -> None:
    """Stop chiller or standby too early: refused with the seconds that are left, until the lamp is OFF."""
    await bench.script(ON)
    await bench.command(f"{WL}.turnLampOff")
    await bench.sleep(100.0)
    state = {"standby": "DISABLED", "stopChiller": "ENABLED"}[command]
    await bench.set_state(WL, state)
    await bench.refused(f"{WL}.{command}", r"cooling.* (79|80)\d\.\d\d s")

    await bench.until(f"{WL}.lampState", basicState=1, limit=COOLDOWN)
    await bench.command(f"{WL}.{command}")
