import math

import pytest

from csc import AckError
from fsm import Timeline
from tests.csc.rig import Rig, run

MOUNT = "ATMCS"
AXES = ("elevation_axis", "azimuth_axis", "nasmyth2_axis")


async def tracking(rig: Rig) -> None:
    await rig.enable(MOUNT)
    await rig.command(MOUNT, "startTracking")


def target(rig: Rig, **fields):
    return {"elevation": 80.0, "taiTime": rig.clock.tai + 0.1, "trackId": 1, **fields}


async def follow(rig: Rig, **fields) -> None:
    await rig.command(MOUNT, "trackTarget", **target(rig, **fields))
    rig.component(MOUNT).fire("posting_begins")


def seen(rig: Rig, topic: str, field: str):
    return getattr(rig.event(MOUNT, topic), field)


# --------------------------------------------------------------------- slews


@pytest.mark.parametrize(("azimuth", "duration"), [(5.0, 2.6), (10.0, 3.7), (41.0, 9.9), (188.7, 39.4), (270.0, 55.7)])
def test_a_slew_takes_as_long_as_its_trapezoid(azimuth, duration):
    async def scenario(rig):
        await tracking(rig)
        await follow(rig, azimuth=azimuth)
        await rig.sleep(duration - 0.1)
        assert rig.state(MOUNT, "azimuth_axis") == "SLEWING"
        await rig.sleep(0.2)
        assert rig.state(MOUNT, "azimuth_axis") == "SETTLING"
        assert rig.output(MOUNT, "azimuth") == azimuth

    run(scenario, MOUNT)


def test_all_axes_are_in_position_two_targets_after_arrival():
    async def scenario(rig):
        await tracking(rig)
        await follow(rig)
        await rig.sleep(0.3)
        assert seen(rig, "allAxesInPosition", "inPosition") is True

        await follow(rig, azimuth=10.0)

        assert seen(rig, "allAxesInPosition", "inPosition") is False
        arrival = rig.now + rig.output(MOUNT, "azimuth_remaining")
        await rig.sleep(arrival + 0.19 - rig.now)
        assert seen(rig, "allAxesInPosition", "inPosition") is False
        await rig.sleep(0.02)
        assert seen(rig, "allAxesInPosition", "inPosition") is True
        assert seen(rig, "azimuthInPosition", "inPosition") is True

    run(scenario, MOUNT)


def test_a_small_correction_is_no_slew():
    async def scenario(rig):
        await tracking(rig)
        await follow(rig, azimuth=1.0)
        await rig.sleep(5.0)

        await follow(rig, azimuth=1.005)

        assert seen(rig, "allAxesInPosition", "inPosition") is True
        await rig.sleep(0.1)
        assert rig.output(MOUNT, "azimuth") == pytest.approx(1.005)

    run(scenario, MOUNT)


def test_a_target_that_moves_is_caught_and_followed():
    async def scenario(rig):
        await tracking(rig)
        began = rig.clock.tai
        await follow(rig, azimuth=10.0, azimuthVelocity=0.1, taiTime=began)
        await rig.sleep(20.0)

        assert rig.output(MOUNT, "azimuth") == pytest.approx(12.0)
        assert rig.output(MOUNT, "azimuth_velocity") == pytest.approx(0.1)
        assert rig.state(MOUNT, "all_axes") == "IN_POSITION"

    run(scenario, MOUNT)


def test_a_new_target_in_a_slew_keeps_position_and_speed_continuous():
    async def scenario(rig):
        await tracking(rig)
        await follow(rig, azimuth=100.0)
        await rig.sleep(5.0)
        before = rig.output(MOUNT, "azimuth"), rig.output(MOUNT, "azimuth_velocity")

        await follow(rig, azimuth=-100.0)

        assert (rig.output(MOUNT, "azimuth"), rig.output(MOUNT, "azimuth_velocity")) == pytest.approx(before)
        await rig.sleep(60.0)
        assert rig.output(MOUNT, "azimuth") == -100.0

    run(scenario, MOUNT)


