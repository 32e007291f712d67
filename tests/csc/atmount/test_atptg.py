import pytest

from csc import AckError
from tests.csc.rig import Rig, run
from tests.soundness.actions import Leave, Send
from tests.soundness.stage import play

MOUNT, PTG = "ATMCS", "ATPtg"


async def point(rig: Rig, az: float = 10.0, el: float = 60.0, **fields):
    return await rig.command(PTG, "azElTarget", azDegs=az, elDegs=el, **fields)


async def ready(rig: Rig) -> None:
    await rig.enable(MOUNT, PTG)


def bench(scenario, **kinds):
    return run(scenario, MOUNT, PTG, **kinds)


def seen(rig: Rig, topic: str, field: str, who: str = PTG):
    return getattr(rig.event(who, topic), field)


# ------------------------------------------------------------------- targets


def test_az_el_target_starts_tracking_and_slews():
    async def scenario(rig):
        await ready(rig)

        await point(rig, az=188.7, el=39.0, rotPA=0.0, trackId=5, targetName="Flat")

        assert seen(rig, "atMountState", "state", MOUNT) == 9
        assert seen(rig, "target", "trackId", MOUNT) == 5
        assert seen(rig, "detailedState", "detailedState") == 2
        assert seen(rig, "trackPosting", "status") is True
        assert seen(rig, "currentTarget", "azDegs") == 188.7
        assert seen(rig, "currentTarget", "targetName") == "Flat"
        began = rig.now
        reader = rig.remote(MOUNT).event("allAxesInPosition")
        sample = await reader.next(flush=True, timeout=100)
        assert sample.inPosition is True
        assert sample.t - began == pytest.approx(39.4 + 0.2, abs=0.02)
        assert rig.output(MOUNT, "azimuth") == 188.7

    bench(scenario)


def test_tracking_lasts_without_ticks():
    async def scenario(rig):
        await ready(rig)
        await point(rig)
        await rig.sleep(60.0)
        before = len(rig.journal.records)

        await rig.sleep(36000.0)

        assert rig.state(MOUNT, "tracking") == "TRACKINGENABLED"
        assert len(rig.journal.records) == before

    bench(scenario)


def test_the_rotator_takes_the_angle():
    async def scenario(rig):
        await ready(rig)
        await point(rig, rotPA=30.0)
        await rig.sleep(60.0)
        assert rig.output(MOUNT, "nasmyth2") == 30.0

    bench(scenario)


def test_the_rotator_of_the_chosen_focus_takes_the_angle():
    async def scenario(rig):
        await ready(rig)
        await rig.command(MOUNT, "setInstrumentPort", port=1)
        await rig.sleep(60.0)
        assert seen(rig, "focusNameInconsistentWarning", "eventState") is True
        await rig.command(PTG, "focusName", focus=2)
        assert seen(rig, "focusNameInconsistentWarning", "eventState") is False
        await point(rig, rotPA=30.0)
        await rig.sleep(60.0)
        assert rig.output(MOUNT, "nasmyth1") == 30.0

    bench(scenario)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"el": 4.9}, r"elevation out of range: elDegs=4.9 deg not in \[5, 86.5\] deg"),
        ({"el": 86.6}, "elevation out of range"),
        ({"az": 271.0}, "azimuth out of range: azDegs=271 deg is beyond the wrap of"),
        ({"az": -270.5}, "azimuth out of range"),
        ({"rotPA": 166.0}, "rotator out of range: rotPA=166 deg"),
    ],
)
def test_targets_out_of_range_are_refused_and_change_nothing(fields, text):
    async def scenario(rig):
        await ready(rig)
        before = rig.component(PTG).snapshot(), rig.component(MOUNT).snapshot()

        with pytest.raises(AckError, match=text) as caught:
            await point(rig, **fields)

        assert caught.value.ack.error == 6611
        assert (rig.component(PTG).snapshot(), rig.component(MOUNT).snapshot()) == before

    bench(scenario)


