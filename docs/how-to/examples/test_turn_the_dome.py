from pathlib import Path

import pytest

TURN_THE_DOME = Path(__file__).with_name("turn_the_dome.yaml")


def test_it_turns_the_dome(rehearse):
    report = rehearse(TURN_THE_DOME, config={"azimuth": 30})

    assert report.passed
    assert report.at_the_end["ATDome.azimuth within 0.5 deg of 30 deg"]


def test_it_leaves_the_dome_alone_if_somebody_is_in_it(rehearse):
    report = rehearse(TURN_THE_DOME, answers={"Is the dome clear": False})

    assert report.outcome == "aborted"
    assert "moveAzimuth" not in [record["command"] for record in report.records("command")]


@pytest.mark.fault("ATDome.emergency_stop", when="20 s")
def test_it_notices_an_emergency_stop(rehearse):
    assert rehearse(TURN_THE_DOME).failed_by("somebody has pressed an emergency stop")


@pytest.mark.every_fault("ATDome")
def test_the_dome_stands_still_whatever_happens(rehearse):
    report = rehearse(TURN_THE_DOME)

    assert report.at_the_end["ATDome.azimuth_motion is NOTINMOTION"]
