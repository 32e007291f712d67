"""ATWhiteLight's shutter and its motor."""

import pytest

from csc import AckError
from tests.csc.atwhitelight.bench import WL, act, enable, light, refused, try_out


def test_the_shutter_opens_and_closes():
    async def scenario(rig):
        await enable(rig)
        began = rig.now

        await rig.command(WL, "openShutter")

        assert rig.now == pytest.approx(began + 1.0)
        shutter = rig.event(WL, "shutterState")
        assert (shutter.commandedState, shutter.actualState, shutter.enabled) == (2, 2, False)
        assert rig.output(WL, "shutter_open") == 1.0
        await rig.command(WL, "closeShutter")
        shutter = rig.event(WL, "shutterState")
        assert (shutter.commandedState, shutter.actualState, shutter.enabled) == (1, 1, False)
        assert rig.output(WL, "shutter_open") == 0.0
        assert rig.states_seen(WL, "shutter") == ["UNKNOWN", "OPEN", "UNKNOWN", "CLOSED"]

    try_out(scenario)


def test_the_moving_shutter_is_between_its_switches():
    async def scenario(rig):
        await enable(rig)
        opening = rig.later(WL, "openShutter")
        await rig.sleep(0.25)

        shutter = rig.event(WL, "shutterState")

        assert (shutter.commandedState, shutter.actualState, shutter.enabled) == (2, 0, True)
        assert rig.output(WL, "shutter_open") == pytest.approx(0.25)
        await opening

    try_out(scenario)


@pytest.mark.parametrize("command", ["openShutter", "closeShutter"])
def test_a_shutter_that_is_there_is_not_moved(command):
    async def scenario(rig):
        await enable(rig)
        await rig.command(WL, command)
        began, seen = rig.now, rig.states_seen(WL, "shutter_motor")

        await rig.command(WL, command)

        assert rig.now == began
        assert rig.states_seen(WL, "shutter_motor") == seen

    try_out(scenario)


@pytest.mark.parametrize(("first", "second"), [("openShutter", "closeShutter"), ("closeShutter", "openShutter")])
def test_the_opposite_command_turns_the_shutter_round(first, second):
    async def scenario(rig):
        await enable(rig)
        if first == "closeShutter":
            await rig.command(WL, "openShutter")
        moving = rig.later(WL, first)
        await rig.sleep(0.25)
        began = rig.now

        await rig.command(WL, second)

        with pytest.raises(AckError, match=rf"Superseded by an? {second} command"):
            await moving
        assert rig.now == pytest.approx(began + 0.25)

    try_out(scenario)


@pytest.mark.parametrize("command", ["openShutter", "closeShutter"])
def test_the_same_command_joins_the_move(command):
    async def scenario(rig):
        await enable(rig)
        if command == "closeShutter":
            await rig.command(WL, "openShutter")
        began = rig.now
        first = rig.later(WL, command)
        await rig.sleep(0.25)

        await rig.command(WL, command)

        await first
        assert rig.now == pytest.approx(began + 1.0)

    try_out(scenario)


def test_a_stuck_shutter_times_out_without_a_fault():
    async def scenario(rig):
        await enable(rig)
        rig.inject(WL, "shutter_stuck")
        began = rig.now

        with pytest.raises(AckError, match="TIMEOUT"):
            await rig.command(WL, "openShutter")

        assert rig.now == pytest.approx(began + 30.0)
        shutter = rig.event(WL, "shutterState")
        assert (shutter.actualState, shutter.enabled) == (0, False)
        assert rig.state(WL) == "ENABLED"
        assert rig.output(WL, "shutter_open") == 0.5
        assert "Shutter did not reach its end in 30 s" in rig.log_lines(WL)[-1]

    try_out(scenario)