def test_a_target_that_the_mount_refuses_is_not_taken():
    async def scenario(rig):
        await rig.enable(PTG)
        with pytest.raises(AckError, match="ATMCS.startTracking"):
            await point(rig)
        assert rig.state(PTG, "tracking") == "NOTTRACKING"
        assert rig.state(PTG, "posting") == "IDLE"

    bench(scenario)


def test_stop_tracking_stops_the_mount():
    async def scenario(rig):
        await ready(rig)
        await point(rig)
        await rig.sleep(60.0)

        await rig.command(PTG, "stopTracking")

        assert seen(rig, "trackPosting", "status") is False
        assert rig.state(MOUNT, "tracking") == "STOPPING"
        await rig.sleep(0.2)
        assert rig.state(MOUNT, "tracking") == "TRACKINGDISABLED"
        await rig.command(PTG, "stopTracking")

    bench(scenario)


def test_a_target_during_a_stop_waits_for_its_end():
    async def scenario(rig):
        await ready(rig)
        await point(rig, az=100.0)
        await rig.sleep(5.0)
        await rig.command(PTG, "stopTracking")

        await point(rig, az=20.0)

        assert rig.state(MOUNT, "tracking") == "TRACKINGENABLED"
        await rig.sleep(60.0)
        assert rig.output(MOUNT, "azimuth") == 20.0

    bench(scenario)


def test_start_tracking_takes_the_last_target_or_stays():
    async def scenario(rig):
        await ready(rig)
        await rig.command(PTG, "startTracking", trackId=1)
        await rig.sleep(5.0)
        assert rig.state(MOUNT, "all_axes") == "IN_POSITION"
        assert rig.output(MOUNT, "elevation") == 80.0
        await point(rig, az=10.0)
        await rig.command(PTG, "stopTracking")
        await rig.command(PTG, "startTracking", trackId=2)
        await rig.sleep(30.0)
        assert rig.output(MOUNT, "azimuth") == 10.0

    bench(scenario)


def test_when_the_pointing_is_disabled_the_mount_stops_for_want_of_targets():
    async def scenario(rig):
        await ready(rig)
        await point(rig)
        await rig.sleep(60.0)

        await rig.set_state(PTG, "DISABLED")

        await rig.sleep(2.4)
        assert rig.state(MOUNT, "tracking") == "TRACKINGENABLED"
        await rig.sleep(0.3)
        assert rig.state(MOUNT, "tracking") == "TRACKINGDISABLED"
        assert rig.state(MOUNT) == "ENABLED"

    bench(scenario)


def test_when_the_mount_stops_by_itself_posting_ends():
    async def scenario(rig):
        await ready(rig)
        await point(rig)
        await rig.command(MOUNT, "stopTracking")
        await rig.sleep(1.0)
        assert rig.state(PTG, "tracking") == "NOTTRACKING"
        assert "The mount has stopped tracking" in rig.log_lines(PTG)

    bench(scenario)


def test_a_fault_of_the_mount_is_one_of_the_pointing():
    async def scenario(rig):
        await ready(rig)
        await point(rig)
        rig.inject(MOUNT, "azimuth_velocity_error")
        await rig.sleep(1.0)
        assert rig.state(PTG) == "FAULT"
        assert seen(rig, "errorCode", "errorCode") == 1

    bench(scenario)


async def followed(rig: Rig) -> None:
    """The dome follows the telescope, both at azimuth 0."""
    await rig.enable(MOUNT, PTG, "ATDome", "ATDomeTrajectory")
    await rig.command("ATDomeTrajectory", "setFollowingMode", enable=True)
    await point(rig, az=0.0)
    await rig.sleep(120.0)


def with_dome(scenario):
    return run(scenario, MOUNT, PTG, "ATDome", "ATDomeTrajectory")


def test_a_dome_that_follows_and_never_arrives_is_a_fault_of_the_pointing():
    async def scenario(rig):
        await followed(rig)
        rig.inject("ATDome", "stall")
        await point(rig, az=60.0)
        await rig.sleep(230.0)
        before = rig.state(PTG)
        await rig.sleep(12.0)

        assert (before, rig.state(PTG)) == ("ENABLED", "FAULT")
        assert seen(rig, "errorCode", "errorCode") == 2

    with_dome(scenario)


