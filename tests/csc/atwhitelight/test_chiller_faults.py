"""What can happen to ATWhiteLight's chiller, how it is seen and what cures it."""

import pytest

from csc import AckError
from tests.csc.atwhitelight.bench import WL, act, chill, cycle, enable, refused, try_out, warm, watched


def test_an_alarm_stops_the_chiller_and_puts_the_lamp_out():
    async def scenario(rig):
        await warm(rig)

        rig.inject(WL, "chiller_alarm", level1=0x100)

        await rig.sleep(5.0)
        assert rig.event(WL, "errorCode").errorCode == 4
        assert rig.event(WL, "chillerAlarms").level1 == 0x100
        assert rig.event(WL, "chillerWatchdog").alarmsPresent is True
        assert rig.state(WL, "power") == "OFF"
        await rig.sleep(5.0)
        assert rig.states_seen(WL, "chiller")[-2:] == ["SAFETY", "STANDBY"]

    try_out(scenario)


def test_an_alarm_is_seen_at_the_next_watchdog():
    async def scenario(rig):
        await enable(rig)
        connected = 1.0
        await rig.sleep(connected + 7.0 - rig.now)

        rig.inject(WL, "chiller_alarm")

        assert rig.state(WL) == "ENABLED"
        await rig.sleep(2.9)
        assert rig.state(WL) == "ENABLED"
        await rig.sleep(0.2)
        assert rig.state(WL) == "FAULT"

    try_out(scenario)


def test_standby_is_refused_while_the_alarm_is_there():
    async def scenario(rig):
        await enable(rig)
        rig.inject(WL, "chiller_alarm", level1=0, level21=0x10, level22=0x1)
        await rig.sleep(10.0)
        assert rig.event(WL, "chillerAlarms").level21 == 0x10
        assert rig.event(WL, "chillerAlarms").level22 == 0x1

        await refused(rig, "standby", "chiller is reporting one or more alarms")

        act(rig, "alarm_cleared")
        await refused(rig, "standby", "chiller is reporting one or more alarms")
        await rig.sleep(5.0)
        await cycle(rig)
        assert rig.state(WL) == "ENABLED"

    try_out(scenario)


def test_enabling_with_an_alarm_is_fault_4():
    async def scenario(rig):
        await rig.set_state(WL, "DISABLED")
        rig.component(WL).variables["alarms_present"] = True

        await rig.command(WL, "enable")

        assert rig.event(WL, "errorCode").errorCode == 4

    try_out(scenario)


def test_a_warning_is_only_published():
    async def scenario(rig):
        await chill(rig)

        rig.inject(WL, "chiller_warning", warnings=2)
        await rig.sleep(5.0)

        assert rig.event(WL, "chillerWarnings").warnings == 2
        assert rig.event(WL, "chillerWatchdog").warningsPresent is True
        assert rig.state(WL) == "ENABLED"
        act(rig, "warning_cleared")
        await rig.sleep(5.0)
        assert rig.event(WL, "chillerWarnings").warnings == 0

    try_out(scenario)


@pytest.mark.parametrize(
    ("fault", "state"),
    [("chiller_stops", "STANDBY"), ("chiller_power_cycled", "AUTOSTART"), ("chiller_in_test", "TEST")],
)
def test_a_chiller_that_does_not_run_with_the_lamp_on_is_fault_5(fault, state):
    async def scenario(rig):
        await warm(rig)
        began = rig.now

        rig.inject(WL, fault)
        await rig.sleep(5.0)

        faulted = [r["t"] for r in rig.records("transition", WL) if r["machine"] == "summary"][-1]
        assert began < faulted <= began + 5.0
        assert rig.event(WL, "errorCode").errorCode == 5
        assert rig.state(WL, "chiller") == state
        assert rig.state(WL, "power") == "OFF"

    try_out(scenario)


@pytest.mark.parametrize("fault", ["chiller_stops", "chiller_power_cycled", "chiller_in_test"])
def test_a_stopped_chiller_is_cured_by_starting_it(fault):
    async def scenario(rig):
        await warm(rig)
        rig.inject(WL, fault)
        await rig.sleep(5.0)
        await rig.sleep(900.0)
        await cycle(rig)
        await refused(rig, "turnLampOn", "Chiller not running", power=910.0)

        await rig.command(WL, "startChiller")

        await rig.command(WL, "turnLampOn", power=910.0)
        assert not rig.component(WL).faults.active

    try_out(scenario)


def test_a_chiller_whose_power_came_back_goes_to_standby():
    async def scenario(rig):
        await chill(rig)

        rig.inject(WL, "chiller_power_cycled")
        await rig.sleep(15.0)

        assert rig.states_seen(WL, "chiller")[-2:] == ["AUTOSTART", "STANDBY"]
        assert rig.state(WL) == "ENABLED"

    try_out(scenario)


def test_the_end_of_a_test_leads_to_standby():
    async def scenario(rig):
        await chill(rig)
        rig.inject(WL, "chiller_in_test")
        await rig.sleep(5.0)

        act(rig, "test_ended")
        await rig.sleep(5.0)

        assert rig.state(WL, "chiller") == "STANDBY"

    try_out(scenario)


