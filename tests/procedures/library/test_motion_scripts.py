"""The scripts that move telescope and dome."""

from __future__ import annotations

import pytest

from tests.procedures.library.perform import ATCS, LATISS, perform

FLAT = "auxtel/prepare_for/flat.py"
HOME = "auxtel/atdome/home_dome.py"
SLEW = "auxtel/atdome/slew_dome.py"
STOP = "auxtel/stop_tracking.py"
READY = (*ATCS, *LATISS)


async def connected(observatory):
    """The CSCs have reached what they control."""
    await observatory.clock.sleep(5.0)


def fault(component: str, name: str, *, after: float = 5.0, **values: object):
    async def inject(observatory):
        await observatory.clock.sleep(after)
        observatory.components[component].faults.inject(name, **values)

    return inject


def pointed(azimuth: float, elevation: float):
    """The telescope tracks a position."""

    async def point(observatory):
        await connected(observatory)
        await observatory.remote("ATPtg", "test").command("azElTarget", azDegs=azimuth, elDegs=elevation, trackId=7)
        await observatory.clock.sleep(120.0)

    return point


# ------------------------------------------------------------------ flat


def test_telescope_and_dome_go_to_the_flat_field_position_in_the_observatorys_order():
    done = perform(FLAT, enabled=READY, before=connected)

    assert done.error is None
    assert done.commands == [
        "ATDomeTrajectory.setFollowingMode",
        "ATDome.closeShutter",
        "ATAOS.disableCorrection",
        "ATPneumatics.openM1Cover",
        "ATAOS.enableCorrection",
        "ATPtg.azElTarget",
        "ATDome.moveAzimuth",
    ]
    assert done.sent("ATAOS.disableCorrection") == [{"disableAll": True}]
    assert done.sent("ATAOS.enableCorrection") == [{"m1": True, "hexapod": True, "atspectrograph": True}]
    assert done.sent("ATPtg.azElTarget") == [
        {"targetName": "FlatField position", "azDegs": 188.7, "elDegs": 39.0, "rotPA": 0, "trackId": 1}
    ]
    assert done.sent("ATDome.moveAzimuth") == [{"azimuth": 3.0}]
    assert done.control.checkpoints == []


def test_flat_field_position_is_as_promised():
    done = perform(FLAT, enabled=READY, before=connected)

    telescope, dome = done.components["ATMCS"]["outputs"], done.components["ATDome"]["outputs"]
    assert (telescope["azimuth"], telescope["elevation"]) == pytest.approx((188.7, 39.0))
    assert dome["azimuth"] == pytest.approx(3.0, abs=0.5)
    assert done.state("ATPneumatics", "m1_cover") == "OPENED"
    assert done.state("ATAOS", "m1") == "ON"
    assert done.state("ATDomeTrajectory", "following") == "OFF"
    assert done.state("ATDomeTrajectory") == "ENABLED"
    assert 60.0 < done.t < 600.0


def test_second_time_only_what_is_always_sent_is_sent():
    async def prepared(observatory):
        await connected(observatory)
        pneumatics = observatory.remote("ATPneumatics", "test")
        await pneumatics.command("openM1Cover")

    done = perform(FLAT, enabled=READY, before=prepared)

    assert done.error is None
    assert "ATDome.closeShutter" in done.commands
    assert "ATPneumatics.openM1Cover" not in done.commands


def test_low_telescope_is_raised_before_the_mirror_is_let_down():
    done = perform(FLAT, enabled=READY, before=pointed(30.0, 45.0))

    assert done.error is None
    raised = done.sent("ATPtg.azElTarget")[0]
    assert (raised["azDegs"], raised["elDegs"]) == pytest.approx((30.0, 70.0))
    assert raised["trackId"] == 8
    assert done.commands.index("ATPtg.azElTarget") < done.commands.index("ATAOS.disableCorrection")


def test_dome_that_is_not_homed_is_homed_first():
    done = perform(FLAT, enabled=READY, before=fault("ATDome", "not_homed"))

    assert done.error is None
    assert done.commands[:3] == ["ATDomeTrajectory.setFollowingMode", "ATDome.homeAzimuth", "ATDome.closeShutter"]


def test_slipped_encoder_is_not_noticed():
    done = perform(FLAT, enabled=READY, before=fault("ATDome", "encoder_slip", slip=2.0))

    assert done.error is None
    assert "ATDome.homeAzimuth" not in done.commands
    assert done.components["ATDome"]["outputs"]["true_azimuth"] == pytest.approx(1.0, abs=0.6)


def test_nothing_moves_unless_all_of_atcs_is_enabled():
    done = perform(FLAT, enabled=tuple(name for name in READY if name != "ATHexapod"))

    assert "all components of ATCS must be ENABLED" in str(done.error)
    assert "ATHexapod" in str(done.error)
    assert done.commands == []


def test_corrections_need_the_spectrograph():
    done = perform(FLAT, enabled=ATCS, before=connected)

    assert "ATSpectrograph" in str(done.error)
    assert done.commands[-1] == "ATAOS.enableCorrection"
    assert done.state("ATPneumatics", "m1_cover") == "OPENED"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cover_jam", "openM1Cover"),
        ("cover_drive_fault", "the M1 cover is FAULT"),
        ("covers_in_standby", "openM1Cover"),
    ],
)
def test_cover_that_does_not_open_stops_the_script_before_the_telescope_moves(name, message):
    done = perform(FLAT, enabled=READY, before=fault("ATPneumatics", name))

    assert message in str(done.error)
    assert "ATPtg.azElTarget" not in done.commands


