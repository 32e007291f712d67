"""ATWhiteLight as a CSC: links, summary states, the journal."""

import pytest

from csc import AckError, AckTimeoutError
from tests.csc.atwhitelight.bench import WL, chill, enable, refused, try_out, warm


def test_start_connects_the_chiller_and_then_the_lamp():
    async def scenario(rig):
        await rig.command(WL, "start")

        connected = [r["topic"] for r in rig.records("event", WL) if r["data"].get("connected") is True]
        assert connected == ["chillerConnected", "lampConnected"]
        assert rig.now == pytest.approx(1.2)
        assert rig.event(WL, "lampState").basicState == 1
        assert rig.event(WL, "lampState").controllerState == 1
        assert rig.event(WL, "lampState").controllerError == -1
        assert rig.event(WL, "chillerWatchdog").controllerState == 1
        assert rig.event(WL, "shutterState").actualState == 1

    try_out(scenario)


def test_nothing_is_published_of_the_hardware_before_start():
    async def scenario(rig):
        assert rig.event(WL, "lampState") is None
        assert rig.event(WL, "chillerWatchdog") is None

    try_out(scenario)


def test_standby_closes_both_links():
    async def scenario(rig):
        await enable(rig)

        await rig.set_state(WL, "STANDBY")

        assert rig.event(WL, "lampConnected").connected is False
        assert rig.event(WL, "chillerConnected").connected is False

    try_out(scenario)


def test_what_was_left_off_stays_off_in_standby():
    async def scenario(rig):
        await enable(rig)

        await rig.set_state(WL, "STANDBY")

        assert rig.event(WL, "lampState").basicState == 1
        assert rig.event(WL, "chillerWatchdog").controllerState == 1

    try_out(scenario)


def test_broken_links_leave_lamp_and_chiller_unknown():
    async def scenario(rig):
        await enable(rig)

        rig.inject(WL, "lamp_link_lost")
        rig.inject(WL, "chiller_link_lost")

        assert rig.event(WL, "lampState").basicState == 0
        assert rig.event(WL, "chillerWatchdog").controllerState == -1

    try_out(scenario)


def test_the_lamp_that_does_not_answer_makes_start_fail_with_fault_3():
    async def scenario(rig):
        rig.inject(WL, "lamp_link_lost")

        with pytest.raises(AckError, match="Could not connect to the lamp"):
            await rig.command(WL, "start")

        assert rig.now == pytest.approx(1.0 + 5.0)
        assert rig.event(WL, "errorCode").errorCode == 3

    try_out(scenario)


def test_the_chiller_that_does_not_answer_makes_start_fail_with_fault_4():
    async def scenario(rig):
        rig.inject(WL, "chiller_link_lost")

        with pytest.raises(AckError, match="Could not connect to the chiller"):
            await rig.command(WL, "start")

        assert rig.now == pytest.approx(10.0)
        assert rig.event(WL, "errorCode").errorCode == 4

    try_out(scenario)


def test_standby_during_start_ends_it():
    async def scenario(rig):
        start = rig.later(WL, "start")
        await rig.sleep(0.5)

        await rig.command(WL, "standby")

        with pytest.raises(AckError, match="Superseded by a standby command"):
            await start
        assert rig.state(WL, "chiller_link") == "DISCONNECTED"

    try_out(scenario)


def test_standby_while_the_lamp_is_being_connected_closes_the_chiller_too():
    async def scenario(rig):
        start = rig.later(WL, "start")
        await rig.sleep(1.1)

        await rig.command(WL, "standby")

        with pytest.raises(AckError, match="Superseded"):
            await start
        assert rig.state(WL, "lamp_link") == "DISCONNECTED"
        assert rig.state(WL, "chiller_link") == "DISCONNECTED"

    try_out(scenario)


@pytest.mark.parametrize(
    ("command", "match"),
    [
        ("turnLampOn", "Lamp not connected"),
        ("turnLampOff", "Lamp not connected"),
        ("openShutter", "Lamp not connected"),
        ("closeShutter", "Lamp not connected"),
        ("startChiller", "Chiller not connected"),
        ("stopChiller", "Chiller not connected"),
    ],
)
def test_commands_are_refused_before_the_links_are_open(command, match):
    async def scenario(rig):
        start = rig.later(WL, "start")
        await rig.sleep(0.1)
        enable = rig.later(WL, "enable")
        await rig.sleep(0.1)

        await refused(rig, command, match)

        await enable
        await start

    try_out(scenario)


def test_set_chiller_temperature_is_refused_before_the_link_is_open():
    async def scenario(rig):
        start = rig.later(WL, "start")
        await rig.sleep(0.1)
        await rig.command(WL, "enable")

        await refused(rig, "setChillerTemperature", "Chiller not connected", temperature=20.0)

        await start

    try_out(scenario)


@pytest.mark.parametrize("command", ["turnLampOn", "turnLampOff", "openShutter", "closeShutter", "startChiller"])
def test_commands_need_enabled(command):
    async def scenario(rig):
        await rig.set_state(WL, "DISABLED")

        await refused(rig, command, r"Not allowed in state=<State.DISABLED: 1>")

    try_out(scenario)


def test_commands_are_refused_in_fault():
    async def scenario(rig):
        await enable(rig)
        rig.inject(WL, "chiller_link_lost")

        await refused(rig, "openShutter", "Not allowed in Fault state: errorCode=1")

    try_out(scenario)


def test_a_fault_ends_the_lighting_of_the_lamp():
    async def scenario(rig):
        await chill(rig)
        rig.inject(WL, "bulb_will_not_ignite")
        lighting = rig.later(WL, "turnLampOn", power=910.0)
        await rig.sleep(10.0)

        rig.inject(WL, "chiller_link_lost")

        with pytest.raises(AckError, match="interrupted: errorCode=1"):
            await lighting
        await rig.sleep(300.0)
        assert rig.state(WL, "power") == "OFF"

    try_out(scenario)


def test_nobody_answers_when_the_component_is_not_there():
    async def scenario(rig):
        with pytest.raises(AckTimeoutError):
            await rig.remote("ATBuilding").command("startExtractionFan", timeout=5.0)

    try_out(scenario)


def test_two_runs_give_the_same_journal():
    async def scenario(rig):
        await warm(rig)
        await rig.command(WL, "turnLampOff")
        return rig.journal.digest

    assert try_out(scenario) == try_out(scenario)