def test_a_dome_that_arrives_in_time_is_none():
    async def scenario(rig):
        await followed(rig)
        await point(rig, az=170.0)
        await rig.sleep(1000.0)

        assert rig.state(PTG) == "ENABLED"
        assert rig.state(PTG, "dome_watch") == "IDLE"

    with_dome(scenario)


@pytest.mark.parametrize("how", ["not following", "following off meanwhile", "tracking stopped"])
def test_a_dome_that_nobody_waits_for_may_stand_anywhere(how):
    async def scenario(rig):
        await followed(rig)
        rig.inject("ATDome", "stall")
        if how == "not following":
            await rig.command("ATDomeTrajectory", "setFollowingMode", enable=False)
        await point(rig, az=60.0)
        await rig.sleep(10.0)
        if how == "following off meanwhile":
            await rig.command("ATDomeTrajectory", "setFollowingMode", enable=False)
        if how == "tracking stopped":
            await rig.command(PTG, "stopTracking")
        await rig.sleep(1000.0)

        assert rig.state(PTG) == "ENABLED"

    with_dome(scenario)


def test_cycling_the_pointing_cures_the_loss_of_targets_and_cycling_the_mount_does_not():
    async def scenario(rig):
        await ready(rig)
        await point(rig)
        await rig.sleep(60.0)
        rig.inject(MOUNT, "targets_stop")
        await rig.sleep(3.0)
        assert rig.state(MOUNT, "tracking") == "TRACKINGDISABLED"
        assert rig.state(MOUNT) == "ENABLED"

        await rig.set_state(MOUNT, "STANDBY")
        await rig.enable(MOUNT)
        await point(rig, az=200.0)
        await rig.sleep(10.0)
        assert rig.state(MOUNT, "tracking") == "TRACKINGDISABLED"

        await rig.set_state(PTG, "STANDBY")
        await rig.enable(PTG)
        await point(rig, az=200.0)
        await rig.sleep(60.0)
        assert rig.state(MOUNT, "all_axes") == "IN_POSITION"

    bench(scenario)


def test_a_lost_link_goes_unnoticed_until_the_pointing_is_cycled():
    async def scenario(rig):
        await ready(rig)
        await point(rig)
        await rig.sleep(60.0)
        rig.inject(PTG, "mount_link_lost")
        await rig.sleep(3.0)
        assert rig.state(MOUNT, "tracking") == "TRACKINGDISABLED"
        assert rig.state(PTG, "tracking") == "AZEL"
        assert (rig.state(PTG), rig.state(MOUNT)) == ("ENABLED", "ENABLED")

        await point(rig, az=50.0)
        await rig.command(PTG, "stopTracking")
        await point(rig, az=50.0)
        await rig.sleep(60.0)
        assert rig.state(PTG, "posting") == "UNHEARD"
        assert rig.output(MOUNT, "azimuth") == 10.0

        await rig.set_state(MOUNT, "STANDBY")
        await rig.enable(MOUNT)
        await point(rig, az=50.0)
        await rig.sleep(60.0)
        assert rig.output(MOUNT, "azimuth") == 10.0

        await rig.set_state(PTG, "STANDBY")
        await rig.enable(PTG)
        await point(rig, az=50.0)
        await rig.sleep(60.0)
        assert rig.output(MOUNT, "azimuth") == 50.0

    bench(scenario)


def test_a_narrow_limit_is_cured_by_another_target():
    async def scenario(rig):
        await ready(rig)
        rig.inject(PTG, "elevation_out_of_range")
        for _ in range(2):
            with pytest.raises(AckError, match="6611"):
                await point(rig, el=39.0)
        await point(rig, el=70.0)
        await point(rig, el=39.0)

    bench(scenario)


# ------------------------------------------------------------------- the sky


async def culminating(rig: Rig) -> float:
    """Return a right ascension [h] that is an hour west of the meridian."""
    sample = await rig.remote(PTG).telemetry("timeAndDate").next()
    rig.remote(PTG).telemetry("timeAndDate").close()
    return float((sample.lst - 1.0) % 24.0)


