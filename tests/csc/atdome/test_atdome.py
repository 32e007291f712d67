"""The azimuth of the dome: moves, homing, slip and what goes wrong."""

import math

import pytest

from csc import Ack, AckError
from csc.kinematics import wrap180
from tests.csc.rig import Rig, run

DOME = "ATDome"
NOT_HOMED = {DOME: {"homing": "NOT_HOMED"}}


async def refused(rig: Rig, command: str, match: str, **fields) -> None:
    """Check that a command fails with a text and that nothing else happens."""
    before = rig.component(DOME).snapshot()
    count = len(rig.journal.records)

    with pytest.raises(AckError, match=match):
        await rig.command(DOME, command, **fields)

    assert [record["kind"] for record in rig.journal.records[count:]] == ["command", "ack"]
    assert str(rig.component(DOME).snapshot()) == str(before)


async def move(rig: Rig, azimuth: float, wait: float = 130.0) -> None:
    await rig.command(DOME, "moveAzimuth", azimuth=azimuth)
    await rig.sleep(wait)


def offset(rig: Rig, azimuth: float, output: str = "azimuth") -> float:
    return wrap180(rig.output(DOME, output) - azimuth)


def in_position(rig: Rig) -> bool:
    return bool(rig.event(DOME, "azimuthInPosition").inPosition)


# Beginning


def test_the_dome_begins_homed_at_its_park_position():
    async def scenario(rig):
        await rig.enable(DOME)

        sample = await rig.remote(DOME).telemetry("position").next(flush=True)

        assert sample.azimuthPosition == 285.0
        assert sample.azimuthEncoderPosition == 68719476735
        assert (sample.mainDoorOpeningPercentage, sample.dropoutDoorOpeningPercentage) == (0.0, 0.0)
        state = rig.event(DOME, "azimuthState")
        assert (state.state, state.homed, state.homing, state.homeSwitch) == (1, True, False, False)
        assert rig.output(DOME, "true_azimuth") == 285.0

    run(scenario, DOME)


def test_telemetry_comes_five_times_a_second():
    async def scenario(rig):
        await rig.enable(DOME)
        reader = rig.remote(DOME).telemetry("position")
        first = await reader.next(flush=True)

        second = await reader.next()

        assert second.t - first.t == pytest.approx(0.2)

    run(scenario, DOME)


def test_nothing_is_commanded_at_the_beginning():
    async def scenario(rig):
        await rig.enable(DOME)

        asked = rig.event(DOME, "azimuthCommandedState")

        assert asked.commandedState == 1
        assert math.isnan(asked.azimuth)
        assert rig.event(DOME, "lastAzimuthGoTo").position == 285.0
        assert not in_position(rig)
        assert not rig.event(DOME, "shutterInPosition").inPosition

    run(scenario, DOME)


def test_the_settings_of_the_controller_are_published_on_connecting():
    async def scenario(rig):
        await rig.set_state(DOME, "DISABLED")

        settings = rig.event(DOME, "settingsAppliedDomeController")

        assert settings.tolerance == 0.5
        assert settings.homeAzimuth == 0.0
        assert settings.highSpeedDistance == 5.0
        assert settings.azimuthMoveTimeout == 120.0
        assert rig.event(DOME, "settingsAppliedDomeTcp").port == 17310
        assert rig.event(DOME, "doorEncoderExtremes").mainOpened == 8287616388

    run(scenario, DOME)


def test_a_dome_may_begin_not_homed():
    async def scenario(rig):
        await rig.enable(DOME)

        assert rig.event(DOME, "azimuthState").homed is False

    run(scenario, DOME, machines=NOT_HOMED)


def test_a_dome_that_begins_at_the_switch_presses_it():
    async def scenario(rig):
        await rig.enable(DOME)

        assert rig.event(DOME, "azimuthState").homeSwitch is True

    run(scenario, DOME, parameters={DOME: {"initial_azimuth": "0 deg"}})


# Moves


