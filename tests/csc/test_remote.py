from __future__ import annotations

import asyncio

import pytest

from csc import Ack, AckCode, AckError, AckTimeoutError, Behaviour, RemoteGroup
from tests.csc.rig import Rig
from tests.csc.tiny import give, run

ALONE = {"Tiny": "STANDBY"}


def test_a_command_returns_its_final_acknowledgement() -> None:
    async def scenario(rig: Rig) -> None:
        ack = await rig.command("Tiny", "turnOff") if rig.state("Tiny", "lamp") != "OFF" else None
        ack = await rig.command("Tiny", "set", int=1, flag=True)

        assert ack == Ack(AckCode.COMPLETE, 0, "Done")

    run(scenario)


def test_a_failed_command_raises_with_its_acknowledgement() -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(AckError, match=r"^Tiny\.turnOff: FAILED Failed: turnOff refused: lamp is OFF$") as caught:
            await rig.command("Tiny", "turnOff")

        assert caught.value.command == "Tiny.turnOff"
        assert (caught.value.ack.code, caught.value.ack.error) == (AckCode.FAILED, 1)

    run(scenario)


def test_a_command_to_nobody_times_out_as_sal_says_it() -> None:
    async def scenario(rig: Rig) -> None:
        remote = rig.observatory.remote("ATDome", "test")

        with pytest.raises(AckTimeoutError, match=r"^ATDome\.open: NOACK No command acknowledgement seen$") as caught:
            await remote.command("open", timeout=12.0)

        assert caught.value.ack.code is AckCode.NOACK
        assert rig.now == 12.0

    run(scenario)


def test_the_limit_is_an_hour_if_the_sender_names_none() -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(AckTimeoutError):
            await rig.observatory.remote("ATDome", "test").command("open")

        assert rig.now == 3600.0

    run(scenario)


def test_each_acknowledgement_in_progress_adds_its_time_to_the_limit() -> None:
    async def scenario(rig: Rig) -> None:
        progress: list[Ack] = []
        sent = rig.now

        ack = await rig.remote("Tiny").command("turnOn", power=0.5, timeout=1.0, on_progress=progress.append)

        assert ack.code is AckCode.COMPLETE
        assert rig.now == sent + 10.0
        assert [(item.code, item.timeout) for item in progress] == [(AckCode.INPROGRESS, 10.0)]

    run(scenario)


def test_several_in_progress_acknowledgements_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tiny(Behaviour):
        async def do_closeCover(self, data: object) -> None:
            for _ in range(3):
                self.component.reception.progress("closeCover", 10.0, "still closing")
                await self.clock.sleep(10.0)

    give(monkeypatch, Tiny=Tiny)

    async def scenario(rig: Rig) -> None:
        await rig.remote("Tiny").command("closeCover", timeout=0.5)

        assert rig.now == 30.0

    run(scenario, machines={"Tiny": {"cover": "OPEN"}})


def test_a_limit_that_passes_carries_the_last_acknowledgement_seen() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "stuck")
        await rig.command("Tiny", "turnOn", power=0.5)

        with pytest.raises(AckTimeoutError, match=r"^Tiny\.openCover: INPROGRESS") as caught:
            await rig.remote("Tiny").command("openCover", timeout=1.0)

        assert caught.value.ack == Ack(AckCode.INPROGRESS, 0, "", 6.0)
        assert rig.now == 10.0 + 1.0 + 6.0

    run(scenario)


def test_a_component_that_gives_up_in_time_answers_with_its_own_timeout() -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(AckError, match=r"^Tiny\.wait: TIMEOUT Timeout$") as caught:
            await rig.command("Tiny", "wait")

        assert not isinstance(caught.value, AckTimeoutError)
        assert rig.now == 20.0

    run(scenario)


def test_there_is_exactly_one_final_acknowledgement() -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(AckTimeoutError):
            await rig.remote("Tiny").command("wait", timeout=5.0)
        pending = rig.later("Tiny", "turnOn", power=0.5)
        await rig.sleep(3.0)
        rig.inject("Tiny", "stone")
        with pytest.raises(AckError, match="Failed: the bulb broke"):
            await pending
        await rig.sleep(1000.0)

        finals: dict[int, list[str]] = {}
        for ack in rig.records("ack"):
            if AckCode[ack["ack"]].is_final:
                finals.setdefault(ack["seq"], []).append(ack["ack"])
        assert sorted(len(codes) for codes in finals.values()) == [1] * len(finals)
        assert len(finals) == len(rig.records("command"))

    run(scenario)


def test_a_late_final_acknowledgement_is_not_for_the_next_command() -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(AckTimeoutError):
            await rig.remote("Tiny").command("wait", timeout=5.0)
        ack = await rig.command("Tiny", "turnOn", power=0.5)

        assert ack.code is AckCode.COMPLETE

    run(scenario)


def test_a_cancelled_command_leaves_nothing_behind() -> None:
    async def scenario(rig: Rig) -> None:
        pending = rig.later("Tiny", "wait")
        await rig.sleep(1.0)
        pending.cancel()
        await asyncio.wait([pending])

        assert pending.cancelled()
        assert rig.clock.loop.waits == {}

    run(scenario)


# ---------------------------------------------------------------- events


def test_the_newest_event_is_there_at_once() -> None:
    async def scenario(rig: Rig) -> None:
        sample = rig.remote("Tiny").event("lampState").get()

        assert sample is not None
        assert (sample.state, sample.power) == (1, 0.0)
        assert rig.remote("Tiny").event("levels").get() is None

    run(scenario)


