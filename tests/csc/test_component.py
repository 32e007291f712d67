from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from csc import AckError, Behaviour, on_enter, on_leave, on_trigger
from csc.generic import STATE_COMMANDS, generic_commands, summary_chart
from fsm import Clock, Timeline, simulate
from tests.csc.rig import Rig
from tests.csc.tiny import catalogue, give, run

STATES = {"OFFLINE": 4, "STANDBY": 5, "DISABLED": 1, "ENABLED": 2, "FAULT": 3}
GENERIC = generic_commands(("csc", "enterControl"))
LEADS_TO = {
    (state, row.on[0]): row.target
    for row in summary_chart().transitions
    for state in row.sources
    if row.on[0] != "fault"
}


def events(rig: Rig, *topics: str) -> list[str]:
    return [record["topic"] for record in rig.records("event") if not topics or record["topic"] in topics]


# ------------------------------------------------------------ summary state


@pytest.mark.parametrize(("state", "command"), list(itertools.product(STATES, STATE_COMMANDS)))
def test_each_state_command_is_taken_or_refused_in_sals_words(state: str, command: str) -> None:
    async def scenario(rig: Rig) -> None:
        if (state, command) in LEADS_TO:
            await rig.command("Tiny", command)
            assert rig.state("Tiny") == LEADS_TO[state, command]
            return
        with pytest.raises(AckError) as caught:
            await rig.command("Tiny", command)
        assert caught.value.ack.result == f"Failed: {command} not allowed in state <State.{state}: {STATES[state]}>"
        assert rig.state("Tiny") == state

    run(scenario, states={"Tiny": state})


@pytest.mark.parametrize("state", STATES)
def test_set_log_level_is_taken_in_every_state(state: str) -> None:
    async def scenario(rig: Rig) -> None:
        await rig.command("Tiny", "setLogLevel", level=40)

        assert rig.event("Tiny", "logLevel").level == 40

    run(scenario, states={"Tiny": state})


@pytest.mark.parametrize("state", ["OFFLINE", "STANDBY", "DISABLED"])
def test_other_commands_are_refused_in_the_wrong_state_in_sals_words(state: str) -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(AckError) as caught:
            await rig.command("Tiny", "turnOff")
        assert caught.value.ack.result == f"Failed: Not allowed in state=<State.{state}: {STATES[state]}>"

    run(scenario, states={"Tiny": state})


def test_other_commands_are_refused_in_fault_with_its_reason() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "hot_driver")

        with pytest.raises(AckError) as caught:
            await rig.command("Tiny", "turnOff")
        assert caught.value.ack.result == "Failed: Not allowed in Fault state: errorCode=7, errorReport='too hot'"

    run(scenario)


def test_a_command_may_be_allowed_in_other_states() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.command("Tiny", "closeCover")

        assert rig.state("Tiny", "cover") == "CLOSED"

    run(scenario, states={"Tiny": "DISABLED"}, machines={"Tiny": {"cover": "OPEN"}})


def test_a_state_command_publishes_the_state_and_then_the_error_code() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "hot_driver")
        await rig.command("Tiny", "standby")

        recent = [(r["topic"], r["data"]) for r in rig.records("event")][-2:]
        assert recent == [
            ("summaryState", {"summaryState": 5}),
            ("errorCode", {"errorCode": 0, "errorReport": ""}),
        ]

    run(scenario)


def test_the_error_code_is_not_published_again_while_it_stays_zero() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.enable("Tiny")

        assert events(rig, "errorCode", "summaryState") == ["summaryState", "errorCode", "summaryState", "summaryState"]

    run(scenario, states={})


def test_fault_publishes_error_code_log_line_and_state_in_this_order() -> None:
    async def scenario(rig: Rig) -> None:
        before = len(rig.journal.records)
        rig.inject("Tiny", "hot_driver")

        published = [(r["topic"], r["data"]) for r in rig.journal.records[before:] if r["kind"] == "event"]
        assert [topic for topic, _ in published] == ["errorCode", "logMessage", "summaryState"]
        assert published[0][1] == {"errorCode": 7, "errorReport": "too hot"}
        assert published[1][1]["level"] == 50
        assert published[2][1] == {"summaryState": 3}

    run(scenario)


def test_a_fault_within_fault_sends_only_the_error_code_again() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "hot_driver")
        before = len(rig.journal.records)
        rig.behaviour("Tiny").fault("LAMP_BROKEN", "and now the bulb")

        assert [(r["kind"], r.get("topic"), r.get("data")) for r in rig.journal.records[before:]] == [
            ("event", "errorCode", {"errorCode": 6, "errorReport": "and now the bulb"})
        ]

    run(scenario)


