"""Components that fall silent, are slow, or die and come back."""

from __future__ import annotations

import pytest

from csc import AckTimeoutError
from fsm import AuthorError
from tests.csc.rig import Rig
from tests.csc.tiny import run

LIT = {"Tiny": {"lamp": "ON"}}

# --------------------------------------------------------------------- silence


def test_a_silent_component_obeys_and_is_not_heard() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "silence")

        with pytest.raises(AckTimeoutError):
            await rig.remote("Tiny").command("turnOff", timeout=5.0)

        assert rig.state("Tiny", "lamp") == "OFF"
        assert rig.event("Tiny", "lampState").state == 3, "what it said last"

    run(scenario, machines=LIT)


def test_a_silent_component_has_no_heartbeat() -> None:
    async def scenario(rig: Rig) -> None:
        heartbeat = rig.remote("Tiny").telemetry("heartbeat")
        await heartbeat.next()
        rig.inject("Tiny", "silence")

        with pytest.raises(TimeoutError):
            await heartbeat.next(flush=True, timeout=60.0)

    run(scenario)


def test_when_it_is_heard_again_the_last_states_arrive() -> None:
    async def scenario(rig: Rig) -> None:
        fault = rig.inject("Tiny", "silence")
        for number in (1, 2, 3):
            rig.component("Tiny").assign("powered_count", number)
            rig.component("Tiny").changed()
        heard: list[int] = []
        rig.remote("Tiny").event("counted").callback(lambda sample: heard.append(sample.times))

        rig.component("Tiny").faults.clear(fault)
        await rig.sleep(1.0)

        assert heard == [3]

    run(scenario)


# -------------------------------------------------------------------- slowness


def test_a_slow_component_reacts_late_and_takes_longer() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "slowness", factor=4.0, reaction=2.0)

        await rig.command("Tiny", "openCover")

        assert rig.now == 2.0 + 4 * 5.0 + 2.0

    run(scenario, machines=LIT)


def test_it_is_as_quick_as_before_when_that_is_over() -> None:
    async def scenario(rig: Rig) -> None:
        first = rig.inject("Tiny", "slowness", factor=4.0, reaction=2.0)
        second = rig.inject("Tiny", "slowness", factor=2.0, reaction=2.0)
        for fault in (first, second):
            rig.component("Tiny").faults.clear(fault)

        await rig.command("Tiny", "openCover")

        assert rig.now == 5.0

    run(scenario, machines=LIT)


# --------------------------------------------------------------------- restart


def test_a_restarted_component_is_away_and_comes_back_anew() -> None:
    async def scenario(rig: Rig) -> None:
        old = rig.component("Tiny")
        rig.inject("Tiny", "restart", after=20.0)
        await rig.sleep(10.0)
        away = "Tiny" not in rig.observatory.components
        stale = rig.remote("Tiny").summary_state

        await rig.sleep(15.0)

        assert (away, stale) == (True, "ENABLED")
        assert rig.component("Tiny") is not old
        assert (rig.state("Tiny"), rig.remote("Tiny").summary_state) == ("STANDBY", "STANDBY")
        assert rig.state("Tiny", "lamp") == "OFF"

    run(scenario, machines=LIT)


def test_commands_under_way_are_never_answered() -> None:
    async def scenario(rig: Rig) -> None:
        task = rig.clock.loop.create_task(rig.remote("Tiny").command("openCover", timeout=50.0))
        await rig.sleep(1.0)

        rig.inject("Tiny", "restart")

        with pytest.raises(AckTimeoutError):
            await task

    run(scenario, machines=LIT)


def test_it_takes_commands_again() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "restart", after=1.0)
        await rig.sleep(2.0)

        await rig.enable("Tiny")
        await rig.command("Tiny", "turnOn", power=0.5)

        assert rig.state("Tiny", "lamp") == "ON"

    run(scenario)


def test_it_comes_back_at_once_when_it_is_cleared_by_hand() -> None:
    async def scenario(rig: Rig) -> None:
        former = rig.component("Tiny")
        fault = rig.inject("Tiny", "restart", after=1000.0, state="ENABLED")
        await rig.sleep(1.0)

        former.faults.clear(fault)
        await rig.sleep(2000.0)

        assert rig.state("Tiny") == "ENABLED"
        assert [record["what"] for record in rig.records("fault")] == ["injected", "cleared"]

    run(scenario)


def test_the_faults_that_it_had_are_there_again() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "hot")
        rig.inject("Tiny", "message_lost", topic="counted")
        rig.inject("Tiny", "restart", after=1.0, state="ENABLED")
        await rig.sleep(2.0)

        rig.component("Tiny").assign("powered_count", 7)
        rig.component("Tiny").changed()

        assert rig.output("Tiny", "temperature") == 90.0
        assert {fault.plan.name for fault in rig.component("Tiny").faults.active} == {"hot", "message_lost"}
        assert rig.event("Tiny", "counted").times == 0

    run(scenario)


def test_who_watches_it_goes_on_watching() -> None:
    async def scenario(rig: Rig) -> None:
        seen: list[str] = []
        rig.component("Tiny").watch(lambda: seen.append(str(rig.remote("Tiny").summary_state)))
        rig.inject("Tiny", "restart", after=1.0)
        await rig.sleep(2.0)

        await rig.enable("Tiny")

        assert seen[-1] == "ENABLED"

    run(scenario)


def test_what_has_no_summary_state_cannot_be_restarted() -> None:
    from csc import load_catalogue
    from csc.disturbances import fault_of

    with pytest.raises(AuthorError, match="restart is for components that have a summary state"):
        fault_of(load_catalogue()["Script"], "restart", {})
