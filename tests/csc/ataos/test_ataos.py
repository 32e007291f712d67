import pytest

from csc import AckError
from csc.ataos.model import mirror_pressure
from tests.csc.rig import Rig, run

AOS, AIR, HEX, MOUNT, PTG = "ATAOS", "ATPneumatics", "ATHexapod", "ATMCS", "ATPtg"
SPEC, CAMERA = "ATSpectrograph", "ATCamera"
ALL = (AOS, AIR, HEX, MOUNT, PTG, SPEC, CAMERA)
CLOSED, OPEN = 1, 2


def bench(scenario, *components, **kinds):
    """Build ATAOS and those that it speaks to, all ENABLED; what a test does not need is left out."""
    names = components or (AOS, AIR, HEX, MOUNT, PTG, SPEC)
    return run(scenario, *names, states=dict.fromkeys(names, "ENABLED"), **kinds)


def seen(rig: Rig, who: str, topic: str, field: str):
    sample = rig.event(who, topic)
    return None if sample is None else getattr(sample, field)


async def enable(rig: Rig, *flags: str, **kinds):
    return await rig.command(AOS, "enableCorrection", **dict.fromkeys(flags, True), **kinds)


async def disable(rig: Rig, *flags: str):
    return await rig.command(AOS, "disableCorrection", **dict.fromkeys(flags, True))


async def point(rig: Rig, el: float, az: float = 0.0) -> None:
    await rig.command(PTG, "azElTarget", azDegs=az, elDegs=el)


def pressure(rig: Rig) -> float:
    return float(seen(rig, AIR, "m1SetPressure", "pressure"))


def asked(elevation: float) -> float:
    return mirror_pressure(elevation, (114351.586, -220485.725, 278187.272, -48810.102))


def shut(rig: Rig, substate: int) -> None:
    """Publish a state of the camera's shutter, as the camera would."""
    data = {"substate": substate}
    rig.observatory.bus.publish(CAMERA, "shutterDetailedState", data, data)


# ------------------------------------------------------------------------ M1


def test_enabling_m1_opens_valves_waits_and_sets_the_pressure():
    async def scenario(rig):
        for command in ("closeMasterAirSupply", "closeInstrumentAirValve", "m1CloseAirValve"):
            await rig.command(AIR, command)
        began = rig.now

        task = rig.later(AOS, "enableCorrection", m1=True)

        await rig.sleep(2.9)
        assert rig.state(AOS, "m1") == "WAITING"
        assert seen(rig, AIR, "mainValveState", "state") == 6
        assert seen(rig, AIR, "instrumentState", "state") == 6
        assert seen(rig, AIR, "m1State", "state") == 6
        assert seen(rig, AOS, "correctionEnabled", "m1") is False
        await task
        assert rig.now - began == pytest.approx(3.0)
        assert seen(rig, AOS, "correctionEnabled", "m1") is True
        assert pressure(rig) == pytest.approx(asked(80.0))
        assert seen(rig, AOS, "m1CorrectionCompleted", "pressure") == pytest.approx(asked(80.0))
        assert seen(rig, AOS, "detailedState", "substate") == 0
        assert rig.states_seen(AOS, "m1") == ["OPENING", "WAITING", "ZEROING", "ON"]

    bench(scenario)


def test_valves_that_are_open_are_left_alone():
    async def scenario(rig):
        await enable(rig, "m1")
        sent = [record["command"] for record in rig.records("command", AIR)]
        assert sent == ["m1SetPressure", "m1SetPressure"]

    bench(scenario)


def test_enable_correction_extends_the_limit_of_its_sender():
    async def scenario(rig):
        await enable(rig, "m1", timeout=1.0)
        acks = [record for record in rig.records("ack", AOS) if record["command"] == "enableCorrection"]
        assert acks[0]["ack"] == "INPROGRESS"
        assert acks[0]["timeout"] == 360.0

    bench(scenario)