def test_a_row_with_a_fault_leads_to_fault() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.command("Tiny", "turnOn", power=0.5)
        rig.behaviour("Tiny").fire("light_lost")

        assert (rig.state("Tiny"), rig.state("Tiny", "lamp")) == ("FAULT", "BROKEN")
        assert rig.event("Tiny", "errorCode").errorReport == "the bulb broke"

    run(scenario)


def test_leaving_a_summary_state_is_a_trigger_for_the_machines() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.command("Tiny", "turnOn", power=0.5)
        await rig.command("Tiny", "disable")

        assert rig.state("Tiny", "lamp") == "OFF"
        assert rig.event("Tiny", "lampState").state == 1

    run(scenario)


# ------------------------------------------------------------------- events


def test_in_standby_a_component_says_only_what_every_csc_says() -> None:
    async def scenario(rig: Rig) -> None:
        assert events(rig) == [
            "logLevel",
            "simulationMode",
            "softwareVersions",
            "summaryState",
            "errorCode",
            "configurationsAvailable",
        ]
        assert rig.event("Tiny", "lampState") is None

    run(scenario, states={})


def test_what_is_carried_is_published_when_the_hardware_is_reached() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.command("Tiny", "start")

        assert events(rig)[-3:] == ["lampState", "coverState", "counted"]

    run(scenario, states={})


def test_a_late_joiner_reads_every_event_that_was_sent() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.command("Tiny", "turnOn", power=0.5)
        await rig.sleep(1e6)
        remote = rig.observatory.remote("Tiny", "late")
        sample = await remote.event("lampState").next()

        assert (sample.state, sample.power, sample.t) == (3, 0.5, 10.0)

    run(scenario)


def test_an_event_is_published_only_when_a_field_changes() -> None:
    async def scenario(rig: Rig) -> None:
        tiny = rig.behaviour("Tiny")
        sent = [
            tiny.component.publisher.write("levels", {"level": value})
            for value in (0.0, 0.0, 1.0, 1.0, float("nan"), float("nan"), 1.0)
        ]

        assert sent == [True, False, True, False, True, False, True]
        assert events(rig, "levels") == ["levels"] * 4

    run(scenario)


@pytest.mark.parametrize("value", [(1.0, float("nan")), [1.0, float("nan")]])
def test_nan_equals_nan_in_a_list_too(value: Any) -> None:
    async def scenario(rig: Rig) -> None:
        write = rig.component("Tiny").publisher.write

        assert write("levels", {"pair": value})
        assert not write("levels", {"pair": (1.0, float("nan"))})

    run(scenario)


def test_the_first_write_of_an_event_always_goes_out() -> None:
    async def scenario(rig: Rig) -> None:
        rig.behaviour("Tiny").publish("levels", level=0.0)

        assert rig.event("Tiny", "levels").data == {"level": 0.0, "pair": (0.0, 0.0), "word": ""}

    run(scenario)


def test_an_event_may_be_forced_out() -> None:
    async def scenario(rig: Rig) -> None:
        rig.behaviour("Tiny").publish("levels", level=1.0)
        rig.behaviour("Tiny").publish("levels", level=1.0, force=True)

        assert events(rig, "levels") == ["levels", "levels"]

    run(scenario)


def test_none_leaves_a_field_alone() -> None:
    async def scenario(rig: Rig) -> None:
        rig.behaviour("Tiny").publish("levels", level=1.0, word="one")
        rig.behaviour("Tiny").publish("levels", level=None, word="two")

        assert (rig.event("Tiny", "levels").level, rig.event("Tiny", "levels").word) == (1.0, "two")

    run(scenario)


@pytest.mark.parametrize(
    ("event", "field", "message"),
    [("levels", "levle", "levels has no field levle"), ("level", "level", "Tiny has no event level")],
)
def test_an_unknown_event_or_field_is_a_bug(event: str, field: str, message: str) -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(AttributeError, match=message):
            rig.behaviour("Tiny").publish(event, **{field: 1.0})

    run(scenario)


def test_one_change_is_one_event_with_all_that_it_changed() -> None:
    async def scenario(rig: Rig) -> None:
        pending = rig.later("Tiny", "turnOn", power=0.5)
        await rig.sleep(1.0)

        changes = [r["data"] for r in rig.records("event") if r["topic"] == "lampState"]
        assert changes[1:] == [{"state": 2, "power": 0.5}]
        await pending

    run(scenario)


