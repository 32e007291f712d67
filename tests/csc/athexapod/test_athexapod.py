import pytest

from csc import AckError
from tests.csc.rig import Rig, run
from tests.soundness.actions import Clear, Enable, Inject
from tests.soundness.stage import play

HEX = "ATHexapod"


async def enabled(rig: Rig) -> None:
    await rig.enable(HEX)


def position(rig: Rig) -> tuple[float, ...]:
    sample = rig.event(HEX, "positionUpdate")
    return tuple(getattr(sample, f"position{axis}") for axis in "XYZUVW")


def test_enable_references_the_axes_first():
    async def scenario(rig):
        await rig.set_state(HEX, "DISABLED")
        task = rig.later(HEX, "enable", timeout=5)
        await rig.sleep(19)
        assert rig.state(HEX) == "DISABLED"
        assert rig.state(HEX, "reference") == "REFERENCING"
        assert rig.event(HEX, "detailedState").detailedState == 1
        await task
        assert rig.now == pytest.approx(20)
        assert rig.state(HEX) == "ENABLED"

    run(scenario, HEX)


def test_enable_again_does_not_reference_again():
    async def scenario(rig):
        await enabled(rig)
        await rig.set_state(HEX, "STANDBY")
        before = rig.now

        await enabled(rig)

        assert rig.now == before

    run(scenario, HEX)


def test_a_move_takes_as_long_as_its_slowest_axis():
    async def scenario(rig):
        await enabled(rig)
        began = rig.now
        task = rig.later(HEX, "moveToPosition", x=1.0, z=-4.0, u=2.0)
        await rig.sleep(2.0)
        assert rig.state(HEX, "motion") == "INMOTION"
        assert rig.event(HEX, "inPosition").inPosition is False
        await task
        assert rig.now - began == pytest.approx(4.0)
        assert rig.state(HEX, "motion") == "NOTINMOTION"
        assert rig.event(HEX, "inPosition").inPosition is True
        assert position(rig) == (1.0, 0.0, -4.0, 2.0, 0.0, 0.0)

    run(scenario, HEX)


def test_an_offset_adds_to_the_position():
    async def scenario(rig):
        await enabled(rig)
        await rig.command(HEX, "moveToPosition", x=1.0)

        await rig.command(HEX, "applyPositionOffset", x=0.5, y=-0.5)

        assert position(rig)[:2] == (1.5, -0.5)

    run(scenario, HEX)


def test_telemetry_follows_the_move():
    async def scenario(rig):
        await enabled(rig)
        reader = rig.remote(HEX).telemetry("positionStatus")
        task = rig.later(HEX, "moveToPosition", x=10.0)
        sample = await reader.next(flush=True)
        assert sample.setpointPosition[0] == 10.0
        assert sample.reportedPosition[0] == pytest.approx(rig.now - 20.0)
        assert sample.positionFollowingError[0] == pytest.approx(sample.reportedPosition[0] - 10.0)
        await task

    run(scenario, HEX)


def test_a_move_longer_than_30_s_times_out_and_goes_on():
    async def scenario(rig):
        await enabled(rig)
        await rig.command(HEX, "moveToPosition", x=-20.0)

        with pytest.raises(AckError, match="TIMEOUT"):
            await rig.command(HEX, "moveToPosition", x=20.0)

        assert rig.state(HEX) == "ENABLED"
        assert rig.state(HEX, "motion") == "INMOTION"
        await rig.sleep(10.1)
        assert position(rig)[0] == 20.0

    run(scenario, HEX)


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("moveToPosition", {"x": 1.0}),
        ("applyPositionOffset", {"x": 1.0}),
        ("applyPositionLimits", {"xyMax": 1.0}),
        ("setMaxSystemSpeeds", {"speed": 0.5}),
        ("pivot", {"x": 1.0}),
    ],
)
def test_commands_are_refused_in_motion(command, fields):
    async def scenario(rig):
        await enabled(rig)
        task = rig.later(HEX, "moveToPosition", x=5.0)
        await rig.sleep(1.0)
        outputs = rig.component(HEX).snapshot()

        with pytest.raises(AckError, match=f"{command} not allowed in INMOTION"):
            await rig.command(HEX, command, **fields)

        assert rig.component(HEX).snapshot() == outputs
        await task
        assert position(rig)[0] == 5.0

    run(scenario, HEX)


