"""The mount's troubles, as an observer meets them and gets out of them."""

from __future__ import annotations

import pytest

from tests.acceptance.faults.bench import ATCS, Bench, about

MOUNT = ("ATMCS", "ATPtg")
CORRECTED = ("ATAOS", "ATPneumatics", "ATHexapod")
POINTING = (*MOUNT, *CORRECTED)
POINT = "atcs/point_azel"


def to(azimuth: float, elevation: float = 70.0, rotator: float = 0.0) -> str:
    return f"azimuth: {azimuth}\nelevation: {elevation}\nrotator: {rotator}"


async def points(bench: Bench, azimuth: float, elevation: float = 70.0, rotator: float = 0.0) -> None:
    """The telescope goes where it is sent."""
    await bench.script(POINT, to(azimuth, elevation, rotator))
    assert bench.event("ATMCS.allAxesInPosition").inPosition is True


@about("ATMCS.emergency_stop")
async def test_mount_with_an_emergency_stop_is_enabled_once_that_is_released(bench: Bench) -> None:
    """E-stop engaged: FAULT with a drive's bit when it is enabled; cycling ends there again until it is released."""
    bench.inject("ATMCS.emergency_stop")
    await bench.script_fails("auxtel/enable_atcs.py", "ATMCS")
    assert bench.fault_code("ATMCS") == 3
    assert "Nasmyth 1 drive fault bit" in bench.event("ATMCS.errorCode").errorReport

    await bench.set_state("ATMCS", "DISABLED")
    await bench.refused("ATMCS.enable", "Nasmyth 1 drive fault bit")
    assert bench.fault_code("ATMCS") == 3

    bench.by_hand("ATMCS.emergency_stop")
    await bench.script("auxtel/enable_atcs.py")
    await points(bench, 30.0)


@about("ATMCS.azimuth_velocity_error", enabled=POINTING)
async def test_mount_with_a_velocity_error_is_cycled_and_nudged(bench: Bench) -> None:
    """Velocity error: FAULT with both azimuth drives off, ATPtg too; after a cycle only a small step frees the axis."""
    script = bench.begin_script(POINT, to(90.0))
    await bench.sleep(8.0)
    bench.inject("ATMCS.azimuth_velocity_error")
    await bench.fails(script, "ATMCS FAULT")
    assert bench.fault_code("ATMCS") == 4
    assert bench.fault_code("ATPtg") == 1
    await bench.sleep(3.0)
    assert bench.event("ATMCS.azimuthDrive1Status").enable is False
    assert bench.event("ATMCS.azimuthDrive2Status").enable is False

    await bench.cycle("ATMCS", "ATPtg")
    await bench.script_fails(POINT, "ATMCS", to(90.0))
    assert bench.fault_code("ATMCS") == 4

    await bench.cycle("ATMCS", "ATPtg")
    azimuth = (await bench.telemetry("ATMCS.mount_AzEl_Encoders")).azimuthCalculatedAngle[-1]
    await points(bench, azimuth + 1.5)
    await points(bench, 90.0)


@about("ATMCS.targets_stop", enabled=POINTING)
async def test_mount_that_gets_no_targets_needs_a_cycled_pointing(bench: Bench) -> None:
    """Targets stop: drives off 2.5 s later, no fault, slews time out; cycling the mount does not help, ATPtg's does."""
    await points(bench, 10.0)
    bench.inject("ATMCS.targets_stop")
    await bench.sleep(2.0)
    assert bench.event("ATMCS.atMountState").state == 9
    await bench.sleep(2.0)
    assert bench.event("ATMCS.atMountState").state == 8
    assert bench.event("ATMCS.elevationDriveStatus").enable is False
    assert (bench.summary("ATMCS"), bench.summary("ATPtg")) == ("ENABLED", "ENABLED")
    await bench.script_fails(POINT, "all_axes", to(60.0))

    await bench.cycle("ATMCS")
    await bench.script_fails(POINT, "all_axes", to(60.0))

    await bench.cycle("ATPtg")
    await points(bench, 60.0)


