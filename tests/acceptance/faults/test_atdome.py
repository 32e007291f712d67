"""The dome's troubles, as an observer meets them and gets out of them."""

from __future__ import annotations

import pytest

from tests.acceptance.faults.bench import ATCS, Bench, about

DOME = "ATDome"
TURNING = (DOME, "ATDomeTrajectory")
OPEN = {DOME: {"main_door": "OPENED"}}
HOME = "auxtel/atdome/home_dome.py"
SLEW = "auxtel/atdome/slew_dome.py"
CLOSED, OPENED, PARTLY, OPENING, CLOSING = range(1, 6)


async def slews(bench: Bench, azimuth: float) -> None:
    """The dome goes where a script sends it."""
    await bench.script(SLEW, f"az: {azimuth}")
    assert bench.event("ATDome.azimuthInPosition").inPosition is True
    assert (await bench.telemetry("ATDome.position")).azimuthPosition == pytest.approx(azimuth, abs=1.0)


async def slew_fails(bench: Bench, azimuth: float) -> None:
    """The dome stands elsewhere when the script gives up."""
    await bench.script_fails(SLEW, "azimuth_in_position", f"az: {azimuth}")
    assert bench.event("ATDome.azimuthInPosition").inPosition is False
    assert bench.event("ATDome.azimuthState").state == 1


async def ignores_moves(bench: Bench) -> None:
    """A move is acknowledged and not made."""
    before = (await bench.telemetry("ATDome.position")).azimuthPosition
    await bench.command("ATDome.moveAzimuth", azimuth=(before + 90.0) % 360.0)
    await bench.sleep(60.0)
    assert (await bench.telemetry("ATDome.position")).azimuthPosition == pytest.approx(before, abs=0.01)


def main_door(bench: Bench) -> int:
    return int(bench.event("ATDome.mainDoorState").state)


# ------------------------------------------------------------------- azimuth


@about("ATDome.encoder_slip", enabled=TURNING)
async def test_dome_whose_encoder_slipped_is_homed_from_off_the_switch(bench: Bench) -> None:
    """Encoder slip: telemetry is normal; moving does not help, nor homing where the switch is pressed already."""
    await slews(bench, 20.0)
    bench.inject("ATDome.encoder_slip", slip=2.5)
    await slews(bench, 2.5)
    assert bench.event("ATDome.azimuthState").homed is True
    assert bench.event("ATDome.azimuthState").homeSwitch is True

    await bench.script(HOME)
    assert (await bench.telemetry("ATDome.position")).azimuthPosition == pytest.approx(2.5, abs=0.5)
    assert bench.is_active("ATDome.encoder_slip")

    await slews(bench, 20.0)
    assert bench.is_active("ATDome.encoder_slip")
    await bench.script(HOME)
    assert bench.event("ATDome.azimuthState").homeSwitch is True
    assert abs((await bench.telemetry("ATDome.position")).azimuthPosition + 180.0) % 360.0 == pytest.approx(
        180.0, abs=0.1
    )


@about("ATDome.not_homed", enabled=TURNING)
async def test_dome_that_lost_its_reference_must_be_homed(bench: Bench) -> None:
    """Not homed: it says so and refuses to move; stopping it and cycling the CSC do not help."""
    bench.inject("ATDome.not_homed")
    assert bench.event("ATDome.azimuthState").homed is False
    await bench.script_fails(SLEW, "azimuth is not homed; send homeAzimuth", "az: 3.0")

    await bench.command("ATDome.stopMotion")
    await bench.cycle(DOME)
    await bench.refused("ATDome.moveAzimuth", "azimuth is not homed", azimuth=3.0)

    await bench.script(HOME)
    assert bench.event("ATDome.azimuthState").homed is True
    await slews(bench, 3.0)


@about("ATDome.stall", enabled=TURNING, machines=OPEN)
async def test_dome_that_stalls_is_cycled_which_closes_it(bench: Bench) -> None:
    """Stalls short of the target: the CSC sends the move again and again; only a state cycle helps."""
    bench.inject("ATDome.stall", short=4.0)
    await slew_fails(bench, 200.0)
    assert (await bench.telemetry("ATDome.position")).azimuthPosition == pytest.approx(204.0, abs=0.5)
    assert len([line for line in bench.log_of(DOME) if "sending the move again" in line]) > 10

    await bench.command("ATDome.stopMotion")
    await slew_fails(bench, 150.0)
    await bench.set_state(DOME, "DISABLED")
    await bench.enable(DOME)
    await slew_fails(bench, 100.0)

    await bench.cycle(DOME)
    await slews(bench, 200.0)
    await bench.until("ATDome.mainDoorState", state=CLOSED, limit=200.0)