def test_disabling_m1_lowers_the_mirror():
    async def scenario(rig):
        await enable(rig, "m1")

        await disable(rig, "m1")

        assert pressure(rig) == 0.0
        assert seen(rig, AIR, "m1State", "state") == 7
        assert seen(rig, AOS, "correctionEnabled", "m1") is False
        assert "M1 mirror lowered onto hardpoints" in rig.log_lines(AOS)
        assert "LOWERING" in rig.states_seen(AOS, "m1")

    bench(scenario)


@pytest.mark.parametrize("elevation", [17.0, 30.0, 39.0, 60.0, 70.0])
def test_pressure_follows_the_elevation(elevation):
    async def scenario(rig):
        await enable(rig, "m1")

        await point(rig, elevation)
        await rig.sleep(60.0)

        assert pressure(rig) == pytest.approx(asked(elevation), abs=500.0)
        assert rig.output(AOS, "m1_pressure") == pytest.approx(asked(elevation))

    bench(scenario)


def test_on_the_way_down_pressure_goes_ahead_of_the_elevation():
    async def scenario(rig):
        await enable(rig, "m1")
        await point(rig, 30.0)
        await rig.sleep(4.5)
        now = rig.output(MOUNT, "elevation")
        assert 30.0 < now < 70.0
        assert pressure(rig) < asked(now)
        assert rig.state(AOS, "elevation_watch") == "CHANGING"
        await rig.sleep(60.0)
        assert rig.state(AOS, "elevation_watch") == "STEADY"

    bench(scenario)


def test_small_changes_of_pressure_are_not_commanded():
    async def scenario(rig):
        await enable(rig, "m1")
        await point(rig, 80.0)
        before = len(rig.records("command", AIR))
        await point(rig, 79.9)
        await rig.sleep(60.0)
        assert len(rig.records("command", AIR)) == before

    bench(scenario)


def test_nothing_runs_while_nothing_changes():
    async def scenario(rig):
        await enable(rig, "enableAll")
        await point(rig, 39.0, 188.7)
        await rig.sleep(100.0)
        before = len(rig.journal.records)

        await rig.sleep(36000.0)

        assert len(rig.journal.records) == before

    bench(scenario)


def test_a_drift_on_the_sky_is_followed_in_steps():
    async def scenario(rig):
        sample = await rig.remote(PTG).telemetry("timeAndDate").next()
        rig.remote(PTG).telemetry("timeAndDate").close()
        await enable(rig, "m1", "hexapod")
        await rig.command(PTG, "raDecTarget", ra=(sample.lst - 2.0) % 24.0, declination=-30.0)
        await rig.sleep(100.0)
        began = len([r for r in rig.records("transition", AOS) if r["state"] == "CORRECTING"])
        await rig.sleep(3600.0)
        looks = len([r for r in rig.records("transition", AOS) if r["state"] == "CORRECTING"]) - began
        assert abs(pressure(rig) - asked(rig.output(MOUNT, "elevation"))) < 1000.0
        assert looks < 120

    bench(scenario)


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("missing", "flag", "text"),
    [
        (AIR, "m1", "ATPneumatics is STANDBY, expected ENABLED"),
        (AIR, "enableAll", "ATPneumatics is STANDBY"),
        (SPEC, "atspectrograph", r"ATSpectrograph \(LATISS\) is not seen ENABLED"),
        (SPEC, "enableAll", r"ATSpectrograph \(LATISS\) is not seen ENABLED"),
        (HEX, "hexapod", "ATHexapod is STANDBY, expected ENABLED"),
    ],
)
def test_a_correction_needs_its_component_enabled(missing, flag, text):
    async def scenario(rig):
        before = rig.component(AOS).snapshot()

        with pytest.raises(AckError, match=text):
            await enable(rig, flag)

        assert rig.component(AOS).snapshot() == before

    names = (AOS, AIR, HEX, MOUNT, PTG, SPEC)
    run(scenario, *names, states={name: "ENABLED" for name in names if name != missing})


def test_at_least_one_correction_must_be_named():
    async def scenario(rig):
        with pytest.raises(AckError, match="at least one correction must be set"):
            await enable(rig)
        with pytest.raises(AckError, match="at least one correction must be set"):
            await disable(rig)

    bench(scenario)