def test_a_move_is_acknowledged_at_once_and_arrives_later():
    async def scenario(rig):
        await rig.enable(DOME)

        await rig.command(DOME, "moveAzimuth", azimuth=3.0)

        assert rig.now == 0.0
        assert rig.event(DOME, "azimuthCommandedState").commandedState == 2
        assert rig.event(DOME, "azimuthCommandedState").azimuth == 3.0
        assert rig.event(DOME, "lastAzimuthGoTo").position == 3.0
        await rig.sleep(33.0)
        assert rig.event(DOME, "azimuthState").state == 2
        assert not in_position(rig)
        await rig.sleep(2.5)
        assert rig.event(DOME, "azimuthState").state == 1
        assert in_position(rig)
        assert abs(offset(rig, 3.0)) <= 0.5

    run(scenario, DOME)


def test_half_a_turn_stays_within_the_time_limit_of_a_slew():
    async def scenario(rig):
        await rig.enable(DOME)

        await move(rig, 105.0, wait=70.0)

        assert in_position(rig)

    run(scenario, DOME)


def test_the_dome_takes_the_shorter_way():
    async def scenario(rig):
        await rig.enable(DOME)
        await rig.command(DOME, "moveAzimuth", azimuth=200.0)
        await rig.sleep(1.0)

        assert rig.event(DOME, "azimuthState").state == 3
        assert rig.event(DOME, "moveCode").code == 2

    run(scenario, DOME)


@pytest.mark.parametrize("azimuth", [363.0, -357.0])
def test_an_azimuth_of_another_turn_is_taken_in_the_first(azimuth):
    async def scenario(rig):
        await rig.enable(DOME)

        await move(rig, azimuth)

        assert rig.event(DOME, "lastAzimuthGoTo").position == pytest.approx(3.0)
        assert in_position(rig)

    run(scenario, DOME)


def test_a_move_within_the_tolerance_is_not_made():
    async def scenario(rig):
        await rig.enable(DOME)

        await rig.command(DOME, "moveAzimuth", azimuth=285.3)

        assert rig.states_seen(DOME, "azimuth_motion") == []
        assert in_position(rig)

    run(scenario, DOME)


def test_a_short_move_is_slow():
    async def scenario(rig):
        await rig.enable(DOME)
        await rig.command(DOME, "moveAzimuth", azimuth=289.0)
        await rig.sleep(7.0)

        assert rig.state(DOME, "drive") == "TURNING"
        await rig.sleep(2.0)
        assert rig.state(DOME, "drive") == "RESTING"

    run(scenario, DOME)


@pytest.mark.parametrize("seed", range(8))
def test_a_move_ends_within_the_tolerance(seed):
    async def scenario(rig):
        await rig.enable(DOME)

        await move(rig, 3.0)

        assert abs(offset(rig, 3.0)) <= 0.5

    run(scenario, DOME, seed=seed, parameters={DOME: {"position_scatter": "1 deg"}})


def test_a_new_target_ahead_is_taken_without_a_stop():
    async def scenario(rig):
        await rig.enable(DOME)
        await rig.command(DOME, "moveAzimuth", azimuth=330.0)
        await rig.sleep(5.0)

        await move(rig, 3.0, wait=40.0)

        assert rig.states_seen(DOME, "azimuth_motion") == ["MOVINGCW", "NOTINMOTION"]
        assert in_position(rig)

    run(scenario, DOME)


def test_a_reversal_waits_for_the_reverse_delay():
    async def scenario(rig):
        await rig.enable(DOME)
        await rig.command(DOME, "moveAzimuth", azimuth=330.0)
        await rig.sleep(5.0)

        await rig.command(DOME, "moveAzimuth", azimuth=270.0)

        assert rig.state(DOME, "drive") == "RESTING"
        await rig.sleep(3.9)
        assert rig.event(DOME, "azimuthState").state == 1
        await rig.sleep(0.2)
        assert rig.event(DOME, "azimuthState").state == 3
        await rig.sleep(60.0)
        assert in_position(rig)

    run(scenario, DOME)


