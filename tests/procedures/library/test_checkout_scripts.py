"""The scripts of the daytime checkout."""

from __future__ import annotations

import re

import pytest

from tests.procedures.library.perform import ATCS, LATISS, perform

FOLDER = "auxtel/daytime_checkout"
LATISS_ALONE = f"{FOLDER}/latiss_checkout.py"
AIR = f"{FOLDER}/atpneumatics_checkout.py"
MOTION = f"{FOLDER}/telescope_and_dome_checkout.py"
TOGETHER = f"{FOLDER}/slew_and_take_image_checkout.py"
READY = (*ATCS, *LATISS)


async def connected(observatory):
    await observatory.clock.sleep(5.0)


def injecting(component, fault, at=5.0, **values):
    async def inject(observatory):
        await observatory.clock.sleep(at)
        observatory.components[component].faults.inject(fault, **values)

    return inject


def checked(script, **how):
    how.setdefault("before", connected)
    return perform(script, enabled=how.pop("enabled", READY), **how)


@pytest.fixture(scope="module")
def latiss():
    return checked(LATISS_ALONE)


@pytest.fixture(scope="module")
def air():
    return checked(AIR)


@pytest.fixture(scope="module")
def motion():
    return checked(MOTION)


@pytest.fixture(scope="module")
def together():
    return checked(TOGETHER)


# ------------------------------------------------------------------ LATISS alone


def test_latiss_is_checked_with_a_bias_and_a_test_image(latiss):
    assert latiss.error is None
    assert latiss.control.checkpoints == [
        "Checking LATISS Setup",
        "Bias Frame Verification",
        "Engineering Frame Verification",
    ]
    exposures = [(image["expTime"], image["shutter"]) for image in latiss.sent("ATCamera.takeImages")]
    assert exposures == [(0.0, False), (2.0, True)]
    assert latiss.t == pytest.approx(20.0, abs=5.0)


def test_installed_filters_and_dispersers_are_told(latiss):
    assert (
        "info",
        "filters: empty_1,BG40_65mm_1,SDSSr_65mm,OG550_65mm_1; "
        "dispersers: empty_1,blue300lpmm_qn1,SDSSy_65mm,holo4_003",
    ) in latiss.control.lines


def test_both_wheels_go_to_slot_0(latiss):
    assert latiss.sent("ATSpectrograph.changeFilter")[0] == {"filter": 0, "name": ""}
    assert latiss.sent("ATSpectrograph.changeDisperser")[0] == {"disperser": 0, "name": ""}


def test_stage_that_is_elsewhere_is_moved_to_67_mm():
    async def elsewhere(observatory):
        await observatory.clock.sleep(5.0)
        await observatory.remote("ATSpectrograph", "test").command("moveLinearStage", distanceFromHome=50.0)
        await observatory.clock.sleep(10.0)

    done = checked(LATISS_ALONE, before=elsewhere)

    assert done.error is None
    assert done.sent("ATSpectrograph.moveLinearStage") == [{"distanceFromHome": 67}]
    assert ("warning", "the linear stage is at 50 mm; it goes to 67 mm") in done.control.lines


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("silent", r"the archive has not told of the image within 10 s \(imageInOODS\)"),
        ("ingest_fails", "AT_O_20260115_000001 was not ingested: ingest failure: .*statusCode is 1, not 0"),
    ],
)
def test_image_that_does_not_reach_the_archive_fails_the_checkout(fault, message):
    done = checked(LATISS_ALONE, before=injecting("ATOODS", fault))

    assert re.search(message, str(done.error))
    assert done.control.checkpoints == ["Checking LATISS Setup", "Bias Frame Verification"]


@pytest.mark.parametrize("script", [LATISS_ALONE, TOGETHER])
def test_all_of_latiss_must_be_enabled(script):
    done = checked(script, enabled=(*ATCS, *LATISS[:-1]))

    assert "ATOODS must be ENABLED; it is STANDBY" in str(done.error)
    assert set(done.commands) <= {"ATPtg.stopTracking", "ATAOS.disableCorrection"}


# --------------------------------------------------------------------------- air


def test_air_is_checked_from_the_valves_to_the_cover(air):
    assert air.error is None
    assert air.control.checkpoints == [
        "Slewing Telescope to park position",
        "Opening pneumatics valves",
        "Turning on ATAOS corrections",
        "Turning off ATAOS corrections",
        "Exercising Mirror Covers and Vents",
    ]
    assert air.commands == [
        "ATPtg.azElTarget",
        "ATAOS.enableCorrection",
        "ATAOS.disableCorrection",
        "ATPneumatics.openM1Cover",
        "ATPneumatics.openM1CellVents",
        "ATPneumatics.closeM1Cover",
        "ATPneumatics.closeM1CellVents",
    ]
    assert air.t == pytest.approx(95.0, abs=20.0)


def test_air_checkout_ends_covered_and_on_the_hard_points(air):
    assert (air.state("ATPneumatics", "m1_cover"), air.state("ATPneumatics", "cell_vents")) == ("CLOSED", "CLOSED")
    assert air.state("ATAOS", "m1") == "OFF"
    assert air.components["ATPneumatics"]["outputs"]["m1_pressure"] < 30_000.0


def test_closed_valves_are_opened():
    done = checked(AIR, machines={"ATPneumatics": {"main_valve": "CLOSED", "instrument_valve": "CLOSED"}})

    assert done.commands[1:3] == ["ATPneumatics.openMasterAirSupply", "ATPneumatics.openInstrumentAirValve"]