@about("ATDome.stall", enabled=ATCS)
async def test_dome_that_stalls_behind_the_telescope_faults_the_pointing(bench: Bench) -> None:
    """Stalls short of the target while it follows: ATPtg goes to FAULT; following must be switched on again."""
    await bench.command("ATDomeTrajectory.setFollowingMode", enable=True)
    bench.inject("ATDome.stall", short=4.0)
    await bench.command("ATPtg.azElTarget", azDegs=100.0, elDegs=70.0)
    await bench.sleep(250.0)
    assert bench.event("ATDome.azimuthInPosition").inPosition is False
    assert bench.fault_code("ATPtg") == 2

    await bench.cycle("ATPtg")
    await bench.command("ATPtg.azElTarget", azDegs=130.0, elDegs=70.0)
    await bench.sleep(250.0)
    assert bench.fault_code("ATPtg") == 2

    await bench.cycle("ATPtg", DOME, "ATDomeTrajectory")
    assert bench.event("ATDomeTrajectory.followingMode").enabled is False
    await bench.command("ATDomeTrajectory.setFollowingMode", enable=True)
    await bench.command("ATPtg.azElTarget", azDegs=100.0, elDegs=70.0)
    await bench.until("ATDome.azimuthInPosition", inPosition=True, limit=120.0)
    await bench.sleep(300.0)
    assert bench.summary("ATPtg") == "ENABLED"


@about("ATDome.azimuth_timeout", enabled=TURNING)
async def test_dome_that_turned_for_too_long_is_stopped_before_it_moves_again(bench: Bench) -> None:
    """Azimuth timeout: after 120 s the controller stops and takes moves without making them, until stopMotion."""
    bench.inject("ATDome.azimuth_timeout", speed=0.3)
    await slew_fails(bench, 100.0)
    assert any("took longer than 120 s" in line for line in bench.log_of(DOME))
    await ignores_moves(bench)

    await bench.command("ATDome.stopMotion")
    await slews(bench, 100.0)


@about("ATDome.encoder_error", enabled=TURNING)
async def test_dome_that_misread_its_encoder_is_stopped_before_it_moves_again(bench: Bench) -> None:
    """Encoder error: the dome stops and takes moves without making them, until stopMotion."""
    script = bench.begin_script(SLEW, "az: 100.0")
    await bench.sleep(20.0)
    bench.inject("ATDome.encoder_error")
    assert bench.event("ATDome.azimuthState").state == 1
    await bench.fails(script, "azimuth_in_position")
    await ignores_moves(bench)

    await bench.command("ATDome.stopMotion")
    await slews(bench, 100.0)


@about("ATDome.local_centring", enabled=TURNING)
async def test_dome_that_is_centred_by_hand_is_stopped_or_waited_for(bench: Bench) -> None:
    """Centred at the main box: it turns unprompted and takes moves without making them, until it stands."""
    await slews(bench, 100.0)
    await bench.sleep(10.0)
    bench.inject("ATDome.local_centring")
    assert bench.event("ATDome.azimuthState").state != 1
    await bench.command("ATDome.moveAzimuth", azimuth=110.0)
    await bench.sleep(2.0)
    assert not bench.event("ATDome.azimuthInPosition").inPosition

    await bench.command("ATDome.stopMotion")
    await slews(bench, 110.0)


@about("ATDome.emergency_stop", enabled=TURNING, machines=OPEN)
async def test_emergency_stop_is_released_and_then_the_dome_stopped(bench: Bench) -> None:
    """E-stop: shown by event and move code, everything stands; release alone does not help, nor stopMotion alone."""
    script = bench.begin_script(SLEW, "az: 100.0")
    door = bench.begin("ATDome.moveShutterMainDoor", open=False, timeout=300.0)
    await bench.sleep(20.0)
    bench.inject("ATDome.emergency_stop")
    assert bench.event("ATDome.emergencyStop").active is True
    assert bench.event("ATDome.moveCode").code == 128
    assert bench.event("ATDome.azimuthState").state == 1
    assert main_door(bench) == PARTLY
    await bench.fails(script, "azimuth_in_position")
    await bench.fails(door, "moveShutterMainDoor")

    await bench.command("ATDome.stopMotion")
    await ignores_moves(bench)
    bench.by_hand("ATDome.emergency_stop")
    assert bench.event("ATDome.emergencyStop").active is False
    await ignores_moves(bench)

    await bench.command("ATDome.stopMotion")
    await slews(bench, 100.0)
    await bench.command("ATDome.moveShutterMainDoor", open=False)
    assert main_door(bench) == CLOSED


# --------------------------------------------------------------------- doors


@about("ATDome.top_box_link_lost", enabled=ATCS, machines=OPEN)
async def test_lost_link_to_the_top_box_needs_both_boxes_rebooted(bench: Bench) -> None:
    """Top-box link lost: door commands fail with its text, and so do scripts; after 600 s the doors close."""
    bench.inject("ATDome.top_box_link_lost")
    assert bench.event("ATDome.scbLink").active is False
    await bench.refused("ATDome.closeShutter", "Top Comm Error")
    await bench.script_fails("dome/close", "Top Comm Error")

    await bench.cycle(DOME)
    await bench.refused("ATDome.moveShutterMainDoor", "Top Comm Error", open=True)
    await bench.until("ATDome.mainDoorState", state=CLOSED, limit=800.0)

    bench.by_hand("ATDome.top_box_link_lost")
    assert bench.event("ATDome.scbLink").active is True
    await bench.script(HOME)
    await bench.command("ATDome.moveShutterMainDoor", open=True)
    assert main_door(bench) == OPENED