def test_a_target_that_is_just_here_stops_the_dome():
    async def scenario(rig):
        await rig.enable(DOME)
        await rig.command(DOME, "moveAzimuth", azimuth=330.0)
        await rig.sleep(5.0)

        await rig.command(DOME, "moveAzimuth", azimuth=rig.output(DOME, "azimuth"))

        assert rig.event(DOME, "azimuthState").state == 1
        assert rig.state(DOME, "controller") == "STOP"
        assert in_position(rig)

    run(scenario, DOME)


def test_a_move_soon_after_a_stop_waits():
    async def scenario(rig):
        await rig.enable(DOME)
        await rig.command(DOME, "moveAzimuth", azimuth=289.0)
        await rig.sleep(9.0)
        assert rig.state(DOME, "drive") == "RESTING"

        await rig.command(DOME, "moveAzimuth", azimuth=295.0)

        assert rig.state(DOME, "controller") == "POSITION"
        assert rig.event(DOME, "azimuthState").state == 1
        await rig.sleep(25.0)
        assert in_position(rig)

    run(scenario, DOME)


def test_stop_motion_stops_the_azimuth():
    async def scenario(rig):
        await rig.enable(DOME)
        await rig.command(DOME, "moveAzimuth", azimuth=3.0)
        await rig.sleep(10.0)

        await rig.command(DOME, "stopMotion")

        here = rig.output(DOME, "azimuth")
        await rig.sleep(60.0)
        assert rig.output(DOME, "azimuth") == here
        assert rig.event(DOME, "azimuthState").state == 1
        assert rig.event(DOME, "azimuthCommandedState").commandedState == 4
        assert not in_position(rig)

    run(scenario, DOME)


def test_a_move_is_refused_when_not_homed():
    async def scenario(rig):
        await rig.enable(DOME)

        await refused(rig, "moveAzimuth", "azimuth is not homed; send homeAzimuth", azimuth=3.0)

    run(scenario, DOME, machines=NOT_HOMED)


def test_a_move_is_refused_while_homing():
    async def scenario(rig):
        await rig.enable(DOME)
        homing = rig.later(DOME, "homeAzimuth")
        await rig.sleep(5.0)

        await refused(
            rig, "moveAzimuth", r"azimuth is homing since 0.0 s; wait for azimuthState.homing=false", azimuth=3.0
        )

        await homing

    run(scenario, DOME)


@pytest.mark.parametrize("command", ["moveAzimuth", "homeAzimuth", "stopMotion", "openShutter", "closeShutter"])
def test_commands_are_refused_when_disabled(command):
    async def scenario(rig):
        await rig.set_state(DOME, "DISABLED")

        await refused(rig, command, r"Not allowed in state=<State.DISABLED: 1>")

    run(scenario, DOME)


# Homing


def test_homing_finds_the_switch_and_takes_it_as_reference():
    async def scenario(rig):
        await rig.enable(DOME)
        progress: list[Ack] = []

        await rig.remote(DOME).command("homeAzimuth", on_progress=progress.append)

        assert [ack.timeout for ack in progress] == [150.0]
        assert 30.0 < rig.now < 40.0
        assert rig.states_seen(DOME, "drive") == ["SEEKING", "REVERSING", "RETURNING", "RESTING"]
        assert rig.states_seen(DOME, "homing") == ["HOMING", "HOMED"]
        assert rig.output(DOME, "azimuth") == 0.0
        assert abs(offset(rig, 0.0, "true_azimuth")) <= 0.1
        assert abs(rig.output(DOME, "slip")) <= 0.1
        state = rig.event(DOME, "azimuthState")
        assert (state.homed, state.homing, state.homeSwitch) == (True, False, True)
        assert rig.event(DOME, "azimuthCommandedState").commandedState == 4
        assert not in_position(rig)

    run(scenario, DOME)


