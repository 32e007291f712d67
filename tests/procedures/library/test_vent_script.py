"""The script that vents the dome by day."""

from __future__ import annotations

import pytest

from procedures.sun import sun_position
from tests.procedures.library.perform import ATCS, LATISS, library, perform

VENT = "auxtel/prepare_for/vent.py"
READY = (*ATCS, *LATISS)
AFTERNOON = "2026-01-15T23:10:00"
"""The Sun is a little above 5 deg."""


async def connected(observatory):
    await observatory.clock.sleep(5.0)


@pytest.fixture(scope="module")
def evening():
    """From the afternoon to the sunset."""
    return perform(VENT, enabled=READY, before=connected, start=AFTERNOON)


def test_venting_goes_on_until_the_sun_is_down(evening):
    assert evening.error is None
    assert 1200.0 < evening.t < 2700.0
    assert evening.control.checkpoints[0] == "Preparing..."
    assert all(text.startswith("Sun @ ") for text in evening.control.checkpoints[1:])
    assert len(evening.control.checkpoints) > 10


def test_preparation_keeps_the_observatorys_order(evening):
    assert evening.commands[:12] == [
        "ATDomeTrajectory.setFollowingMode",
        "ATAOS.disableCorrection",
        "ATDome.closeShutter",
        "ATAOS.enableCorrection",
        "ATPtg.azElTarget",
        "ATPtg.stopTracking",
        # The corrections are switched off above 70 deg only.
        "ATPtg.azElTarget",
        "ATAOS.disableCorrection",
        "ATDomeTrajectory.setFollowingMode",
        "ATDome.moveAzimuth",
        "ATDome.moveShutterMainDoor",
        "ATDome.stopMotion",
    ]


def test_door_is_opened_partly_and_faces_away_from_the_sun(evening):
    dome = evening.components["ATDome"]["outputs"]
    telescope = evening.components["ATMCS"]["outputs"]
    _, azimuth = sun_position(evening.records[-1]["t"] + 1768518600.0)

    assert evening.state("ATDome", "main_door") == "PARTIALLYOPENED"
    assert evening.state("ATPneumatics", "m1_cover") == "CLOSED"
    assert dome["azimuth"] == pytest.approx((azimuth - 180.0) % 360.0, abs=3.0)
    assert telescope["elevation"] == pytest.approx(17.0)
    assert evening.state("ATMCS", "tracking") == "TRACKINGDISABLED"


def test_gate_and_fan_run_in_a_light_wind_and_are_shut_at_the_end(evening):
    building = [command for command in evening.commands if command.startswith("ATBuilding")]

    assert ("info", "the mean wind is 4 m/s, below 10 m/s") in evening.control.lines
    assert building == [
        "ATBuilding.openVentGate",
        "ATBuilding.setExtractionFanDriveFreq",
        "ATBuilding.setExtractionFanDriveFreq",
        "ATBuilding.closeVentGate",
    ]
    assert evening.sent("ATBuilding.openVentGate") == [{"gate": [2, -1, -1, -1]}]
    assert evening.sent("ATBuilding.setExtractionFanDriveFreq") == [{"targetFrequency": 20}, {"targetFrequency": 0}]
    assert (evening.state("ATBuilding", "gate_2"), evening.state("ATBuilding", "fan_drive")) == ("CLOSED", "STOPPED")


def test_checkpoints_tell_the_mean_wind(evening):
    assert all(text.endswith("avg wind 4 m/s [limit=10.0 m/s].") for text in evening.control.checkpoints[1:])


def injecting(component, fault, at=0.0, **values):
    async def inject(observatory):
        await observatory.clock.sleep(at or 5.0)
        observatory.components[component].faults.inject(fault, **values)

    return inject


