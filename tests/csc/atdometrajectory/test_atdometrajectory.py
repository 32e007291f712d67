"""The dome trajectory, with a real dome and a telescope that only says what the test wants it to say.

The last test has a real telescope that follows the sky.
"""

import math

import pytest

from csc import AckError
from csc.atdometrajectory.atdometrajectory import slit_distance
from csc.kinematics import shortest
from csc.scopes import Sensor
from tests.csc.rig import Rig, run

TRAJECTORY = "ATDomeTrajectory"
DOME = "ATDome"
TELESCOPE = "ATMCS"
UNKNOWN, NO, PARTIALLY, FULLY = range(4)
OPEN = {DOME: {"main_door": "OPENED", "dropout_door": "OPENED"}}
MAIN_OPEN = {DOME: {"main_door": "OPENED"}}


def telescope(rig: Rig, topic: str, **data) -> None:
    """Let the telescope publish an event."""
    rig.observatory.bus.publish(TELESCOPE, topic, data, data)


def target(rig: Rig, azimuth: float, elevation: float = 0.0) -> None:
    telescope(rig, "target", azimuth=azimuth, elevation=elevation, azimuthVelocity=0.0, elevationVelocity=0.0)


def point(rig: Rig, azimuth: float, elevation: float) -> None:
    """Put the telescope somewhere, before anybody has looked, and enable it."""
    senses = rig.component(TRAJECTORY).senses
    senses["telescope_azimuth"] = Sensor(azimuth)
    senses["telescope_elevation"] = Sensor(elevation)
    telescope(rig, "summaryState", summaryState=2)


def moves(rig: Rig) -> list[float]:
    """Azimuths that the trajectory has sent the dome to."""
    return [
        record["data"]["azimuth"]
        for record in rig.records("command", DOME)
        if record["command"] == "moveAzimuth" and record["by"] == TRAJECTORY
    ]


async def following(rig: Rig) -> None:
    await rig.enable(DOME, TRAJECTORY)
    await rig.command(TRAJECTORY, "setFollowingMode", enable=True)


def vignetted(rig: Rig) -> tuple[int, int, int]:
    event = rig.event(TRAJECTORY, "telescopeVignetted")
    return event.vignetted, event.azimuth, event.shutter


# Following


def test_following_is_off_after_enabling():
    async def scenario(rig):
        await rig.enable(DOME, TRAJECTORY)

        target(rig, 100.0)

        await rig.sleep(1.0)
        assert rig.event(TRAJECTORY, "followingMode").enabled is False
        assert moves(rig) == []

    run(scenario, TRAJECTORY, DOME)


def test_the_dome_is_sent_to_the_telescopes_target():
    async def scenario(rig):
        await following(rig)
        assert rig.event(TRAJECTORY, "followingMode").enabled is True

        target(rig, 300.0)

        await rig.sleep(60.0)
        assert moves(rig) == [300.0]
        assert rig.states_seen(TRAJECTORY, "dome_move") == ["WAITING", "IDLE"]
        assert rig.event(DOME, "azimuthInPosition").inPosition is True

    run(scenario, TRAJECTORY, DOME)


def test_switching_following_on_looks_at_the_last_target():
    async def scenario(rig):
        target(rig, 300.0)

        await following(rig)

        await rig.sleep(1.0)
        assert moves(rig) == [300.0]

    run(scenario, TRAJECTORY, DOME)


@pytest.mark.parametrize(
    ("azimuth", "elevation", "expected"),
    [(304.9, 0.0, 1), (305.1, 0.0, 2), (309.9, 60.0, 1), (310.1, 60.0, 2), (294.9, 0.0, 2)],
)
def test_the_dome_is_sent_on_when_the_target_is_too_far(azimuth, elevation, expected):
    async def scenario(rig):
        await following(rig)
        target(rig, 300.0)
        await rig.sleep(60.0)

        target(rig, azimuth, elevation)

        await rig.sleep(60.0)
        assert len(moves(rig)) == expected

    run(scenario, TRAJECTORY, DOME)