def test_too_little_air_fails_the_checkout_and_stops_the_telescope():
    async def leaking(observatory):
        await observatory.clock.sleep(5.0)
        observatory.components["ATPneumatics"].faults.inject("low_air")
        await observatory.clock.sleep(120.0)

    done = checked(AIR, before=leaking)

    assert re.search(r"the main pressure is \d+ Pa, it must be between 275790 and 413000 Pa", str(done.error))
    assert done.commands == ["ATPtg.azElTarget", "ATPtg.stopTracking", "ATAOS.disableCorrection"]
    assert done.state("ATMCS", "tracking") == "TRACKINGDISABLED"


def test_pressure_that_is_not_reached_fails_the_checkout():
    def weak(observatory):
        return injecting("ATPneumatics", "low_air", at=10.0)(observatory)

    done = checked(AIR, meanwhile=weak)

    assert re.search(r"ATAOS asked for \d+ Pa within 3 %|must be between 275790 and 413000 Pa", str(done.error))
    assert done.state("ATAOS", "m1") == "OFF"


# ------------------------------------------------------------- telescope and dome


def test_telescope_and_dome_are_checked_one_after_the_other(motion):
    assert motion.error is None
    assert motion.control.checkpoints == [
        "Slewing Telecope without tracking...",
        "Starting tracking test...",
        "Slewing Dome...",
        "Parking Telescope and Dome...",
    ]
    assert motion.t == pytest.approx(220.0, abs=60.0)
    assert motion.commands.count("ATDome.homeAzimuth") == 1


def test_tracking_lasts_two_minutes(motion):
    times = {
        record["step"]: record["t"]
        for record in motion.records
        if record["kind"] == "step" and record["step"] in ("tracking", "stop_track") and record["what"] == "started"
    }

    assert times["stop_track"] - times["tracking"] == pytest.approx(120.0, abs=2.0)


def test_what_is_tracked_stands_at_75_deg(motion):
    (target,) = motion.sent("ATPtg.raDecTarget")

    # At azimuth 5 and elevation 75 deg, 15 deg north of the zenith at latitude -30.2 deg.
    assert target["declination"] == pytest.approx(-15.3, abs=0.1)
    assert 0.0 <= target["ra"] < 24.0


def test_dome_turns_by_15_deg_from_home_and_is_parked(motion):
    moves = [move["azimuth"] for move in motion.sent("ATDome.moveAzimuth")]

    assert moves[0] == pytest.approx(15.0, abs=1.5)
    assert moves[1] == 285
    assert motion.components["ATDome"]["outputs"]["azimuth"] == pytest.approx(285.0, abs=1.5)
    assert motion.state("ATDomeTrajectory", "following") == "OFF"
    assert motion.state("ATMCS", "tracking") == "TRACKINGDISABLED"


def test_telescope_that_loses_its_target_fails_the_checkout():
    done = checked(MOTION, meanwhile=injecting("ATMCS", "azimuth_velocity_error", at=60.0))

    assert "ATMCS" in str(done.error)
    assert done.control.checkpoints[-1] == "Starting tracking test..."


# ------------------------------------------------------------------- all together


def test_images_are_taken_at_two_places_with_the_dome_following(together):
    assert together.error is None
    assert together.control.checkpoints == [
        "Slew and take image 1/2",
        "Slew and take image 2/2",
        "Stopping tracking, parking Telescope and Dome",
    ]
    assert [mode["enable"] for mode in together.sent("ATDomeTrajectory.setFollowingMode")] == [True, False, False]
    assert [image["expTime"] for image in together.sent("ATCamera.takeImages")] == [2.0, 2.0]
    assert together.t == pytest.approx(410.0, abs=60.0)


def test_second_image_is_taken_through_the_slots_1(together):
    assert together.sent("ATSpectrograph.changeFilter")[-1] == {"filter": 1, "name": ""}
    assert together.sent("ATSpectrograph.changeDisperser")[-1] == {"disperser": 1, "name": ""}


def test_all_is_parked_covered_and_corrected_in_the_end(together):
    assert together.components["ATDome"]["outputs"]["azimuth"] == pytest.approx(285.0, abs=1.5)
    assert together.state("ATPneumatics", "m1_cover") == "CLOSED"
    assert together.state("ATAOS", "m1") == "ON"
    assert {together.state(name) for name in READY} == {"ENABLED"}


def test_m3_must_send_the_light_to_latiss():
    done = checked(TOGETHER, machines={"ATMCS": {"m3": "NASMYTH1"}})

    assert "M3 is NASMYTH1, for LATISS it must be NASMYTH2" in str(done.error)
    assert "ATPtg.raDecTarget" not in done.commands


def test_open_cover_is_closed_first():
    done = checked(TOGETHER, machines={"ATPneumatics": {"m1_cover": "OPENED", "cell_vents": "OPENED"}})

    assert done.error is None
    assert done.commands[:2] == ["ATPneumatics.closeM1Cover", "ATPneumatics.closeM1CellVents"]


@pytest.mark.parametrize("script", [AIR, MOTION, TOGETHER])
def test_all_of_atcs_must_be_enabled(script):
    done = checked(script, enabled=(*ATCS[:-1], *LATISS))

    assert "ATDomeTrajectory must be ENABLED; it is STANDBY" in str(done.error)
    assert set(done.commands) <= {"ATPtg.stopTracking", "ATAOS.disableCorrection"}
