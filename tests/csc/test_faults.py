from __future__ import annotations

import pytest

from csc import AckError, AckTimeoutError
from fsm import AuthorError
from tests.csc.rig import Rig
from tests.csc.tiny import run

LIT = {"Tiny": {"lamp": "ON"}}


def test_an_injected_fault_is_journaled_with_its_parameters() -> None:
    async def scenario(rig: Rig) -> None:
        fault = rig.inject("Tiny", "bad_bulb", duration=50.0)

        [record] = rig.records("fault")
        assert (record["fault"], record["what"], record["parameters"]) == ("bad_bulb", "injected", {"duration": 50.0})
        assert rig.component("Tiny").faults.active == [fault]

    run(scenario)


@pytest.mark.parametrize(
    ("fault", "values", "message"),
    [
        ("bad_blub", {}, r"^Tiny has no fault bad_blub; did you mean bad_bulb\?$"),
        ("bad_bulb", {"durat": 1.0}, r"^fault Tiny\.bad_bulb has no parameter durat; did you mean duration\?$"),
        ("bad_bulb", {"duration": 0.5}, r"^duration=0\.5 s is not in range \[1 s, 3600 s\]$"),
        ("bad_bulb", {"duration": "long"}, r"^duration='long': a quantity in s is expected$"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_and_not_journaled(
    fault: str, values: dict[str, object], message: str
) -> None:
    async def scenario(rig: Rig) -> None:
        before = rig.journal.count
        with pytest.raises(AuthorError, match=message):
            rig.inject("Tiny", fault, **values)

        assert rig.component("Tiny").faults.active == []
        assert rig.journal.count == before

    run(scenario)


# ---------------------------------------------------------------------- set


def test_a_fault_sets_a_stored_output() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "hot")

        assert rig.output("Tiny", "temperature") == 90.0

    run(scenario)


def test_a_fault_sets_a_parameter_until_it_is_cleared() -> None:
    async def scenario(rig: Rig) -> None:
        fault = rig.inject("Tiny", "bad_bulb")
        during = rig.behaviour("Tiny").p.warmup
        rig.component("Tiny").faults.clear(fault)

        assert (during, rig.behaviour("Tiny").p.warmup) == (100.0, 10.0)
        assert [record["what"] for record in rig.records("fault")] == ["injected", "cleared"]

    run(scenario)


def test_a_cleared_fault_leaves_what_the_override_gave() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.command("Tiny", "start", configurationOverride="slow.yaml")
        rig.component("Tiny").faults.clear(rig.inject("Tiny", "bad_bulb"))

        assert rig.behaviour("Tiny").p.warmup == 60.0

    run(scenario, states={})


def test_a_fault_outlives_a_new_start() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "bad_bulb")
        await rig.set_state("Tiny", "STANDBY")
        await rig.enable("Tiny", override="slow.yaml")

        assert (rig.behaviour("Tiny").p.warmup, rig.behaviour("Tiny").p.mode) == (100.0, "slow")

    run(scenario)


def test_of_two_faults_the_one_that_stays_stands() -> None:
    async def scenario(rig: Rig) -> None:
        first = rig.inject("Tiny", "bad_bulb", duration=50.0)
        second = rig.inject("Tiny", "bad_bulb", duration=70.0)
        seen = [rig.behaviour("Tiny").p.warmup]
        rig.component("Tiny").faults.clear(second)
        seen.append(rig.behaviour("Tiny").p.warmup)
        rig.component("Tiny").faults.clear(first)

        assert [*seen, rig.behaviour("Tiny").p.warmup] == [70.0, 50.0, 10.0]

    run(scenario)


# --------------------------------------------------------------------- hold


async def open_cover(rig: Rig) -> str:
    await rig.remote("Tiny").command("openCover", timeout=1.0)
    return rig.state("Tiny", "cover")


async def refuse_to_open(rig: Rig) -> None:
    with pytest.raises(AckTimeoutError, match=r"Tiny\.openCover: INPROGRESS"):
        await open_cover(rig)


def test_a_fault_holds_a_trigger_so_many_times() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "deaf", times=2)
        await refuse_to_open(rig)
        await refuse_to_open(rig)

        assert await open_cover(rig) == "OPEN"

    run(scenario, machines=LIT)


def test_a_fault_without_a_number_holds_a_trigger_for_good() -> None:
    async def scenario(rig: Rig) -> None:
        fault = rig.inject("Tiny", "stuck")
        for _ in range(5):
            await refuse_to_open(rig)
        rig.component("Tiny").faults.clear(fault)

        assert await open_cover(rig) == "OPEN"

    run(scenario, machines=LIT)