def test_a_quantity_is_published_in_the_unit_of_its_field() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.command("Tiny", "turnOn", power=0.5)

        assert rig.output("Tiny", "set_power") == 500.0
        assert rig.event("Tiny", "lampState").power == 0.5

    run(scenario)


def test_a_state_may_publish_several_fields() -> None:
    async def scenario(rig: Rig) -> None:
        seen = [rig.event("Tiny", "coverState").data]
        await rig.command("Tiny", "openCover")
        seen.append(rig.event("Tiny", "coverState").data)

        assert seen == [{"closed": True, "open": False}, {"closed": False, "open": True}]

    run(scenario, machines={"Tiny": {"lamp": "ON"}}, parameters={})


def test_the_log_is_published_from_its_level_up() -> None:
    async def scenario(rig: Rig) -> None:
        for level in ("debug", "info", "error"):
            rig.behaviour("Tiny").log(level, f"at {level}")
        await rig.command("Tiny", "setLogLevel", level=40)
        for level in ("warning", "critical"):
            rig.behaviour("Tiny").log(level, f"now at {level}")

        assert rig.log_lines("Tiny") == ["at info", "at error", "now at critical"]

    run(scenario)


def test_an_invariant_that_breaks_is_journaled_once() -> None:
    async def scenario(rig: Rig) -> None:
        for number in range(3):
            rig.behaviour("Tiny").publish("levels", level=float(number))
            rig.component("Tiny").changed()

        [record] = rig.records("condition")
        assert (record["where"], record["condition"], record["truth"]) == ("Tiny.lamp ON", "set_power > 0 W", False)
        assert "0 W" in record["because"]

    run(scenario, machines={"Tiny": {"lamp": "ON"}})


def test_an_invariant_of_the_component_that_breaks_is_journaled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dial(Behaviour):
        def angle(self) -> float:
            return self.now

    give(monkeypatch, Dial=Dial)

    async def scenario(rig: Rig) -> None:
        rig.component("Dial").changed()
        await rig.sleep(1001.0)
        assert [where for where, *_ in rig.component("Dial").invariants.broken()] == ["Dial"]
        rig.component("Dial").changed()
        rig.component("Dial").changed()

        [record] = rig.records("condition")
        assert (record["t"], record["where"], record["condition"]) == (1001.0, "Dial", "angle <= 1000 deg")

    run(scenario, "Dial", sheets=catalogue("dial"))


# ----------------------------------------------------- telemetry and cost


def test_telemetry_is_sampled_at_its_cadence_and_only_while_somebody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tiny(Behaviour):
        measured = 0

        def sample_temperature(self) -> dict[str, float]:
            self.measured += 1
            return {"lamp": 20.0 + self.measured}

    give(monkeypatch, Tiny=Tiny)

    async def scenario(rig: Rig) -> None:
        seen: list[tuple[float, float]] = []
        await rig.sleep(1000.0)
        unheard = rig.behaviour("Tiny").measured
        end = rig.remote("Tiny").telemetry("temperature").callback(lambda s: seen.append((s.t, s.lamp)))
        await rig.sleep(12.0)
        end()
        await rig.sleep(1000.0)

        assert unheard == 0
        assert seen == [(1005.0, 21.0), (1010.0, 22.0)]
        assert rig.behaviour("Tiny").measured == 2

    run(scenario)


@pytest.mark.parametrize(
    ("state", "flows"), [("STANDBY", False), ("DISABLED", True), ("ENABLED", True), ("FAULT", False)]
)
def test_telemetry_flows_in_disabled_and_enabled(state: str, flows: bool) -> None:
    async def scenario(rig: Rig) -> None:
        seen: list[float] = []
        rig.remote("Tiny").telemetry("temperature").callback(lambda sample: seen.append(sample.lamp))
        await rig.sleep(11.0)

        assert seen == ([20.0, 20.0] if flows else [])

    run(scenario, states={"Tiny": state})


@pytest.mark.parametrize("state", ["STANDBY", "ENABLED", "FAULT"])
def test_the_heart_beats_each_second_for_who_listens(state: str) -> None:
    async def scenario(rig: Rig) -> None:
        seen: list[float] = []
        rig.remote("Tiny").event("heartbeat").callback(lambda sample: seen.append(sample.t))
        await rig.sleep(3.5)

        assert seen == [1.0, 2.0, 3.0]

    run(scenario, states={"Tiny": state})


