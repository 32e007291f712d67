"""Procedures, rehearsed and carried out."""

from __future__ import annotations

from pathlib import Path

import pytest

from cscsim.pytest_plugin import ProcedureFailed, Rehearse, RunningObservatory

TURN_THE_DOME = Path(__file__).parents[2] / "docs/how-to/examples/turn_the_dome.yaml"


def test_the_weekly_calibrations_pass_and_leave_the_lamp_off(rehearse: Rehearse) -> None:
    report = rehearse("weekly", seed=1)

    assert report.passed
    assert report.at_the_end["ATWhiteLight.lamp is OFF"]
    assert not report.violations
    assert report.simulated_seconds > 3600


def test_the_same_seed_gives_the_same_run(rehearse: Rehearse) -> None:
    first, second, other = (rehearse("daily", seed=seed) for seed in (1, 1, 2))

    assert first.digest == second.digest
    assert first.digest != other.digest


@pytest.mark.observatory(seed=5)
def test_a_mark_gives_the_seed(rehearse: Rehearse) -> None:
    assert rehearse("daily").digest == rehearse("daily", seed=5).digest


@pytest.mark.fault("ATWhiteLight.bulb_will_not_ignite")
def test_a_dead_bulb_stops_the_weekly_calibrations(rehearse: Rehearse) -> None:
    report = rehearse("weekly", seed=1)

    assert not report.passed
    assert report.failed_by("Lamp did not light in 3 attempts")
    assert report.detected
    assert not report.failed_by("ATDome")


@pytest.mark.fault("ATDome.encoder_slip", slip="20 deg")
def test_a_dome_that_has_slipped_far_is_noticed_by_the_flats(rehearse: Rehearse) -> None:
    report = rehearse("weekly", seed=1)

    assert report.failed_by("counts >= 10000 adu")
    assert any("counts" in violation.condition for violation in report.violations)


@pytest.mark.scenario("encoder_slip")
def test_the_misalignment_procedure_cures_a_slipped_encoder(rehearse: Rehearse) -> None:
    report = rehearse("misalignment", seed=1)

    assert report.passed
    assert ("encoder_slip", "cured") in [(record["fault"], record["what"]) for record in report.records("fault")]


def test_a_procedure_of_ones_own_takes_a_configuration(rehearse: Rehearse) -> None:
    report = rehearse(TURN_THE_DOME, config={"azimuth": 30})

    assert report.passed
    assert report.at_the_end["ATDome.azimuth within 0.5 deg of 30 deg"]
    assert report.at_the_end.value("ATDome.azimuth") == pytest.approx(30.0, abs=0.5)


def test_nothing_moves_when_the_observer_says_no(rehearse: Rehearse) -> None:
    report = rehearse(TURN_THE_DOME, answers={"Is the dome clear": False})

    assert report.outcome == "aborted"
    assert not [record for record in report.records("command", who="ATDome") if record["command"] == "moveAzimuth"]


def test_questions_may_be_answered_by_a_function(rehearse: Rehearse) -> None:
    asked: list[str] = []

    def answer(question: str) -> bool:
        asked.append(question)
        return True

    assert rehearse(TURN_THE_DOME, answers=answer).passed
    assert asked == ["Is the dome clear of people?"]


@pytest.mark.every_fault("ATDome")
def test_whatever_befalls_the_dome_its_motors_stand_still_afterwards(rehearse: Rehearse, current_fault: str) -> None:
    report = rehearse(TURN_THE_DOME)

    assert report.at_the_end["ATDome.azimuth_motion is NOTINMOTION"], current_fault


async def test_a_script_runs_in_a_running_observatory(observatory: RunningObservatory) -> None:
    await observatory.run("auxtel/enable_atcs.py")

    assert observatory["ATCS is ENABLED"]


async def test_a_rehearsal_puts_its_scripts_on_the_queue_of_the_running_observatory(
    observatory: RunningObservatory,
) -> None:
    await observatory.run("daily")

    assert observatory["count(bias) > 0"]
    assert {record["state"] for record in observatory.records("transition", who="ScriptQueue:2")}


@pytest.fixture
def rehearsed_before(observatory: RunningObservatory, rehearse: Rehearse) -> None:
    assert rehearse("daily").passed


@pytest.mark.observatory("auxtel")
@pytest.mark.usefixtures("rehearsed_before")
async def test_a_rehearsal_meanwhile_changes_nothing_there(observatory: RunningObservatory) -> None:
    assert not observatory["count(bias) > 0"]
    await observatory.run("daily")

    assert observatory["count(bias) > 0"]


async def test_a_script_that_cannot_begin_says_why(observatory: RunningObservatory) -> None:
    with pytest.raises(ProcedureFailed, match="all components of ATCS must be ENABLED"):
        await observatory.run("auxtel/prepare_for/flat.py")


@pytest.mark.observatory("comcam")
async def test_another_observatory_has_other_components(observatory: RunningObservatory) -> None:
    await observatory.enable("ComCam")
    await observatory.standby("ComCam")

    observatory.check("ComCam is STANDBY")