@about("ATMCS.targets_stop", enabled=POINTING, parameters={"ATMCS": {"target_loss_is_fault": True}})
async def test_mount_of_the_older_kind_faults_without_targets(bench: Bench) -> None:
    """Targets stop: the mount of 2020 goes to FAULT 2 instead."""
    await points(bench, 10.0)
    bench.inject("ATMCS.targets_stop")
    await bench.sleep(4.0)
    assert bench.fault_code("ATMCS") == 2
    assert bench.fault_code("ATPtg") == 1

    await bench.cycle("ATMCS", "ATPtg")
    await points(bench, 60.0)


LIMITS = {
    "elevation": ("elevationLimitSwitchLower", "elevationBrake", {"elevation": 40.0}),
    "azimuth": ("azimuthLimitSwitchCW", "azimuthBrake1", {"azimuth": 100.0}),
    "nasmyth2": ("nasmyth2LimitSwitchCW", "nasmyth2Brake", {"rotator": 60.0}),
}


async def runs_into_a_switch(bench: Bench, axis: str, switch: str, brake: str, **aim: float) -> None:
    """An axis meets its switch, keeps its brake on, and is free again only when somebody has moved it off."""
    aim = {"azimuth": 0.0, "elevation": 70.0, **aim}
    script = bench.begin_script(POINT, to(**aim))
    await bench.sleep(3.0)
    bench.inject(f"ATMCS.{axis}_limit_switch")
    assert bench.event(f"ATMCS.{switch}").active is True
    assert bench.event(f"ATMCS.{brake}").engaged is True
    assert bench.event("ATMCS.atMountState").state == 9
    await bench.fails(script, "all_axes")
    assert bench.event("ATMCS.allAxesInPosition").inPosition is False

    await bench.script("auxtel/stop_tracking.py")
    await bench.script_fails(POINT, "all_axes", to(**aim))
    await bench.cycle("ATMCS", "ATPtg")
    await bench.script_fails(POINT, "all_axes", to(**aim))
    assert bench.event(f"ATMCS.{switch}").active is True

    bench.by_hand(f"ATMCS.{axis}_limit_switch")
    await bench.script("auxtel/stop_tracking.py")
    assert bench.event(f"ATMCS.{switch}").active is False
    await points(bench, **aim)


@about("ATMCS.elevation_limit_switch", enabled=POINTING)
async def test_elevation_on_its_limit_switch_is_moved_off_by_hand(bench: Bench) -> None:
    """Limit switch of elevation: switch and brake, and never in position."""
    switch, brake, aim = LIMITS["elevation"]
    await runs_into_a_switch(bench, "elevation", switch, brake, **aim)


@about("ATMCS.azimuth_limit_switch", enabled=POINTING)
async def test_azimuth_on_its_limit_switch_is_moved_off_by_hand(bench: Bench) -> None:
    """Limit switch of azimuth: switch and brake, and never in position."""
    switch, brake, aim = LIMITS["azimuth"]
    await runs_into_a_switch(bench, "azimuth", switch, brake, **aim)


@about("ATMCS.nasmyth2_limit_switch", enabled=POINTING)
async def test_rotator_on_its_limit_switch_is_moved_off_by_hand(bench: Bench) -> None:
    """Limit switch of the rotator in use: switch and brake, and never in position."""
    switch, brake, aim = LIMITS["nasmyth2"]
    await runs_into_a_switch(bench, "nasmyth2", switch, brake, **aim)


@about("ATMCS.nasmyth1_limit_switch", enabled=POINTING)
async def test_other_rotator_has_its_limit_switch_too(bench: Bench) -> None:
    """Limit switch of the other rotator: the same, once M3 serves it."""
    await bench.command("ATMCS.setInstrumentPort", port=1)
    await bench.until("ATMCS.m3State", state=6, limit=60.0)
    await bench.command("ATPtg.focusName", focus=2)

    await runs_into_a_switch(bench, "nasmyth1", "nasmyth1LimitSwitchCW", "nasmyth1Brake", rotator=60.0)


@about("ATMCS.target_out_of_range", enabled=POINTING)
async def test_target_that_the_mount_refuses_is_replaced(bench: Bench) -> None:
    """Target out of range: the mount refuses it and the slew fails; the same target fails again, another one works."""
    bench.inject("ATMCS.target_out_of_range", lowest=60.0)
    await bench.script_fails(
        POINT, r"trackTarget refused: elevation=50.000 deg out of range \[60, 90\] deg", to(10.0, 50.0)
    )
    assert bench.summary("ATMCS") == "ENABLED"

    await bench.cycle("ATMCS", "ATPtg")
    await bench.script_fails(POINT, "out of range", to(10.0, 50.0))

    await points(bench, 10.0, 65.0)


