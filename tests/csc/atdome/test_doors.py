"""The doors of the dome: sequences, guards, and when they close by themselves."""

import pytest

from csc import AckError
from tests.csc.rig import Rig, run

DOME = "ATDome"
OPEN = {DOME: {"main_door": "OPENED", "dropout_door": "OPENED"}}
MAIN_OPEN = {DOME: {"main_door": "OPENED"}}


async def refused(rig: Rig, command: str, match: str, **fields) -> None:
    """Check that a command fails with a text and that nothing else happens."""
    before = rig.component(DOME).snapshot()
    count = len(rig.journal.records)

    with pytest.raises(AckError, match=match):
        await rig.command(DOME, command, **fields)

    assert [record["kind"] for record in rig.journal.records[count:]] == ["command", "ack"]
    assert str(rig.component(DOME).snapshot()) == str(before)


def doors(rig: Rig) -> tuple[str, str]:
    return rig.state(DOME, "main_door"), rig.state(DOME, "dropout_door")


def openings(rig: Rig) -> tuple[float, float]:
    return rig.output(DOME, "main_door_opening"), rig.output(DOME, "dropout_door_opening")


def test_open_shutter_opens_the_main_door_first():
    async def scenario(rig):
        await rig.enable(DOME)
        opening = rig.later(DOME, "openShutter")
        await rig.sleep(60.0)
        assert doors(rig) == ("OPENING", "CLOSED")
        assert openings(rig) == pytest.approx((50.0, 0.0))
        assert rig.event(DOME, "mainDoorState").state == 4
        assert rig.event(DOME, "moveCode").code == 8
        await rig.sleep(90.0)
        assert doors(rig) == ("OPENED", "OPENING")
        assert rig.event(DOME, "moveCode").code == 32

        await opening

        assert rig.now == pytest.approx(180.0)
        assert doors(rig) == ("OPENED", "OPENED")
        assert openings(rig) == (100.0, 100.0)
        assert rig.event(DOME, "shutterInPosition").inPosition is True
        assert rig.event(DOME, "mainDoorCommandedState").commandedState == 3

    run(scenario, DOME)


def test_close_shutter_closes_the_dropout_door_first():
    async def scenario(rig):
        await rig.enable(DOME)
        closing = rig.later(DOME, "closeShutter")
        await rig.sleep(30.0)
        assert doors(rig) == ("OPENED", "CLOSING")
        assert rig.event(DOME, "moveCode").code == 16
        await rig.sleep(90.0)
        assert doors(rig) == ("CLOSING", "CLOSED")
        assert rig.event(DOME, "moveCode").code == 4

        await closing

        assert rig.now == pytest.approx(180.0)
        assert openings(rig) == (0.0, 0.0)
        assert rig.event(DOME, "shutterInPosition").inPosition is True
        assert rig.event(DOME, "dropoutDoorCommandedState").commandedState == 2

    run(scenario, DOME, machines=OPEN)


def test_a_dome_may_begin_open():
    async def scenario(rig):
        await rig.enable(DOME)

        assert openings(rig) == (100.0, 0.0)
        assert rig.event(DOME, "mainDoorState").state == 2

    run(scenario, DOME, machines=MAIN_OPEN)


def test_closing_closed_doors_is_done_at_once():
    async def scenario(rig):
        await rig.enable(DOME)

        await rig.command(DOME, "closeShutter")

        assert rig.now == 0.0
        assert rig.state(DOME, "shutter") == "IDLE"
        assert rig.event(DOME, "mainDoorCommandedState").commandedState == 2

    run(scenario, DOME)


def test_opening_open_doors_is_done_at_once():
    async def scenario(rig):
        await rig.enable(DOME)

        await rig.command(DOME, "openShutter")

        assert rig.now == 0.0
        assert rig.state(DOME, "shutter") == "IDLE"

    run(scenario, DOME, machines=OPEN)


def test_opening_with_the_main_door_open_opens_the_dropout_door():
    async def scenario(rig):
        await rig.enable(DOME)

        await rig.command(DOME, "openShutter")

        assert rig.now == pytest.approx(60.0)
        assert doors(rig) == ("OPENED", "OPENED")

    run(scenario, DOME, machines=MAIN_OPEN)


