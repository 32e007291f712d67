"""ComCam's camera: the filter changer, what nine sensors say, the light of an image. The rest is as LATISS' camera."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from csc import AckError, load_catalogue
from csc.latiss.images import Exposure, ImageStore
from tests.csc import rig as bench
from tests.csc.rig import Rig

CAMERA = "CCCamera"
CHANGE = 5.0 + 1.0 + 10.0 + 5.0
"""A change of the filter [s]."""


def run(scenario: Callable[[Rig], Coroutine[Any, Any, Any]], enabled: bool = True, **kwargs: Any) -> Any:
    async def main(rig: Rig) -> Any:
        if enabled:
            await rig.enable(CAMERA)
        return await scenario(rig)

    kwargs.setdefault("services", {"images": ImageStore()})
    return bench.run(main, CAMERA, **kwargs)


async def take(rig: Rig, image_type: str = "FLAT", exposure_time: float = 1.6) -> Exposure:
    shutter = image_type not in ("BIAS", "DARK")
    asked = {"numImages": 1, "expTime": exposure_time, "shutter": shutter}
    await rig.command(CAMERA, "takeImages", **asked, keyValueMap=f"imageType: {image_type}")
    images: ImageStore = rig.component(CAMERA).services["images"]
    return list(images)[-1]


def topics(rig: Rig, *wanted: str, since: int = 0) -> list[tuple[float, str]]:
    records = rig.records("event", CAMERA)
    return [(r["t"], r["topic"]) for r in records if r["topic"] in wanted and r["n"] > since]


async def refused(rig: Rig, match: str, command: str, **fields: Any) -> None:
    """Check that a command is refused and that nothing but the command and its answer happens."""
    before, count = rig.component(CAMERA).snapshot(), rig.journal.count
    with pytest.raises(AckError, match=match):
        await rig.command(CAMERA, command, **fields)
    assert rig.component(CAMERA).snapshot() == before
    assert [record["kind"] for record in rig.journal.records[count:]] == ["command", "ack"]


# --------------------------------------------------------------- the filter changer


def test_the_filters_and_the_one_in_the_light_are_told_before_anybody_asks():
    async def scenario(rig):
        available, here = rig.event(CAMERA, "availableFilters"), rig.event(CAMERA, "endSetFilter")
        assert (available.filterNames, available.filterTypes) == ("g_01,r_03,i_06", "g,r,i")
        assert available.maxFastChangeTime == (CHANGE, CHANGE, CHANGE, 0.0, 0.0, 0.0)
        assert (here.filterName, here.filterType, here.filterSlot, here.filterPosition) == ("g_01", "g", 0, 80.0)

    run(scenario)


def test_a_change_goes_through_the_states_and_events_of_the_changer():
    async def scenario(rig):
        since = rig.journal.count

        await rig.command(CAMERA, "setFilter", name="i_06")

        names = ("startSetFilter", "startUnloadFilter", "endUnloadFilter", "startRotateCarousel", "endRotateCarousel",
                 "startLoadFilter", "endLoadFilter", "endSetFilter")  # fmt: skip
        assert topics(rig, *names, since=since) == [
            (0.0, "startSetFilter"),
            (0.0, "startUnloadFilter"),
            (5.0, "endUnloadFilter"),
            (6.0, "startRotateCarousel"),
            (16.0, "endRotateCarousel"),
            (16.0, "startLoadFilter"),
            (CHANGE, "endLoadFilter"),
            (CHANGE, "endSetFilter"),
        ]
        assert rig.states_seen(CAMERA, "filter_changer") == ["UNLOADING", "UNLOADED", "ROTATING", "LOADING", "LOADED"]
        assert rig.now == CHANGE

    run(scenario)


def test_the_new_filter_is_told_once_it_is_in_place():
    async def scenario(rig):
        change = rig.later(CAMERA, "setFilter", name="r_03")
        await rig.sleep(CHANGE - 0.1)
        assert rig.event(CAMERA, "endSetFilter").filterName == "g_01"

        await change

        here = rig.event(CAMERA, "endSetFilter")
        assert (here.filterName, here.filterType, here.filterSlot, here.filterPosition) == ("r_03", "r", 1, 240.0)

    run(scenario)


def test_a_filter_that_is_in_place_is_told_again_at_once():
    async def scenario(rig):
        count = len(topics(rig, "endSetFilter"))

        await rig.command(CAMERA, "setFilter", name="g_01")

        assert rig.now == 0.0
        assert len(topics(rig, "endSetFilter")) == count + 1
        assert rig.states_seen(CAMERA, "filter_changer") == []

    run(scenario)


def test_the_control_system_is_busy_while_the_filter_changes():
    async def scenario(rig):
        change = rig.later(CAMERA, "setFilter", name="r_03")
        await rig.sleep(1.0)
        assert rig.event(CAMERA, "ccsCommandState").substate == 2

        await change

        assert rig.event(CAMERA, "ccsCommandState").substate == 1

    run(scenario)


def test_a_filter_that_is_not_installed_is_refused():
    async def scenario(rig):
        await refused(rig, "Invalid filter name 'y_04'; installed are g_01, r_03, i_06", "setFilter", name="y_04")

    run(scenario)


def test_no_filter_is_changed_while_an_image_is_taken():
    async def scenario(rig):
        image = rig.clock.loop.create_task(take(rig))
        await rig.sleep(1.0)

        await refused(rig, "an image is being taken", "setFilter", name="r_03")

        await image

    run(scenario)


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("takeImages", {"numImages": 1, "expTime": 0.0, "keyValueMap": "imageType: BIAS"}),
        ("setFilter", {"name": "i_06"}),
        ("enableCalibration", {}),
    ],
)
def test_nothing_else_is_done_while_the_filter_changes(command, fields):
    async def scenario(rig):
        change = rig.later(CAMERA, "setFilter", name="r_03")
        await rig.sleep(1.0)

        await refused(rig, "the filter changer is UNLOADING", command, **fields)

        await change

    run(scenario)


def test_a_configuration_with_an_unknown_filter_is_refused():
    async def scenario(rig):
        with pytest.raises(AckError, match="Configuration failed validation: there is no filter r_99"):
            await rig.command(CAMERA, "start")

    run(scenario, enabled=False, parameters={CAMERA: {"filter_names": ["g_01", "r_99", "i_06"]}})


def test_every_filter_needs_its_position():
    async def scenario(rig):
        with pytest.raises(AckError, match="2 filters at 3 positions"):
            await rig.command(CAMERA, "start")

    run(scenario, enabled=False, parameters={CAMERA: {"filter_names": ["g_01", "r_03"]}})


def test_a_stuck_changer_fails_the_command_on_its_way():
    async def scenario(rig):
        rig.inject(CAMERA, "filter_stuck")

        with pytest.raises(AckError, match="the filter changer stopped on its way"):
            await rig.command(CAMERA, "setFilter", name="r_03")

        assert rig.now == 16.0
        assert rig.event(CAMERA, "filterChangerDetailedState").substate == 7
        assert rig.event(CAMERA, "endSetFilter").filterName == "g_01"
        await refused(rig, "the filter changer is UNKNOWN", "takeImages", numImages=1, keyValueMap="imageType: BIAS")

    run(scenario)


def test_cycling_the_camera_does_not_free_a_stuck_changer():
    async def scenario(rig):
        rig.inject(CAMERA, "filter_stuck")
        with pytest.raises(AckError):
            await rig.command(CAMERA, "setFilter", name="r_03")

        await rig.set_state(CAMERA, "STANDBY")
        await rig.enable(CAMERA)

        await refused(rig, "the filter changer is UNKNOWN", "setFilter", name="r_03")

    run(scenario)


def test_a_recovered_changer_brings_the_filter():
    async def scenario(rig):
        rig.inject(CAMERA, "filter_stuck")
        with pytest.raises(AckError):
            await rig.command(CAMERA, "setFilter", name="r_03")

        rig.component(CAMERA).fire("filter_changer_recovered")
        assert rig.state(CAMERA, "filter_changer") == "NOFILTER"
        await rig.command(CAMERA, "setFilter", name="r_03")

        assert rig.event(CAMERA, "endSetFilter").filterName == "r_03"
        assert (await take(rig)).filter == "r_03"

    run(scenario)


# ------------------------------------------------------------------------- images


def test_an_image_has_the_name_of_this_camera():
    async def scenario(rig):
        assert (await take(rig, "BIAS", 0.0)).name == "CC_O_20260115_000001"

    run(scenario)


@pytest.mark.parametrize(("filter_name", "counts"), [("g_01", 14_400.0), ("r_03", 19_200.0), ("i_06", 17_600.0)])
def test_a_flat_has_the_light_of_its_filter(filter_name, counts):
    async def scenario(rig):
        await rig.command(CAMERA, "setFilter", name=filter_name)

        flat = await take(rig, "FLAT", 1.6)

        assert (flat.filter, flat.saturated) == (filter_name, False)
        assert flat.counts == pytest.approx(counts, rel=0.01)

    run(scenario)


@pytest.mark.parametrize("image_type", ["BIAS", "DARK"])
def test_a_dark_image_sees_no_light(image_type):
    async def scenario(rig):
        image = await take(rig, image_type, 20.0 if image_type == "DARK" else 0.0)

        assert abs(image.counts) < 10.0

    run(scenario)


def test_too_long_a_flat_is_saturated():
    async def scenario(rig):
        flat = await take(rig, "FLAT", 20.0)

        assert flat.saturated
        assert flat.counts == pytest.approx(96_000.0, abs=10.0)

    run(scenario)


def test_without_light_a_flat_is_dark_until_it_is_turned_on():
    async def scenario(rig):
        rig.inject(CAMERA, "light_off")
        dark = await take(rig)
        rig.component(CAMERA).fire("light_turned_on")

        bright = await take(rig)

        assert abs(dark.counts) < 10.0 < 10_000.0 < bright.counts

    run(scenario)


def test_what_is_told_of_the_focal_plane_is_told_of_nine_sensors():
    async def scenario(rig):
        plane = rig.event(CAMERA, "focalPlaneSummaryInfo")
        assert plane.ccdLocation.split(":") == [f"R22S{row}{column}" for row in range(3) for column in range(3)]
        assert plane.ccdManSerNum.split(":")[:2] == ["229", "251"]
        assert (plane.ccdType, plane.ccdTempSetPoint) == ((2,) * 9, (-100.0,) * 9)

        await take(rig, "BIAS", 0.0)

        assert rig.event(CAMERA, "imageReadoutParameters").readRows == (2000,) * 9

    run(scenario)


def test_the_temperature_is_that_of_nine_sensors():
    async def scenario(rig):
        sample = await rig.remote(CAMERA).event("focal_plane_Ccd").next(timeout=20.0)

        assert sample.temp == (-100.0,) * 9
        assert sample.location.startswith("R22S00:R22S01:")

    run(scenario)


# --------------------------------------------------------------- as LATISS' camera


def test_its_machines_commands_and_faults_are_those_of_latiss_and_its_own():
    latiss, comcam = load_catalogue()["ATCamera"], load_catalogue()[CAMERA]

    assert comcam.like == "ATCamera"
    assert set(comcam.machines) == {*latiss.machines, "filter_changer", "filter_drive"}
    assert set(comcam.commands) == {*latiss.commands, "setFilter"}
    assert set(comcam.faults) == {*latiss.faults, "filter_stuck", "light_off"}


def test_a_stopped_sequencer_is_cured_at_the_console_as_latiss_is():
    async def scenario(rig):
        image = rig.later(CAMERA, "takeImages", numImages=1, expTime=5.0, shutter=True, keyValueMap="imageType: FLAT")
        await rig.sleep(2.0)
        rig.inject(CAMERA, "sequencer_stops")
        with pytest.raises(AckError, match="went to FAULT"):
            await image
        assert rig.state(CAMERA) == "FAULT"
        await refused(rig, "recover it at the camera's console", "standby")

        rig.component(CAMERA).fire("console_recovered")
        await rig.enable(CAMERA)

        assert (await take(rig)).counts > 10_000.0

    run(scenario)