def test_an_idle_component_costs_nothing_for_thirty_days(monkeypatch: pytest.MonkeyPatch) -> None:
    async def alone(clock: Clock) -> None:
        await clock.sleep(30 * 86400.0)

    loops: list[int] = []
    once = asyncio.BaseEventLoop._run_once  # type: ignore[attr-defined]  # what one turn of asyncio is

    def counted(loop: Any) -> None:
        loops[-1] += 1
        once(loop)

    monkeypatch.setattr(asyncio.BaseEventLoop, "_run_once", counted)

    loops.append(0)
    simulate(alone)
    loops.append(0)
    run(lambda rig: rig.sleep(30 * 86400.0), "Tiny", "Peer")

    assert loops[1] <= loops[0] + 2  # the two turns in which the components come and go


def test_an_idle_component_writes_nothing_to_the_journal() -> None:
    async def scenario(rig: Rig) -> None:
        before = rig.journal.count
        await rig.sleep(30 * 86400.0)

        assert rig.journal.count == before

    run(scenario)


# ------------------------------------------------- order, life, behaviours


def test_what_a_row_emits_is_done_before_the_command_is_acknowledged() -> None:
    async def scenario(rig: Rig) -> None:
        before = rig.journal.count
        await rig.command("Tiny", "turnOn", power=0.5)

        kinds = [(r["kind"], r.get("machine") or r.get("topic") or r.get("ack")) for r in rig.journal.records[before:]]
        assert kinds == [
            ("command", None),
            ("transition", "lamp"),
            ("event", "logMessage"),
            ("transition", "counter"),
            ("event", "lampState"),
            ("event", "counted"),
            ("ack", "INPROGRESS"),
            ("transition", "lamp"),
            ("event", "lampState"),
            ("ack", "COMPLETE"),
        ]

    run(scenario)


def test_hooks_are_called_after_their_state_or_trigger(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tiny(Behaviour):
        def start(self) -> None:
            self.seen: list[str] = []

        @on_enter("lamp", "ON")
        def _on(self) -> None:
            self.seen.append(f"entered {self.state('lamp')}")

        @on_leave("lamp", "OFF")
        def _off(self) -> None:
            self.seen.append(f"left for {self.state('lamp')}")

        @on_trigger("powered")
        def _powered(self) -> None:
            self.seen.append(f"powered {self.v.powered_count} times")

    give(monkeypatch, Tiny=Tiny)

    async def scenario(rig: Rig) -> None:
        await rig.command("Tiny", "turnOn", power=0.5)

        assert rig.behaviour("Tiny").seen == ["left for WARMUP", "powered 1 times", "entered ON"]

    run(scenario)


def hook(mark: Any) -> type[Behaviour]:
    class Tiny(Behaviour):
        @mark
        def _hook(self) -> None:
            """Never be called."""

    return Tiny


def named(name: str) -> type[Behaviour]:
    return type("Tiny", (Behaviour,), {name: lambda self, data: None})


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        (hook(on_enter("lamp", "LIT")), r"Tiny\._hook: Tiny has no lamp LIT"),
        (hook(on_leave("lmap", "ON")), r"Tiny\._hook: Tiny has no lmap ON"),
        (hook(on_trigger("powerd")), r"Tiny\._hook: Tiny has no powerd"),
        (named("do_turnOf"), r"Tiny\.do_turnOf: Tiny has no command turnOf"),
        (named("sample_temperatures"), r"Tiny\.sample_temperatures: Tiny has no topic temperatures"),
    ],
)
def test_a_behaviour_that_would_never_be_called_is_a_bug(
    monkeypatch: pytest.MonkeyPatch, behaviour: type[Behaviour], message: str
) -> None:
    async def scenario(rig: Rig) -> None: ...

    give(monkeypatch, Tiny=behaviour)

    with pytest.raises(TypeError, match=message):
        run(scenario)


def test_an_output_that_nothing_computes_is_a_bug() -> None:
    async def scenario(rig: Rig) -> None: ...

    with pytest.raises(TypeError, match="nothing computes Dial's output angle"):
        run(scenario, "Dial", sheets=catalogue("dial"))


