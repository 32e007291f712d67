"""The camera's troubles, as an observer meets them and gets out of them."""

from __future__ import annotations

import pytest

from csc import AckError
from procedures.failures import StepFailed
from tests.acceptance.faults.bench import LATISS, Bench, about

NEEDS_CLEAR, INTEGRATING = 1, 3
COLDEST = -107.0
DARK = "{image_type: DARK, exp_times: 30}"
TAKE = "auxtel/take_image_latiss.py"
LOST = "has not read out its last image: no endReadout within 92 s; going on"


async def is_locked(bench: Bench) -> None:
    await bench.refused(
        "ATSpectrograph.changeFilter", "ATCamera is exposing; wait for its startReadout", filter=0, name="SDSSr_65mm"
    )


@about("ATCamera.sequencer_stops", enabled=LATISS)
async def test_sequencer_that_stops_in_an_image_is_recovered_at_the_console(bench: Bench) -> None:
    """Sequencer fault: FAULT in mid-image, no end of read-out, spectrograph locked; console, then enable again."""
    taking = bench.begin_script(TAKE, DARK)
    await bench.sleep(10.0)
    bench.inject("ATCamera.sequencer_stops")
    with pytest.raises(StepFailed, match="the camera went to FAULT while it took AT_O_20260115_000001"):
        await taking
    assert bench.fault_code("ATCamera") == 1
    await bench.sleep(600.0)
    assert bench.event("ATCamera.endReadout") is None
    assert bench.event("ATCamera.raftsDetailedState").substate == INTEGRATING
    await is_locked(bench)

    await bench.script_fails("auxtel/enable_latiss.py", "the sequencer is stopped; recover it at the camera's console")
    assert bench.summary("ATCamera") == "FAULT"
    await is_locked(bench)

    bench.by_hand("ATCamera.console_recovered")
    assert bench.event("ATCamera.raftsDetailedState").substate == NEEDS_CLEAR
    await bench.script("auxtel/enable_latiss.py")
    await bench.command("ATSpectrograph.changeFilter", filter=0, name="SDSSr_65mm")
    after = await bench.script(TAKE, DARK)
    assert [text for _, text in after.lines if LOST in text], "the client looks for the end of the lost image"
    assert bench.last_image.name == "AT_O_20260115_000002"
    assert bench.event("ATCamera.endReadout").imageName == "AT_O_20260115_000002"
    assert [text for _, text in (await bench.script(TAKE, DARK)).lines if LOST in text] == []


@about("ATCamera.ccd_temperature_limit", enabled=LATISS)
async def test_camera_stops_when_its_ccd_is_too_cold(bench: Bench) -> None:
    """Limit exceeded: FAULT, the CCD colder than its limit; regulate the cryostat at the console, then enable again."""
    bench.inject("ATCamera.ccd_temperature_limit")
    assert bench.fault_code("ATCamera") == 2
    assert bench.event("ATCamera.errorCode").errorReport == "the temperature of the CCD is out of its limits"
    await bench.script_fails(TAKE, "Not allowed in Fault state", DARK)

    with pytest.raises((RuntimeError, AckError), match="regulate the cryostat at the camera's console"):
        await bench.cycle("ATCamera")
    assert bench.summary("ATCamera") == "FAULT"

    bench.by_hand("ATCamera.cryostat_regulated")
    await bench.script("auxtel/enable_latiss.py")
    assert (await bench.telemetry("ATCamera.vacuum")).tempCCD > COLDEST
    await bench.script(TAKE, DARK)


@about("ATCamera.end_of_readout_lost", enabled=LATISS)
async def test_images_without_an_end_of_readout_are_waited_for_in_vain(bench: Bench) -> None:
    """Sequencer fault, seen by the clients: no endReadout, so each image waits in vain; recover at the console."""
    await bench.script(TAKE, DARK)
    first = bench.event("ATCamera.endReadout").imageName
    bench.inject("ATCamera.end_of_readout_lost")
    await bench.script(TAKE, DARK)
    waited = await bench.script(TAKE, DARK)
    assert bench.event("ATCamera.endReadout").imageName == first
    assert [level for level, text in waited.lines if LOST in text] == ["warning"]

    await bench.cycle("ATCamera")
    await bench.script(TAKE, DARK)
    assert bench.event("ATCamera.endReadout").imageName == first

    bench.by_hand("ATCamera.console_recovered")
    await bench.script(TAKE, DARK)
    assert bench.event("ATCamera.endReadout").imageName == bench.last_image.name
    assert [text for _, text in (await bench.script(TAKE, DARK)).lines if LOST in text] == []


@about(states={"ATCamera": "OFFLINE"})
async def test_camera_that_its_team_gave_back_is_taken_over_from_offline(bench: Bench) -> None:
    """After work at the console the camera rests offline: enabling LATISS takes it over with enterControl."""
    await bench.script("auxtel/enable_latiss.py")

    sent = [r["command"] for r in bench.records("command", "ATCamera")]
    assert sent == ["enterControl", "start", "enable"]
    await bench.script(TAKE, DARK)