def test_other_components_may_sense_where_it_was():
    async def scenario(rig):
        await tracking(rig)
        await follow(rig, elevation=40.0)
        await rig.sleep(30.0)
        history = rig.component(MOUNT).timelines["elevation"]
        assert isinstance(history, Timeline)
        assert history.value(0.0) == 80.0
        assert 40.0 < history.value(5.0) < 80.0
        assert history.constant(20.0, 30.0)

    run(scenario, MOUNT)


# ------------------------------------------------------------------ tracking


def test_drives_and_brakes_follow_tracking():
    async def scenario(rig):
        await rig.enable(MOUNT)
        assert seen(rig, "elevationBrake", "engaged") is True
        assert seen(rig, "atMountState", "state") == 8

        await rig.command(MOUNT, "startTracking")

        assert seen(rig, "atMountState", "state") == 9
        assert seen(rig, "elevationBrake", "engaged") is False
        assert seen(rig, "azimuthDrive2Status", "enable") is True
        assert seen(rig, "nasmyth2DriveStatus", "enable") is True
        assert seen(rig, "nasmyth1DriveStatus", "enable") is False

    run(scenario, MOUNT)


def test_stop_tracking_stops_the_axes_first():
    async def scenario(rig):
        await tracking(rig)
        await follow(rig, azimuth=100.0)
        await rig.sleep(5.0)

        await rig.command(MOUNT, "stopTracking")

        assert seen(rig, "atMountState", "state") == 10
        assert all(rig.state(MOUNT, axis) == "STOPPING" for axis in AXES)
        await rig.sleep(5.0 / 3.0 + 0.05)
        assert rig.state(MOUNT, "tracking") == "STOPPING"
        await rig.sleep(0.1)
        assert rig.state(MOUNT, "tracking") == "TRACKINGDISABLED"
        assert rig.output(MOUNT, "azimuth_velocity") == 0.0

    run(scenario, MOUNT)


def test_tracking_ends_quietly_when_no_target_comes():
    async def scenario(rig):
        await tracking(rig)
        await rig.sleep(2.4)
        assert rig.state(MOUNT, "tracking") == "TRACKINGENABLED"
        await rig.sleep(0.3)
        assert rig.state(MOUNT, "tracking") == "TRACKINGDISABLED"
        assert rig.state(MOUNT) == "ENABLED"
        assert "No target for 2.5 s; tracking ends" in rig.log_lines(MOUNT)

    run(scenario, MOUNT)


def test_each_target_restarts_the_timer():
    async def scenario(rig):
        await tracking(rig)
        for _ in range(5):
            await rig.command(MOUNT, "trackTarget", **target(rig))
            await rig.sleep(2.0)
        assert rig.state(MOUNT, "tracking") == "TRACKINGENABLED"

    run(scenario, MOUNT)


def test_a_stream_needs_no_more_commands_until_it_ends():
    async def scenario(rig):
        await tracking(rig)
        await follow(rig)
        await rig.sleep(1000.0)
        assert rig.state(MOUNT, "targets") == "STREAMING"
        assert rig.state(MOUNT, "tracking") == "TRACKINGENABLED"

        rig.component(MOUNT).fire("posting_ends")

        await rig.sleep(2.7)
        assert rig.state(MOUNT, "tracking") == "TRACKINGDISABLED"

    run(scenario, MOUNT)


def test_the_loss_of_targets_is_a_fault_if_so_configured():
    async def scenario(rig):
        await tracking(rig)
        await rig.sleep(2.6)
        assert rig.state(MOUNT) == "FAULT"
        assert seen(rig, "errorCode", "errorCode") == 2

    run(scenario, MOUNT, parameters={MOUNT: {"target_loss_is_fault": True}})