def test_telescope_without_targets_is_warned_of_and_times_out():
    done = perform(FLAT, enabled=READY, before=fault("ATMCS", "targets_stop"))

    assert "timed out after 1200 s waiting for ATMCS.all_axes is IN_POSITION" in str(done.error)
    assert ("warning", "ATMCS receives no targets; look for errors of ATMCS and ATPtg") in done.control.lines
    assert done.state("ATDomeTrajectory") == "ENABLED"


def test_component_that_leaves_enabled_ends_the_slew():
    done = perform(
        FLAT, enabled=READY, before=connected, meanwhile=fault("ATMCS", "azimuth_velocity_error", after=50.0)
    )

    assert "a component left ENABLED during the slew (ATMCS FAULT" in str(done.error)
    assert "ATDome.moveAzimuth" not in done.commands


def test_dome_trajectory_is_brought_back_when_the_slew_fails():
    async def disturb(observatory):
        await observatory.clock.sleep(50.0)
        await observatory.remote("ATDomeTrajectory", "somebody").set_summary_state("DISABLED")
        observatory.components["ATMCS"].faults.inject("azimuth_velocity_error")

    done = perform(FLAT, enabled=READY, before=connected, meanwhile=disturb)

    assert done.error is not None
    assert done.commands[-1] == "ATDomeTrajectory.enable"
    assert done.state("ATDomeTrajectory") == "ENABLED"


# ------------------------------------------------------------------ dome


def test_homing_cures_a_slipped_encoder_and_leaves_the_dome_at_its_switch():
    done = perform(HOME, enabled=("ATDome",), before=fault("ATDome", "encoder_slip", slip=2.0))

    dome = done.components["ATDome"]["outputs"]
    assert done.error is None
    assert done.commands == ["ATDome.homeAzimuth"]
    assert abs(dome["slip"]) < 0.1
    assert dome["azimuth"] == pytest.approx(0.0, abs=0.2)
    assert done.t < 300.0


def test_dome_on_its_switch_does_nothing_and_reports_success():
    async def at_the_switch(observatory):
        await connected(observatory)
        await observatory.remote("ATDome", "test").command("homeAzimuth")
        await observatory.clock.sleep(10.0)

    done = perform(HOME, enabled=("ATDome",), before=at_the_switch)

    assert done.error is None
    assert done.commands == ["ATDome.homeAzimuth"]
    assert done.t < 10.0


def test_homing_that_somebody_stops_fails():
    async def stop(observatory):
        await observatory.clock.sleep(10.0)
        await observatory.remote("ATDome", "somebody").command("stopMotion")

    done = perform(HOME, enabled=("ATDome",), before=connected, meanwhile=stop)

    assert "homing was stopped" in str(done.error)


def test_dome_turns_and_no_longer_follows():
    async def following(observatory):
        await connected(observatory)
        await observatory.remote("ATDomeTrajectory", "test").command("setFollowingMode", enable=True)

    done = perform(SLEW, "az: 3.0", enabled=ATCS, before=following)

    assert done.error is None
    assert done.commands == ["ATDomeTrajectory.setFollowingMode", "ATDome.moveAzimuth"]
    assert done.components["ATDome"]["outputs"]["azimuth"] == pytest.approx(3.0, abs=0.5)
    assert done.state("ATDomeTrajectory", "following") == "OFF"


def test_dome_that_is_there_already_is_not_waited_for_in_vain():
    async def at_three(observatory):
        await connected(observatory)
        await observatory.remote("ATDome", "test").command("moveAzimuth", azimuth=3.0)
        await observatory.clock.sleep(120.0)

    done = perform(SLEW, "az: 3.0", enabled=ATCS, before=at_three)

    assert done.error is None
    assert done.t < 15.0


def test_dome_that_is_not_homed_does_not_turn():
    done = perform(SLEW, "az: 3.0", enabled=ATCS, before=fault("ATDome", "not_homed"))

    assert "azimuth is not homed" in str(done.error)


def test_dome_that_stalls_times_out():
    done = perform(SLEW, "az: 3.0", enabled=ATCS, before=fault("ATDome", "stall"))

    assert "timed out after 120 s waiting for ATDome.azimuth_in_position" in str(done.error)


def test_dome_that_is_pushed_out_of_position_is_sent_again():
    pushed = []

    async def push(observatory):
        dome = observatory.components["ATDome"]
        while dome.output("azimuth_in_position") is not True:
            await observatory.clock.sleep(0.5)
        pushed.append(observatory.clock.now)
        await observatory.remote("ATDome", "somebody").command("moveAzimuth", azimuth=20.0)

    async def elsewhere(observatory):
        await connected(observatory)
        await observatory.remote("ATDome", "test").command("moveAzimuth", azimuth=270.0)
        await observatory.clock.sleep(1.0)

    done = perform(SLEW, "az: 3.0", enabled=ATCS, before=elsewhere, meanwhile=push)

    assert done.error is None
    assert len(pushed) == 1
    assert done.sent("ATDome.moveAzimuth") == [{"azimuth": 3.0}, {"azimuth": 3.0}]
    assert done.components["ATDome"]["outputs"]["azimuth"] == pytest.approx(3.0, abs=0.5)
    assert ("warning", "the dome ran past its position; it is sent again") in done.control.lines


# ------------------------------------------------------------------ stop


def test_tracking_is_stopped():
    done = perform(STOP, enabled=ATCS, before=pointed(30.0, 60.0))

    assert done.error is None
    assert done.commands == ["ATPtg.stopTracking"]
    assert done.control.checkpoints == ["Stop tracking", "Done"]
    assert done.state("ATMCS", "tracking") == "TRACKINGDISABLED"


def test_tracking_is_not_stopped_by_a_pointing_component_that_is_not_enabled():
    done = perform(STOP)

    assert "Not allowed in state=<State.STANDBY: 5>" in str(done.error)
    assert done.control.checkpoints == ["Stop tracking"]