def test_the_distance_wraps():
    async def scenario(rig):
        await following(rig)
        target(rig, 359.0)
        await rig.sleep(60.0)

        target(rig, 2.0)

        await rig.sleep(1.0)
        assert moves(rig) == [359.0]

    run(scenario, TRAJECTORY, DOME)


def test_a_dome_that_was_stopped_is_sent_again():
    async def scenario(rig):
        await following(rig)
        target(rig, 300.0)
        await rig.sleep(2.0)

        await rig.command(DOME, "stopMotion")

        await rig.sleep(60.0)
        assert moves(rig) == [300.0, 300.0]
        assert rig.event(DOME, "azimuthInPosition").inPosition is True

    run(scenario, TRAJECTORY, DOME)


def test_a_refused_move_is_tried_again_with_the_next_target():
    async def scenario(rig):
        await following(rig)
        target(rig, 300.0)
        await rig.sleep(1.0)
        assert rig.state(TRAJECTORY, "dome_move") == "IDLE"
        assert rig.state(TRAJECTORY) == "ENABLED"

        target(rig, 300.0)

        await rig.sleep(1.0)
        assert moves(rig) == [300.0, 300.0]
        assert len([line for line in rig.log_lines(TRAJECTORY) if "azimuth is not homed" in line]) == 1

    run(scenario, TRAJECTORY, DOME, machines={DOME: {"homing": "NOT_HOMED"}})


def test_a_dome_that_is_enabled_again_is_sent_to_the_target():
    async def scenario(rig):
        await following(rig)
        target(rig, 300.0)
        await rig.sleep(60.0)
        await rig.command(DOME, "disable")
        await rig.sleep(1.0)
        assert rig.state(TRAJECTORY, "dome_move") == "IDLE"
        before = len(moves(rig))

        await rig.command(DOME, "enable")

        await rig.sleep(1.0)
        assert moves(rig)[before:] == [300.0]
        assert rig.event(DOME, "azimuthInPosition").inPosition is True

    run(scenario, TRAJECTORY, DOME)


def test_no_second_move_is_sent_before_the_first_is_acknowledged():
    async def scenario(rig):
        await rig.enable(TRAJECTORY)
        await rig.command(TRAJECTORY, "setFollowingMode", enable=True)
        target(rig, 300.0)
        await rig.sleep(4.0)
        assert rig.state(TRAJECTORY, "dome_move") == "WAITING"

        target(rig, 100.0)

        await rig.sleep(0.5)
        assert moves(rig) == [300.0]
        await rig.sleep(1.0)
        assert rig.state(TRAJECTORY, "dome_move") == "IDLE"

    run(scenario, TRAJECTORY)


def test_switching_following_off_leaves_the_dome_alone():
    async def scenario(rig):
        await following(rig)

        await rig.command(TRAJECTORY, "setFollowingMode", enable=False)

        target(rig, 300.0)
        await rig.sleep(1.0)
        assert rig.event(TRAJECTORY, "followingMode").enabled is False
        assert moves(rig) == []

    run(scenario, TRAJECTORY, DOME)


@pytest.mark.parametrize("enable", [True, False])
def test_following_may_be_set_to_what_it_is(enable):
    async def scenario(rig):
        await rig.enable(TRAJECTORY)
        await rig.command(TRAJECTORY, "setFollowingMode", enable=enable)

        await rig.command(TRAJECTORY, "setFollowingMode", enable=enable)

        assert rig.event(TRAJECTORY, "followingMode").enabled is enable

    run(scenario, TRAJECTORY)


def test_following_ends_when_the_csc_leaves_enabled():
    async def scenario(rig):
        await following(rig)

        await rig.set_state(TRAJECTORY, "DISABLED")

        assert rig.event(TRAJECTORY, "followingMode").enabled is False
        await rig.enable(TRAJECTORY)
        assert rig.event(TRAJECTORY, "followingMode").enabled is False
        target(rig, 300.0)
        await rig.sleep(1.0)
        assert moves(rig) == []

    run(scenario, TRAJECTORY, DOME)