def test_a_sample_names_the_field_it_does_not_have() -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(AttributeError, match="lampState has no field lamp"):
            rig.event("Tiny", "lampState").lamp  # noqa: B018  # reading it is the test

    run(scenario)


def test_next_gives_a_late_joiner_the_last_event_and_then_each_one_in_turn() -> None:
    async def scenario(rig: Rig) -> None:
        reader = rig.remote("Tiny").event("lampState")
        states = [(await reader.next()).state]
        pending = rig.later("Tiny", "turnOn", power=0.5)
        states += [(await reader.next()).state, (await reader.next()).state]
        await pending

        assert states == [1, 2, 3]
        assert rig.now == 10.0

    run(scenario)


def test_next_with_flush_forgets_what_was_there() -> None:
    async def scenario(rig: Rig) -> None:
        reader = rig.remote("Tiny").event("lampState")
        pending = rig.later("Tiny", "turnOn", power=0.5)
        first = await reader.next(flush=True, timeout=60.0)
        await pending

        assert first.state == 2

    run(scenario)


def test_next_says_on_timeout_what_it_waited_for() -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(TimeoutError, match=r"^timed out after 5 s waiting for Tiny\.levels"):
            await rig.remote("Tiny").event("levels").next(timeout=5.0)

    run(scenario)


def test_telemetry_has_no_history_for_late_joiners() -> None:
    async def scenario(rig: Rig) -> None:
        end = rig.observatory.remote("Tiny", "other").telemetry("temperature").callback(lambda sample: None)
        await rig.sleep(7.0)
        end()
        await rig.sleep(100.0)

        sample = await rig.remote("Tiny").telemetry("temperature").next(timeout=10.0)

        assert sample.t == 110.0

    run(scenario)


def test_a_callback_gets_each_event_until_it_is_ended() -> None:
    async def scenario(rig: Rig) -> None:
        seen: list[int] = []
        end = rig.remote("Tiny").event("lampState").callback(lambda sample: seen.append(sample.state))
        await rig.command("Tiny", "turnOn", power=0.5)
        end()
        await rig.command("Tiny", "turnOff")
        await rig.sleep(1.0)

        assert seen == [2, 3]

    run(scenario)


def test_a_closed_reader_hears_nothing_until_it_joins_again() -> None:
    async def scenario(rig: Rig) -> None:
        reader = rig.remote("Tiny").event("lampState")
        reader.open()
        reader.flush()
        rig.remote("Tiny").close()
        await rig.observatory.remote("Tiny", "other").command("turnOn", power=0.5)

        assert (await reader.next()).state == 3

    run(scenario)


def test_a_reader_keeps_the_newest_hundred_samples() -> None:
    async def scenario(rig: Rig) -> None:
        reader = rig.remote("Tiny").event("levels")
        reader.open()
        for number in range(150):
            rig.behaviour("Tiny").publish("levels", level=float(number))
        await rig.sleep(1.0)

        assert (await reader.next()).level == 50.0

    run(scenario)


# -------------------------------------------------------- summary states


@pytest.mark.parametrize(
    ("begin", "end", "passed"),
    [
        ("OFFLINE", "ENABLED", ["OFFLINE", "STANDBY", "DISABLED", "ENABLED"]),
        ("STANDBY", "STANDBY", ["STANDBY"]),
        ("ENABLED", "STANDBY", ["ENABLED", "DISABLED", "STANDBY"]),
        ("ENABLED", "OFFLINE", ["ENABLED", "DISABLED", "STANDBY", "OFFLINE"]),
        ("FAULT", "ENABLED", ["FAULT", "STANDBY", "DISABLED", "ENABLED"]),
    ],
)
def test_a_remote_brings_a_component_to_a_summary_state(begin: str, end: str, passed: list[str]) -> None:
    async def scenario(rig: Rig) -> None:
        assert await rig.remote("Tiny").set_summary_state(end) == passed
        assert rig.state("Tiny") == end
        assert rig.remote("Tiny").summary_state == end

    run(scenario, states={"Tiny": begin})


def test_no_command_leads_to_fault() -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(ValueError, match="no command leads to FAULT"):
            await rig.remote("Tiny").set_summary_state("FAULT")

    run(scenario)


def test_a_component_that_is_not_there_has_no_summary_state() -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(RuntimeError, match="ATDome: no summaryState seen"):
            await rig.observatory.remote("ATDome", "test").set_summary_state("ENABLED")

    run(scenario)


def test_a_failing_transition_names_command_state_and_reason() -> None:
    async def scenario(rig: Rig) -> None:
        message = r"^Tiny: start from STANDBY failed: Failed: Config file 'fast\.yaml' does not exist"
        with pytest.raises(RuntimeError, match=message):
            await rig.remote("Tiny").set_summary_state("ENABLED", override="fast.yaml")

        assert rig.state("Tiny") == "STANDBY"

    run(scenario, states=ALONE)


def test_a_group_goes_together_and_names_those_that_failed() -> None:
    async def scenario(rig: Rig) -> None:
        group = RemoteGroup("Both", {name: rig.remote(name) for name in ("Tiny", "Peer")})

        with pytest.raises(RuntimeError, match=r"^Both: could not bring to ENABLED: Tiny: start from STANDBY failed"):
            await group.set_summary_state("ENABLED", overrides={"Tiny": "none.yaml"})
        states = (rig.state("Tiny"), rig.state("Peer"))
        await group.set_summary_state("DISABLED", ignore=("Tiny",))
        await group.set_summary_state("ENABLED")

        assert states == ("STANDBY", "ENABLED")
        assert (rig.state("Tiny"), rig.state("Peer")) == ("ENABLED", "ENABLED")

    run(scenario, "Tiny", "Peer", states={})