def test_corrections_are_refused_unless_enabled():
    async def scenario(rig):
        with pytest.raises(AckError, match="Not allowed in state="):
            await enable(rig, "hexapod")

    run(scenario, AOS)


@pytest.mark.parametrize(
    ("command", "fields", "text"),
    [
        ("applyFocusOffset", {"offset": 0.1}, "hexapod correction is not enabled"),
        ("setCorrectionModelOffsets", {"axis": "z", "offset": 0.1}, "hexapod correction is not enabled"),
        ("offset", {"x": 0.1}, "hexapod correction is not enabled"),
        ("offset", {"m1": 100.0}, "M1 correction is not enabled"),
        ("offset", {"m2": 100.0}, "M2 correction is not enabled"),
        ("resetOffset", {"axis": "q"}, "axis q invalid"),
        ("resetOffset", {"axis": ""}, "not all corrections are enabled"),
        ("resetOffset", {"axis": "all"}, "not all corrections are enabled"),
        ("resetOffset", {"axis": "m1"}, "m1 correction must be enabled"),
        ("resetOffset", {"axis": "m2"}, "m2 correction must be enabled"),
        ("resetOffset", {"axis": "z"}, "hexapod correction must be enabled"),
        ("setWavelength", {"wavelength": 500.0}, "hexapod and atspectrograph corrections must be enabled"),
    ],
)
def test_offsets_need_their_correction(command, fields, text):
    async def scenario(rig):
        before = rig.component(AOS).snapshot()
        with pytest.raises(AckError, match=text):
            await rig.command(AOS, command, **fields)
        assert rig.component(AOS).snapshot() == before

    bench(scenario)


def test_apply_correction_is_refused_while_corrections_are_on():
    async def scenario(rig):
        await enable(rig, "hexapod")
        with pytest.raises(AckError, match="corrections are enabled; disable them first"):
            await rig.command(AOS, "applyCorrection")

    bench(scenario)


def test_m1_cannot_be_enabled_while_it_is_lowered():
    async def scenario(rig):
        rig.component(AOS).fire("leave_ENABLED")
        task = rig.later(AOS, "disableCorrection", m1=True)
        second = rig.later(AOS, "enableCorrection", m1=True)
        with pytest.raises(AckError, match="m1 is being lowered"):
            await second
        await task

    bench(scenario)


def test_m1_fails_when_pneumatics_goes_away_on_the_way():
    async def scenario(rig):
        await rig.command(AIR, "m1CloseAirValve")
        task = rig.later(AOS, "enableCorrection", m1=True)
        await rig.sleep(1.0)
        await rig.set_state(AIR, "STANDBY")

        with pytest.raises(AckError, match="M1: ATPneumatics.m1SetPressure"):
            await task

        assert rig.state(AOS, "m1") == "OFF"
        assert rig.state(AOS) == "ENABLED"

    bench(scenario)


# ------------------------------------------------------------------- hexapod


def test_the_hexapod_is_moved_to_where_the_tables_say():
    async def scenario(rig):
        await enable(rig, "hexapod")
        where = rig.event(HEX, "positionUpdate")
        assert where.positionX == pytest.approx(-3.624, abs=1e-3)
        assert where.positionY == pytest.approx(2.179, abs=1e-3)
        assert where.positionU == 0.35
        assert seen(rig, AOS, "hexapodCorrectionCompleted", "hexapod_z") == pytest.approx(where.positionZ)
        await point(rig, 40.0)
        await rig.sleep(60.0)
        assert rig.event(HEX, "positionUpdate").positionX > where.positionX - 2.0
        assert rig.event(HEX, "positionUpdate").positionX != where.positionX

    bench(scenario)


def test_the_hexapod_is_held_while_the_shutter_is_not_closed():
    async def scenario(rig):
        shut(rig, OPEN)
        await enable(rig, "hexapod")
        assert rig.records("command", HEX) == []

        shut(rig, CLOSED)

        await rig.sleep(10.0)
        assert [record["command"] for record in rig.records("command", HEX)] == ["moveToPosition"]

    bench(scenario)