def test_a_single_door_moves_alone():
    async def scenario(rig):
        await rig.enable(DOME)

        await rig.command(DOME, "moveShutterMainDoor", open=True)
        await rig.command(DOME, "moveShutterDropoutDoor", open=True)
        await rig.command(DOME, "moveShutterDropoutDoor", open=False)
        await rig.command(DOME, "moveShutterMainDoor", open=False)

        assert rig.now == pytest.approx(120.0 + 60.0 + 60.0 + 120.0)
        assert doors(rig) == ("CLOSED", "CLOSED")

    run(scenario, DOME)


def test_the_main_door_opens_a_part_when_stopped():
    async def scenario(rig):
        await rig.enable(DOME)
        opening = rig.later(DOME, "moveShutterMainDoor", open=True)
        await rig.sleep(30.0)

        await rig.command(DOME, "stopMotion")

        with pytest.raises(AckError, match="superseded by another command to the door"):
            await opening
        assert doors(rig) == ("PARTIALLYOPENED", "CLOSED")
        assert openings(rig)[0] == pytest.approx(25.0)
        assert rig.event(DOME, "mainDoorState").state == 3
        assert rig.event(DOME, "mainDoorCommandedState").commandedState == 4
        assert rig.event(DOME, "shutterInPosition").inPosition is False
        began = rig.now
        await rig.command(DOME, "closeShutter")
        assert rig.now - began == pytest.approx(30.0)

    run(scenario, DOME)


@pytest.mark.parametrize("opens", [True, False])
def test_the_dropout_door_needs_an_open_main_door(opens):
    async def scenario(rig):
        await rig.enable(DOME)

        await refused(
            rig, "moveShutterDropoutDoor", "the dropout door cannot move while the main door is CLOSED", open=opens
        )

    run(scenario, DOME)


def test_the_main_door_does_not_close_over_a_dropout_door_in_between():
    async def scenario(rig):
        await rig.enable(DOME)
        opening = rig.later(DOME, "moveShutterDropoutDoor", open=True)
        await rig.sleep(10.0)

        await refused(
            rig, "moveShutterMainDoor", "the main door cannot close while the dropout door is OPENING", open=False
        )

        await rig.command(DOME, "stopMotion")
        with pytest.raises(AckError):
            await opening
        await refused(rig, "moveShutterMainDoor", "while the dropout door is PARTIALLYOPENED", open=False)

    run(scenario, DOME, machines=MAIN_OPEN)


def test_a_new_command_to_the_doors_supersedes_the_one_that_waits():
    async def scenario(rig):
        await rig.enable(DOME)
        opening = rig.later(DOME, "openShutter")
        await rig.sleep(150.0)
        assert doors(rig) == ("OPENED", "OPENING")

        await rig.command(DOME, "closeShutter")

        with pytest.raises(AckError, match="superseded by another command to the doors"):
            await opening
        assert rig.now == pytest.approx(150.0 + 30.0 + 120.0)

    run(scenario, DOME)


def test_a_command_to_one_door_supersedes_an_open_shutter_that_it_leaves_half_done():
    async def scenario(rig):
        await rig.enable(DOME)
        opening = rig.later(DOME, "openShutter")
        await rig.sleep(60.0)

        await rig.command(DOME, "moveShutterMainDoor", open=True)

        with pytest.raises(AckError, match="superseded by another command to the doors, moveShutterMainDoor"):
            await opening
        assert doors(rig) == ("OPENED", "CLOSED")

    run(scenario, DOME)


def test_opening_again_supersedes_a_close():
    async def scenario(rig):
        await rig.enable(DOME)
        closing = rig.later(DOME, "closeShutter")
        await rig.sleep(90.0)

        await rig.command(DOME, "openShutter")

        with pytest.raises(AckError, match="superseded"):
            await closing
        assert rig.now == pytest.approx(90.0 + 30.0 + 60.0)

    run(scenario, DOME, machines=OPEN)


def test_a_door_that_moves_too_long_is_stopped():
    async def scenario(rig):
        await rig.enable(DOME)
        opening = rig.later(DOME, "openShutter", timeout=500.0)

        with pytest.raises(AckError):
            await opening

        assert doors(rig) == ("PARTIALLYOPENED", "CLOSED")
        assert openings(rig)[0] == pytest.approx(90.0)
        assert any("Main door: still moving after 360 s; stopped at 90 %" in line for line in rig.log_lines(DOME))

    run(scenario, DOME, parameters={DOME: {"main_door_time": "400 s"}})