@about("ATMCS.target_out_of_range", enabled=POINTING, parameters={"ATMCS": {"bad_target_is_fault": True}})
async def test_mount_of_the_older_kind_faults_on_a_target_out_of_range(bench: Bench) -> None:
    """Target out of range: the mount of 2020 goes to FAULT 1 instead."""
    bench.inject("ATMCS.target_out_of_range", lowest=60.0)
    await bench.script_fails(POINT, "FAULT", to(10.0, 50.0))
    assert bench.fault_code("ATMCS") == 1

    await bench.cycle("ATMCS", "ATPtg")
    await points(bench, 10.0, 65.0)


@about("ATMCS.hand_paddle", enabled=POINTING)
async def test_mount_under_the_hand_paddle_waits_until_that_is_put_back(bench: Bench) -> None:
    """Hand paddle taken: tracking ends and slews fail; cycling does not take the mount back."""
    await points(bench, 10.0)
    bench.inject("ATMCS.hand_paddle")
    assert bench.event("ATMCS.atMountState").state == 7
    await bench.script_fails(POINT, "tracking is HANDPADDLECONTROL", to(30.0))

    await bench.cycle("ATMCS", "ATPtg")
    await bench.script_fails(POINT, "tracking is HANDPADDLECONTROL", to(30.0))

    bench.by_hand("ATMCS.hand_paddle")
    assert bench.event("ATMCS.atMountState").state == 6
    await bench.until("ATMCS.atMountState", state=8, limit=10.0)
    await points(bench, 30.0)


# --------------------------------------------------------------------- ATPtg


@about("ATPtg.mount_link_lost", enabled=POINTING)
async def test_pointing_that_lost_the_mount_is_cycled(bench: Bench) -> None:
    """Lost link to the mount: no FAULT anywhere and no targets; cycling the mount does not help, ATPtg's does."""
    await points(bench, 10.0)
    bench.inject("ATPtg.mount_link_lost")
    await bench.sleep(5.0)
    assert (bench.summary("ATMCS"), bench.summary("ATPtg")) == ("ENABLED", "ENABLED")
    assert bench.event("ATMCS.atMountState").state == 8
    script = await bench.script_fails(POINT, "all_axes", to(60.0))
    assert ("warning", "ATMCS receives no targets; look for errors of ATMCS and ATPtg") in script.lines

    await bench.cycle("ATMCS")
    await bench.script_fails(POINT, "all_axes", to(60.0))
    assert (bench.summary("ATMCS"), bench.summary("ATPtg")) == ("ENABLED", "ENABLED")

    await bench.cycle("ATPtg")
    await points(bench, 60.0)


@about("ATPtg.elevation_out_of_range", enabled=(*ATCS, "ATSpectrograph"))
async def test_target_that_the_pointing_refuses_is_replaced(bench: Bench) -> None:
    """Elevation out of range: refused with error 6611 and the script fails; the same again does, another does not."""
    bench.inject("ATPtg.elevation_out_of_range", lowest=60.0)
    await bench.script_fails("auxtel/prepare_for/flat.py", r"error 6611.*elevation out of range: elDegs=39")
    ack = await bench.refused("ATPtg.azElTarget", "elevation out of range", azDegs=0.0, elDegs=50.0)
    assert ack.error == 6611

    await bench.cycle("ATPtg")
    await bench.script_fails(POINT, "error 6611", to(10.0, 50.0))

    await points(bench, 10.0, 65.0)
    await bench.script("auxtel/prepare_for/flat.py")


@about(enabled=POINTING)
@pytest.mark.parametrize(
    ("elevation", "rotator", "why"), [(4.0, 0.0, "elevation"), (88.0, 0.0, "elevation"), (70.0, 168.0, "rotator")]
)
async def test_targets_beyond_the_limits_are_refused_by_number(
    bench: Bench, elevation: float, rotator: float, why: str
) -> None:
    """Out of range: the limits of every day do it too."""
    await bench.script_fails(POINT, f"error 6611.*{why} out of range", to(0.0, elevation, rotator))
