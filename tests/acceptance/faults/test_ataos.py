"""The active optics' troubles, as an observer meets them and gets out of them."""

from __future__ import annotations

from tests.acceptance.faults.bench import ATCS, LATISS, Bench, about

FLAT = "auxtel/prepare_for/flat.py"
CORRECT = "ataos/enable_corrections"
FLAGS = ("m1", "hexapod", "atspectrograph")


def corrections(bench: Bench) -> list[bool]:
    event = bench.event("ATAOS.correctionEnabled")
    return [bool(getattr(event, flag)) for flag in FLAGS]


@about("ATAOS.loop_dies", enabled=(*ATCS, *LATISS))
async def test_dead_correction_loop_needs_a_restart(bench: Bench) -> None:
    """Loop dies: FAULT 8103, commands for corrections are refused; a restart, and corrections on at 70 deg."""
    await bench.script(CORRECT)
    bench.inject("ATAOS.loop_dies")
    await bench.command("ATPtg.azElTarget", azDegs=0.0, elDegs=75.0)
    await bench.sleep(5.0)
    assert bench.fault_code("ATAOS") == 8103
    assert corrections(bench) == [False, False, False]
    await bench.refused("ATAOS.enableCorrection", "Not allowed in Fault state: errorCode=8103", m1=True)
    await bench.refused("ATAOS.disableCorrection", "Not allowed in Fault state: errorCode=8103", disableAll=True)

    await bench.refused("ATAOS.enable", "not allowed in state")
    await bench.script_fails(FLAT, "all components of ATCS must be ENABLED")

    await bench.cycle("ATAOS")
    await bench.script(CORRECT)
    assert corrections(bench) == [True, True, True]
    await bench.script(FLAT)


@about("ATAOS.spectrograph_not_seen", enabled=(*ATCS, *LATISS))
async def test_spectrograph_that_is_not_seen_is_cycled(bench: Bench) -> None:
    """Spectrograph not seen: corrections are refused, so flats cannot be prepared; cycling ATAOS does not help."""
    bench.inject("ATAOS.spectrograph_not_seen")
    await bench.script_fails(FLAT, "not seen ENABLED; enable it before activating corrections")
    assert corrections(bench) == [False, False, False]

    await bench.cycle("ATAOS")
    await bench.script_fails(FLAT, "not seen ENABLED")

    await bench.cycle("ATSpectrograph")
    await bench.script(FLAT)


@about(enabled=ATCS)
async def test_flats_are_prepared_with_latiss_enabled(bench: Bench) -> None:
    """Spectrograph not enabled: preparing for flats fails where corrections go on; enabling LATISS helps."""
    await bench.script_fails(FLAT, "ATSpectrograph .*enable it before activating corrections")
    assert bench.summary("ATAOS") == "ENABLED"

    await bench.cycle("ATAOS")
    await bench.script_fails(FLAT, "ATSpectrograph .*enable it before activating corrections")

    await bench.script("auxtel/enable_latiss.py")
    await bench.script(FLAT)


@about("ATAOS.loop_dies", "ATAOS.spectrograph_not_seen", enabled=(*ATCS, *LATISS))
async def test_restart_cures_the_loop_and_not_the_spectrograph(bench: Bench) -> None:
    """Two at once: the cure of one leaves the other."""
    bench.inject("ATAOS.loop_dies")
    bench.inject("ATAOS.spectrograph_not_seen")
    await bench.refused("ATAOS.enableCorrection", "interrupted: errorCode=8103", hexapod=True)
    assert bench.fault_code("ATAOS") == 8103

    await bench.cycle("ATAOS")
    await bench.script_fails(FLAT, "not seen ENABLED")
    assert bench.summary("ATAOS") == "ENABLED"

    await bench.cycle("ATSpectrograph")
    await bench.script(FLAT)