def test_stop_all_axes_stops_on_the_way():
    async def scenario(rig):
        await enabled(rig)
        task = rig.later(HEX, "moveToPosition", x=5.0)
        await rig.sleep(2.0)

        await rig.command(HEX, "stopAllAxes")

        await task
        assert position(rig)[0] == pytest.approx(2.0)
        assert rig.event(HEX, "inPosition").inPosition is False

    run(scenario, HEX)


def test_disable_stops_a_move():
    async def scenario(rig):
        await enabled(rig)
        task = rig.later(HEX, "moveToPosition", x=5.0)
        await rig.sleep(1.0)
        await rig.set_state(HEX, "DISABLED")
        await task
        assert rig.state(HEX, "motion") == "NOTINMOTION"

    run(scenario, HEX)


def test_settings_are_applied_and_restored_by_enable():
    async def scenario(rig):
        await enabled(rig)
        await rig.command(HEX, "applyPositionLimits", xyMax=3.0, zMin=-1.0, zMax=2.0, uvMax=1.0, wMin=-1.0, wMax=1.0)
        await rig.command(HEX, "setMaxSystemSpeeds", speed=0.5)
        await rig.command(HEX, "pivot", x=1.0, y=2.0, z=3.0)
        assert rig.event(HEX, "settingsAppliedPositionLimits").limitZMax == 2.0
        assert rig.event(HEX, "settingsAppliedVelocities").systemSpeed == pytest.approx(0.5)
        assert rig.event(HEX, "settingsAppliedPivot").pivotY == 2.0
        began = rig.now
        await rig.command(HEX, "moveToPosition", x=2.0)
        assert rig.now - began == pytest.approx(4.0)

        await rig.set_state(HEX, "DISABLED")

        assert rig.event(HEX, "settingsAppliedPositionLimits").limitXYMax == 22.5
        assert rig.event(HEX, "settingsAppliedTcp").port == 50000

    run(scenario, HEX)


def test_a_position_out_of_limits_is_fault_7():
    async def scenario(rig):
        await enabled(rig)

        with pytest.raises(AckError, match="position out of limits"):
            await rig.command(HEX, "moveToPosition", x=23.0)

        assert rig.state(HEX) == "FAULT"
        assert rig.event(HEX, "errorCode").errorCode == 7
        assert rig.output(HEX, "x") == 0.0

    run(scenario, HEX)


def test_narrow_limits_are_cured_by_moving_to_zero_and_not_by_cycling():
    async def scenario(rig):
        await enabled(rig)
        rig.inject(HEX, "out_of_limits")
        with pytest.raises(AckError, match="position out of limits"):
            await rig.command(HEX, "moveToPosition", z=-1.0)
        assert rig.event(HEX, "errorCode").errorCode == 7

        await enabled(rig)
        with pytest.raises(AckError, match="position out of limits"):
            await rig.command(HEX, "moveToPosition", z=-1.0)

        await enabled(rig)
        await rig.command(HEX, "moveToPosition")
        await rig.command(HEX, "moveToPosition", z=-1.0)
        assert position(rig)[2] == -1.0

    run(scenario, HEX)


def test_a_controller_without_power_needs_its_power_cycled():
    async def scenario(rig):
        await enabled(rig)
        fault = rig.inject(HEX, "controller_off")
        assert rig.event(HEX, "errorCode").errorCode == 100
        assert rig.event(HEX, "readyForCommand").ready is False
        await rig.set_state(HEX, "STANDBY")

        with pytest.raises(RuntimeError, match="cannot connect to the hexapod controller"):
            await rig.set_state(HEX, "DISABLED")

        assert rig.state(HEX) == "STANDBY"
        rig.component(HEX).faults.clear(fault)
        with pytest.raises(RuntimeError, match="it is BOOTING"):
            await rig.set_state(HEX, "DISABLED")
        await rig.sleep(180.0)
        await enabled(rig)
        assert "REFERENCING" in rig.states_seen(HEX, "reference")[2:]

    run(scenario, HEX)


def test_a_controller_without_power_in_standby_is_no_fault():
    async def scenario(rig):
        rig.inject(HEX, "controller_off")
        assert rig.state(HEX) == "STANDBY"
        assert rig.state(HEX, "controller") == "OFF"

    run(scenario, HEX)


