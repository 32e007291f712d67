"""The camera: the course of an image, its events, what it is refused, what it saw, and how it breaks."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from csc import AckError
from csc.latiss.detector import Condition
from csc.latiss.image_request import read_key_value_map
from csc.latiss.images import Exposure, ImageStore
from fsm import Refused, Timeline
from tests.csc import rig as bench
from tests.csc.rig import Rig

CAMERA = "ATCamera"
CALIBRATION = "calibrationDetailedState"


def key_value_map(image_type: str) -> str:
    return (
        f"imageType: {image_type}, groupId: 2026-01-15T13:00:00.000, testType: {image_type}, stutterRows: 0, "
        "reason: daily, program: BLOCK-295"
    )


def request(image_type: str = "FLAT", exposure_time: float = 6.0, number: int = 1, **more: Any) -> dict[str, Any]:
    shutter = image_type not in ("BIAS", "DARK")
    asked = {"numImages": number, "expTime": exposure_time, "shutter": shutter}
    return asked | {"keyValueMap": key_value_map(image_type)} | more


async def take(rig: Rig, *args: Any, **kwargs: Any) -> None:
    await rig.command(CAMERA, "takeImages", **request(*args, **kwargs))


def run(scenario: Callable[[Rig], Coroutine[Any, Any, Any]], *others: str, enabled: bool = True, **kwargs: Any) -> Any:
    async def main(rig: Rig) -> Any:
        if enabled:
            await rig.enable(CAMERA)
        return await scenario(rig)

    kwargs.setdefault("services", {"images": ImageStore()})
    return bench.run(main, CAMERA, *others, **kwargs)


def store(rig: Rig) -> ImageStore:
    images: ImageStore = rig.component(CAMERA).services["images"]
    return images


def last(rig: Rig) -> Exposure:
    return list(store(rig))[-1]


async def refused(rig: Rig, command: str, match: str, **fields: Any) -> None:
    """Check that a command is refused and that nothing but the command and its answer happens."""
    before = rig.component(CAMERA).snapshot()
    count = rig.journal.count
    with pytest.raises(AckError, match=match):
        await rig.command(CAMERA, command, **fields)
    assert rig.component(CAMERA).snapshot() == before
    assert [record["kind"] for record in rig.journal.records[count:]] == ["command", "ack"]


def light_the_camera(rig: Rig, **histories: float) -> None:
    """Let an aligned flat field shine on the camera, whatever the other components do."""
    truth = {
        "lamp": 1.0,
        "lamp_shutter": 1.0,
        "dome_azimuth": 3.0,
        "mount_azimuth": 188.7,
        "mount_elevation": 39.0,
        "m1_cover": 1.0,
        "m3": 1.0,
    } | histories

    class Truth:
        def __init__(self, value: float) -> None:
            self.timelines = {"here": Timeline(value)}

        def output(self, name: str) -> float:
            return self.timelines[name].value(0.0)

    for name, value in truth.items():
        rig.component(CAMERA).senses[name].connect(Truth(value), "here")  # type: ignore[arg-type]  # all it needs


def events(rig: Rig, *topics: str, since: int = 0) -> list[tuple[float, str]]:
    found = [(r["t"], r["topic"]) for r in rig.records("event", CAMERA) if r["n"] > since]
    return [(t, topic) for t, topic in found if not topics or topic in topics]


# ------------------------------------------------------------ the course of an image


def test_an_image_publishes_its_events_in_order():
    async def scenario(rig):
        began = rig.journal.count

        await take(rig, "FLAT", 6.0)

        assert events(rig, since=began) == [
            (0.0, "prepareToTakeImage"),
            (0.0, "ccsCommandState"),
            (0.0, "imageReadinessDetailedState"),
            (0.0, "raftsDetailedState"),
            (0.1, "readyToTakeImage"),
            (0.1, "imageReadinessDetailedState"),
            (0.1, "raftsDetailedState"),
            (0.1, "startIntegration"),
            (0.1, "imageReadoutParameters"),
            (0.1, "startShutterOpen"),
            (0.1, "shutterDetailedState"),
            (1.1, "endShutterOpen"),
            (1.1, "shutterDetailedState"),
            (7.1, "startShutterClose"),
            (7.1, "shutterDetailedState"),
            (8.1, "endShutterClose"),
            (8.1, "startReadout"),
            (8.1, "raftsDetailedState"),
            (8.1, "shutterDetailedState"),
            (10.1, "endReadout"),
            (10.1, "ccsCommandState"),
            (10.1, "raftsDetailedState"),
            (10.4, "imageStored"),
            (10.4, "endOfImageTelemetry"),
            (14.2, "endTakeImage"),
        ]

    run(scenario)


def test_an_image_passes_through_every_state_of_taking():
    async def scenario(rig):
        await take(rig, "FLAT", 1.0)
        await rig.sleep(5.0)

        assert rig.states_seen(CAMERA, "take") == [
            "PREPARING", "OPENING", "EXPOSING", "CLOSING", "READING", "REPORTING", "FINISHING", "IDLE",
        ]  # fmt: skip
        assert rig.states_seen(CAMERA, "rafts") == [
            "CLEARING", "QUIESCENT", "INTEGRATING", "READING_OUT", "QUIESCENT", "NEEDS_CLEAR",
        ]  # fmt: skip
        assert rig.states_seen(CAMERA, "shutter") == ["OPENING", "OPEN", "CLOSING", "CLOSED"]
        assert rig.states_seen(CAMERA, "readiness") == ["GETTING_READY", "READY", "NOT_READY"]
        assert rig.states_seen(CAMERA, "ccs") == ["BUSY", "IDLE"]

    run(scenario)


@pytest.mark.parametrize("image_type", ["BIAS", "DARK"])
def test_the_shutter_stays_closed_for_bias_and_dark_whatever_is_asked(image_type):
    async def scenario(rig):
        await take(rig, image_type, 3.0, shutter=True)

        assert rig.states_seen(CAMERA, "shutter") == []
        assert rig.event(CAMERA, "endOfImageTelemetry").measuredShutterOpenTime == 0.0
        assert last(rig).dark_time == pytest.approx(3.0)

    run(scenario)


def test_the_shutter_stays_closed_unless_asked():
    async def scenario(rig):
        await take(rig, "FLAT", 3.0, shutter=False)

        assert rig.states_seen(CAMERA, "shutter") == []

    run(scenario)


def test_the_telemetry_of_an_image_has_its_times():
    async def scenario(rig):
        await take(rig, "FLAT", 6.0)

        sample = rig.event(CAMERA, "endOfImageTelemetry")
        assert sample.exposureTime == 6.0
        assert sample.measuredShutterOpenTime == pytest.approx(6.0)
        assert sample.darkTime == pytest.approx(8.0)
        assert sample.timestampDateEnd - sample.timestampDateObs == pytest.approx(8.0)

    run(scenario)


def test_the_events_of_states_carry_the_time_at_which_they_were_sent():
    async def scenario(rig):
        tai = rig.clock.tai

        await take(rig, "BIAS", 0.0)

        assert rig.event(CAMERA, "endTakeImage").timestampTransition == pytest.approx(rig.clock.tai)
        assert rig.event(CAMERA, "ccsCommandState").timestampTransition == pytest.approx(tai + 2.1)

    run(scenario)


def test_the_next_image_needs_no_clear_while_the_ccd_is_clean():
    async def scenario(rig):
        await take(rig, "BIAS", 0.0)
        seen = len(rig.states_seen(CAMERA, "rafts"))

        await take(rig, "BIAS", 0.0)

        assert "CLEARING" not in rig.states_seen(CAMERA, "rafts")[seen:]

    run(scenario)


def test_an_idle_ccd_needs_a_clear():
    async def scenario(rig):
        await take(rig, "BIAS", 0.0)
        await rig.sleep(60.0)
        assert rig.state(CAMERA, "rafts") == "NEEDS_CLEAR"
        assert rig.state(CAMERA, "readiness") == "NOT_READY"
        seen = len(rig.states_seen(CAMERA, "rafts"))

        await take(rig, "BIAS", 0.0)

        assert rig.states_seen(CAMERA, "rafts")[seen] == "CLEARING"

    run(scenario)


def test_several_images_in_one_command():
    async def scenario(rig):
        await take(rig, "DARK", 5.0, 3)

        sample = rig.event(CAMERA, "endReadout")
        assert [image.name[-6:] for image in store(rig)] == ["000001", "000002", "000003"]
        assert (sample.imageIndex, sample.imagesInSequence) == (3, 3)
        assert rig.states_seen(CAMERA, "ccs") == ["BUSY", "IDLE"]
        assert rig.now == pytest.approx(0.1 + 3 * (5.0 + 2.0 + 0.3) + 3.8)
        assert len(events(rig, "endTakeImage")) == 1

    run(scenario)


def test_the_daily_calibrations_take_about_a_quarter_of_an_hour():
    async def scenario(rig):
        for _ in range(21):
            await take(rig, "BIAS", 0.0)
        for exposure_time in [5.0] * 5 + [15.0] * 2 + [30.0] * 16:
            await take(rig, "DARK", exposure_time)
        beside = (rig.now - 535.0) / 44 - 2.0

        # Waits for ingest and verification add up to 70 s.
        assert 780.0 < rig.now < 830.0
        assert 4.0 < beside < 6.0

    run(scenario)


# ------------------------------------------------------------ names and keys


def test_names_count_through_the_observing_day():
    async def scenario(rig):
        await take(rig, "BIAS", 0.0)
        await take(rig, "BIAS", 0.0)

        sample = rig.event(CAMERA, "startIntegration")
        assert sample.imageName == "AT_O_20260115_000002"
        assert (sample.imageSource, sample.imageController) == ("AT", "O")
        assert (sample.imageDate, sample.imageNumber) == ("20260115", 2)

    run(scenario)


def test_the_number_begins_again_at_noon_utc():
    async def scenario(rig):
        await take(rig, "BIAS", 0.0)
        await rig.sleep(60.0)
        await take(rig, "BIAS", 0.0)

        assert [image.name for image in store(rig)] == ["AT_O_20260114_000001", "AT_O_20260115_000001"]

    run(scenario, start="2026-01-15T12:00:00")


def test_events_carry_the_keys_of_the_request():
    async def scenario(rig):
        await take(rig, "FLAT", 1.0)

        sample = rig.event(CAMERA, "endReadout")
        assert sample.additionalKeys == "imageType:groupId:testType:stutterRows:reason:program"
        assert sample.additionalValues == r"FLAT:2026-01-15T13\:00\:00.000:FLAT:0:daily:BLOCK-295"

    run(scenario)


def test_an_exposure_keeps_what_was_said_of_it():
    async def scenario(rig):
        await take(rig, "FLAT", 1.0)

        image = last(rig)
        assert (image.kind, image.reason, image.program) == ("flat", "daily", "BLOCK-295")
        assert image.group_id == "2026-01-15T13:00:00.000"
        assert (image.filter, image.grating) == ("empty_1", "empty_1")
        assert image.tai_begin == pytest.approx(rig.event(CAMERA, "startIntegration").timestampAcquisitionStart)

    run(scenario)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "names no imageType"),
        ("groupId: 1", "names no imageType"),
        ("imageType FLAT", "not of the form key: value"),
        ("imageType: FLAT, : 3", "not of the form key: value"),
    ],
)
def test_a_map_that_says_nothing_is_refused(text, match):
    with pytest.raises(Refused, match=match):
        read_key_value_map(text)


# ------------------------------------------------------------ what it saw


def test_an_aligned_flat_has_its_counts():
    async def scenario(rig):
        light_the_camera(rig)
        rig.component(CAMERA).senses["filter"].connect(_Filter(), "here")

        await take(rig, "FLAT", 6.0)

        assert last(rig).counts == pytest.approx(29_520, rel=0.01)
        assert not last(rig).saturated

    run(scenario)


def test_what_is_not_as_usual_is_in_the_recipe_and_in_the_light():
    parameters = {
        "dark_current_factor": 20.0,
        "read_noise_factor": 1.1,
        "light_tilt_per_hour": 0.36,
        "new_bad_columns": 2,
    }

    async def scenario(rig: Rig) -> Exposure:
        await take(rig, "DARK", 30.0)
        return last(rig)

    usual, odd = run(scenario), run(scenario, parameters={CAMERA: parameters})

    assert usual.condition == Condition()
    assert odd.light.dark == pytest.approx(20.0 * usual.light.dark)
    assert odd.counts == pytest.approx(usual.counts + 19.0 * usual.light.dark)
    assert (odd.condition.dark_current, odd.condition.read_noise, odd.condition.bad_columns) == (20.0, 1.1, 2)
    assert 0.003 < odd.condition.tilt < 0.01


def test_the_light_tilts_no_further_than_to_half_of_the_light_at_an_edge():
    async def scenario(rig: Rig) -> float:
        await take(rig, "DARK", 3000.0)
        return last(rig).condition.tilt

    assert run(scenario, parameters={CAMERA: {"light_tilt_per_hour": -10.0}}) == -1.0


class _Filter:
    timelines: dict[str, Timeline] = {}  # noqa: RUF012  # it never changes

    def output(self, name: str) -> str:
        return "SDSSr_65mm"


def test_a_misaligned_flat_has_less_than_10000_adu():
    async def scenario(rig):
        light_the_camera(rig, dome_azimuth=5.0)
        rig.component(CAMERA).senses["filter"].connect(_Filter(), "here")

        await take(rig, "FLAT", 6.0)

        assert last(rig).counts < 10_000
        assert last(rig).light.misalignment == pytest.approx(2.0)

    run(scenario)


def test_a_long_flat_saturates():
    async def scenario(rig):
        light_the_camera(rig)

        await take(rig, "FLAT", 6.0)

        assert last(rig).saturated

    run(scenario)


def test_a_dark_sees_no_light():
    async def scenario(rig):
        light_the_camera(rig)

        await take(rig, "DARK", 30.0)

        assert last(rig).light.lamp == 0.0
        assert last(rig).counts < 10.0

    run(scenario)


def test_light_counts_only_while_the_shutter_is_open():
    async def scenario(rig):
        light_the_camera(rig)
        lamp = rig.component(CAMERA).senses["lamp"].timeline()
        lamp.follow(1.1 + 0.5, 0.0)

        await take(rig, "FLAT", 1.0)

        assert last(rig).light.lamp == pytest.approx(0.5 * 68_000)

    run(scenario)


def test_the_same_seed_gives_the_same_images():
    async def scenario(rig):
        light_the_camera(rig)
        await take(rig, "FLAT", 0.5, 3)
        return [(image.counts, image.seed) for image in store(rig)], rig.journal.digest

    assert run(scenario, seed=7) == run(scenario, seed=7)
    assert run(scenario, seed=7) != run(scenario, seed=8)


def test_a_camera_without_an_image_store_keeps_its_own():
    async def scenario(rig):
        await take(rig, "BIAS", 0.0)

        assert rig.event(CAMERA, "endReadout").imageName == "AT_O_20260115_000001"

    run(scenario, services={})


# ------------------------------------------------------------ what is refused


def test_a_second_command_is_refused_until_the_first_is_over():
    async def scenario(rig):
        task = rig.later(CAMERA, "takeImages", **request("DARK", 5.0))
        await rig.sleep(3.0)
        await refused(rig, "takeImages", "an image is being taken; wait for endTakeImage", **request("BIAS", 0.0))
        await rig.sleep(5.0)
        assert rig.state(CAMERA, "take") == "FINISHING"
        await refused(rig, "takeImages", "an image is being taken", **request("BIAS", 0.0))
        await task

        await take(rig, "BIAS", 0.0)

    run(scenario)


def test_take_images_is_refused_in_calibration_mode():
    async def scenario(rig):
        await rig.command(CAMERA, "enableCalibration")

        match = "takeImages refused: calibration mode is ENABLED; send disableCalibration first"
        await refused(rig, "takeImages", match, **request())

    run(scenario)


def test_take_images_is_refused_unless_enabled():
    async def scenario(rig):
        await rig.set_state(CAMERA, "DISABLED")

        await refused(rig, "takeImages", r"Not allowed in state=<State.DISABLED: 1>", **request())

    run(scenario, enabled=False)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"numImages": 0}, "numImages=0 not in range"),
        ({"expTime": -1.0}, r"expTime=-1.0 not in range \[0, 3600\] s"),
        ({"keyValueMap": "groupId: 1"}, "names no imageType"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(change, match):
    async def scenario(rig):
        await refused(rig, "takeImages", match, **(request() | change))

    run(scenario)


def test_a_request_without_a_number_is_refused():
    async def scenario(rig):
        await refused(rig, "takeImages", r"numImages=0 not in range \[1, 1000\]", keyValueMap=key_value_map("BIAS"))

    run(scenario)


def test_disable_is_refused_while_an_image_is_taken():
    async def scenario(rig):
        task = rig.later(CAMERA, "takeImages", **request("DARK", 5.0))
        await rig.sleep(3.0)

        await refused(rig, "disable", "disable refused: an image is being taken; wait for endTakeImage")

        await task
        await rig.command(CAMERA, "disable")

    run(scenario)


@pytest.mark.parametrize("command", ["initImage", "initGuiders", "stop", "play", "playlist", "alert", "generic"])
def test_what_is_not_simulated_is_refused(command):
    async def scenario(rig):
        await refused(rig, command, f"{command} is not simulated")

    run(scenario)


# ------------------------------------------------------------ calibration mode


def stuttered(**more: Any) -> dict[str, Any]:
    return {"shutter": True, "keyValueMap": key_value_map("STUTTERED"), "timeout": 60.0} | more


def test_a_stuttered_image():
    async def scenario(rig):
        await rig.command(CAMERA, "enableCalibration")
        await rig.command(CAMERA, "clear", nClears=3)
        assert rig.now == pytest.approx(0.3)
        # The field `timeout` has the name of a client's own argument, so it goes over the bus itself.
        await start_image(rig)
        assert rig.state(CAMERA, "calibration") == "INTEGRATING"
        assert rig.state(CAMERA, "shutter") == "OPEN"
        await rig.sleep(10.0)
        await rig.command(CAMERA, "discardRows", nRows=50)
        await rig.command(CAMERA, "endImage")
        assert rig.state(CAMERA, "calibration") == "ENABLED"
        await rig.command(CAMERA, "disableCalibration")

        image = last(rig)
        assert image.kind == "stuttered"
        assert image.exposure_time == pytest.approx(10.0)
        assert rig.event(CAMERA, CALIBRATION).substate == 1

    run(scenario)


async def start_image(rig: Rig, **more: Any) -> None:
    done = rig.clock.loop.create_future()

    def reply(ack: Any) -> None:
        if ack.code.is_final:
            done.set_result(ack)

    rig.observatory.bus.send(CAMERA, "startImage", stuttered(**more), identity="test", reply=reply)
    ack = await done
    if ack.code.is_failure:
        raise AckError("ATCamera.startImage", ack)


def test_a_stuttered_dark_is_ended_by_hand():
    async def scenario(rig):
        await rig.command(CAMERA, "enableCalibration")
        await start_image(rig, keyValueMap=key_value_map("DARK"))
        await rig.sleep(4.0)

        await rig.command(CAMERA, "endImage")

        assert last(rig).exposure_time == pytest.approx(4.0)

    run(scenario)


def test_an_image_that_nobody_ends_ends_by_itself():
    async def scenario(rig):
        await rig.command(CAMERA, "enableCalibration")
        await start_image(rig, timeout=5.0)

        await rig.sleep(20.0)

        assert rig.state(CAMERA, "take") == "IDLE"
        assert last(rig).exposure_time == pytest.approx(5.0)
        await refused(rig, "endImage", "endImage refused: calibration mode is ENABLED")

    run(scenario)


@pytest.mark.parametrize(
    ("command", "fields", "match"),
    [
        ("endImage", {}, "endImage refused: calibration mode is DISABLED"),
        ("discardRows", {"nRows": 5}, "discardRows refused: calibration mode is DISABLED"),
        ("clear", {"nClears": 1}, "clear refused: calibration mode is DISABLED"),
        ("disableCalibration", {}, "calibration mode is DISABLED"),
    ],
)
def test_calibration_commands_are_refused_outside_calibration_mode(command, fields, match):
    async def scenario(rig):
        await refused(rig, command, match, **fields)

    run(scenario)


def test_start_image_is_refused_outside_calibration_mode():
    async def scenario(rig):
        with pytest.raises(AckError, match="startImage refused: calibration mode is DISABLED"):
            await start_image(rig)

        assert rig.state(CAMERA, "take") == "IDLE"

    run(scenario)


def test_start_image_needs_a_timeout():
    async def scenario(rig):
        await rig.command(CAMERA, "enableCalibration")

        with pytest.raises(AckError, match="timeout=0 must be above 0 s"):
            await start_image(rig, timeout=0.0)

    run(scenario)


def test_calibration_mode_is_refused_while_an_image_is_taken():
    async def scenario(rig):
        task = rig.later(CAMERA, "takeImages", **request("DARK", 5.0))
        await rig.sleep(1.0)

        await refused(rig, "enableCalibration", "an image is being taken; wait for endTakeImage")

        await task

    run(scenario)


def test_clear_is_refused_while_the_ccd_integrates():
    async def scenario(rig):
        await rig.command(CAMERA, "enableCalibration")
        task = rig.later(CAMERA, "clear", nClears=10)
        await rig.sleep(0.5)

        await refused(rig, "clear", "the CCD is CLEARING", nClears=1)

        await task
        assert rig.now == pytest.approx(1.0)

    run(scenario)


def test_disabling_the_camera_ends_calibration_mode():
    async def scenario(rig):
        await rig.command(CAMERA, "enableCalibration")

        await rig.command(CAMERA, "disable")

        assert rig.state(CAMERA, "calibration") == "DISABLED"

    run(scenario)


# ------------------------------------------------------------ offline


def test_the_camera_is_taken_over_from_offline():
    async def scenario(rig):
        await rig.sleep(0.1)
        assert rig.event(CAMERA, "offlineDetailedState").substate == 1

        await rig.set_state(CAMERA, "ENABLED")

        assert rig.state(CAMERA) == "ENABLED"

    run(scenario, enabled=False, states={CAMERA: "OFFLINE"})


def test_enter_control_is_refused_while_its_team_has_the_camera():
    async def scenario(rig):
        rig.component(CAMERA).fire("console_takes_camera")
        await rig.sleep(0.1)
        assert rig.event(CAMERA, "offlineDetailedState").substate == 2

        await refused(rig, "enterControl", "the camera's team has it; wait for offlineDetailedState AVAILABLE")

        rig.component(CAMERA).fire("console_releases_camera")
        await rig.command(CAMERA, "enterControl")
        assert rig.event(CAMERA, "offlineDetailedState").substate == 1

    run(scenario, enabled=False, states={CAMERA: "OFFLINE"})


def test_states_are_published_once_it_is_disabled():
    async def scenario(rig):
        assert rig.event(CAMERA, "raftsDetailedState") is None

        await rig.set_state(CAMERA, "DISABLED")

        assert rig.event(CAMERA, "raftsDetailedState").substate == 1
        assert rig.event(CAMERA, "shutterDetailedState").substate == 1
        assert rig.event(CAMERA, "focalPlaneSummaryInfo").ccdLSSTName == "ITL-3800C-068"

    run(scenario, enabled=False)


def test_the_temperature_is_told():
    async def scenario(rig):
        sample = await rig.remote(CAMERA).telemetry("vacuum").next()

        assert (sample.tempCCD, sample.tempCCDSetPoint) == (-104.0, -104.0)
        assert sample.vacuum == pytest.approx(2e-6)

    run(scenario)


# ------------------------------------------------------------ faults


async def break_in_the_middle(rig: Rig, fault: str = "sequencer_stops", at: float = 3.0, **values: Any) -> None:
    task = rig.later(CAMERA, "takeImages", **request("FLAT", 6.0))
    await rig.sleep(at)
    rig.inject(CAMERA, fault, **values)
    with pytest.raises(AckError, match="the camera went to FAULT while it took AT_O_20260115_000001"):
        await task


def test_a_stopped_sequencer_loses_the_image():
    async def scenario(rig):
        await break_in_the_middle(rig)
        await rig.sleep(60.0)

        assert rig.state(CAMERA) == "FAULT"
        assert rig.event(CAMERA, "errorCode").errorCode == 1
        assert events(rig, "endReadout", "startReadout") == []
        assert rig.event(CAMERA, "raftsDetailedState").substate == 3
        assert rig.state(CAMERA, "shutter") == "CLOSED"
        assert rig.state(CAMERA, "take") == "IDLE"
        assert len(store(rig)) == 0

    run(scenario)


def test_a_sequencer_that_stops_in_the_read_out_loses_the_image():
    async def scenario(rig):
        await break_in_the_middle(rig, at=9.0)
        await rig.sleep(60.0)

        assert events(rig, "endReadout") == []
        assert rig.state(CAMERA, "rafts") == "READING_OUT"

    run(scenario)


def test_cycling_does_not_recover_a_stopped_sequencer():
    async def scenario(rig):
        await break_in_the_middle(rig)

        await refused(rig, "standby", "the sequencer is stopped; recover it at the camera's console")

        assert rig.state(CAMERA) == "FAULT"

    run(scenario)


def test_the_console_recovers_a_stopped_sequencer():
    async def scenario(rig):
        await break_in_the_middle(rig)
        await rig.sleep(10.0)

        rig.component(CAMERA).fire("console_recovered")

        assert rig.component(CAMERA).faults.active == []
        assert rig.state(CAMERA, "rafts") == "NEEDS_CLEAR"
        assert rig.state(CAMERA, "ccs") == "IDLE"
        await rig.set_state(CAMERA, "ENABLED")
        await take(rig, "BIAS", 0.0)
        assert last(rig).name == "AT_O_20260115_000002"

    run(scenario)


def test_a_cold_ccd_stops_the_camera():
    async def scenario(rig):
        await break_in_the_middle(rig, "ccd_temperature_limit")

        assert rig.event(CAMERA, "errorCode").errorCode == 2
        assert rig.output(CAMERA, "ccd_temperature") == -108.0

    run(scenario)


def test_a_ccd_within_its_limits_stops_nothing():
    async def scenario(rig):
        rig.inject(CAMERA, "ccd_temperature_limit", temperature=-100.0)

        assert rig.state(CAMERA) == "ENABLED"

    run(scenario)


def test_only_the_cryostat_cures_a_cold_ccd():
    async def scenario(rig):
        rig.inject(CAMERA, "ccd_temperature_limit")
        rig.component(CAMERA).fire("console_recovered")
        await refused(rig, "standby", "the CCD is at -108.0 deg_C; regulate the cryostat")

        rig.component(CAMERA).fire("cryostat_regulated")

        assert rig.output(CAMERA, "ccd_temperature") == -104.0
        await rig.set_state(CAMERA, "ENABLED")
        await take(rig, "BIAS", 0.0)

    run(scenario)


def test_a_lost_end_of_read_out_is_seen_and_cured():
    async def scenario(rig):
        rig.inject(CAMERA, "end_of_readout_lost")
        await take(rig, "BIAS", 0.0)
        assert rig.event(CAMERA, "endReadout") is None
        await rig.set_state(CAMERA, "STANDBY")
        await rig.set_state(CAMERA, "ENABLED")
        await take(rig, "BIAS", 0.0)
        assert rig.event(CAMERA, "endReadout") is None

        rig.component(CAMERA).fire("console_recovered")
        await take(rig, "BIAS", 0.0)

        assert rig.event(CAMERA, "endReadout").imageName == "AT_O_20260115_000003"

    run(scenario)