def test_the_hexapod_may_move_while_exposing_if_asked_to():
    async def scenario(rig):
        shut(rig, OPEN)
        await enable(rig, "hexapod", "moveWhileExposing")
        assert [record["command"] for record in rig.records("command", HEX)] == ["moveToPosition"]
        assert seen(rig, AOS, "correctionEnabled", "moveWhileExposing") is True

    bench(scenario)


def test_the_focus_alone_moves_z_alone():
    async def scenario(rig):
        await enable(rig, "focus")
        where = rig.event(HEX, "positionUpdate")
        assert where.positionZ != 0.0
        assert where.positionX == 0.0
        assert seen(rig, AOS, "focusCorrectionCompleted", "focus") == pytest.approx(where.positionZ)

    bench(scenario)


def test_a_change_during_a_correction_is_not_lost():
    async def scenario(rig):
        task = rig.later(AOS, "enableCorrection", hexapod=True)
        await rig.sleep(1.0)
        assert rig.state(AOS, "loop") == "CORRECTING"
        assert seen(rig, AOS, "detailedState", "substate") == 8
        first = seen(rig, AOS, "hexapodCorrectionStarted", "hexapod_z")
        second = rig.later(AOS, "applyFocusOffset", offset=0.5)
        await rig.sleep(0.1)
        assert rig.state(AOS, "loop") == "PENDING"
        await task
        await second
        z = rig.event(HEX, "positionUpdate").positionZ
        assert z == pytest.approx(seen(rig, AOS, "hexapodCorrectionCompleted", "hexapod_z"))
        assert z == pytest.approx(first + 0.5)

    bench(scenario)


def test_apply_correction_corrects_once():
    async def scenario(rig):
        await rig.command(AOS, "applyCorrection", elevation=39.0)
        assert pressure(rig) == pytest.approx(asked(39.0))
        x = rig.event(HEX, "positionUpdate").positionX
        await rig.command(AOS, "applyCorrection")
        assert pressure(rig) == pytest.approx(asked(80.0))
        assert rig.event(HEX, "positionUpdate").positionX != x
        assert rig.state(AOS, "hexapod") == "OFF"

    bench(scenario)


# ------------------------------------------------------------------- offsets


def test_offsets_are_applied_and_reset():
    async def scenario(rig):
        await enable(rig, "enableAll")
        before = rig.event(HEX, "positionUpdate")
        await rig.command(AOS, "offset", x=0.5, m1=2000.0)
        assert rig.event(HEX, "positionUpdate").positionX == pytest.approx(before.positionX + 0.5)
        assert pressure(rig) == pytest.approx(asked(80.0) + 2000.0)
        assert seen(rig, AOS, "correctionOffsets", "x") == 0.5

        await rig.command(AOS, "resetOffset", axis="")

        assert rig.event(HEX, "positionUpdate").positionX == pytest.approx(before.positionX)
        assert pressure(rig) == pytest.approx(asked(80.0))

    bench(scenario)


def test_focus_offsets_are_accounted_for():
    async def scenario(rig):
        await enable(rig, "hexapod")
        await rig.command(AOS, "applyFocusOffset", offset=0.25)
        summary = rig.event(AOS, "focusOffsetSummary")
        assert (summary.total, summary.userApplied) == (0.25, 0.25)
        await rig.command(AOS, "setCorrectionModelOffsets", axis="y", offset=0.5)
        assert seen(rig, AOS, "correctionOffsets", "y") == 0.5
        with pytest.raises(AckError, match="axis 'q' invalid"):
            await rig.command(AOS, "setCorrectionModelOffsets", axis="q", offset=0.5)
        await rig.command(AOS, "resetOffset", axis="z")
        assert rig.event(AOS, "focusOffsetSummary").total == 0.0

    bench(scenario)


