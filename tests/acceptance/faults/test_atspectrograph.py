"""The spectrograph's troubles, as an observer meets them and gets out of them."""

from __future__ import annotations

import pytest

from csc import AckError
from procedures.failures import StepFailed
from tests.acceptance.faults.bench import LATISS, Bench, about

SPECTROGRAPH = ("ATSpectrograph",)
MOVING, STATIONARY, NOTINPOSITION = 2, 3, 4
TAKE = "auxtel/take_image_latiss.py"


async def stuck_until_initialised(bench: Bench, fault: str, machine: str, code: int, setting: str) -> None:
    """An axis no longer arrives: time out, FAULT; cycling homes it in vain; initialise it, then enable."""
    config = f"{{image_type: BIAS, {setting}}}"
    bench.inject(f"ATSpectrograph.{fault}")
    begun = bench.now
    with pytest.raises((StepFailed, TimeoutError), match="ATSpectrograph"):
        await bench.script(TAKE, config)
    assert bench.now - begun == pytest.approx(30.0, abs=1.0), "the client's own limit comes first"
    assert bench.event(f"ATSpectrograph.{machine}State").state == MOVING

    await bench.until(f"ATSpectrograph.{machine}State", state=NOTINPOSITION)
    await bench.until("ATSpectrograph.errorCode", errorCode=code)
    assert bench.fault_code("ATSpectrograph") == code
    assert "MOVETIMEOUT" in bench.event("ATSpectrograph.errorCode").errorReport
    assert bench.now - begun == pytest.approx(60.0, abs=1.0)

    with pytest.raises((RuntimeError, AckError), match="an axis was not found"):
        await bench.cycle("ATSpectrograph")
    assert bench.fault_code("ATSpectrograph") == code

    bench.by_hand("ATSpectrograph.axes_initialised")
    await bench.script("auxtel/enable_latiss.py")
    assert bench.event(f"ATSpectrograph.{machine}State").state == STATIONARY
    await bench.script(TAKE, config)


@about("ATSpectrograph.filter_wheel_stuck", enabled=LATISS)
async def test_filter_wheel_that_does_not_arrive_is_initialised(bench: Bench) -> None:
    """Wheel timeout, filters: FAULT 3; initialise the axes, home them, enable."""
    await stuck_until_initialised(bench, "filter_wheel_stuck", "fw", 3, "filter: SDSSr_65mm")


@about("ATSpectrograph.grating_wheel_stuck", enabled=LATISS)
async def test_disperser_wheel_that_does_not_arrive_is_initialised(bench: Bench) -> None:
    """Wheel timeout, dispersers: FAULT 4; initialise the axes, home them, enable."""
    await stuck_until_initialised(bench, "grating_wheel_stuck", "gw", 4, "grating: SDSSy_65mm")


@about("ATSpectrograph.stage_stuck", enabled=LATISS)
async def test_linear_stage_that_does_not_arrive_is_initialised(bench: Bench) -> None:
    """Stage timeout: FAULT 2; initialise the axes, home them, enable."""
    await stuck_until_initialised(bench, "stage_stuck", "ls", 2, "linear_stage: 40")


@about(enabled=LATISS)
async def test_filter_that_is_not_installed_needs_the_override_with_it(bench: Bench) -> None:
    """Wrong name: the set-up is refused with what is installed; load the override that has the filter."""
    config = "{image_type: BIAS, filter: SDSSg_65mm}"
    refused = "Invalid filter name 'SDSSg_65mm'; installed are empty_1, BG40_65mm_1, SDSSr_65mm, OG550_65mm_1"
    await bench.script_fails(TAKE, refused, config)
    assert bench.summary("ATSpectrograph") == "ENABLED"
    assert bench.event("ATSpectrograph.fwState").state == STATIONARY

    await bench.cycle("ATSpectrograph")
    await bench.script_fails(TAKE, refused, config)

    await bench.set_state("ATSpectrograph", "STANDBY")
    await bench.script("auxtel/enable_latiss.py", "{atspectrograph: anytime_survey.yaml}")
    await bench.script(TAKE, config)
    assert bench.last_image.filter == "SDSSg_65mm"


@about("ATSpectrograph.stage_position_lost", enabled=SPECTROGRAPH)
async def test_stage_that_does_not_know_where_it_is_is_homed(bench: Bench) -> None:
    """Controller restarted: the stage reports about -324 mm; home it."""
    bench.inject("ATSpectrograph.stage_position_lost")
    await bench.until("ATSpectrograph.reportedLinearStagePosition", position=-324.0)

    await bench.command("ATSpectrograph.changeFilter", filter=0, name="SDSSr_65mm")
    await bench.command("ATSpectrograph.stopAllAxes")
    assert bench.event("ATSpectrograph.reportedLinearStagePosition").position == -324.0

    await bench.command("ATSpectrograph.homeLinearStage")
    assert bench.event("ATSpectrograph.reportedLinearStagePosition").position == 1.0
    await bench.command("ATSpectrograph.moveLinearStage", distanceFromHome=67.0)


@about("ATSpectrograph.link_lost", enabled=LATISS)
async def test_controller_that_does_not_answer_must_be_restarted(bench: Bench) -> None:
    """Connection lost: FAULT 5 within seconds; restart the controller, then enable again."""
    bench.inject("ATSpectrograph.link_lost")
    await bench.until("ATSpectrograph.errorCode", errorCode=5, limit=10.0)
    assert bench.fault_code("ATSpectrograph") == 5

    await bench.script_fails("auxtel/enable_latiss.py", "ATSpectrograph")
    assert bench.fault_code("ATSpectrograph") == 5

    bench.by_hand("ATSpectrograph.link_repaired")
    await bench.script("auxtel/enable_latiss.py")
    await bench.script(TAKE, "{image_type: BIAS, filter: SDSSr_65mm}")


@about("ATSpectrograph.health_loop_dies", enabled=LATISS)
async def test_spectrograph_whose_health_loop_dies_is_cycled(bench: Bench) -> None:
    """Health loop: FAULT 1, the set-up fails; cycle the CSC."""
    bench.inject("ATSpectrograph.health_loop_dies")
    assert bench.fault_code("ATSpectrograph") == 1
    await bench.script_fails(TAKE, "Not allowed in Fault state: errorCode=1", "{image_type: BIAS, filter: SDSSr_65mm}")

    await bench.refused("ATSpectrograph.enable", "enable not allowed in state <State.FAULT: 3>")

    await bench.script("auxtel/enable_latiss.py")
    await bench.script(TAKE, "{image_type: BIAS, filter: SDSSr_65mm}")
