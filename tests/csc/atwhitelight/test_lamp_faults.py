"""What can happen to ATWhiteLight's lamp, how it is seen and what cures it."""

import pytest

from csc import AckError
from tests.csc.atwhitelight.bench import WL, act, chill, cycle, enable, light, refused, try_out, warm


def test_a_bulb_that_dies_is_fault_6_without_a_cool_down():
    async def scenario(rig):
        await warm(rig)

        rig.inject(WL, "bulb_dies")

        assert rig.state(WL) == "FAULT"
        assert rig.event(WL, "errorCode").errorCode == 6
        lamp = rig.event(WL, "lampState")
        assert (lamp.basicState, lamp.lightDetected, lamp.setPower, lamp.cooldownEndTime) == (8, False, 0.0, 0.0)
        assert rig.output(WL, "lamp_light") == 0.0
        await rig.command(WL, "standby")

    try_out(scenario)


def test_a_bulb_that_dies_while_warming_up_is_fault_6():
    async def scenario(rig):
        await light(rig)

        rig.inject(WL, "bulb_dies")

        assert rig.event(WL, "errorCode").errorCode == 6

    try_out(scenario)


def test_a_dead_bulb_is_cured_by_a_new_one_only():
    async def scenario(rig):
        await warm(rig)
        rig.inject(WL, "bulb_dies")
        await cycle(rig)
        await rig.command(WL, "startChiller")
        with pytest.raises(AckError, match="did not light"):
            await rig.command(WL, "turnLampOn", power=910.0)
        await rig.sleep(900.0)

        act(rig, "bulb_replaced")

        await rig.command(WL, "turnLampOn", power=910.0)
        assert rig.state(WL, "lamp") == "WARMUP"

    try_out(scenario)


def test_a_bulb_may_die_in_the_dark():
    async def scenario(rig):
        await chill(rig)

        rig.inject(WL, "bulb_dies")

        assert rig.state(WL) == "ENABLED"
        assert rig.state(WL, "bulb") == "DEAD"

    try_out(scenario)


def test_a_lamp_that_is_stuck_on_is_fault_7():
    async def scenario(rig):
        await warm(rig)
        rig.inject(WL, "lamp_stuck_on")
        began = rig.now

        with pytest.raises(AckError, match="Lamp failed to turn off"):
            await rig.command(WL, "turnLampOff")

        assert rig.now == pytest.approx(began + 4.0)
        assert rig.event(WL, "errorCode").errorCode == 7
        lamp = rig.event(WL, "lampState")
        assert (lamp.basicState, lamp.lightDetected, lamp.cooldownEndTime) == (7, True, 0.0)
        assert rig.output(WL, "lamp_light") > 0.99

    try_out(scenario)


def test_a_lamp_that_is_stuck_on_is_not_cured_by_cycling_the_csc():
    async def scenario(rig):
        await warm(rig)
        rig.inject(WL, "lamp_stuck_on")
        with pytest.raises(AckError, match="failed to turn off"):
            await rig.command(WL, "turnLampOff")

        await rig.command(WL, "standby")
        with pytest.raises(AckError, match="hardware reports an error|Could not connect"):
            await rig.command(WL, "start")

        assert rig.event(WL, "errorCode").errorCode == 7

    try_out(scenario)


def test_a_lamp_that_is_stuck_on_is_switched_off_by_hand():
    async def scenario(rig):
        await warm(rig)
        rig.inject(WL, "lamp_stuck_on")
        with pytest.raises(AckError, match="failed to turn off"):
            await rig.command(WL, "turnLampOff")

        act(rig, "manual_off")

        assert rig.event(WL, "lampState").basicState == 1
        assert rig.output(WL, "lamp_light") == 0.0
        await cycle(rig)
        assert rig.state(WL) == "ENABLED"

    try_out(scenario)


ERRORS = {
    1: "KILL_SWITCH",
    2: "CHASSIS_OVERHEATING",
    3: "ACCESS_DOOR",
    4: "BALLAST_OVERHEATING",
    5: "USB_DISCONNECTED",
    6: "AIRFLOW_INADEQUATE",
    7: "LAMP_STUCK_ON",
    8: "AIRFLOW_MALFUNCTION",
}


@pytest.mark.parametrize(("code", "name"), ERRORS.items())
def test_a_controller_error_is_fault_3_at_once_and_its_number_is_read_later(code, name):
    async def scenario(rig):
        await light(rig)

        rig.inject(WL, "lamp_controller_error", code=code)

        assert rig.event(WL, "errorCode").errorCode == 3
        lamp = rig.event(WL, "lampState")
        assert (lamp.controllerState, lamp.controllerError, lamp.setPower) == (3, 0, 0.0)
        await rig.sleep(code + 0.9)
        assert rig.event(WL, "lampState").controllerError == 0
        await rig.sleep(0.2)
        assert rig.event(WL, "lampState").controllerError == code
        assert rig.state(WL, "lamp_error") == name

    try_out(scenario)