def test_filter_and_disperser_shift_focus_and_pointing():
    async def scenario(rig):
        optic = {"focusOffset": 0.1, "pointingOffsets": (2.0, 0.0)}
        empty = {"focusOffset": 0.0, "pointingOffsets": (0.0, 0.0)}
        publish = rig.observatory.bus.publish
        publish(SPEC, "reportedFilterPosition", empty, empty)
        publish(SPEC, "reportedDisperserPosition", empty, empty)
        await enable(rig, "hexapod", "atspectrograph")
        with pytest.raises(AckError, match="put an optic in the beam"):
            await rig.command(AOS, "setWavelength", wavelength=500.0)

        publish(SPEC, "reportedFilterPosition", optic, optic)
        await rig.sleep(10.0)

        assert rig.event(AOS, "focusOffsetSummary").filter == 0.1
        assert rig.event(AOS, "correctionOffsets").z == pytest.approx(0.1)
        assert rig.event(AOS, "atspectrographCorrectionCompleted").focusOffset == pytest.approx(0.1)
        assert rig.event(AOS, "pointingOffsetSummary").total == (2.0, 0.0)
        assert rig.event(PTG, "offsetSummary").pointingOriginUserDX == pytest.approx(2.0 / 9.5695, rel=1e-3)

        await rig.command(AOS, "setWavelength", wavelength=500.0)

        assert rig.event(AOS, "focusOffsetSummary").wavelength == pytest.approx(-0.0042)
        await rig.command(AOS, "resetOffset", axis="z")
        assert rig.event(AOS, "focusOffsetSummary").total == pytest.approx(0.1 - 0.0042)

    bench(scenario)


def test_all_flags_are_published():
    async def scenario(rig):
        await enable(rig, "enableAll", "moveWhileExposing")
        event = rig.event(AOS, "correctionEnabled")
        flags = ("m1", "m2", "hexapod", "focus", "atspectrograph", "moveWhileExposing")
        assert all(getattr(event, flag) for flag in flags)

        await disable(rig, "disableAll")

        event = rig.event(AOS, "correctionEnabled")
        assert not any(getattr(event, flag) for flag in flags)

    bench(scenario)


def test_corrections_that_are_asked_for_with_m1_go_on_with_it():
    async def scenario(rig):
        await rig.command(AIR, "m1CloseAirValve")
        task = rig.later(AOS, "enableCorrection", m1=True, hexapod=True, atspectrograph=True)
        await rig.sleep(2.9)
        flags = ("m1", "hexapod", "atspectrograph")
        early = [getattr(rig.event(AOS, "correctionEnabled"), flag) for flag in flags]
        await task

        assert early == [False, False, False]
        assert [getattr(rig.event(AOS, "correctionEnabled"), flag) for flag in flags] == [True, True, True]

    bench(scenario)


def test_a_correction_that_is_asked_for_while_m1_is_prepared_waits_for_it():
    async def scenario(rig):
        first = rig.later(AOS, "enableCorrection", m1=True)
        await rig.sleep(1.0)
        await rig.command(AOS, "enableCorrection", hexapod=True)

        assert rig.now >= 3.0
        assert (rig.state(AOS, "m1"), rig.state(AOS, "hexapod")) == ("ON", "ON")
        await first

    bench(scenario)


def test_no_correction_goes_on_when_m1_fails():
    async def scenario(rig):
        await rig.command(AIR, "m1CloseAirValve")
        both = rig.later(AOS, "enableCorrection", m1=True, hexapod=True)
        await rig.sleep(1.0)
        late = rig.later(AOS, "enableCorrection", focus=True)
        await rig.set_state(AIR, "STANDBY")

        with pytest.raises(AckError, match="M1: ATPneumatics.m1SetPressure"):
            await both
        with pytest.raises(AckError, match="a correction went off again before all were on; m1 is OFF"):
            await late
        assert (rig.state(AOS, "hexapod"), rig.state(AOS, "focus")) == ("OFF", "OFF")

    bench(scenario)


