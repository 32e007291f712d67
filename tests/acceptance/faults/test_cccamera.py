"""Troubles of ComCam that LATISS does not have, as an observer meets them and gets out of them."""

from __future__ import annotations

from tests.acceptance.faults.bench import Bench, about

COMCAM = ("CCCamera", "CCHeaderService", "CCOODS")
TAKE = "maintel/take_image_comcam.py"
FLAT = "{image_type: FLAT, exp_times: 1.6}"
THROUGH_R = "{image_type: FLAT, exp_times: 1.6, filter: r_03}"


@about("CCCamera.filter_stuck", enabled=COMCAM, observatory="comcam")
async def test_filter_changer_that_stops_on_its_way_is_recovered_at_the_console(bench: Bench) -> None:
    """Stuck: setFilter fails, UNKNOWN, no endSetFilter, no images; cycling is in vain; recover it, send the filter."""
    bench.inject("CCCamera.filter_stuck")
    await bench.script_fails(TAKE, "the filter changer stopped on its way", THROUGH_R)
    assert bench.event("CCCamera.filterChangerDetailedState").substate == 7
    assert bench.event("CCCamera.endSetFilter").filterName == "g_01"
    await bench.script_fails(TAKE, "takeImages refused: the filter changer is UNKNOWN", FLAT)

    await bench.cycle("CCCamera")
    await bench.script_fails(TAKE, "the filter changer is UNKNOWN", THROUGH_R)

    bench.by_hand("CCCamera.filter_changer_recovered")
    await bench.script(TAKE, THROUGH_R)
    assert bench.last_image.filter == "r_03"


@about("CCCamera.light_off", enabled=COMCAM, observatory="comcam")
async def test_flats_without_light_are_dark_until_it_is_turned_on(bench: Bench) -> None:
    """No light: flats show the counts of darks and nothing else tells; turn it on."""
    bench.inject("CCCamera.light_off")
    await bench.script(TAKE, FLAT)
    assert bench.last_image.counts < 10.0
    assert bench.summary("CCCamera") == "ENABLED"

    await bench.cycle("CCCamera")
    await bench.script(TAKE, FLAT)
    assert bench.last_image.counts < 10.0

    bench.by_hand("CCCamera.light_turned_on")
    await bench.script(TAKE, FLAT)
    assert bench.last_image.counts > 10_000.0