def test_homing_is_published_while_it_lasts():
    async def scenario(rig):
        await rig.enable(DOME)
        homing = rig.later(DOME, "homeAzimuth")
        await rig.sleep(5.0)

        state = rig.event(DOME, "azimuthState")

        assert (state.state, state.homing, state.homed) == (2, True, False)
        assert rig.event(DOME, "moveCode").code == 64 + 1
        assert rig.event(DOME, "azimuthCommandedState").commandedState == 3
        assert math.isnan(rig.event(DOME, "azimuthCommandedState").azimuth)
        await homing
        assert rig.event(DOME, "azimuthState").homed is True

    run(scenario, DOME, machines=NOT_HOMED)


def test_homing_when_homed_and_at_the_switch_does_nothing():
    async def scenario(rig):
        await rig.enable(DOME)
        await rig.command(DOME, "homeAzimuth")
        count, now = len(rig.records("transition")), rig.now

        await rig.command(DOME, "homeAzimuth")

        assert (len(rig.records("transition")), rig.now) == (count, now)

    run(scenario, DOME)


def test_homing_when_not_homed_works_at_the_switch_too():
    async def scenario(rig):
        await rig.enable(DOME)

        await rig.command(DOME, "homeAzimuth")

        assert rig.state(DOME, "homing") == "HOMED"
        assert rig.now > 4.0

    run(scenario, DOME, machines=NOT_HOMED, parameters={DOME: {"initial_azimuth": "0 deg"}})


def test_homing_is_refused_while_homing():
    async def scenario(rig):
        await rig.enable(DOME)
        homing = rig.later(DOME, "homeAzimuth")
        await rig.sleep(5.0)

        await refused(rig, "homeAzimuth", "azimuth is homing since 0.0 s; wait for azimuthState.homing=false")

        await homing

    run(scenario, DOME)


def test_homing_is_refused_while_the_dome_moves():
    async def scenario(rig):
        await rig.enable(DOME)
        await rig.command(DOME, "moveAzimuth", azimuth=3.0)
        await rig.sleep(5.0)

        await refused(rig, "homeAzimuth", r"azimuth is moving \(MOVINGCW\); wait until it stands or send stopMotion")

    run(scenario, DOME)


@pytest.mark.parametrize("before", ["HOMED", "NOT_HOMED"])
def test_stopping_a_homing_leaves_the_reference_as_it_was(before):
    async def scenario(rig):
        await rig.enable(DOME)
        homing = rig.later(DOME, "homeAzimuth")
        await rig.sleep(5.0)

        await rig.command(DOME, "stopMotion")

        with pytest.raises(
            AckError, match="homing was stopped before the switch was found; the azimuth controller is STOP"
        ):
            await homing
        assert rig.state(DOME, "homing") == before
        assert rig.event(DOME, "azimuthState").homing is False

    run(scenario, DOME, machines={DOME: {"homing": before}})


def test_homing_that_takes_too_long_ends_in_the_error_mode():
    async def scenario(rig):
        await rig.enable(DOME)

        with pytest.raises(AckError, match="the azimuth controller is ERROR"):
            await rig.command(DOME, "homeAzimuth")

        assert rig.now == pytest.approx(10.0)
        assert rig.state(DOME, "homing") == "NOT_HOMED"
        assert rig.event(DOME, "azimuthState").state == 1

    run(scenario, DOME, machines=NOT_HOMED, parameters={DOME: {"home_timeout": "10 s"}})


def test_homing_soon_after_a_move_waits_for_the_reverse_delay():
    async def scenario(rig):
        await rig.enable(DOME)
        await move(rig, 289.0, wait=9.0)
        assert rig.state(DOME, "drive") == "RESTING"

        await rig.command(DOME, "homeAzimuth")

        assert rig.state(DOME, "homing") == "HOMED"

    run(scenario, DOME)


# Slip


def test_the_encoder_slips_two_degrees_in_twenty_turns():
    async def scenario(rig):
        await rig.enable(DOME)

        for number in range(1, 61):
            await move(rig, (285.0 + 120.0 * number) % 360.0, wait=60.0)

        assert abs(rig.output(DOME, "slip")) == pytest.approx(2.0, abs=0.01)
        assert offset(rig, rig.output(DOME, "azimuth"), "true_azimuth") == pytest.approx(-rig.output(DOME, "slip"))

    run(scenario, DOME, parameters={DOME: {"slip_per_start": "0 deg"}})