def test_a_new_command_does_not_free_a_stuck_shutter_but_a_repair_does():
    async def scenario(rig):
        await enable(rig)
        rig.inject(WL, "shutter_stuck")
        with pytest.raises(AckError, match="TIMEOUT"):
            await rig.command(WL, "openShutter")
        with pytest.raises(AckError, match="TIMEOUT"):
            await rig.command(WL, "closeShutter")

        act(rig, "shutter_repaired")
        began = rig.now
        await rig.command(WL, "openShutter")

        assert rig.now == pytest.approx(began + 0.5)
        assert rig.output(WL, "shutter_open") == 1.0

    try_out(scenario)


def test_a_shutter_that_jams_while_moving_stays_where_it_is():
    async def scenario(rig):
        await enable(rig)
        opening = rig.later(WL, "openShutter")
        await rig.sleep(0.25)

        rig.inject(WL, "shutter_stuck")

        with pytest.raises(AckError, match="TIMEOUT"):
            await opening
        assert rig.output(WL, "shutter_open") == pytest.approx(0.25)

    try_out(scenario)


def test_a_broken_switch_makes_the_shutter_invalid_and_moves_are_refused():
    async def scenario(rig):
        await enable(rig)

        rig.inject(WL, "shutter_switch_broken")

        assert rig.event(WL, "shutterState").actualState == 3
        assert rig.state(WL) == "ENABLED"
        await refused(rig, "openShutter", "Both shutter switches are active")
        await refused(rig, "closeShutter", "Both shutter switches are active")

    try_out(scenario)


@pytest.mark.parametrize("command", ["openShutter", "closeShutter"])
def test_a_switch_that_breaks_during_a_move_makes_it_fail(command):
    async def scenario(rig):
        await enable(rig)
        if command == "closeShutter":
            await rig.command(WL, "openShutter")
        moving = rig.later(WL, command)
        await rig.sleep(0.5)

        rig.inject(WL, "shutter_switch_broken")

        with pytest.raises(AckError, match="the move failed"):
            await moving
        assert rig.state(WL, "shutter_motor") == "STOPPED"
        act(rig, "shutter_repaired")
        assert rig.event(WL, "shutterState").actualState == 0

    try_out(scenario)


@pytest.mark.parametrize(("command", "state"), [("openShutter", 2), ("closeShutter", 1)])
def test_a_repaired_switch_shows_the_shutter_as_it_is(command, state):
    async def scenario(rig):
        await enable(rig)
        await rig.command(WL, command)
        rig.inject(WL, "shutter_switch_broken")

        act(rig, "shutter_repaired")

        assert rig.event(WL, "shutterState").actualState == state

    try_out(scenario)


def test_the_shutter_does_not_care_for_the_lamp():
    async def scenario(rig):
        await light(rig)

        await rig.command(WL, "openShutter")
        await rig.command(WL, "closeShutter")

        assert rig.state(WL, "lamp") == "WARMUP"

    try_out(scenario)


@pytest.mark.parametrize(("command", "state"), [("openShutter", 2), ("closeShutter", 1)])
def test_a_shutter_that_is_freed_on_its_way_goes_on_to_its_end(command, state):
    async def scenario(rig):
        await enable(rig)
        if command == "closeShutter":
            await rig.command(WL, "openShutter")
        moving = rig.later(WL, command)
        await rig.sleep(0.5)
        rig.inject(WL, "shutter_stuck")
        await rig.sleep(5)

        act(rig, "shutter_repaired")
        await moving

        assert rig.event(WL, "shutterState").actualState == state
        assert rig.output(WL, "shutter_open") == float(state == 2)

    try_out(scenario)


def test_a_shutter_that_arrives_at_an_uneven_time_stands_at_its_end():
    async def scenario(rig):
        await enable(rig)
        await rig.sleep(3)
        moving = rig.later(WL, "openShutter")
        for step in (0.05, 0.05, 0.3, 0.3, 0.3):
            await rig.sleep(step)
        await moving

        assert rig.output(WL, "shutter_open") == 1.0

    try_out(scenario)
