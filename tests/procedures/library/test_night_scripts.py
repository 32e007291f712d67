"""The scripts that open for the night and shut down after it."""

from __future__ import annotations

import re

import pytest

from tests.procedures.library.perform import ATCS, LATISS, Control, perform

ONSKY = "auxtel/prepare_for/onsky.py"
SHUTDOWN = "auxtel/shutdown.py"
STOP = "auxtel/scheduler/stop.py"
DROPOUT = "auxtel/atdome/close_dropout_door.py"
READY = (*ATCS, *LATISS)
NIGHT = {
    "ATDome": {"main_door": "OPENED"},
    "ATPneumatics": {"m1_cover": "OPENED", "cell_vents": "OPENED"},
    "ATAOS": {"m1": "ON", "hexapod": "ON", "atspectrograph": "ON"},
    "ATDomeTrajectory": {"following": "ON"},
}


async def connected(observatory):
    await observatory.clock.sleep(5.0)


def injecting(component, fault, **values):
    async def inject(observatory):
        await observatory.clock.sleep(5.0)
        observatory.components[component].faults.inject(fault, **values)

    return inject


# ------------------------------------------------------------------------ on sky


@pytest.fixture(scope="module")
def opened():
    return perform(ONSKY, enabled=READY, before=connected)


def test_opening_keeps_the_observatorys_order(opened):
    assert opened.error is None
    assert opened.control.checkpoints == []
    assert opened.commands == [
        *["ATCamera.takeImages"] * 3,
        "ATDomeTrajectory.setFollowingMode",
        "ATPtg.azElTarget",
        "ATPtg.stopTracking",
        "ATAOS.disableCorrection",
        "ATDomeTrajectory.setFollowingMode",
        "ATDome.moveAzimuth",
        "ATDome.moveShutterMainDoor",
        "ATPneumatics.openM1Cover",
        "ATPneumatics.openM1CellVents",
        "ATAOS.enableCorrection",
        "ATDomeTrajectory.setFollowingMode",
    ]


def test_biases_clear_the_ccd(opened):
    keys = {image["keyValueMap"].partition("reason: ")[2] for image in opened.sent("ATCamera.takeImages")}

    assert keys == {"bias_ccd_clear, program: prepare_for_onsky"}


def test_everything_is_open_to_the_east_afterwards(opened):
    assert opened.sent("ATPtg.azElTarget")[0]["azDegs"] == 90
    assert opened.sent("ATDome.moveAzimuth") == [{"azimuth": 90}]
    assert (opened.state("ATDome", "main_door"), opened.state("ATDome", "dropout_door")) == ("OPENED", "CLOSED")
    assert opened.state("ATPneumatics", "m1_cover") == opened.state("ATPneumatics", "cell_vents") == "OPENED"
    assert opened.state("ATAOS", "m1") == opened.state("ATDomeTrajectory", "following") == "ON"


def test_open_cover_is_closed_before_the_dome_opens():
    done = perform(ONSKY, enabled=READY, before=connected, machines={"ATPneumatics": {"m1_cover": "OPENED"}})

    assert done.error is None
    assert done.commands.index("ATPneumatics.closeM1Cover") < done.commands.index("ATDome.moveShutterMainDoor")


def test_venting_is_ended_first():
    async def vented(observatory):
        await observatory.clock.sleep(5.0)
        building = observatory.remote("ATBuilding", "test")
        await building.command("openVentGate", gate=(2, -1, -1, -1))
        await building.command("setExtractionFanDriveFreq", targetFrequency=20.0)
        await observatory.clock.sleep(60.0)

    done = perform(ONSKY, enabled=READY, before=vented)

    assert done.error is None
    assert done.commands[3:5] == ["ATBuilding.setExtractionFanDriveFreq", "ATBuilding.closeVentGate"]
    assert (done.state("ATBuilding", "gate_2"), done.state("ATBuilding", "fan_drive")) == ("CLOSED", "STOPPED")


def test_no_door_is_moved_without_the_shutter_box():
    done = perform(ONSKY, enabled=READY, before=injecting("ATDome", "top_box_link_lost"))

    assert "no communication with the shutter box" in str(done.error)
    assert "ATDome.moveAzimuth" not in done.commands


def test_cover_that_does_not_open_is_only_logged():
    done = perform(ONSKY, enabled=READY, before=injecting("ATPneumatics", "covers_in_standby"))

    assert done.error is None
    assert ("error", "the M1 cover did not open; going on") in done.control.lines
    assert done.state("ATPneumatics", "m1_cover") == "CLOSED"


def test_door_that_is_already_open_is_left_alone():
    done = perform(ONSKY, enabled=READY, before=connected, machines={"ATDome": {"main_door": "OPENED"}})

    assert done.error is None
    assert "ATDome.moveShutterMainDoor" not in done.commands