def test_disabling_m1_while_it_is_prepared_gives_up_what_was_asked_with_it():
    async def scenario(rig):
        task = rig.later(AOS, "enableCorrection", m1=True, hexapod=True)
        await rig.sleep(1.0)
        await disable(rig, "m1")

        with pytest.raises(AckError, match="superseded by disableCorrection|went off again"):
            await task
        assert (rig.state(AOS, "m1"), rig.state(AOS, "hexapod")) == ("OFF", "OFF")

    bench(scenario)


def test_leaving_enabled_switches_corrections_off_and_lowers_m1():
    async def scenario(rig):
        await enable(rig, "enableAll")
        await rig.set_state(AOS, "DISABLED")
        await rig.sleep(1.0)
        assert rig.event(AOS, "correctionEnabled").m1 is False
        assert rig.event(AOS, "correctionEnabled").hexapod is False
        assert pressure(rig) == 0.0

    bench(scenario)


# -------------------------------------------------------------------- faults


def test_a_failed_correction_is_fault_8103_and_lowers_m1():
    async def scenario(rig):
        await enable(rig, "m1", "hexapod")
        rig.inject(HEX, "out_of_limits")

        await point(rig, 40.0)
        await rig.sleep(60.0)

        assert rig.state(AOS) == "FAULT"
        assert seen(rig, AOS, "errorCode", "errorCode") == 8103
        assert "ATHexapod.moveToPosition" in seen(rig, AOS, "errorCode", "errorReport")
        assert pressure(rig) == 0.0
        with pytest.raises(AckError, match="Not allowed in Fault state: errorCode=8103"):
            await disable(rig, "m1")

    bench(scenario)


def test_a_fault_leaves_m1_under_pressure_if_so_configured():
    async def scenario(rig):
        await enable(rig, "m1", "hexapod")
        rig.inject(AOS, "loop_dies")
        await rig.sleep(5.0)
        assert rig.state(AOS) == "FAULT"
        assert pressure(rig) > 100000.0

    names = {AOS: {"pressure_left_on_fault": True}}
    bench(scenario, parameters=names)


def test_a_dead_loop_is_cured_by_a_restart():
    async def scenario(rig):
        await enable(rig, "hexapod")
        rig.inject(AOS, "loop_dies")
        await rig.sleep(5.0)
        assert seen(rig, AOS, "errorCode", "errorCode") == 8103
        with pytest.raises(AckError, match="enable not allowed in state"):
            await rig.command(AOS, "enable")

        await rig.enable(AOS)

        await enable(rig, "hexapod")
        await rig.sleep(5.0)
        assert rig.state(AOS) == "ENABLED"

    bench(scenario)


def test_a_dead_loop_shows_at_the_next_correction():
    async def scenario(rig):
        rig.inject(AOS, "loop_dies")
        assert rig.state(AOS) == "ENABLED"
        with pytest.raises(AckError, match="interrupted: errorCode=8103"):
            await enable(rig, "hexapod")

    bench(scenario)


def test_a_spectrograph_that_is_not_seen_must_be_cycled():
    async def scenario(rig):
        await rig.sleep(1.0)
        rig.inject(AOS, "spectrograph_not_seen")
        with pytest.raises(AckError, match="not seen ENABLED"):
            await enable(rig, "atspectrograph")
        await rig.set_state(AOS, "STANDBY")
        await rig.enable(AOS)
        with pytest.raises(AckError, match="not seen ENABLED"):
            await enable(rig, "atspectrograph")

        await rig.set_state(SPEC, "STANDBY")
        await rig.enable(SPEC)

        await enable(rig, "atspectrograph")
        assert rig.state(AOS, "atspectrograph") == "ON"

    bench(scenario)


def test_pressure_fails_when_pneumatics_goes_away():
    async def scenario(rig):
        await enable(rig, "m1")
        await rig.set_state(AIR, "STANDBY")
        await point(rig, 40.0)
        await rig.sleep(60.0)
        assert seen(rig, AOS, "errorCode", "errorCode") == 8103
        assert any("M1 could not be lowered" in line for line in rig.log_lines(AOS))

    bench(scenario)