def test_the_target_is_sampled_only_while_targets_stream():
    async def scenario(rig):
        await tracking(rig)
        reader = rig.remote(MOUNT).event("target")
        await follow(rig, azimuth=2.0, trackId=7)
        first = await reader.next()
        assert (first.azimuth, first.trackId) == (2.0, 7)
        sampled = [await reader.next() for _ in range(3)]
        assert [sample.t for sample in sampled] == [1.0, 2.0, 3.0]
        await rig.command(MOUNT, "stopTracking")
        with pytest.raises(TimeoutError):
            await reader.next(timeout=5.0)

    run(scenario, MOUNT)


def test_leaving_enabled_stops_everything():
    async def scenario(rig):
        await tracking(rig)
        await follow(rig, azimuth=100.0)
        await rig.sleep(5.0)
        await rig.set_state(MOUNT, "DISABLED")
        await rig.sleep(3.0)
        assert rig.state(MOUNT, "tracking") == "TRACKINGDISABLED"
        assert rig.state(MOUNT, "azimuth_axis") == "OFF"

    run(scenario, MOUNT)


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"elevation": 4.0}, r"elevation=4.000 deg out of range \[5, 90\] deg"),
        ({"azimuth": 271.0}, r"azimuth=271.000 deg out of range \[-270, 270\] deg"),
        ({"nasmyth1RotatorAngle": -166.0}, r"nasmyth1RotatorAngle=-166.000 deg out of range \[-165, 165\] deg"),
        ({"nasmyth2RotatorAngle": 166.0}, r"nasmyth2RotatorAngle=166.000 deg out of range \[-165, 165\] deg"),
        ({"azimuthVelocity": -5.0}, "azimuthVelocity=-5.000 deg/s too high"),
        ({"elevationVelocity": 5.5}, "elevationVelocity=5.500 deg/s too high"),
        ({"taiTime": 1.0}, "taiTime=1.000 is not later"),
    ],
)
def test_bad_targets_are_refused_and_change_nothing(fields, text):
    async def scenario(rig):
        await tracking(rig)
        await follow(rig)
        await rig.sleep(1.0)
        before = rig.component(MOUNT).snapshot()

        with pytest.raises(AckError, match=text):
            await rig.command(MOUNT, "trackTarget", **target(rig, **fields))

        assert rig.component(MOUNT).snapshot() == before

    run(scenario, MOUNT)


def test_a_bad_target_is_a_fault_if_so_configured():
    async def scenario(rig):
        await tracking(rig)
        with pytest.raises(AckError, match="mount went to FAULT"):
            await rig.command(MOUNT, "trackTarget", **target(rig, elevation=4.0))
        assert seen(rig, "errorCode", "errorCode") == 1
        assert rig.output(MOUNT, "elevation") == 80.0

    run(scenario, MOUNT, parameters={MOUNT: {"bad_target_is_fault": True}})


def test_targets_are_refused_unless_tracking():
    async def scenario(rig):
        await rig.enable(MOUNT)
        with pytest.raises(AckError, match="tracking is not enabled, it is TRACKINGDISABLED; send startTracking"):
            await rig.command(MOUNT, "trackTarget", **target(rig))
        assert rig.state(MOUNT, "tracking") == "TRACKINGDISABLED"

    run(scenario, MOUNT)


def test_start_tracking_is_refused_until_the_stop_is_finished():
    async def scenario(rig):
        await tracking(rig)
        await rig.command(MOUNT, "stopTracking")
        with pytest.raises(AckError, match="tracking is STOPPING; wait for atMountState.state=8"):
            await rig.command(MOUNT, "startTracking")
        assert rig.state(MOUNT, "tracking") == "STOPPING"

    run(scenario, MOUNT)


def test_start_tracking_is_refused_while_m3_turns():
    async def scenario(rig):
        await rig.enable(MOUNT)
        await rig.command(MOUNT, "setInstrumentPort", port=1)
        with pytest.raises(AckError, match="M3 not in position, it is INMOTION"):
            await rig.command(MOUNT, "startTracking")
        assert rig.state(MOUNT, "tracking") == "TRACKINGDISABLED"

    run(scenario, MOUNT)