def test_a_point_of_the_sky_is_followed():
    async def scenario(rig):
        await ready(rig)
        ra = await culminating(rig)
        await rig.command(PTG, "raDecTarget", ra=ra, declination=-60.0, trackId=3, targetName="star")
        assert rig.state(PTG, "tracking") == "OPENLOOP"
        assert seen(rig, "currentTarget", "raHours") == pytest.approx(ra)
        await rig.sleep(100.0)
        assert rig.state(MOUNT, "all_axes") == "IN_POSITION"
        began, commands = rig.now, len(rig.records("command", MOUNT))
        for _ in range(20):
            await rig.sleep(171.0)
            for axis in ("azimuth", "elevation"):
                error = rig.output(MOUNT, axis) - rig.output(PTG, f"demand_{axis}")
                assert abs(error) < 3.0 / 3600.0
        assert rig.state(MOUNT, "all_axes") == "IN_POSITION"
        assert len(rig.records("command", MOUNT)) - commands < (rig.now - began) / 10.0

    bench(scenario)


def test_a_point_below_the_horizon_is_refused_and_may_be_validated():
    async def scenario(rig):
        await ready(rig)
        ra = await culminating(rig)
        with pytest.raises(AckError, match="error 6611.*elevation out of range: target is at "):
            await rig.command(PTG, "raDecTarget", ra=(ra + 12) % 24, declination=60.0)
        await rig.command(PTG, "raDecTarget", ra=(ra + 12) % 24, declination=60.0, validateOnly=True)
        assert seen(rig, "validatedTarget", "isValid") is False
        await rig.command(PTG, "raDecTarget", ra=ra, declination=-60.0, validateOnly=True)
        assert seen(rig, "validatedTarget", "isValid") is True
        assert rig.state(PTG, "tracking") == "NOTTRACKING"

    bench(scenario)


def test_a_point_that_sets_is_followed_to_the_limit_of_the_mount():
    async def scenario(rig):
        await ready(rig)
        ra = await culminating(rig)
        await rig.command(PTG, "raDecTarget", ra=(ra - 3.5) % 24, declination=-20.0)
        await rig.sleep(3 * 3600.0)
        assert rig.state(PTG, "tracking") == "NOTTRACKING"
        assert any("Target lost" in line for line in rig.log_lines(PTG))

    bench(scenario)


# ---------------------------------------------------------------- bookkeeping


def test_offsets_shift_the_mount():
    async def scenario(rig):
        await ready(rig)
        await point(rig)
        await rig.sleep(60.0)
        await rig.command(PTG, "offsetAzEl", az=36.0, el=-36.0)
        await rig.sleep(1.0)
        assert rig.output(MOUNT, "azimuth") == pytest.approx(10.01)
        assert rig.output(MOUNT, "elevation") == pytest.approx(59.99)
        await rig.command(PTG, "offsetClear")
        await rig.sleep(1.0)
        assert rig.output(MOUNT, "azimuth") == pytest.approx(10.0)

    bench(scenario)


def test_offsets_are_summed_up():
    async def scenario(rig):
        await ready(rig)
        await rig.command(PTG, "offsetRADec", off1=3.0, off2=4.0, num=2)
        await rig.command(PTG, "offsetRADec", off1=1.0, num=1)
        await rig.command(PTG, "poriginOffset", dx=0.5, dy=0.25)
        await rig.command(PTG, "poriginXY", x=1.0, y=2.0)
        await rig.command(PTG, "collOffset", ca=5.0, num=0)
        await rig.command(PTG, "rotOffset", iaa=1.5)
        summary = rig.event(PTG, "offsetSummary")
        assert summary.userOffsetRA == pytest.approx(3.0)
        assert summary.handsetOffsetRA == pytest.approx(4.0)
        assert summary.pointingOriginUserDX == 0.5
        assert summary.pointingOriginX == 1.0
        assert summary.userCollOffsetCA == pytest.approx(5.0)
        assert summary.iaa == 1.5
        await rig.command(PTG, "offsetClear", num=0)
        await rig.command(PTG, "poriginClear", num=0)
        await rig.command(PTG, "clearCollOffset", num=0)
        summary = rig.event(PTG, "offsetSummary")
        assert (summary.userOffsetRA, summary.pointingOriginUserDX, summary.userCollOffsetCA) == (0.0, 0.0, 0.0)
        assert summary.handsetOffsetDec == pytest.approx(4.0)

    bench(scenario)