@pytest.mark.parametrize(
    ("fault", "values", "line"),
    [
        ("wind_rises", {"speed": 10.0}, "the mean wind is 10 m/s; vent gate and fan stay shut from 10 m/s on"),
        (
            "station_silent",
            {},
            "the weather station ESS:301 has said nothing of the wind; vent gate and fan are left as they are",
        ),
    ],
)
def test_gate_and_fan_stay_shut_in_too_much_wind_or_without_a_word_of_it(fault, values, line):
    done = perform(
        VENT, "end_at_sun_elevation: 6", enabled=READY, before=injecting("ESS:301", fault, **values), start=AFTERNOON
    )

    assert done.error is None
    assert ("warning", line) in done.control.lines
    assert not [command for command in done.commands if command.startswith("ATBuilding")]


def test_gate_and_fan_may_be_left_alone():
    done = perform(
        VENT, "{end_at_sun_elevation: 6, skip_vent_gates: true}", enabled=READY, before=connected, start=AFTERNOON
    )

    assert done.error is None
    assert not [command for command in done.commands if command.startswith("ATBuilding")]


def test_rising_wind_shuts_gate_and_fan_for_good():
    async def gust(observatory):
        await observatory.clock.sleep(400.0)
        fault = observatory.components["ESS:301"].faults.inject("wind_rises", speed=16.0)
        await observatory.clock.sleep(700.0)
        observatory.components["ESS:301"].faults.clear(fault)

    done = perform(VENT, enabled=READY, before=connected, meanwhile=gust, start=AFTERNOON)

    assert done.error is None
    (line,) = [text for _, text in done.control.lines if "stay shut" in text]
    assert line.endswith("m/s, 10 m/s or more; vent gate and fan are shut and stay shut")
    assert done.commands.count("ATBuilding.openVentGate") == done.commands.count("ATBuilding.closeVentGate") == 1
    closed = next(r["t"] for r in done.records if r["kind"] == "command" and r["command"] == "closeVentGate")
    # The mean of ten minutes follows within them, not at once.
    assert 400.0 + 120.0 < closed < 400.0 + 600.0 + 120.0


def test_script_that_fails_shuts_gate_and_fan():
    done = perform(VENT, enabled=READY, before=injecting("ATBuilding", "fan_drive_fault"), start=AFTERNOON)

    assert "the extraction fan does not run (ATBuilding.fan_drive is FAULT, not OPERATING)" in str(done.error)
    assert done.state("ATBuilding", "gate_2") == "CLOSED"


@pytest.mark.parametrize("start", ["2026-01-15T04:00:00", "2026-01-15T23:30:00"])
def test_venting_is_refused_unless_the_sun_is_up(start):
    done = perform(VENT, enabled=READY, start=start)

    assert "venting needs the Sun between 5 and 90 deg" in str(done.error)
    assert done.commands == []
    assert done.control.checkpoints == []


def test_venting_is_refused_unless_all_of_atcs_is_enabled():
    done = perform(VENT, enabled=LATISS)

    assert "all components of ATCS must be ENABLED to prepare for venting" in str(done.error)
    assert done.control.checkpoints == ["Preparing..."]


def test_sun_that_is_low_enough_ends_venting_at_once():
    done = perform(VENT, "end_at_sun_elevation: 80", enabled=READY, before=connected)

    assert done.error is None
    assert done.control.checkpoints == ["Preparing..."]
    assert done.state("ATDome", "main_door") == "PARTIALLYOPENED"


def test_dome_that_no_longer_turns_is_only_logged():
    async def stall(observatory):
        await observatory.clock.sleep(300.0)
        observatory.components["ATDome"].faults.inject("stall", short=1.0)
        observatory.components["ATDome"].faults.inject("encoder_error")

    done = perform(VENT, enabled=READY, before=connected, meanwhile=stall, start=AFTERNOON)

    assert done.error is None
    assert ("error", "telescope or dome could not be turned away from the Sun; going on") in done.control.lines


def test_estimated_duration_lasts_until_sunset():
    class Afternoon:
        def read(self, name):
            return 1234.5 if str(name) == "sun.until_sunset" else None

    assert library().find(VENT).duration.evaluate(Afternoon()) == 1234.5