def test_the_sign_of_the_slip_is_that_of_the_run():
    async def scenario(rig):
        await rig.enable(DOME)
        await move(rig, 45.0)
        first = rig.output(DOME, "slip")

        await move(rig, 285.0)

        assert rig.output(DOME, "slip") / first > 1.0
        return math.copysign(1.0, first)

    signs = {run(scenario, DOME, seed=seed, parameters={DOME: {"slip_per_start": "0 deg"}}) for seed in range(8)}

    assert signs == {-1.0, 1.0}


def test_a_start_jerks_the_encoder_and_not_the_dome():
    async def scenario(rig):
        await rig.enable(DOME)

        await rig.command(DOME, "moveAzimuth", azimuth=3.0)

        assert rig.output(DOME, "true_azimuth") == pytest.approx(285.0)
        assert 0.0 < abs(offset(rig, 285.0)) < 0.1

    run(scenario, DOME)


def test_other_components_sense_the_true_azimuth_over_time():
    async def scenario(rig):
        await rig.enable(DOME)
        await rig.command(DOME, "moveAzimuth", azimuth=3.0)
        await rig.sleep(60.0)

        history = rig.component(DOME).timelines["true_azimuth"]

        assert history.value(10.0) == pytest.approx(315.0, abs=0.1)
        assert history.constant(50.0, 60.0)

    run(scenario, DOME)


def test_an_encoder_slip_hides_from_telemetry():
    async def scenario(rig):
        await rig.enable(DOME)
        await move(rig, 3.0)
        before = rig.output(DOME, "azimuth")

        rig.inject(DOME, "encoder_slip", slip=2.0)

        assert rig.output(DOME, "azimuth") == before
        assert offset(rig, before, "true_azimuth") == pytest.approx(-2.0)
        assert rig.event(DOME, "azimuthState").homed is True
        assert in_position(rig)

    run(scenario, DOME)


def test_an_encoder_slip_during_a_move_keeps_the_move():
    async def scenario(rig):
        await rig.enable(DOME)
        await rig.command(DOME, "moveAzimuth", azimuth=3.0)
        await rig.sleep(10.0)

        rig.inject(DOME, "encoder_slip", slip=2.0)

        await rig.sleep(50.0)
        assert abs(offset(rig, 3.0)) < 0.5
        assert offset(rig, rig.output(DOME, "azimuth"), "true_azimuth") == pytest.approx(-2.0, abs=0.05)

    run(scenario, DOME)


def test_moving_does_not_cure_an_encoder_slip():
    async def scenario(rig):
        await rig.enable(DOME)
        rig.inject(DOME, "encoder_slip", slip=2.0)

        await move(rig, 3.0)
        await rig.command(DOME, "stopMotion")
        await move(rig, 10.0)

        assert rig.output(DOME, "slip") == pytest.approx(2.0, abs=0.2)
        assert [fault.plan.name for fault in rig.component(DOME).faults.active] == ["encoder_slip"]

    run(scenario, DOME)


def test_homing_cures_an_encoder_slip():
    async def scenario(rig):
        await rig.enable(DOME)
        await move(rig, 3.0)
        rig.inject(DOME, "encoder_slip", slip=2.0)

        await rig.command(DOME, "homeAzimuth")

        assert abs(rig.output(DOME, "slip")) <= 0.1
        assert rig.component(DOME).faults.active == []
        await move(rig, 3.0)
        assert abs(offset(rig, 3.0, "true_azimuth")) < 0.5

    run(scenario, DOME)


def test_homing_at_the_switch_does_not_cure_an_encoder_slip():
    async def scenario(rig):
        await rig.enable(DOME)
        await rig.command(DOME, "homeAzimuth")
        rig.inject(DOME, "encoder_slip", slip=0.15)

        await rig.command(DOME, "homeAzimuth")

        assert rig.output(DOME, "slip") == 0.15

    run(scenario, DOME)