@pytest.mark.parametrize("missing", ["ATDomeTrajectory", "ATOODS"])
def test_all_of_atcs_and_latiss_must_be_enabled(missing):
    done = perform(ONSKY, enabled=tuple(name for name in READY if name != missing), before=connected)

    assert f"{missing} must be ENABLED; it is STANDBY" in str(done.error)
    assert done.commands == []


def test_what_is_ignored_need_not_be_enabled():
    done = perform(
        ONSKY, "ignore: [atoods]", enabled=tuple(name for name in READY if name != "ATOODS"), before=connected
    )

    assert done.error is None


# ---------------------------------------------------------------------- shutdown


@pytest.fixture(scope="module")
def shut():
    return perform(SHUTDOWN, enabled=READY, before=connected, machines=NIGHT)


def test_shutdown_keeps_the_observatorys_order(shut):
    assert shut.error is None
    assert shut.control.checkpoints == []
    assert shut.commands[:10] == [
        "ATAOS.disableCorrection",
        "ATPneumatics.closeM1Cover",
        "ATPneumatics.closeM1CellVents",
        "ATDome.closeShutter",
        "ATDomeTrajectory.setFollowingMode",
        "ATDome.moveAzimuth",
        "ATDomeTrajectory.setFollowingMode",
        "ATPtg.azElTarget",
        "ATPtg.stopTracking",
        "ATMCS.disable",
    ]
    assert {shut.state(member) for member in ATCS} == {"STANDBY"}
    assert {shut.state(member) for member in LATISS} == {"ENABLED"}


def test_shutdown_parks_and_closes(shut):
    assert shut.state("ATDome", "main_door") == shut.state("ATPneumatics", "m1_cover") == "CLOSED"
    assert shut.components["ATDome"]["outputs"]["azimuth"] == pytest.approx(285.0, abs=1.5)
    assert shut.components["ATMCS"]["outputs"]["elevation"] == pytest.approx(80.0)


def test_cover_that_does_not_close_leaves_the_dome_open():
    done = perform(SHUTDOWN, enabled=READY, before=injecting("ATPneumatics", "covers_in_standby"), machines=NIGHT)

    assert re.search("closeM1Cover: FAILED .* covers is in standby", str(done.error))
    assert "ATDome.closeShutter" not in done.commands
    assert done.state("ATDome", "main_door") == "OPENED"


def test_dome_that_does_not_close_ends_the_shutdown():
    done = perform(SHUTDOWN, enabled=READY, before=injecting("ATDome", "top_box_link_lost"), machines=NIGHT)

    assert re.search("closeShutter: FAILED .* Top Comm Error", str(done.error))
    assert {done.state(member) for member in ATCS} == {"ENABLED"}


def test_telescope_that_does_not_park_is_only_logged():
    done = perform(SHUTDOWN, enabled=READY, before=injecting("ATPtg", "mount_link_lost"), machines=NIGHT)

    assert done.error is None
    assert ("error", "the telescope is not parked; going on") in done.control.lines
    assert {done.state(member) for member in ATCS} == {"STANDBY"}


# --------------------------------------------------------- Scheduler, dropout door


def test_scheduler_is_stopped():
    done = perform(STOP, enabled=("Scheduler:2",), machines={"Scheduler:2": {"loop": "RUNNING"}})

    assert done.error is None
    assert done.control.checkpoints == ["Stopping scheduler", "Scheduler stopped"]
    assert done.sent("Scheduler:2.stop") == [{"abort": False}]
    assert done.state("Scheduler:2", "loop") == "IDLE"


def test_scheduler_of_another_queue_is_not_stopped():
    done = perform(STOP, enabled=("Scheduler:2",), control=Control(index=100001))

    assert "this script is for the queue of the Auxiliary Telescope, not for queue 1" in str(done.error)
    assert done.commands == []


def test_dropout_door_is_closed_alone():
    doors = {"ATDome": {"main_door": "OPENED", "dropout_door": "OPENED"}}

    done = perform(DROPOUT, enabled=ATCS, before=connected, machines=doors)

    assert done.error is None
    assert done.commands == ["ATDome.moveShutterDropoutDoor"]
    assert (done.state("ATDome", "main_door"), done.state("ATDome", "dropout_door")) == ("OPENED", "CLOSED")


def test_dropout_door_needs_the_main_door_open():
    doors = {"ATDome": {"main_door": "PARTIALLYOPENED", "dropout_door": "OPENED"}}

    done = perform(DROPOUT, enabled=ATCS, before=connected, machines=doors)

    assert re.search("the dropout door cannot move while the main door is PARTIALLYOPENED", str(done.error))


def test_closed_dropout_door_is_left_alone():
    done = perform(DROPOUT, enabled=ATCS, before=connected)

    assert done.error is None
    assert done.commands == []