def test_a_dropout_door_that_moves_too_long_is_stopped():
    async def scenario(rig):
        await rig.enable(DOME)
        with pytest.raises(AckError):
            await rig.command(DOME, "openShutter", timeout=500.0)

        assert doors(rig) == ("OPENED", "PARTIALLYOPENED")

    run(scenario, DOME, machines=MAIN_OPEN, parameters={DOME: {"dropout_door_time": "400 s"}})


def test_all_axes_are_in_position_with_dome_and_doors():
    async def scenario(rig):
        await rig.enable(DOME)
        await rig.command(DOME, "moveAzimuth", azimuth=3.0)
        await rig.sleep(60.0)
        assert rig.event(DOME, "allAxesInPosition").inPosition is False

        await rig.command(DOME, "closeShutter")

        assert rig.event(DOME, "allAxesInPosition").inPosition is True

    run(scenario, DOME)


# Doors that close by themselves


def test_disabling_closes_both_doors():
    async def scenario(rig):
        await rig.enable(DOME)

        await rig.set_state(DOME, "DISABLED")

        assert rig.now == 0.0
        assert doors(rig) == ("OPENED", "CLOSING")
        await rig.sleep(180.0)
        assert doors(rig) == ("CLOSED", "CLOSED")
        assert rig.event(DOME, "mainDoorState").state == 1

    run(scenario, DOME, machines=OPEN)


def test_rain_closes_the_doors_after_its_time():
    async def scenario(rig):
        await rig.enable(DOME)

        rig.inject(DOME, "rain")

        await rig.sleep(4.9)
        assert doors(rig) == ("OPENED", "OPENED")
        assert rig.state(DOME, "weather") == "WET"
        await rig.sleep(0.2)
        assert doors(rig) == ("OPENED", "CLOSING")
        await rig.sleep(180.0)
        assert doors(rig) == ("CLOSED", "CLOSED")

    run(scenario, DOME, machines=OPEN)


def test_a_short_shower_does_not_close_the_doors():
    async def scenario(rig):
        await rig.enable(DOME)
        rain = rig.inject(DOME, "rain")
        await rig.sleep(3.0)

        rig.component(DOME).faults.clear(rain)

        await rig.sleep(60.0)
        assert doors(rig) == ("OPENED", "OPENED")
        assert rig.state(DOME, "weather") == "CLEAR"

    run(scenario, DOME, machines=OPEN)


def test_in_the_rain_an_open_command_never_completes():
    async def scenario(rig):
        await rig.enable(DOME)
        opening = rig.later(DOME, "openShutter", timeout=600.0)
        await rig.sleep(30.0)

        rain = rig.inject(DOME, "rain")

        with pytest.raises(AckError):
            await opening
        assert rig.now == pytest.approx(600.0)
        assert doors(rig) == ("CLOSED", "CLOSED")
        with pytest.raises(AckError):
            await rig.command(DOME, "openShutter", timeout=600.0)
        rig.component(DOME).faults.clear(rain)
        await rig.command(DOME, "openShutter")
        assert doors(rig) == ("OPENED", "OPENED")

    run(scenario, DOME)


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("openShutter", {}),
        ("moveShutterMainDoor", {"open": True}),
        ("moveShutterDropoutDoor", {"open": True}),
        ("moveShutterDropoutDoor", {"open": False}),
    ],
)
def test_in_the_rain_no_command_keeps_the_dome_from_closing(command, fields):
    async def scenario(rig):
        await rig.enable(DOME)
        rig.inject(DOME, "rain")
        await rig.sleep(20.0)

        sent = rig.later(DOME, command, **fields)

        await rig.sleep(300.0)
        assert doors(rig) == ("CLOSED", "CLOSED")
        sent.cancel()

    run(scenario, DOME, machines=OPEN)


def test_doors_that_an_emergency_stop_halted_in_the_rain_close_once_it_is_released():
    async def scenario(rig):
        await rig.enable(DOME)
        rig.inject(DOME, "rain")
        await rig.sleep(20.0)
        stop = rig.inject(DOME, "emergency_stop")
        assert doors(rig) == ("OPENED", "PARTIALLYOPENED")

        rig.component(DOME).faults.clear(stop)

        await rig.sleep(300.0)
        assert doors(rig) == ("CLOSED", "CLOSED")

    run(scenario, DOME, machines=OPEN)