def test_the_port_is_kept_while_tracking():
    async def scenario(rig):
        await tracking(rig)
        with pytest.raises(AckError, match="setInstrumentPort refused: tracking is TRACKINGENABLED"):
            await rig.command(MOUNT, "setInstrumentPort", port=1)
        assert rig.state(MOUNT, "m3") == "NASMYTH2"

    run(scenario, MOUNT)


@pytest.mark.parametrize("command", ["startTracking", "stopTracking"])
def test_what_is_so_already_is_no_error(command):
    async def scenario(rig):
        await rig.enable(MOUNT)
        if command == "startTracking":
            await rig.command(MOUNT, "startTracking")
        before = rig.state(MOUNT, "tracking")
        await rig.command(MOUNT, command)
        assert rig.state(MOUNT, "tracking") == before

    run(scenario, MOUNT)


def test_an_unknown_port_is_refused():
    async def scenario(rig):
        await rig.enable(MOUNT)
        with pytest.raises(AckError, match="must be one of NASMYTH1 1"):
            await rig.command(MOUNT, "setInstrumentPort", port=4)

    run(scenario, MOUNT)


# ------------------------------------------------------------------------ M3


@pytest.mark.parametrize(
    ("port", "state", "angle", "duration"), [(1, "NASMYTH1", 180.0, 37.7), (3, "PORT3", 90.0, 19.7)]
)
def test_m3_turns_to_a_port(port, state, angle, duration):
    async def scenario(rig):
        await rig.enable(MOUNT)
        light = rig.component(MOUNT).timelines["m3_at_nasmyth2"]
        assert light.value(rig.now) == 1.0

        await rig.command(MOUNT, "setInstrumentPort", port=port)

        assert seen(rig, "m3State", "state") == 9
        assert seen(rig, "m3DriveStatus", "enable") is True
        assert light.value(rig.now) == 0.0
        await rig.sleep(duration - 0.1)
        assert rig.state(MOUNT, "m3") == "INMOTION"
        await rig.sleep(0.2)
        assert rig.state(MOUNT, "m3") == state
        assert rig.output(MOUNT, "m3_angle") == angle
        assert seen(rig, "m3PortSelected", "selected") == port
        await rig.command(MOUNT, "setInstrumentPort", port=2)
        await rig.sleep(40.0)
        assert light.value(rig.now) == 1.0
        assert seen(rig, "m3RotatorDetentSwitches", "nasmyth2Active") is True

    run(scenario, MOUNT)


def test_the_port_that_is_set_already_moves_nothing():
    async def scenario(rig):
        await rig.enable(MOUNT)
        await rig.command(MOUNT, "setInstrumentPort", port=2)
        assert rig.states_seen(MOUNT, "m3") == []

    run(scenario, MOUNT)


def test_the_rotator_of_the_port_is_the_one_that_tracks():
    async def scenario(rig):
        await rig.enable(MOUNT)
        await rig.command(MOUNT, "setInstrumentPort", port=1)
        await rig.sleep(40.0)
        await rig.command(MOUNT, "startTracking")
        await follow(rig, nasmyth1RotatorAngle=10.0, nasmyth2RotatorAngle=20.0)
        await rig.sleep(10.0)
        assert rig.state(MOUNT, "all_axes") == "IN_POSITION"
        assert rig.output(MOUNT, "nasmyth1") == 10.0
        assert rig.output(MOUNT, "nasmyth2") == 0.0
        await rig.command(MOUNT, "stopTracking")
        assert rig.state(MOUNT, "nasmyth1_axis") == "STOPPING"

    run(scenario, MOUNT)


def test_m3_stops_between_ports_when_the_mount_is_disabled():
    async def scenario(rig):
        await rig.enable(MOUNT)
        await rig.command(MOUNT, "setInstrumentPort", port=1)
        await rig.sleep(5.0)
        await rig.set_state(MOUNT, "DISABLED")
        assert seen(rig, "m3State", "state") == 10
        await rig.enable(MOUNT)
        with pytest.raises(AckError, match="it is UNKNOWNPOSITION"):
            await rig.command(MOUNT, "startTracking")
        await rig.command(MOUNT, "setInstrumentPort", port=2)
        await rig.sleep(40.0)
        assert rig.state(MOUNT, "m3") == "NASMYTH2"

    run(scenario, MOUNT)


