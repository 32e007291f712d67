"""For each training scenario somebody who has understood it: at each moment what was seen, and then what was done."""

from __future__ import annotations

from collections.abc import Mapping

from tests.procedures.training.trainee import Acting, Trainee

MAKE = "auxtel/make_latiss_calibrations.py"
FLAT_FIELD = "auxtel/prepare_for/flat.py"
HOME = "auxtel/atdome/home_dome.py"


async def first_weekly(trainee: Trainee) -> None:
    assert await trainee.script("auxtel/enable_atcs.py") == "DONE"
    assert await trainee.script("auxtel/enable_latiss.py", "atspectrograph: anytime_survey.yaml\n") == "DONE"
    assert await trainee.script("auxtel/scheduler/enable.py", "config: auxtel_fbs_spec_flex_survey.yaml\n") == "DONE"
    for block in ("BLOCK-309", "BLOCK-295", "BLOCK-310"):
        assert await trainee.block(block) == "COMPLETED"


async def something_left_running(trainee: Trainee) -> None:
    assert trainee.event("ATBuilding.extractionFanDriveState").state == 2
    trainee.report("ATBuilding", "the vent fan runs")
    await trainee.command("ATBuilding.stopExtractionFan")
    await trainee.sleep(60.0)
    assert await trainee.block("BLOCK-309") == "COMPLETED"


async def lamp_off_and_on(trainee: Trainee) -> None:
    assert await trainee.block("BLOCK-309") == "COMPLETED"


async def next_script_waits(trainee: Trainee) -> None:
    assert await trainee.script(MAKE, "script_mode: BIAS_DARK\n") == "DONE"
    await trainee.add("auxtel/standby_latiss.py")
    await trainee.sleep(120.0)
    assert not trainee.event("ScriptQueue:2.queue").running
    trainee.report("ScriptQueue:2", "the queue is paused")
    await trainee.resume()
    await trainee.sleep(60.0)


async def nothing_is_there(trainee: Trainee) -> None:
    await trainee.script("auxtel/take_image_latiss.py", "image_type: BIAS\n")
    await trainee.until(lambda: trainee.event("ATOODS.imageInOODS") is not None)
    assert trainee.event("ATOODS.imageInOODS").statusCode == 1
    trainee.report("ATOODS.ingest_fails")
    await trainee.sleep(300.0)
    assert trainee.hand("ATOODS.ingest_repaired")
    assert await trainee.script(MAKE, "script_mode: BIAS_DARK\n") == "DONE"
    assert await trainee.script("auxtel/standby_latiss.py") == "DONE"


async def filter_refused(trainee: Trainee) -> None:
    assert await trainee.block("BLOCK-309") == "COMPLETED"
    await trainee.flats()
    assert await trainee.flats(filter="SDSSg_65mm") == "FAILED"
    trainee.report("ATSpectrograph", "the g filter is not installed")
    await trainee.resume()
    assert await trainee.script("auxtel/standby_latiss.py") == "DONE"
    assert await trainee.script("auxtel/enable_latiss.py", "atspectrograph: anytime_survey.yaml\n") == "DONE"
    assert await trainee.flats(filter="SDSSg_65mm") == "DONE"


async def mirror_stays_covered(trainee: Trainee) -> None:
    assert await trainee.script(FLAT_FIELD) == "FAILED"
    trainee.report("ATPneumatics.covers_in_standby")
    await trainee.sleep(900.0)
    assert trainee.hand("ATPneumatics.covers_in_standby")
    await trainee.resume()
    assert await trainee.script(FLAT_FIELD) == "DONE"


async def dome_has_stopped(trainee: Trainee) -> None:
    assert await trainee.script(FLAT_FIELD) == "FAILED"
    assert trainee.event("ATDome.emergencyStop").active
    trainee.report("ATDome.emergency_stop")
    await trainee.sleep(900.0)
    assert trainee.hand("ATDome.emergency_stop")
    await trainee.command("ATDome.stopMotion")
    await trainee.resume()
    assert await trainee.script(FLAT_FIELD) == "DONE"