def test_rain_does_not_close_the_doors_without_auto_shutdown():
    async def scenario(rig):
        await rig.enable(DOME)

        rig.inject(DOME, "rain")

        await rig.sleep(60.0)
        assert doors(rig) == ("OPENED", "OPENED")

    run(scenario, DOME, machines=OPEN, parameters={DOME: {"auto_shutdown": False}})


def test_rain_leaves_the_azimuth_alone():
    async def scenario(rig):
        await rig.enable(DOME)
        rig.inject(DOME, "rain")

        await rig.command(DOME, "moveAzimuth", azimuth=3.0)

        await rig.sleep(60.0)
        assert rig.event(DOME, "azimuthInPosition").inPosition is True

    run(scenario, DOME)


def test_without_the_csc_the_doors_close_after_ten_minutes():
    async def scenario(rig):
        await rig.sleep(599.0)
        assert doors(rig) == ("OPENED", "OPENED")

        await rig.sleep(182.0)

        assert doors(rig) == ("CLOSED", "CLOSED")

    run(scenario, DOME, machines=OPEN)


def test_the_csc_keeps_the_doors_open():
    async def scenario(rig):
        await rig.enable(DOME)

        await rig.sleep(3600.0)

        assert doors(rig) == ("OPENED", "OPENED")

    run(scenario, DOME, machines=OPEN)


def test_a_lost_link_closes_the_doors_after_ten_minutes():
    async def scenario(rig):
        await rig.enable(DOME)

        rig.inject(DOME, "link_lost")

        await rig.sleep(599.0)
        assert doors(rig) == ("OPENED", "OPENED")
        await rig.sleep(200.0)
        assert doors(rig) == ("CLOSED", "CLOSED")

    run(scenario, DOME, machines=OPEN)


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("openShutter", {}),
        ("closeShutter", {}),
        ("moveShutterMainDoor", {"open": True}),
        ("moveShutterDropoutDoor", {"open": True}),
    ],
)
def test_without_the_link_to_the_top_box_door_commands_fail(command, fields):
    async def scenario(rig):
        await rig.enable(DOME)

        rig.inject(DOME, "top_box_link_lost")

        assert rig.event(DOME, "scbLink").active is False
        await refused(rig, command, "Top Comm Error", **fields)

    run(scenario, DOME, machines=OPEN)


def test_without_the_link_to_the_top_box_the_doors_close_after_ten_minutes():
    async def scenario(rig):
        await rig.enable(DOME)
        rig.inject(DOME, "top_box_link_lost")
        await rig.sleep(599.0)
        assert doors(rig) == ("OPENED", "OPENED")

        await rig.sleep(182.0)

        assert doors(rig) == ("CLOSED", "CLOSED")

    run(scenario, DOME, machines=OPEN)


def test_rebooting_the_boxes_brings_the_link_back_and_loses_the_reference():
    async def scenario(rig):
        await rig.enable(DOME)
        lost = rig.inject(DOME, "top_box_link_lost")
        await rig.set_state(DOME, "STANDBY")
        await rig.enable(DOME)
        assert rig.event(DOME, "scbLink").active is False

        rig.component(DOME).faults.clear(lost)

        assert rig.event(DOME, "scbLink").active is True
        assert rig.state(DOME, "homing") == "NOT_HOMED"
        await rig.command(DOME, "openShutter")
        assert doors(rig) == ("OPENED", "OPENED")

    run(scenario, DOME)


def test_an_emergency_stop_stops_the_doors():
    async def scenario(rig):
        await rig.enable(DOME)
        opening = rig.later(DOME, "openShutter", timeout=600.0)
        await rig.sleep(30.0)

        stop = rig.inject(DOME, "emergency_stop")

        assert doors(rig) == ("PARTIALLYOPENED", "CLOSED")
        with pytest.raises(AckError):
            await opening
        with pytest.raises(AckError):
            await rig.command(DOME, "closeShutter", timeout=600.0)
        assert doors(rig) == ("PARTIALLYOPENED", "CLOSED")
        rig.component(DOME).faults.clear(stop)
        await rig.command(DOME, "closeShutter")
        assert doors(rig) == ("CLOSED", "CLOSED")

    run(scenario, DOME)