# ----------------------------------------------------------------- telemetry


def test_encoders_have_a_hundred_samples_of_the_last_second():
    async def scenario(rig):
        await tracking(rig)
        await follow(rig, azimuth=100.0, trackId=3)
        await rig.sleep(5.5)
        reader = rig.remote(MOUNT).telemetry("mount_AzEl_Encoders")
        sample = await reader.next()
        azimuth = sample.azimuthCalculatedAngle
        assert len(azimuth) == len(sample.elevationCalculatedAngle) == 100
        assert azimuth[-1] == rig.output(MOUNT, "azimuth")
        assert azimuth[-1] - azimuth[0] == pytest.approx(0.99 * 5.0)
        assert sample.azimuthEncoder1Raw[-1] == round(3.6e6 * azimuth[-1])
        assert sample.trackId == 3
        reader.close()

    run(scenario, MOUNT)


def test_the_rotator_that_is_not_in_use_has_no_angle():
    async def scenario(rig):
        await rig.enable(MOUNT)
        sample = await rig.remote(MOUNT).telemetry("mount_Nasmyth_Encoders").next()
        assert math.isnan(sample.nasmyth1CalculatedAngle[0])
        assert sample.nasmyth2CalculatedAngle == (0.0,) * 100

    run(scenario, MOUNT)


def test_velocities_and_torques_are_those_of_the_slew():
    async def scenario(rig):
        await tracking(rig)
        topics = ("trajectory", "measuredMotorVelocity", "measuredTorque", "torqueDemand")
        motors = ("azEl_mountMotorEncoders", "nasmyth_m3_mountMotorEncoders")
        readers = {topic: rig.remote(MOUNT).telemetry(topic) for topic in (*topics, *motors)}
        for reader in readers.values():
            reader.open()
        await follow(rig, azimuth=100.0)
        samples = {topic: await reader.next() for topic, reader in readers.items()}
        assert samples["trajectory"].azimuthVelocity[-1] == pytest.approx(3.0, abs=0.02)
        assert samples["measuredMotorVelocity"].azimuthMotor1Velocity[-1] == pytest.approx(300.0, abs=2.0)
        assert samples["torqueDemand"].azimuthMotor2Torque[50] == pytest.approx(3.0)
        assert samples["measuredTorque"].m3Torque[50] == 0.0
        assert samples["azEl_mountMotorEncoders"].elevationEncoder[0] == 8000.0
        assert samples["nasmyth_m3_mountMotorEncoders"].m3EncoderRaw[0] == 0

    run(scenario, MOUNT)


def test_limits_and_topple_blocks_are_published():
    async def scenario(rig):
        await rig.enable(MOUNT)
        assert seen(rig, "positionLimits", "minimum") == (5.0, -270.0, -165.0, -165.0, 0.0)
        assert seen(rig, "positionLimits", "maximum") == (90.0, 270.0, 165.0, 165.0, 180.0)
        assert seen(rig, "azimuthToppleBlockCCW", "active") is True
        assert seen(rig, "azimuthToppleBlockCW", "active") is False
        assert seen(rig, "m3RotatorLimitSwitchCW", "active") is False
        await rig.set_state(MOUNT, "OFFLINE")
        assert rig.state(MOUNT, "controller") == "OFFLINE"

    run(scenario, MOUNT)


# -------------------------------------------------------------------- faults


def test_an_emergency_stop_must_be_released_before_enabling():
    async def scenario(rig):
        fault = rig.inject(MOUNT, "emergency_stop")
        assert rig.state(MOUNT) == "STANDBY"

        with pytest.raises(RuntimeError, match="enable from DISABLED failed"):
            await rig.enable(MOUNT)

        assert rig.state(MOUNT) == "FAULT"
        assert "drive fault bit" in seen(rig, "errorCode", "errorReport")
        with pytest.raises(RuntimeError, match="enable from DISABLED failed"):
            await rig.enable(MOUNT)
        rig.component(MOUNT).faults.clear(fault)
        await rig.enable(MOUNT)
        assert rig.state(MOUNT, "controller") == "ENABLED"

    run(scenario, MOUNT)