def test_homing_with_a_slip_that_hides_the_switch_takes_a_whole_turn():
    async def scenario(rig):
        await rig.enable(DOME)
        await move(rig, 3.0)
        rig.inject(DOME, "encoder_slip", slip=5.0)
        began = rig.now

        await rig.command(DOME, "homeAzimuth")

        assert rig.now - began > 115.0
        assert abs(offset(rig, 0.0, "true_azimuth")) <= 0.1

    run(scenario, DOME)


# Faults


def test_a_restarted_controller_is_not_homed_until_it_homes():
    async def scenario(rig):
        await rig.enable(DOME)

        rig.inject(DOME, "not_homed")

        await refused(rig, "moveAzimuth", "azimuth is not homed", azimuth=3.0)
        await rig.command(DOME, "stopMotion")
        assert rig.event(DOME, "azimuthState").homed is False
        await rig.command(DOME, "homeAzimuth")
        assert rig.event(DOME, "azimuthState").homed is True
        assert rig.component(DOME).faults.active == []

    run(scenario, DOME)


def test_a_stalled_dome_is_sent_again_and_again():
    async def scenario(rig):
        await rig.enable(DOME)
        rig.inject(DOME, "stall", short=3.0)

        await move(rig, 3.0, wait=60.0)

        assert not in_position(rig)
        assert rig.event(DOME, "azimuthState").state == 1
        assert offset(rig, 3.0) == pytest.approx(-3.0, abs=0.5)
        assert rig.state(DOME, "resend") == "WATCHING"
        assert rig.states_seen(DOME, "resend").count("WATCHING") > 4
        assert any("deg short and does not move; sending the move again" in line for line in rig.log_lines(DOME))

    run(scenario, DOME)


def test_a_stall_is_not_cured_by_moving_or_by_disabling():
    async def scenario(rig):
        await rig.enable(DOME)
        rig.inject(DOME, "stall")
        await move(rig, 3.0)

        await rig.command(DOME, "stopMotion")
        await move(rig, 40.0)
        await rig.set_state(DOME, "DISABLED")
        await rig.set_state(DOME, "ENABLED")
        await move(rig, 3.0)

        assert not in_position(rig)

    run(scenario, DOME)


def test_a_stall_is_cured_by_cycling_through_standby():
    async def scenario(rig):
        await rig.enable(DOME)
        rig.inject(DOME, "stall")
        await move(rig, 3.0)

        await rig.set_state(DOME, "STANDBY")
        await rig.enable(DOME)
        await move(rig, 3.0)

        assert in_position(rig)
        assert rig.state(DOME, "resend") == "IDLE"

    run(scenario, DOME)


def test_a_move_that_is_sent_again_arrives_when_the_dome_is_free():
    async def scenario(rig):
        await rig.enable(DOME)
        stall = rig.inject(DOME, "stall")
        await move(rig, 3.0, wait=60.0)

        rig.component(DOME).faults.clear(stall)

        await rig.sleep(20.0)
        assert in_position(rig)
        assert rig.state(DOME, "resend") == "IDLE"

    run(scenario, DOME)


def test_a_creeping_dome_runs_into_the_time_limit():
    async def scenario(rig):
        await rig.enable(DOME)
        rig.inject(DOME, "azimuth_timeout")
        await rig.command(DOME, "moveAzimuth", azimuth=3.0)
        await rig.sleep(119.0)
        assert rig.event(DOME, "azimuthState").state == 2

        await rig.sleep(2.0)

        assert rig.state(DOME, "controller") == "ERROR"
        assert rig.event(DOME, "azimuthState").state == 1
        assert not in_position(rig)
        assert any("a move took longer than 120 s" in line for line in rig.log_lines(DOME))

    run(scenario, DOME)


