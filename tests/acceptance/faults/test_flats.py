"""Troubles that show in the flats and nowhere else: what an observer sees of them, and what brings the light back."""

from __future__ import annotations

from tests.acceptance.faults.bench import ATCS, LATISS, Bench, about

ALL = (*ATCS, *LATISS, "ATWhiteLight")
LAMP_ON = "auxtel/calibrations/power_on_atcalsys.py"
POSITION = "auxtel/prepare_for/flat.py"
TEST_FLAT = "image_type: FLAT\nexp_times: 6\nfilter: SDSSr_65mm\ngrating: empty_1"
ENOUGH = 10_000.0
DARK = 100.0


async def flat(bench: Bench) -> float:
    """Take the flat by which the light is judged, 6 s in SDSSr; return its counts [adu]."""
    await bench.script("auxtel/take_image_latiss.py", TEST_FLAT)
    return float(bench.last_image.counts)


@about("ATDome.encoder_slip", enabled=ALL)
async def test_slipped_encoder_shows_in_the_flats_alone(bench: Bench) -> None:
    """Encoder slip: telemetry is normal and flats are faint; the position again does not help, homing first does."""
    bench.inject("ATDome.encoder_slip", slip=2.0)
    await bench.script(LAMP_ON)
    await bench.script(POSITION)
    assert bench.event("ATDome.azimuthInPosition").inPosition is True
    assert bench.event("ATDome.azimuthState").homed is True
    assert await flat(bench) < ENOUGH

    await bench.script(POSITION)
    assert await flat(bench) < ENOUGH

    await bench.script("auxtel/atdome/home_dome.py")
    assert await flat(bench) < ENOUGH
    await bench.script(POSITION)
    assert await flat(bench) > ENOUGH


@about("ATDome.encoder_slip", enabled=ALL)
async def test_slipped_encoder_can_be_trimmed_away(bench: Bench) -> None:
    """Encoder slip: sending the dome as much farther as it has slipped brings the light, and cures nothing."""
    bench.inject("ATDome.encoder_slip", slip=2.0)
    await bench.script(LAMP_ON)
    await bench.script(POSITION)

    await bench.script("auxtel/atdome/slew_dome.py", "az: 5.0")
    assert await flat(bench) > ENOUGH
    assert bench.is_active("ATDome.encoder_slip")

    await bench.script("auxtel/atdome/home_dome.py")


@about("ATWhiteLight.bulb_dies", enabled=ALL)
async def test_dead_bulb_leaves_the_flats_dark(bench: Bench) -> None:
    """Bulb dies when lit: flats are dark from then on, until it is replaced and lit."""
    await bench.script(LAMP_ON)
    await bench.script(POSITION)
    assert await flat(bench) > ENOUGH

    bench.inject("ATWhiteLight.bulb_dies")
    assert await flat(bench) < DARK

    bench.by_hand("ATWhiteLight.bulb_replaced")
    await bench.cycle("ATWhiteLight")
    assert await flat(bench) < DARK
    await bench.script(LAMP_ON)
    assert await flat(bench) > ENOUGH


@about("ATWhiteLight.lamp_link_lost", enabled=ALL)
async def test_lamp_that_cannot_be_reached_still_shines(bench: Bench) -> None:
    """LabJack link lost: the CSC knows nothing of the lamp, which stays lit."""
    await bench.script(LAMP_ON)
    await bench.script(POSITION)
    bench.inject("ATWhiteLight.lamp_link_lost")
    assert await flat(bench) > ENOUGH

    bench.by_hand("ATWhiteLight.lamp_link_restored")


@about("ATWhiteLight.shutter_switch_broken", enabled=ALL)
async def test_shutter_that_cannot_be_opened_leaves_the_flats_dark(bench: Bench) -> None:
    """Both switches: the lamp can be lit by hand behind a closed shutter, and the flats are dark."""
    bench.inject("ATWhiteLight.shutter_switch_broken")
    await bench.script_fails(LAMP_ON, "Both shutter switches are active")
    await bench.command("ATWhiteLight.turnLampOn", power=910.0)
    await bench.script(POSITION)
    await bench.until("ATWhiteLight.lampState", basicState=2, limit=1000.0)
    assert await flat(bench) < DARK

    bench.by_hand("ATWhiteLight.shutter_repaired")
    await bench.command("ATWhiteLight.openShutter")
    assert await flat(bench) > ENOUGH


@about("ATWhiteLight.shutter_stuck", enabled=ALL)
async def test_shutter_that_sticks_half_way_dims_the_flats(bench: Bench) -> None:
    """Shutter stuck: half of the light is missing, and the flats do not say why."""
    await bench.script(LAMP_ON)
    await bench.script(POSITION)
    whole = await flat(bench)
    await bench.command("ATWhiteLight.closeShutter")

    bench.inject("ATWhiteLight.shutter_stuck")
    await bench.refused("ATWhiteLight.openShutter", "TIMEOUT")
    assert 0.4 * whole < await flat(bench) < 0.6 * whole

    bench.by_hand("ATWhiteLight.shutter_repaired")
    await bench.command("ATWhiteLight.openShutter")
    assert await flat(bench) > 0.9 * whole