def test_a_move_under_way_does_not_outlive_enabled():
    async def scenario(rig):
        await rig.enable(TRAJECTORY)
        await rig.command(TRAJECTORY, "setFollowingMode", enable=True)
        target(rig, 300.0)
        await rig.sleep(1.0)

        await rig.set_state(TRAJECTORY, "DISABLED")

        assert rig.state(TRAJECTORY, "dome_move") == "IDLE"

    run(scenario, TRAJECTORY)


def test_following_is_refused_when_disabled():
    async def scenario(rig):
        await rig.set_state(TRAJECTORY, "DISABLED")
        count = len(rig.journal.records)

        with pytest.raises(AckError, match="Not allowed in state=<State.DISABLED: 1>"):
            await rig.command(TRAJECTORY, "setFollowingMode", enable=True)

        assert [record["kind"] for record in rig.journal.records[count:]] == ["command", "ack"]

    run(scenario, TRAJECTORY)


def test_the_algorithm_is_published_when_configured():
    async def scenario(rig):
        await rig.set_state(TRAJECTORY, "DISABLED")

        algorithm = rig.event(TRAJECTORY, "algorithm")

        assert algorithm.algorithmName == "simple"
        assert algorithm.algorithmConfig == "max_delta_azimuth: 5\n"

    run(scenario, TRAJECTORY)


# Vignetting


def test_the_slit_is_nearest_above_the_telescope():
    assert slit_distance(0.0, 4648.0, 940.0) == pytest.approx(4552.0, abs=1.0)
    assert slit_distance(90.0, 4648.0, 940.0) == pytest.approx(4648.0 - 940.0)


@pytest.mark.parametrize(
    ("mismatch", "elevation", "expected"),
    [
        (10.0, 0.0, NO),
        (10.2, 0.0, PARTIALLY),
        (-25.0, 0.0, PARTIALLY),
        (25.2, 0.0, FULLY),
        (16.5, 60.0, NO),
        (18.0, 60.0, PARTIALLY),
        (45.0, 60.0, FULLY),
        (90.0, 89.9, NO),
    ],
)
def test_vignetting_by_azimuth(mismatch, elevation, expected):
    async def scenario(rig):
        point(rig, 285.0 + mismatch, elevation)

        await rig.enable(DOME, TRAJECTORY)
        await rig.sleep(0.1)

        assert vignetted(rig) == (expected, expected, NO)

    run(scenario, TRAJECTORY, DOME, machines=OPEN)


@pytest.mark.parametrize(("elevation", "expected"), [(27.5, NO), (26.5, PARTIALLY), (12.5, PARTIALLY), (11.5, FULLY)])
def test_vignetting_by_a_closed_dropout_door(elevation, expected):
    async def scenario(rig):
        point(rig, 285.0, elevation)

        await rig.enable(DOME, TRAJECTORY)
        await rig.sleep(0.1)

        assert vignetted(rig) == (expected, NO, expected)

    run(scenario, TRAJECTORY, DOME, machines=MAIN_OPEN)


def test_a_closed_dome_vignettes_fully():
    async def scenario(rig):
        point(rig, 285.0, 80.0)

        await rig.enable(DOME, TRAJECTORY)
        await rig.sleep(0.1)

        assert vignetted(rig) == (FULLY, NO, FULLY)

    run(scenario, TRAJECTORY, DOME)


def test_doors_in_motion_are_unknown():
    async def scenario(rig):
        point(rig, 285.0, 80.0)
        await rig.enable(DOME, TRAJECTORY)
        opening = rig.later(DOME, "openShutter")
        await rig.sleep(1.0)
        assert vignetted(rig) == (UNKNOWN, NO, UNKNOWN)

        await opening
        await rig.sleep(0.1)

        assert vignetted(rig) == (NO, NO, NO)

    run(scenario, TRAJECTORY, DOME)