@about("ATDome.top_box_link_lost", enabled=ATCS, machines=OPEN)
async def test_without_its_top_box_the_dome_closes_after_ten_minutes(bench: Bench) -> None:
    """Top-box link lost: the doors close by themselves 600 s later, and not before."""
    bench.inject("ATDome.top_box_link_lost")
    await bench.sleep(599.0)
    assert main_door(bench) == OPENED
    await bench.sleep(2.0)
    assert main_door(bench) == CLOSING

    bench.by_hand("ATDome.top_box_link_lost")


@about("ATDome.rain", enabled=TURNING, machines=OPEN)
async def test_rain_closes_the_dome_until_it_is_over(bench: Bench) -> None:
    """Rain or cloud: the doors close unprompted after 5 s, and no command opens them until the weather is better."""
    bench.inject("ATDome.rain")
    await bench.sleep(4.0)
    assert main_door(bench) == OPENED
    await bench.sleep(2.0)
    assert main_door(bench) == CLOSING
    await bench.until("ATDome.mainDoorState", state=CLOSED, limit=200.0)
    await bench.script_fails("dome/open_main_door", "openShutter|moveShutterMainDoor|main_door")
    assert main_door(bench) == CLOSED

    await bench.cycle(DOME)
    await bench.refused("ATDome.openShutter", "INPROGRESS|No command acknowledgement|NOACK", timeout=600.0)

    bench.by_hand("ATDome.rain")
    await bench.command("ATDome.moveShutterMainDoor", open=True)
    assert main_door(bench) == OPENED


# --------------------------------------------------------------------- links


@about("ATDome.connect_failure")
async def test_dome_that_does_not_greet_is_started_again(bench: Bench) -> None:
    """Link lost on connect: FAULT 1 after 10 s, enabling fails; from FAULT only standby leads on."""
    bench.inject("ATDome.connect_failure")
    begun = bench.now
    await bench.script_fails("auxtel/enable_atcs.py", "ATDome")
    assert bench.fault_code(DOME) == 1
    assert bench.now - begun >= 10.0
    await bench.refused("ATDome.enable", "not allowed in state")
    await bench.refused("ATDome.start", "not allowed in state")

    await bench.script("auxtel/enable_atcs.py")
    assert bench.summary(DOME) == "ENABLED"
    await slews(bench, 3.0)


@about("ATDome.link_lost", enabled=TURNING)
async def test_dome_that_went_silent_is_cycled(bench: Bench) -> None:
    """Link lost when running: no FAULT, a line in the log, stale status; disabling and enabling do not help."""
    script = bench.begin_script(SLEW, "az: 100.0")
    await bench.sleep(10.0)
    bench.inject("ATDome.link_lost")
    await bench.fails(script, "azimuth_in_position")
    assert bench.summary(DOME) == "ENABLED"
    assert any("Status request failed" in line for line in bench.log_of(DOME))
    assert await bench.is_silent("ATDome.position", 30.0)
    assert bench.event("ATDome.azimuthState").state != 1

    await bench.set_state(DOME, "DISABLED")
    await bench.enable(DOME)
    await bench.refused("ATDome.moveAzimuth", "does not answer; cycle the CSC through STANDBY", azimuth=3.0)

    await bench.cycle(DOME)
    assert not await bench.is_silent("ATDome.position", 30.0)
    await slews(bench, 200.0)


# -------------------------------------------------------------------- several


@about("ATDome.not_homed", "ATDome.stall", "ATDome.rain", enabled=TURNING, machines=OPEN)
async def test_of_three_troubles_each_has_its_own_cure(bench: Bench) -> None:
    """Several at once: the cure of one leaves the others."""
    bench.inject("ATDome.not_homed")
    bench.inject("ATDome.stall", short=5.0)
    bench.inject("ATDome.rain")
    await bench.until("ATDome.mainDoorState", state=CLOSED, limit=200.0)

    await bench.script(HOME)
    await slew_fails(bench, 100.0)
    await bench.cycle(DOME)
    await slews(bench, 100.0)
    await bench.refused("ATDome.openShutter", "openShutter", timeout=300.0)

    bench.by_hand("ATDome.rain")
    await bench.command("ATDome.moveShutterMainDoor", open=True)


@about("ATDome.stall", "ATWhiteLight.shutter_stuck", enabled=(*TURNING, "ATWhiteLight"))
async def test_troubles_of_two_components_do_not_mix(bench: Bench) -> None:
    """Several at once: what is repaired at one component is not at the other."""
    bench.inject("ATDome.stall")
    bench.inject("ATWhiteLight.shutter_stuck")
    bench.by_hand("ATWhiteLight.shutter_repaired")
    await bench.command("ATWhiteLight.openShutter")
    await slew_fails(bench, 100.0)

    await bench.cycle(DOME)
    await slews(bench, 100.0)