# --------------------------------------------------------------- fire, fault


def test_a_fault_fires_a_trigger() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "stone")

        assert (rig.state("Tiny", "lamp"), rig.state("Tiny")) == ("BROKEN", "FAULT")

    run(scenario, machines=LIT)


def test_a_trigger_that_no_row_takes_does_nothing() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "stone")

        assert (rig.state("Tiny", "lamp"), rig.state("Tiny")) == ("OFF", "ENABLED")

    run(scenario)


def test_a_fault_sends_the_component_to_fault_and_standby_leads_out() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "hot_driver")
        during = (rig.state("Tiny"), rig.event("Tiny", "errorCode").errorCode)
        await rig.enable("Tiny")

        assert during == ("FAULT", 7)
        assert (rig.state("Tiny"), rig.event("Tiny", "errorCode").errorCode) == ("ENABLED", 0)

    run(scenario)


# --------------------------------------------------------------- drop, delay


def test_a_dropped_event_is_not_sent_and_the_machine_moves_all_the_same() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "dumb")
        before = rig.event("Tiny", "coverState")
        await rig.command("Tiny", "openCover")

        assert rig.state("Tiny", "cover") == "OPEN"
        assert rig.event("Tiny", "coverState") is before

    run(scenario, machines=LIT)


def test_dropped_telemetry_stops_and_comes_back() -> None:
    async def scenario(rig: Rig) -> None:
        seen: list[float] = []
        rig.remote("Tiny").telemetry("temperature").callback(lambda sample: seen.append(sample.t))
        await rig.sleep(6.0)
        fault = rig.inject("Tiny", "dumb")
        await rig.sleep(10.0)
        rig.component("Tiny").faults.clear(fault)
        await rig.sleep(6.0)

        assert seen == [5.0, 20.0]

    run(scenario)


def test_a_topic_stays_dropped_while_another_fault_drops_it() -> None:
    async def scenario(rig: Rig) -> None:
        fault = rig.inject("Tiny", "dumb")
        rig.inject("Tiny", "dumb")
        rig.component("Tiny").faults.clear(fault)
        await rig.command("Tiny", "openCover")

        assert rig.event("Tiny", "coverState").closed

    run(scenario, machines=LIT)


def test_a_delayed_event_arrives_late() -> None:
    async def scenario(rig: Rig) -> None:
        seen: list[tuple[float, bool]] = []
        rig.inject("Tiny", "slow_line")
        rig.remote("Tiny").event("coverState").callback(lambda sample: seen.append((sample.t, sample.open)))
        await rig.command("Tiny", "openCover")
        await rig.sleep(10.0)

        assert seen == [(3.0, False), (8.0, True)]

    run(scenario, machines=LIT)


def test_delayed_telemetry_tells_of_what_was() -> None:
    async def scenario(rig: Rig) -> None:
        seen: list[tuple[float, float]] = []
        rig.remote("Tiny").telemetry("temperature").callback(lambda sample: seen.append((sample.t, sample.lamp)))
        await rig.sleep(6.0)
        fault = rig.inject("Tiny", "slow_line", by=7.0)
        await rig.sleep(10.0)
        rig.inject("Tiny", "hot")
        await rig.sleep(15.0)
        rig.component("Tiny").faults.clear(fault)
        await rig.sleep(5.0)

        assert seen == [(5.0, 20.0), (20.0, 20.0), (25.0, 20.0), (30.0, 90.0), (35.0, 90.0)]

    run(scenario)


# --------------------------------------------------------------------- cure


def test_a_trigger_cures_the_faults_that_name_it() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "slow_line")
        rig.inject("Tiny", "stuck")
        await rig.command("Tiny", "closeCover")

        assert [fault.plan.name for fault in rig.component("Tiny").faults.active] == ["stuck"]
        assert rig.records("fault")[-1]["what"] == "cured"

    run(scenario, machines={"Tiny": {"cover": "OPEN"}})


def test_a_refused_command_cures_nothing() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "bad_bulb")
        with pytest.raises(AckError):
            await rig.command("Tiny", "turnOff")

        assert len(rig.component("Tiny").faults.active) == 1

    run(scenario)


def test_a_command_under_way_is_looked_at_when_a_fault_ends() -> None:
    async def scenario(rig: Rig) -> None:
        seen: list[str] = []
        fault = rig.inject("Tiny", "bad_bulb")
        rig.component("Tiny").watch(lambda: seen.append("looked"))
        rig.component("Tiny").faults.clear(fault)

        assert seen == ["looked"]

    run(scenario)