def test_an_open_dropout_door_under_a_closed_main_door_is_unknown():
    async def scenario(rig):
        point(rig, 285.0, 80.0)

        await rig.enable(DOME, TRAJECTORY)
        await rig.sleep(0.1)

        assert vignetted(rig) == (UNKNOWN, NO, UNKNOWN)

    run(scenario, TRAJECTORY, DOME, machines={DOME: {"dropout_door": "OPENED"}})


def test_the_beam_is_watched_while_the_dome_turns():
    async def scenario(rig):
        point(rig, 285.0, 0.0)
        await rig.enable(DOME, TRAJECTORY)

        await rig.command(DOME, "moveAzimuth", azimuth=3.0)

        await rig.sleep(60.0)
        assert rig.states_seen(TRAJECTORY, "vignetting_azimuth") == ["NO", "PARTIALLY", "FULLY"]
        assert vignetted(rig) == (FULLY, FULLY, NO)

    run(scenario, TRAJECTORY, DOME, machines=OPEN)


def test_nothing_is_watched_while_nothing_moves():
    async def scenario(rig):
        point(rig, 285.0, 45.0)
        await rig.enable(DOME, TRAJECTORY)
        await rig.sleep(1.0)
        count = len(rig.journal.records)

        await rig.sleep(3600.0)

        assert len(rig.journal.records) == count

    run(scenario, TRAJECTORY, DOME, machines=OPEN)


def test_a_telescope_that_tracks_is_looked_at_again_after_a_step():
    async def scenario(rig):
        point(rig, 285.0, 45.0)
        await rig.enable(DOME, TRAJECTORY)
        await rig.sleep(1.0)
        rig.component(TRAJECTORY).senses["telescope_elevation"]._default = 20.0

        target(rig, 285.0, 20.0)

        await rig.sleep(0.1)
        assert vignetted(rig) == (PARTIALLY, NO, PARTIALLY)

    run(scenario, TRAJECTORY, DOME, machines=MAIN_OPEN)


@pytest.mark.parametrize("component", [TRAJECTORY, DOME])
def test_vignetting_is_unknown_when_one_of_them_is_in_standby(component):
    async def scenario(rig):
        point(rig, 285.0, 45.0)
        await rig.enable(DOME, TRAJECTORY)
        await rig.sleep(1.0)
        assert vignetted(rig) == (NO, NO, NO)

        await rig.set_state(component, "STANDBY")

        await rig.sleep(0.1)
        assert vignetted(rig) == (UNKNOWN, UNKNOWN, UNKNOWN)

    run(scenario, TRAJECTORY, DOME, machines=OPEN)


def test_vignetting_is_unknown_without_a_telescope():
    async def scenario(rig):
        await rig.enable(DOME, TRAJECTORY)
        await rig.sleep(1.0)

        assert vignetted(rig) == (UNKNOWN, UNKNOWN, UNKNOWN)

    run(scenario, TRAJECTORY, DOME, machines=OPEN)


def test_a_moving_target_is_followed_within_a_second_of_the_limit():
    async def scenario(rig: Rig) -> float:
        await rig.enable(DOME, TELESCOPE, "ATPtg", TRAJECTORY)
        await rig.command(TRAJECTORY, "setFollowingMode", enable=True)
        await rig.command(
            "ATPtg", "raDecTarget", ra=6.5, declination=-40.0, frame=2, trackId=5, rotStartFrame=1, rotTrackFrame=1,
            rotMode=1, azWrapStrategy=2, epoch=2000.0, equinox=2000.0,
        )  # fmt: skip
        await rig.sleep(120.0)
        before = len(moves(rig))
        worst = 0.0
        while len(moves(rig)) == before:
            await rig.sleep(1.0)
            way = shortest(moves(rig)[before - 1], rig.output(TELESCOPE, "azimuth"))
            worst = max(worst, abs(way) * math.cos(math.radians(rig.output(TELESCOPE, "elevation"))))
        return worst

    worst = run(scenario, DOME, TELESCOPE, "ATPtg", TRAJECTORY, start="2026-01-15T03:00:00")

    assert 4.99 < worst < 5.01