def test_an_emergency_stop_while_tracking_is_a_fault_at_once():
    async def scenario(rig):
        await tracking(rig)
        await follow(rig, azimuth=100.0)
        await rig.sleep(5.0)
        rig.inject(MOUNT, "emergency_stop")
        assert rig.state(MOUNT) == "FAULT"
        await rig.sleep(3.0)
        assert rig.output(MOUNT, "azimuth_velocity") == 0.0

    run(scenario, MOUNT)


def test_the_hand_paddle_stops_a_mount_that_tracks_and_keeps_it():
    async def scenario(rig):
        await tracking(rig)
        await follow(rig, azimuth=100.0)
        await rig.sleep(5.0)
        rig.inject(MOUNT, "hand_paddle")
        assert seen(rig, "atMountState", "state") == 7
        await rig.sleep(3.0)

        assert [rig.state(MOUNT, axis) for axis in AXES] == ["OFF"] * 3
        with pytest.raises(AckError, match="tracking is HANDPADDLECONTROL; wait for atMountState.state=8"):
            await rig.command(MOUNT, "startTracking")

    run(scenario, MOUNT)


def test_the_mount_is_taken_over_when_the_hand_paddle_was_put_back():
    async def scenario(rig):
        await rig.enable(MOUNT)
        fault = rig.inject(MOUNT, "hand_paddle")
        await rig.set_state(MOUNT, "STANDBY")
        await rig.enable(MOUNT)
        assert seen(rig, "atMountState", "state") == 7

        rig.component(MOUNT).faults.clear(fault)
        between = seen(rig, "atMountState", "state")
        await rig.sleep(5.0)

        assert (between, seen(rig, "atMountState", "state")) == (6, 8)
        await rig.command(MOUNT, "startTracking")

    run(scenario, MOUNT)


def test_a_velocity_error_is_cured_by_a_nudge_and_not_by_a_slew():
    async def scenario(rig):
        await tracking(rig)
        await follow(rig)
        rig.inject(MOUNT, "azimuth_velocity_error")
        assert seen(rig, "errorCode", "errorCode") == 4
        assert rig.state(MOUNT, "azimuth_drive") == "TRIPPED"
        await rig.sleep(3.0)

        await tracking(rig)
        with pytest.raises(AckError, match="mount went to FAULT"):
            await rig.command(MOUNT, "trackTarget", **target(rig, azimuth=100.0))
        await rig.sleep(5.0)

        await tracking(rig)
        await follow(rig, azimuth=rig.output(MOUNT, "azimuth"))
        assert rig.state(MOUNT, "azimuth_drive") == "STIFF"
        await follow(rig, azimuth=rig.output(MOUNT, "azimuth") + 1.0, taiTime=rig.clock.tai + 0.2)
        assert rig.state(MOUNT, "azimuth_drive") == "SOUND"
        await follow(rig, azimuth=100.0, taiTime=rig.clock.tai + 0.3)
        assert rig.state(MOUNT) == "ENABLED"
        assert not rig.component(MOUNT).faults.active

    run(scenario, MOUNT)


def test_a_velocity_error_while_disabled_waits_for_the_next_slew():
    async def scenario(rig):
        fault = rig.inject(MOUNT, "azimuth_velocity_error")
        assert rig.state(MOUNT) == "STANDBY"
        assert rig.state(MOUNT, "azimuth_drive") == "STIFF"
        rig.component(MOUNT).faults.clear(fault)
        assert rig.state(MOUNT, "azimuth_drive") == "SOUND"

    run(scenario, MOUNT)