def test_moving_does_not_clear_a_latched_error_and_stopping_does():
    async def scenario(rig):
        await rig.enable(DOME)
        rig.inject(DOME, "azimuth_timeout")
        await move(rig, 3.0)

        await move(rig, 3.0)

        assert rig.state(DOME, "controller") == "ERROR"
        assert not in_position(rig)
        await rig.command(DOME, "stopMotion")
        assert rig.state(DOME, "controller") == "STOP"
        await move(rig, 3.0)
        assert in_position(rig)

    run(scenario, DOME)


def test_an_encoder_error_stops_the_dome_until_it_is_stopped():
    async def scenario(rig):
        await rig.enable(DOME)
        await rig.command(DOME, "moveAzimuth", azimuth=3.0)
        await rig.sleep(10.0)

        rig.inject(DOME, "encoder_error")

        assert rig.event(DOME, "azimuthState").state == 1
        await move(rig, 3.0)
        assert not in_position(rig)
        await rig.command(DOME, "stopMotion")
        await move(rig, 3.0)
        assert in_position(rig)

    run(scenario, DOME)


def test_an_encoder_error_fails_a_homing():
    async def scenario(rig):
        await rig.enable(DOME)
        homing = rig.later(DOME, "homeAzimuth")
        await rig.sleep(5.0)

        rig.inject(DOME, "encoder_error")

        with pytest.raises(AckError, match="the azimuth controller is ERROR"):
            await homing
        assert rig.state(DOME, "homing") == "HOMED"

    run(scenario, DOME)


def test_an_emergency_stop_stops_the_dome_and_needs_release_and_stop():
    async def scenario(rig):
        await rig.enable(DOME)
        await rig.command(DOME, "moveAzimuth", azimuth=3.0)
        await rig.sleep(10.0)

        stop = rig.inject(DOME, "emergency_stop")

        assert rig.event(DOME, "emergencyStop").active is True
        assert rig.event(DOME, "moveCode").code == 128
        assert rig.event(DOME, "azimuthState").state == 1
        await rig.command(DOME, "stopMotion")
        await move(rig, 3.0)
        assert not in_position(rig)
        rig.component(DOME).faults.clear(stop)
        assert rig.event(DOME, "emergencyStop").active is False
        await move(rig, 3.0)
        assert not in_position(rig)
        await rig.command(DOME, "stopMotion")
        await move(rig, 3.0)
        assert in_position(rig)
        assert rig.state(DOME, "homing") == "HOMED"

    run(scenario, DOME)


def test_homing_in_the_error_mode_waits_until_it_is_stopped():
    async def scenario(rig):
        await rig.enable(DOME)
        rig.inject(DOME, "encoder_error")
        homing = rig.later(DOME, "homeAzimuth")
        await rig.sleep(60.0)
        assert rig.state(DOME, "drive") == "STOPPED"

        await rig.command(DOME, "stopMotion")

        with pytest.raises(AckError, match="homing was stopped"):
            await homing

    run(scenario, DOME)


def test_centring_by_hand_turns_the_encoder_back():
    async def scenario(rig):
        await rig.enable(DOME)
        for azimuth in (45.0, 165.0, 285.0, 45.0):
            await move(rig, azimuth, wait=60.0)

        rig.inject(DOME, "local_centring")

        assert rig.state(DOME, "controller") == "CENTER"
        assert rig.event(DOME, "azimuthState").state == 3
        await rig.command(DOME, "moveAzimuth", azimuth=100.0)
        await rig.sleep(300.0)
        assert rig.output(DOME, "azimuth_encoder") == 68719476735
        assert rig.state(DOME, "controller") == "STOP"
        assert rig.component(DOME).faults.active == []
        assert not in_position(rig)

    run(scenario, DOME)


def test_centring_soon_after_a_stop_waits_for_the_reverse_delay():
    async def scenario(rig):
        await rig.enable(DOME)
        await move(rig, 289.0, wait=9.0)
        assert rig.state(DOME, "drive") == "RESTING"

        rig.inject(DOME, "local_centring")

        assert rig.event(DOME, "azimuthState").state == 1
        await rig.sleep(60.0)
        assert rig.output(DOME, "azimuth_encoder") == 68719476735

    run(scenario, DOME)