def test_standby_is_refused_while_the_controller_error_is_there():
    async def scenario(rig):
        await enable(rig)
        rig.inject(WL, "lamp_controller_error", code=3)
        await rig.sleep(10.0)

        await refused(rig, "standby", "lamp controller error ACCESS_DOOR; clear it first")

        act(rig, "controller_error_cleared")
        assert rig.event(WL, "lampState").controllerError == -1
        await cycle(rig)
        assert rig.state(WL) == "ENABLED"

    try_out(scenario)


def test_a_controller_error_that_was_there_before_is_seen_on_connecting():
    async def scenario(rig):
        rig.inject(WL, "lamp_controller_error", code=2)

        with pytest.raises(AckError, match="The hardware reports an error"):
            await rig.command(WL, "start")

        assert rig.event(WL, "errorCode").errorCode == 3
        await rig.sleep(5.0)
        assert rig.event(WL, "lampState").controllerError == 2

    try_out(scenario)


def test_an_error_that_is_cleared_while_it_blinks_is_not_read():
    async def scenario(rig):
        await enable(rig)
        rig.inject(WL, "lamp_controller_error", code=8)
        await rig.sleep(2.0)

        act(rig, "controller_error_cleared")
        await rig.sleep(20.0)

        assert rig.event(WL, "lampState").controllerError == -1
        assert rig.state(WL, "blinks") == "SILENT"

    try_out(scenario)


def test_an_error_cleared_without_a_link_is_gone_on_connecting():
    async def scenario(rig):
        rig.inject(WL, "lamp_controller_error", code=8)
        act(rig, "controller_error_cleared")

        await enable(rig)

        assert rig.event(WL, "lampState").controllerState == 1

    try_out(scenario)


def test_the_lamp_controller_cools_for_a_moment():
    async def scenario(rig):
        await warm(rig)

        await rig.command(WL, "turnLampOff")

        assert rig.event(WL, "lampState").controllerState == 2
        await rig.sleep(3.5)
        assert rig.event(WL, "lampState").controllerState == 1

    try_out(scenario)


def test_a_lost_lamp_link_is_fault_2_and_the_lamp_stays_lit():
    async def scenario(rig):
        await warm(rig)

        rig.inject(WL, "lamp_link_lost")
        await rig.sleep(100.0)

        assert rig.event(WL, "errorCode").errorCode == 2
        assert rig.event(WL, "lampConnected").connected is False
        assert rig.event(WL, "lampState").basicState == 0
        assert rig.output(WL, "lamp_light") > 0.99

    try_out(scenario)


def test_a_lost_lamp_link_is_not_cured_by_cycling_the_csc():
    async def scenario(rig):
        await warm(rig)
        rig.inject(WL, "lamp_link_lost")
        await rig.command(WL, "standby")

        with pytest.raises(AckError, match="Could not connect to the lamp"):
            await rig.command(WL, "start")

        assert rig.event(WL, "errorCode").errorCode == 3

    try_out(scenario)


@pytest.mark.parametrize(("lit", "state"), [(901.0, "ON"), (100.0, "WARMUP")])
def test_a_restored_lamp_link_finds_the_lamp_lit(lit, state):
    async def scenario(rig):
        await light(rig)
        await rig.sleep(lit)
        rig.inject(WL, "lamp_link_lost")

        act(rig, "lamp_link_restored")
        await cycle(rig)

        assert rig.state(WL, "lamp") == state
        await rig.command(WL, "turnLampOff", force=True)
        assert rig.output(WL, "lamp_light") == 0.0

    try_out(scenario)


def test_a_bulb_that_died_while_the_link_was_lost_is_seen_on_connecting():
    async def scenario(rig):
        await warm(rig)
        rig.inject(WL, "lamp_link_lost")
        rig.inject(WL, "bulb_dies")
        act(rig, "lamp_link_restored")
        await rig.command(WL, "standby")

        with pytest.raises(AckError, match="hardware reports an error"):
            await rig.command(WL, "start")

        assert rig.event(WL, "errorCode").errorCode == 6

    try_out(scenario)


def test_a_link_that_is_lost_while_the_shutter_moves_stops_it():
    async def scenario(rig):
        await enable(rig)
        opening = rig.later(WL, "openShutter")
        await rig.sleep(0.5)

        rig.inject(WL, "lamp_link_lost")

        with pytest.raises(AckError, match="interrupted: errorCode=2"):
            await opening
        assert rig.state(WL, "shutter_motor") == "STOPPED"

    try_out(scenario)