def test_a_pump_that_stops_with_the_lamp_on_is_fault_5():
    async def scenario(rig):
        await warm(rig)

        rig.inject(WL, "pump_stops")
        await rig.sleep(5.0)

        assert rig.event(WL, "errorCode").errorCode == 5
        assert rig.event(WL, "chillerWatchdog").pumpRunning is False
        assert rig.event(WL, "chillerWatchdog").controllerState == 2

    try_out(scenario)


@pytest.mark.parametrize(("way", "error"), [(warm, 5), (chill, 4)])
def test_a_chiller_without_flow_raises_an_alarm_after_the_pump_was_missed(way, error):
    async def scenario(rig):
        await way(rig)
        alarms, warnings = watched(rig, "chillerAlarms", "level1"), watched(rig, "chillerWarnings", "warnings")

        rig.inject(WL, "pump_stops")
        await rig.sleep(6.6)
        assert alarms == []
        await rig.sleep(20.0)

        assert alarms == [0x40200, 0]
        assert warnings == [1, 0]
        assert rig.event(WL, "errorCode").errorCode == error
        assert rig.state(WL, "chiller") == "STANDBY"

    try_out(scenario)


def test_a_chiller_that_is_started_with_a_broken_pump_raises_the_alarm():
    async def scenario(rig):
        await enable(rig)
        rig.inject(WL, "pump_stops")
        await rig.command(WL, "startChiller")
        await rig.sleep(20.0)

        assert rig.event(WL, "errorCode").errorCode == 4

    try_out(scenario)


@pytest.mark.parametrize("how", ["stopChiller", "chiller_stops"])
def test_a_chiller_that_does_not_run_needs_no_flow(how):
    async def scenario(rig):
        await chill(rig)
        alarms = watched(rig, "chillerAlarms", "level1")
        if how == "stopChiller":
            await rig.command(WL, how)
        else:
            rig.inject(WL, how)
        await rig.sleep(30.0)

        assert alarms == []
        assert rig.state(WL) == "ENABLED"

    try_out(scenario)


def test_a_pump_that_is_repaired_in_time_raises_no_alarm():
    async def scenario(rig):
        await chill(rig)
        alarms = watched(rig, "chillerAlarms", "level1")
        rig.inject(WL, "pump_stops")
        await rig.sleep(3.0)
        act(rig, "pump_repaired")
        await rig.command(WL, "startChiller")
        await rig.sleep(30.0)

        assert alarms == []
        assert rig.state(WL) == "ENABLED"

    try_out(scenario)


def test_a_broken_pump_is_not_cured_by_starting_the_chiller():
    async def scenario(rig):
        await chill(rig)
        rig.inject(WL, "pump_stops")
        await rig.command(WL, "startChiller")
        assert rig.event(WL, "chillerWatchdog").pumpRunning is False

        act(rig, "pump_repaired")
        await rig.command(WL, "startChiller")

        assert rig.event(WL, "chillerWatchdog").pumpRunning is True

    try_out(scenario)


def test_a_chiller_that_stopped_before_is_seen_after_the_lamp_was_lit():
    async def scenario(rig):
        await chill(rig)
        rig.inject(WL, "chiller_stops")

        await rig.command(WL, "turnLampOn", power=910.0)
        await rig.sleep(5.0)

        assert rig.event(WL, "errorCode").errorCode == 5

    try_out(scenario)


def test_a_lost_chiller_link_is_fault_1_and_the_lamp_goes_off():
    async def scenario(rig):
        await warm(rig)

        rig.inject(WL, "chiller_link_lost")
        await rig.sleep(1.0)

        assert rig.event(WL, "errorCode").errorCode == 1
        assert rig.event(WL, "chillerConnected").connected is False
        assert rig.event(WL, "lampState").basicState == 3
        assert rig.state(WL, "thermotek") == "RUN"

    try_out(scenario)


def test_a_lost_chiller_link_must_be_restored_before_start():
    async def scenario(rig):
        await enable(rig)
        rig.inject(WL, "chiller_link_lost")
        await rig.command(WL, "standby")
        with pytest.raises(AckError, match="Could not connect to the chiller"):
            await rig.command(WL, "start")

        act(rig, "chiller_link_restored")
        await cycle(rig)

        assert rig.state(WL) == "ENABLED"

    try_out(scenario)


def test_a_late_reply_closes_the_chiller_link():
    async def scenario(rig):
        await enable(rig)

        rig.inject(WL, "chiller_replies_late")
        await rig.sleep(5.0)
        assert rig.state(WL, "watchdog") == "OVERDUE"
        await rig.sleep(5.0)

        assert rig.event(WL, "errorCode").errorCode == 1
        assert rig.event(WL, "chillerConnected").connected is False

    try_out(scenario)


def test_a_reply_in_time_does_not_close_the_link():
    async def scenario(rig):
        await enable(rig)

        rig.inject(WL, "chiller_replies_late", reply_time=4.9)
        await rig.sleep(60.0)

        assert rig.state(WL) == "ENABLED"

    try_out(scenario)