@pytest.mark.parametrize(
    ("axis", "field", "direction", "state", "switch"),
    [
        ("elevation", "elevation", -30.0, "LOWER", "elevationLimitSwitchLower"),
        ("elevation", "elevation", 9.0, "UPPER", "elevationLimitSwitchUpper"),
        ("azimuth", "azimuth", -30.0, "CCW", "azimuthLimitSwitchCCW"),
        ("azimuth", "azimuth", 30.0, "CW", "azimuthLimitSwitchCW"),
        ("nasmyth2", "nasmyth2RotatorAngle", -30.0, "CCW", "nasmyth2LimitSwitchCCW"),
        ("nasmyth2", "nasmyth2RotatorAngle", 30.0, "CW", "nasmyth2LimitSwitchCW"),
    ],
)
def test_a_limit_switch_disables_its_axis_until_it_is_moved_off(axis, field, direction, state, switch):
    async def scenario(rig):
        await tracking(rig)
        await follow(rig, **{field: (80.0 if axis == "elevation" else 0.0) + direction})
        await rig.sleep(1.0)

        fault = rig.inject(MOUNT, f"{axis}_limit_switch")

        assert rig.state(MOUNT, f"{axis}_limits") == state
        assert seen(rig, switch, "active") is True
        assert rig.state(MOUNT, f"{axis}_axis") == "OFF"
        await rig.sleep(60.0)
        assert rig.state(MOUNT, "tracking") == "TRACKINGENABLED"
        assert seen(rig, "allAxesInPosition", "inPosition") is False

        await rig.command(MOUNT, "stopTracking")
        await rig.sleep(1.0)
        await rig.command(MOUNT, "startTracking")
        assert rig.state(MOUNT, f"{axis}_axis") == "OFF"

        rig.component(MOUNT).faults.clear(fault)
        await rig.command(MOUNT, "stopTracking")
        await rig.sleep(1.0)
        await rig.command(MOUNT, "startTracking")
        await follow(rig, elevation=80.0)
        await rig.sleep(60.0)
        assert seen(rig, "allAxesInPosition", "inPosition") is True

    run(scenario, MOUNT)


@pytest.mark.parametrize(("angle", "state"), [(30.0, "CW"), (-30.0, "CCW")])
def test_the_limit_switches_of_rotator_1_work_at_its_port(angle, state):
    async def scenario(rig):
        await rig.enable(MOUNT)
        await rig.command(MOUNT, "setInstrumentPort", port=1)
        await rig.sleep(40.0)
        await rig.command(MOUNT, "startTracking")
        await follow(rig, nasmyth1RotatorAngle=angle)
        await rig.sleep(1.0)
        rig.inject(MOUNT, "nasmyth1_limit_switch")
        assert rig.state(MOUNT, "nasmyth1_limits") == state
        assert rig.state(MOUNT, "nasmyth1_axis") == "OFF"

    run(scenario, MOUNT)


def test_an_axis_that_cannot_stop_in_place_is_still_when_tracking_ends():
    async def scenario(rig):
        await tracking(rig)
        for axis in ("elevation", "azimuth", "nasmyth2"):
            rig.inject(MOUNT, f"{axis}_limit_switch")
        await rig.command(MOUNT, "stopTracking")
        assert rig.state(MOUNT, "tracking") == "TRACKINGDISABLED"

    run(scenario, MOUNT)


def test_a_narrow_limit_is_cured_by_another_target():
    async def scenario(rig):
        await tracking(rig)
        rig.inject(MOUNT, "target_out_of_range", lowest=60.0)
        with pytest.raises(AckError, match="out of range"):
            await rig.command(MOUNT, "trackTarget", **target(rig, elevation=39.0))
        with pytest.raises(AckError, match="out of range"):
            await rig.command(MOUNT, "trackTarget", **target(rig, elevation=39.0))
        await rig.command(MOUNT, "trackTarget", **target(rig, elevation=70.0))
        await rig.command(MOUNT, "trackTarget", **target(rig, elevation=39.0, taiTime=rig.clock.tai + 1))

    run(scenario, MOUNT)