def test_a_tracked_output_is_read_from_its_history(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dial(Behaviour):
        def start(self) -> None:
            self.track("angle", Timeline(7.0))

    give(monkeypatch, Dial=Dial)

    async def scenario(rig: Rig) -> None:
        assert rig.output("Dial", "angle") == 7.0
        assert rig.event("Dial", "hand").angle == 7.0

    run(scenario, "Dial", sheets=catalogue("dial"))


def test_writing_an_output_that_is_not_stored_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(AttributeError, match="Tiny stores no output level"):
            rig.behaviour("Tiny").v.level = 3
        with pytest.raises(AttributeError, match="Tiny stores no output level"):
            rig.behaviour("Tiny").v.level  # noqa: B018  # reading it is the test
        with pytest.raises(AttributeError, match="Tiny has no parameter warmpu"):
            rig.behaviour("Tiny").p.warmpu  # noqa: B018

    run(scenario)


def test_an_error_in_a_task_of_a_component_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tiny(Behaviour):
        def start(self) -> None:
            self.spawn(self._fail(), "failing")

        async def _fail(self) -> None:
            await self.clock.sleep(5.0)
            raise LookupError("lost")

    give(monkeypatch, Tiny=Tiny)

    with pytest.raises(LookupError, match="^lost$"):
        run(lambda rig: rig.sleep(100.0))


def test_a_closed_component_is_silent_but_its_events_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tiny(Behaviour):
        rang = False

        def start(self) -> None:
            self.call_later(50.0, lambda: setattr(self, "rang", True))
            self.spawn(self.clock.sleep(1e9), "sleeping")

    give(monkeypatch, Tiny=Tiny)

    async def scenario(rig: Rig) -> None:
        tiny = rig.behaviour("Tiny")
        pending = rig.later("Tiny", "turnOn", power=0.5)
        await rig.sleep(5.0)
        rig.observatory.retire("Tiny")
        await rig.sleep(1.0)
        before = rig.journal.count
        await rig.sleep(1000.0)

        assert not tiny.rang
        assert rig.journal.count == before
        assert rig.event("Tiny", "lampState").state == 2
        assert rig.remote("Tiny").summary_state == "ENABLED"
        pending.cancel()
        await asyncio.wait([pending])

    run(scenario)


def test_a_component_senses_another_ones_truth_and_a_default_without_it() -> None:
    async def scenario(rig: Rig) -> list[float]:
        peer = rig.behaviour("Peer")
        warmth = [peer.sense("warmth")]
        if "Tiny" in rig.observatory.components:
            rig.behaviour("Tiny").v.temperature = 33.0
            warmth.append(peer.sense("warmth"))
            warmth.append(peer.sensed("warmth").value(rig.now))
        return warmth

    assert run(scenario, "Peer") == [4.0]
    assert run(scenario, "Tiny", "Peer") == [20.0, 33.0, 33.0]


def test_a_component_reads_another_ones_messages_as_published() -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(AckError, match="look refused: Tiny is dark at 0 W"):
            await rig.command("Peer", "look")
        await rig.command("Tiny", "turnOn", power=0.5)
        await rig.command("Peer", "look")

        assert rig.state("Peer", "watch") == "LOOKING"

    run(scenario, "Tiny", "Peer")


def test_what_was_never_published_is_unknown_and_refuses() -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(AckError, match="Tiny is not enabled"):
            await rig.command("Peer", "look")

    run(scenario, "Peer")


def test_a_watcher_is_told_of_every_change_until_it_is_ended() -> None:
    async def scenario(rig: Rig) -> None:
        seen: list[str] = []
        end = rig.component("Tiny").watch(lambda: seen.append(rig.state("Tiny", "lamp")))
        await rig.command("Tiny", "turnOn", power=0.5)
        end()
        await rig.command("Tiny", "turnOff")

        assert list(dict.fromkeys(seen)) == ["WARMUP", "ON"]

    run(scenario)


def test_a_snapshot_shows_states_and_outputs() -> None:
    async def scenario(rig: Rig) -> None:
        assert rig.observatory.snapshot() == {
            "Tiny": {
                "summary_state": "ENABLED",
                "machines": {"lamp": "OFF", "counter": "NEVER", "cover": "CLOSED"},
                "outputs": {"set_power": 0.0, "powered_count": 0, "temperature": 20.0},
            }
        }

    run(scenario)


def test_the_same_run_is_the_same_journal() -> None:
    async def scenario(rig: Rig) -> str:
        await rig.enable("Tiny", "Peer")
        rig.inject("Tiny", "slow_line")
        await rig.command("Tiny", "turnOn", power=0.5)
        await rig.command("Tiny", "openCover")
        return str(rig.journal.digest)

    assert run(scenario, "Tiny", "Peer", states={}) == run(scenario, "Tiny", "Peer", states={})