def test_a_controller_that_is_not_ready_is_fault_102_at_enable():
    async def scenario(rig):
        await enabled(rig)
        fault = rig.inject(HEX, "controller_not_ready")
        with pytest.raises(AckError, match="controller is NOT_READY"):
            await rig.command(HEX, "moveToPosition", x=1.0)
        with pytest.raises(AckError, match="controller is NOT_READY"):
            await rig.command(HEX, "applyPositionOffset", x=1.0)
        await rig.set_state(HEX, "DISABLED")

        with pytest.raises(RuntimeError, match="hexapod controller not ready"):
            await rig.set_state(HEX, "ENABLED")

        assert rig.event(HEX, "errorCode").errorCode == 102
        rig.component(HEX).faults.clear(fault)
        await enabled(rig)

    run(scenario, HEX)


def test_a_dead_telemetry_loop_is_cured_by_cycling():
    async def scenario(rig):
        await enabled(rig)
        rig.inject(HEX, "telemetry_loop_closed")
        assert rig.event(HEX, "errorCode").errorCode == 101
        await enabled(rig)
        assert not rig.component(HEX).faults.active

    run(scenario, HEX)


@pytest.mark.parametrize(
    ("fault", "code", "duration"), [("referencing_stuck", 103, 120.0), ("referencing_error", 104, 20.0)]
)
def test_failed_referencing_faults_until_the_axis_is_free(fault, code, duration):
    async def scenario(rig):
        await enabled(rig)
        active = rig.inject(HEX, fault)
        with pytest.raises(AckError, match="axes are UNREFERENCED"):
            await rig.command(HEX, "moveToPosition", x=1.0)
        with pytest.raises(AckError, match="axes are UNREFERENCED"):
            await rig.command(HEX, "applyPositionOffset", x=1.0)
        await rig.set_state(HEX, "DISABLED")

        for _ in range(2):
            began = rig.now
            with pytest.raises(RuntimeError, match="could not be referenced"):
                await rig.set_state(HEX, "ENABLED")
            assert rig.now - began == pytest.approx(duration)
            assert rig.event(HEX, "errorCode").errorCode == code

        rig.component(HEX).faults.clear(active)
        await enabled(rig)
        assert rig.state(HEX, "reference") == "REFERENCED"

    run(scenario, HEX)


def test_referencing_ends_where_the_axes_are_zero():
    async def scenario(rig):
        await enabled(rig)
        await rig.command(HEX, "moveToPosition", x=5.0)
        rig.component(HEX).fire("reference_lost")
        await rig.set_state(HEX, "DISABLED")

        await enabled(rig)

        assert position(rig) == (0.0,) * 6

    run(scenario, HEX)


def test_standby_during_referencing_ends_it():
    async def scenario(rig):
        await rig.set_state(HEX, "DISABLED")
        task = rig.later(HEX, "enable")
        await rig.sleep(5.0)

        await rig.command(HEX, "standby")

        with pytest.raises(AckError, match="could not be referenced"):
            await task
        assert rig.state(HEX) == "STANDBY"
        assert rig.state(HEX, "motion") == "NOTINMOTION"

    run(scenario, HEX)


def test_a_run_may_begin_enabled_and_referenced():
    async def scenario(rig):
        await rig.command(HEX, "moveToPosition", x=1.0)
        assert rig.state(HEX, "reference") == "REFERENCED"

    run(scenario, HEX, states={HEX: "ENABLED"})


def test_enable_that_is_sent_twice_is_answered_twice():
    async def scenario(rig):
        await rig.command(HEX, "start")
        first, second = rig.later(HEX, "enable"), rig.later(HEX, "enable")
        await rig.sleep(130.0)
        return first.done(), second.done(), rig.state(HEX)

    assert run(scenario, HEX) == (True, True, "ENABLED")


def test_an_axis_that_is_freed_while_it_is_looked_for_is_found():
    play(
        "ATHexapod",
        Inject("ATHexapod", "telemetry_loop_closed"),
        Inject("ATHexapod", "referencing_stuck"),
        Enable("ATHexapod"),
        Clear("ATHexapod"),
    )