def test_late_replies_make_start_fail_until_they_are_cured():
    async def scenario(rig):
        rig.inject(WL, "chiller_replies_late")
        with pytest.raises(AckError, match="Could not connect to the chiller"):
            await rig.command(WL, "start")

        act(rig, "chiller_link_restored")
        await cycle(rig)

        assert rig.state(WL) == "ENABLED"

    try_out(scenario)


def test_on_a_hot_day_the_supply_does_not_reach_the_band():
    async def scenario(rig):
        await enable(rig)
        rig.inject(WL, "chiller_too_slow")
        await rig.command(WL, "setChillerTemperature", temperature=20.0)
        await rig.command(WL, "startChiller")
        await rig.sleep(900.0)
        assert rig.output(WL, "supply_temperature") > 24.0

        await rig.command(WL, "setChillerTemperature", temperature=25.0)

        assert rig.output(WL, "supply_temperature") <= 30.0

    try_out(scenario)


def test_a_hot_day_is_not_cured_by_restarting_the_csc_but_by_cooler_weather():
    async def scenario(rig):
        await enable(rig)
        rig.inject(WL, "chiller_too_slow")
        await cycle(rig)
        await rig.command(WL, "setChillerTemperature", temperature=20.0)
        await rig.command(WL, "startChiller")
        await rig.sleep(900.0)
        assert rig.output(WL, "supply_temperature") > 24.0

        act(rig, "cooler_weather")
        await rig.sleep(400.0)

        assert rig.output(WL, "supply_temperature") < 24.0

    try_out(scenario)


def test_coolant_that_does_not_flow_under_a_stuck_lamp_raises_the_alarm():
    async def scenario(rig):
        await warm(rig)
        rig.inject(WL, "lamp_stuck_on")
        rig.inject(WL, "pump_stops")
        await rig.sleep(5.0)
        supply, began = rig.output(WL, "supply_temperature"), rig.now
        await rig.sleep(10.0)
        assert rig.output(WL, "supply_temperature") == pytest.approx(supply + 2.0, abs=1e-6)

        await rig.sleep((50.0 - supply) / 0.2 - 10.0 + 10.0)

        assert rig.event(WL, "chillerAlarms").level1 == 0x2
        assert rig.event(WL, "chillerWarnings").warnings == 0x10
        assert rig.now > began

    try_out(scenario)


def test_the_alarm_of_the_temperature_goes_when_the_coolant_has_cooled():
    async def scenario(rig):
        await warm(rig)
        rig.inject(WL, "lamp_stuck_on")
        rig.inject(WL, "pump_stops")
        await rig.sleep(200.0)
        assert rig.event(WL, "chillerWatchdog").alarmsPresent is True

        act(rig, "manual_off")
        await rig.sleep(3600.0)

        assert rig.event(WL, "chillerWatchdog").alarmsPresent is False
        assert rig.event(WL, "chillerWarnings").warnings == 0

    try_out(scenario)


@pytest.mark.parametrize(
    ("ambient", "alarm", "warning"),
    [(1.0, 0x4000, 0x80), (4.0, 0, 0x80), (12.0, 0, 0), (42.0, 0, 0x40), (46.0, 0x2000, 0x40)],
)
def test_the_air_around_the_chiller_has_limits_too(ambient, alarm, warning):
    async def scenario(rig):
        started = rig.later(WL, "start")
        await rig.sleep(6.0)
        assert (started.exception() is not None) is bool(alarm)
        masks = rig.event(WL, "chillerAlarms").level1, rig.event(WL, "chillerWarnings").warnings
        assert (masks[0] & 0x6000, masks[1] & 0xC0) == (alarm, warning)
        assert (rig.event(WL, "errorCode").errorCode == 4) is bool(alarm)

    try_out(scenario, parameters={WL: {"ambient": f"{ambient} deg_C"}})


def test_a_day_hotter_than_the_chiller_bears_is_warned_of():
    async def scenario(rig):
        await enable(rig)

        rig.inject(WL, "chiller_too_slow", ambient=42.0)

        await rig.sleep(6.0)
        assert rig.event(WL, "chillerWarnings").warnings & 0x40
        act(rig, "cooler_weather")
        await rig.sleep(6.0)
        assert not rig.event(WL, "chillerWarnings").warnings & 0x40

    try_out(scenario)


def test_a_chiller_that_stops_between_two_tries_to_ignite_is_seen_once_the_lamp_has_power_again():
    async def scenario(rig):
        await chill(rig)
        rig.inject(WL, "bulb_will_not_ignite")
        lamp = rig.later(WL, "turnLampOn", power=910.0)
        await rig.sleep(30.0)
        rig.inject(WL, "chiller_stops")
        await rig.sleep(40.0)
        assert (rig.state(WL), rig.state(WL, "power")) == ("ENABLED", "OFF")

        with pytest.raises(AckError, match="errorCode=5"):
            await lamp

        assert (rig.state(WL), rig.state(WL, "power")) == ("FAULT", "OFF")
        assert rig.now < 95.0

    try_out(scenario)