def test_an_offset_on_the_sky_moves_the_mount():
    async def scenario(rig):
        await ready(rig)
        ra = await culminating(rig)
        await rig.command(PTG, "raDecTarget", ra=ra, declination=-60.0)
        await rig.sleep(100.0)
        before = rig.output(PTG, "demand_elevation")
        await rig.command(PTG, "offsetRADec", off2=60.0)
        await rig.sleep(5.0)
        assert rig.output(PTG, "demand_elevation") != pytest.approx(before, abs=1e-3)
        assert rig.output(MOUNT, "elevation") == pytest.approx(rig.output(PTG, "demand_elevation"), abs=1e-3)

    bench(scenario)


def test_settings_are_kept():
    async def scenario(rig):
        await ready(rig)
        await rig.command(PTG, "azCurrentWrap", wrap=2)
        await rig.command(PTG, "rotCurrentWrap", wrap=2)
        await rig.command(PTG, "wavelength", wavelength=0.5)
        assert seen(rig, "ptgAzCurrentWrap", "currentWrap") == 2
        assert seen(rig, "ptgRotCurrentWrap", "currentWrap") == 2
        assert seen(rig, "wavelength", "wavelength") == pytest.approx(0.5)
        assert seen(rig, "observatoryLocation", "height") == pytest.approx(2663.0)
        assert seen(rig, "airmassWarning", "level") == 1
        assert seen(rig, "focusNameSelected", "focus") == 3

    bench(scenario)


def test_pointing_data_needs_an_open_file():
    async def scenario(rig):
        await ready(rig)
        for command in ("pointAddData", "pointCloseFile"):
            with pytest.raises(AckError, match=f"{command} refused: no pointing file is open; send pointNewFile"):
                await rig.command(PTG, command)
        await rig.command(PTG, "pointNewFile")
        assert seen(rig, "pointingFile", "fileIsOpen") is True
        await rig.command(PTG, "pointAddData")
        assert seen(rig, "pointData", "measuredElevation") == 80.0
        await rig.command(PTG, "pointCloseFile")
        assert seen(rig, "pointingFile", "fileIsOpen") is False

    bench(scenario)


def test_what_is_not_simulated_says_so():
    async def scenario(rig):
        await ready(rig)
        with pytest.raises(AckError, match="ATPtg.planetTarget is not simulated"):
            await rig.command(PTG, "planetTarget")

    bench(scenario)


def test_a_frame_that_is_not_simulated_is_refused():
    async def scenario(rig):
        await ready(rig)
        with pytest.raises(AckError, match="frame=3 is not simulated; FK5 1 and ICRS 2 are"):
            await rig.command(PTG, "raDecTarget", frame=3, ra=5.0, declination=-60.0)

    bench(scenario)


# ------------------------------------------------------------------ telemetry


def test_telemetry_tells_of_target_and_mount():
    async def scenario(rig):
        await ready(rig)
        topics = ("currentTargetStatus", "mountStatus", "mountPositions")
        idle = await rig.remote(PTG).telemetry("currentTargetStatus").next()
        assert (idle.demandAz, idle.airmass) == (0.0, 0.0)
        await point(rig, az=10.0, el=30.0)
        await rig.sleep(30.5)
        readers = [rig.remote(PTG).telemetry(topic) for topic in topics]
        target, status, positions = [await reader.next(flush=True) for reader in readers]
        assert (target.demandAz, target.demandEl) == (10.0, 30.0)
        assert target.airmass == pytest.approx(2.0)
        assert (status.mountAz, status.mountEl) == (10.0, 30.0)
        assert positions.elevationCalculatedAngle == (30.0,) * 100

    bench(scenario)


def test_a_target_that_is_accepted_after_the_csc_was_disabled_is_not_tracked():
    play("ATPtg", Send("ATPtg", "startTracking"), Leave("ATPtg"))