async def faint_flats(trainee: Trainee) -> None:
    assert await trainee.block("BLOCK-309") == "COMPLETED"
    await trainee.flats()
    assert trainee.counts < 10_000
    trainee.report("ATDome.encoder_slip", "flats are faint though the lamp is on")
    assert await trainee.script(HOME) == "DONE"
    assert await trainee.block("BLOCK-309") == "COMPLETED"
    await trainee.flats()
    assert trainee.counts > 10_000
    assert await trainee.block("BLOCK-310") == "COMPLETED"


async def light_goes_out(trainee: Trainee) -> None:
    assert await trainee.block("BLOCK-309") == "COMPLETED"
    await trainee.flats(20)
    assert trainee.event("ATWhiteLight.errorCode").errorCode == 6
    trainee.report("ATWhiteLight.bulb_dies")
    await trainee.sleep(900.0)
    assert trainee.hand("ATWhiteLight.bulb_replaced")
    await trainee.cycle("ATWhiteLight")
    assert await trainee.script("auxtel/calibrations/power_on_atcalsys.py") == "DONE"
    await trainee.flats(20)


async def light_goes_again(trainee: Trainee) -> None:
    assert await trainee.block("BLOCK-309") == "COMPLETED"
    await trainee.flats(2)
    assert trainee.event("ATWhiteLight.errorCode").errorCode == 4
    trainee.report("ATWhiteLight.chiller_alarm")
    await trainee.sleep(600.0)
    assert trainee.hand("ATWhiteLight.alarm_cleared")
    await trainee.sleep(600.0)
    await trainee.cycle("ATWhiteLight")
    assert await trainee.script("auxtel/calibrations/power_on_atcalsys.py") == "DONE"
    await trainee.flats(5)


async def no_light_at_all(trainee: Trainee) -> None:
    assert await trainee.block("BLOCK-309") == "ERROR"
    trainee.report("ATWhiteLight.shutter_stuck")
    await trainee.sleep(900.0)
    assert trainee.hand("ATWhiteLight.shutter_repaired")
    await trainee.resume()
    assert await trainee.block("BLOCK-309") == "COMPLETED"
    await trainee.flats()


async def no_flat_comes(trainee: Trainee) -> None:
    assert await trainee.block("BLOCK-309") == "COMPLETED"
    assert await trainee.flats() == "FAILED"
    await trainee.sleep(60.0)
    assert trainee.event("ATSpectrograph.errorCode").errorCode == 3
    trainee.report("ATSpectrograph.filter_wheel_stuck")
    await trainee.sleep(600.0)
    assert trainee.hand("ATSpectrograph.axes_initialised")
    await trainee.cycle("ATSpectrograph")
    await trainee.resume()
    assert await trainee.flats() == "DONE"


async def letter_and_lamp(trainee: Trainee) -> None:
    assert await trainee.block("BLOCK-309") == "COMPLETED"
    await trainee.flats(10)
    assert trainee.event("ATWhiteLight.errorCode").errorCode == 2
    trainee.report("ATWhiteLight.lamp_link_lost", "and the flats are bright")
    await trainee.sleep(600.0)
    assert trainee.hand("ATWhiteLight.lamp_link_restored")
    await trainee.cycle("ATWhiteLight")
    assert await trainee.block("BLOCK-310") == "COMPLETED"


async def loud_and_quiet(trainee: Trainee) -> None:
    assert await trainee.block("BLOCK-309") == "COMPLETED"
    await trainee.flats(20)
    assert trainee.counts < 10_000
    trainee.report("ATDome.encoder_slip")
    assert await trainee.script(HOME) == "DONE"
    assert await trainee.script(FLAT_FIELD) == "DONE"
    await trainee.flats(20)
    assert trainee.counts > 10_000
    assert await trainee.block("BLOCK-310") == "COMPLETED"


GOOD: Mapping[str, Acting] = {
    each.__name__: each
    for each in (
        first_weekly,
        something_left_running,
        lamp_off_and_on,
        next_script_waits,
        nothing_is_there,
        filter_refused,
        mirror_stays_covered,
        dome_has_stopped,
        faint_flats,
        light_goes_out,
        light_goes_again,
        no_light_at_all,
        no_flat_comes,
        letter_and_lamp,
        loud_and_quiet,
    )
}
"""By the training's name."""