def test_centring_at_the_centre_does_nothing():
    async def scenario(rig):
        await rig.enable(DOME)

        rig.inject(DOME, "local_centring")

        assert rig.states_seen(DOME, "azimuth_motion") == []
        assert rig.state(DOME, "controller") == "STOP"

    run(scenario, DOME)


# Connection


def test_no_greeting_when_connecting_is_fault_1():
    async def scenario(rig):
        rig.inject(DOME, "connect_failure")

        with pytest.raises(RuntimeError, match="enable"):
            await rig.enable(DOME)

        assert rig.now == pytest.approx(10.0)
        assert rig.state(DOME) == "FAULT"
        assert rig.event(DOME, "errorCode").errorCode == 1

    run(scenario, DOME)


def test_standby_and_start_connect_again():
    async def scenario(rig):
        rig.inject(DOME, "connect_failure")
        await rig.command(DOME, "start")

        await rig.enable(DOME)

        assert rig.state(DOME, "connection") == "CONNECTED"
        assert rig.event(DOME, "errorCode").errorCode == 0

    run(scenario, DOME)


def test_a_lost_link_is_no_fault_but_status_grows_stale():
    async def scenario(rig):
        await rig.enable(DOME)
        await rig.command(DOME, "moveAzimuth", azimuth=3.0)
        await rig.sleep(10.0)

        rig.inject(DOME, "link_lost")

        await rig.sleep(60.0)
        assert rig.state(DOME) == "ENABLED"
        assert rig.state(DOME, "drive") == "STOPPED"
        assert rig.event(DOME, "azimuthState").state == 2
        assert not in_position(rig)
        assert "Status request failed; status loop continues" in rig.log_lines(DOME)
        with pytest.raises(TimeoutError):
            await rig.remote(DOME).telemetry("position").next(flush=True, timeout=5.0)
        for command in ("moveAzimuth", "homeAzimuth", "stopMotion", "openShutter", "moveShutterMainDoor"):
            await refused(rig, command, "the dome controller does not answer")

    run(scenario, DOME)


def test_disabling_does_not_bring_a_lost_link_back_and_standby_does():
    async def scenario(rig):
        await rig.enable(DOME)
        await rig.command(DOME, "moveAzimuth", azimuth=3.0)
        await rig.sleep(10.0)
        rig.inject(DOME, "link_lost")
        await rig.sleep(60.0)

        await rig.set_state(DOME, "DISABLED")
        await rig.set_state(DOME, "ENABLED")
        assert rig.state(DOME, "connection") == "LOST"
        assert rig.event(DOME, "azimuthState").state == 2
        await rig.set_state(DOME, "STANDBY")
        await rig.enable(DOME)

        assert rig.event(DOME, "azimuthState").state == 1
        await move(rig, 10.0)
        assert in_position(rig)

    run(scenario, DOME)


def test_a_link_that_comes_back_by_itself_is_used():
    async def scenario(rig):
        await rig.enable(DOME)
        lost = rig.inject(DOME, "link_lost")

        rig.component(DOME).faults.clear(lost)

        await move(rig, 3.0)
        assert in_position(rig)

    run(scenario, DOME)


def test_disabling_stops_the_azimuth():
    async def scenario(rig):
        await rig.enable(DOME)
        await rig.command(DOME, "moveAzimuth", azimuth=3.0)
        await rig.sleep(10.0)

        await rig.set_state(DOME, "DISABLED")

        assert rig.event(DOME, "azimuthState").state == 1
        assert rig.event(DOME, "azimuthCommandedState").commandedState == 4

    run(scenario, DOME)


def test_the_same_seed_gives_the_same_run():
    async def scenario(rig):
        await rig.enable(DOME)
        await move(rig, 3.0)
        await rig.command(DOME, "homeAzimuth")
        return rig.journal.digest

    assert run(scenario, DOME, seed=7) == run(scenario, DOME, seed=7)
    assert run(scenario, DOME, seed=7) != run(scenario, DOME, seed=8)
