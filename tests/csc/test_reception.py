from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from csc import Ack, AckCode, AckError, AckTimeoutError, Behaviour, Refused, load_catalogue
from csc.arguments import arguments
from tests.csc.rig import Rig
from tests.csc.tiny import catalogue, give, run

SET = catalogue()["Tiny"].commands["set"]


async def refused(rig: Rig, command: str, **fields: Any) -> str:
    """Send a command that is refused, and check that nothing else has happened; return the text."""
    snapshot, before = rig.observatory.snapshot(), rig.journal.count

    with pytest.raises(AckError) as caught:
        await rig.command("Tiny", command, **fields)

    assert rig.observatory.snapshot() == snapshot
    assert [record["kind"] for record in rig.journal.records[before:]] == ["command", "ack"]
    assert (caught.value.ack.code, caught.value.ack.error) == (AckCode.FAILED, 1)
    assert caught.value.ack.result.startswith("Failed: ")
    return caught.value.ack.result.removeprefix("Failed: ")


@pytest.mark.parametrize(
    ("command", "fields", "text"),
    [
        ("turnOm", {}, "unknown command turnOm; did you mean turnOn?"),
        ("zzz", {}, "unknown command zzz"),
        ("turnOn", {"powr": 1}, "turnOn has no field powr; did you mean power?"),
        ("turnOn", {"power": 1.3}, "turnOn.power=1.3 not in range [0, 1200] W"),
        ("turnOn", {"power": -0.1}, "turnOn.power=-0.1 not in range [0, 1200] W"),
        ("turnOn", {"power": "much"}, "turnOn.power='much' must be a number"),
        ("turnOn", {"power": math.nan}, "turnOn.power=nan must be a number"),
        ("turnOn", {"power": math.inf}, "turnOn.power=inf must be a number"),
        ("turnOn", {"power": True}, "turnOn.power=True must be a number"),
        ("turnOn", {"power": 0.0}, "power=0 W is none"),
        ("turnOff", {}, "turnOff refused: lamp is OFF"),
        ("openCover", {}, "openCover refused: the lamp is 0 times lit"),
        ("closeCover", {}, "closeCover refused: cover is CLOSED"),
        ("fly", {}, "Tiny.fly is not simulated"),
        ("set", {"flag": "yes"}, "set.flag='yes' must be true or false"),
        ("set", {"byte": 256}, "set.byte=256 must be a whole number in [-128, 255]"),
        ("set", {"short": 40_000}, "set.short=40000 must be a whole number in [-32768, 32767]"),
        ("set", {"long": 2**31}, f"set.long={2**31} must be a whole number in [{-(2**31)}, {2**31 - 1}]"),
        ("set", {"count": -1}, f"set.count=-1 must be a whole number in [0, {2**32 - 1}]"),
        ("set", {"long": 1.5}, f"set.long=1.5 must be a whole number in [{-(2**31)}, {2**31 - 1}]"),
        ("set", {"int": 3}, "set.int=3 must be one of ONE 1, TWO 2"),
        ("set", {"single": 5.1}, "set.single=5.1 not in range [-5, 5]"),
        ("set", {"real": 361}, "set.real=361 not in range [0, 360] deg"),
        ("set", {"text": 3}, "set.text=3 must be text"),
        ("set", {"list": 3.0}, "set.list=3.0 must be a list of at most 3"),
        ("set", {"list": [1, 2, 3, 4]}, "set.list=[1, 2, 3, 4] must be a list of at most 3"),
        ("set", {"list": [1, None]}, "set.list=None must be a number"),
    ],
)
def test_a_refusal_says_why_and_changes_nothing(command: str, fields: dict[str, Any], text: str) -> None:
    async def scenario(rig: Rig) -> None:
        assert await refused(rig, command, **fields) == text

    run(scenario)


def test_a_guard_refuses_with_its_own_sentence() -> None:
    async def scenario(rig: Rig) -> None:
        assert await refused(rig, "turnOn", power=0.5) == "cover is not closed"

    run(scenario, machines={"Tiny": {"cover": "OPEN"}})


class Dial(Behaviour):
    """Its hand moves with time."""

    def angle(self) -> float:
        return self.now


def test_a_refusal_publishes_nothing_even_if_time_has_changed_an_output(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, Dial=Dial)

    async def scenario(rig: Rig) -> None:
        await rig.sleep(5.0)
        await rig.command("Dial", "hold")
        await rig.sleep(5.0)
        with pytest.raises(AckError):
            await rig.command("Dial", "hold")

        assert rig.event("Dial", "hand").angle == 5.0

    run(scenario, "Dial", sheets=catalogue("dial"))


def test_a_command_is_judged_when_the_behaviour_says_that_something_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, Dial=Dial)

    async def scenario(rig: Rig) -> None:
        rig.clock.call_later(40.0, rig.behaviour("Dial").changed)
        await rig.command("Dial", "reach")

        assert rig.now == 40.0

    run(scenario, "Dial", sheets=catalogue("dial"))


def test_a_behaviour_may_refuse_before_anything_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tiny(Behaviour):
        def do_turnOn(self, data: SimpleNamespace) -> None:
            raise Refused(f"no {data.power:g} kW today")

    give(monkeypatch, Tiny=Tiny)

    async def scenario(rig: Rig) -> None:
        assert await refused(rig, "turnOn", power=0.5) == "no 0.5 kW today"

    run(scenario)


def test_the_summary_state_is_checked_before_the_fields_and_the_fields_before_the_guards() -> None:
    async def scenario(rig: Rig) -> None:
        texts = [await refused(rig, "turnOn", power="much")]
        await rig.enable("Tiny")
        texts.append(await refused(rig, "turnOn", power="much"))
        texts.append(await refused(rig, "turnOn", power=0.5))

        assert texts == [
            "Not allowed in state=<State.DISABLED: 1>",
            "turnOn.power='much' must be a number",
            "cover is not closed",
        ]

    run(scenario, states={"Tiny": "DISABLED"}, machines={"Tiny": {"cover": "OPEN"}})


# ------------------------------------------------------------------- fields


def test_fields_that_are_left_out_have_sals_defaults() -> None:
    assert arguments(SET, {"int": 1}) == {
        "flag": False, "byte": 0, "short": 0, "int": 1, "long": 0, "huge": 0, "count": 0,
        "single": 0.0, "real": 0.0, "text": "", "list": (0.0, 0.0, 0.0),
    }  # fmt: skip


def test_a_field_whose_default_is_none_of_its_values_must_be_given() -> None:
    with pytest.raises(Refused, match=r"^set\.int is left out, and set\.int=0 must be one of ONE 1, TWO 2$"):
        arguments(SET, {"flag": True})


@pytest.mark.parametrize(
    ("field", "given", "text"),
    [
        ("huge", 2**70, f"set.huge={2**70} must be a whole number in [{-(2**63)}, {2**63 - 1}]"),
        ("long", 10**5000, f"set.long=an integer of 16610 bits must be a whole number in [{-(2**31)}, {2**31 - 1}]"),
        ("single", 4e38, "set.single=4e+38 is more than a float holds, 3.4e+38"),
        ("real", 10**400, "set.real=an integer of 1329 bits is more than a double holds, 1.8e+308"),
        ("flag", 2, "set.flag=2 must be true or false"),
        ("text", "x" * 65537, f"set.text='{'x' * 37}...{'x' * 38}' is 65537 characters long; at most 65536 are taken"),
        ("text", "\ud83d", r"set.text='\ud83d' must be text; it holds half a character (a lone surrogate)"),
        ("list", [0.0] * 7, "set.list=[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, ...] must be a list of at most 3"),
    ],
    ids=["70 bits", "16610 bits", "float", "double", "flag", "long text", "half a character", "long list"],
)
def test_what_a_type_cannot_hold_is_refused_in_few_words(field: str, given: Any, text: str) -> None:
    with pytest.raises(Refused) as caught:
        arguments(SET, {"int": 1, field: given})

    assert str(caught.value) == text


@pytest.mark.parametrize("name", ["", "x" * 100_000, "\ud83d", "turn\nOn"], ids=["none", "long", "half", "broken"])
def test_a_command_with_a_strange_name_is_refused_in_few_words(name: str) -> None:
    async def scenario(rig: Rig) -> None:
        assert len(await refused(rig, name)) < 200

    run(scenario)


@pytest.mark.parametrize(
    ("field", "given", "taken"),
    [
        ("flag", 1, True),
        ("byte", -128, -128),
        ("huge", 2**62, 2**62),
        ("count", 2**32 - 1, 2**32 - 1),
        ("long", 3.0, 3),
        ("single", 5, 5.0),
        ("real", 360, 360.0),
        ("text", "", ""),
        ("list", [1], (1.0, 0.0, 0.0)),
        ("list", (), (0.0, 0.0, 0.0)),
    ],
)
def test_a_value_is_taken_in_the_type_of_its_field(field: str, given: Any, taken: Any) -> None:
    value = arguments(SET, {"int": 1, field: given})[field]

    assert value == taken
    assert type(value) is type(taken)
    if isinstance(value, tuple):
        assert {type(item) for item in value} == {float}


def test_conditions_read_an_argument_in_canonical_units_and_the_behaviour_in_sals(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[float] = []

    class Tiny(Behaviour):
        def do_turnOn(self, data: SimpleNamespace) -> None:
            given.append(data.power)

    give(monkeypatch, Tiny=Tiny)

    async def scenario(rig: Rig) -> None:
        await rig.command("Tiny", "turnOn", power=0.5)

        assert (given, rig.output("Tiny", "set_power")) == ([0.5], 500.0)

    run(scenario)


# ------------------------------------------------- done, fails, limit, ignored


def test_a_command_without_done_is_complete_at_once() -> None:
    async def scenario(rig: Rig) -> None:
        ack = await rig.command("Tiny", "turnOff")

        assert (ack, rig.now) == (Ack(AckCode.COMPLETE, 0, "Done"), 0.0)

    run(scenario, machines={"Tiny": {"lamp": "ON"}})


def test_a_command_is_complete_when_it_is_done() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.command("Tiny", "turnOn", power=0.5)

        assert (rig.now, rig.state("Tiny", "lamp")) == (10.0, "ON")

    run(scenario)


def test_an_ignored_command_is_complete_and_changes_nothing() -> None:
    async def scenario(rig: Rig) -> None:
        before = rig.journal.count
        ack = await rig.command("Tiny", "turnOn", power=0.9)

        assert ack.result == "Done"
        assert [record["kind"] for record in rig.journal.records[before:]] == ["command", "ack"]
        assert rig.output("Tiny", "set_power") == 0.0

    run(scenario, machines={"Tiny": {"lamp": "ON"}})


def test_a_command_fails_when_its_failure_becomes_true() -> None:
    async def scenario(rig: Rig) -> None:
        pending = rig.later("Tiny", "turnOn", power=0.5)
        await rig.sleep(4.0)
        rig.inject("Tiny", "stone")

        with pytest.raises(AckError, match=r"FAILED \(error 6\) Failed: the bulb broke"):
            await pending
        assert rig.now == 4.0

    run(scenario)


def test_a_failure_has_the_number_of_its_error() -> None:
    async def scenario(rig: Rig) -> None:
        pending = rig.later("Tiny", "turnOn", power=0.5)
        await rig.sleep(4.0)
        rig.inject("Tiny", "stone")

        with pytest.raises(AckError) as caught:
            await pending
        assert caught.value.ack.error == 6

    run(scenario)


def test_a_guard_refuses_with_the_number_of_its_error() -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(AckError, match="nobody waits for a broken lamp") as caught:
            await rig.command("Tiny", "wait")

        assert caught.value.ack.error == 6
        assert rig.records("ack")[-1]["error"] == 6

    run(scenario, machines={"Tiny": {"lamp": "BROKEN"}})


@pytest.mark.parametrize("awaited", [False, True])
def test_a_behaviour_refuses_with_the_number_of_an_error(awaited: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    class Fussy(Behaviour):
        def do_closeCover(self, data: object) -> object:
            if not awaited:
                raise self.refusal("OVERHEATED", "too hot to touch")
            return self._refuse()

        async def _refuse(self) -> None:
            raise self.refusal("OVERHEATED", "too hot to touch")

    async def scenario(rig: Rig) -> None:
        with pytest.raises(AckError, match="too hot to touch") as caught:
            await rig.command("Tiny", "closeCover")

        assert caught.value.ack.error == 7

    give(monkeypatch, Tiny=Fussy)
    run(scenario, machines={"Tiny": {"cover": "OPEN"}})


def test_a_command_times_out_at_its_limit() -> None:
    async def scenario(rig: Rig) -> None:
        rig.inject("Tiny", "bad_bulb")

        with pytest.raises(AckError) as caught:
            await rig.command("Tiny", "turnOn", power=0.5)

        assert caught.value.ack == Ack(AckCode.TIMEOUT, 1, "Timeout")
        assert not isinstance(caught.value, AckTimeoutError)
        assert rig.now == 90.0

    run(scenario)


def test_a_command_that_is_done_in_time_has_no_limit_left() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.command("Tiny", "turnOn", power=0.5)
        await rig.sleep(200.0)

        assert [record["ack"] for record in rig.records("ack")] == ["INPROGRESS", "COMPLETE"]

    run(scenario)


def test_leaving_its_states_interrupts_a_command() -> None:
    async def scenario(rig: Rig) -> None:
        pending = rig.later("Tiny", "wait")
        await rig.sleep(4.0)
        await rig.command("Tiny", "disable")

        with pytest.raises(AckError, match="FAILED Failed: interrupted: now DISABLED"):
            await pending

    run(scenario)


def test_a_fault_interrupts_a_command_with_its_reason() -> None:
    async def scenario(rig: Rig) -> None:
        pending = rig.later("Tiny", "wait")
        await rig.sleep(4.0)
        rig.inject("Tiny", "hot_driver")

        with pytest.raises(AckError, match="interrupted: errorCode=7, errorReport='too hot'"):
            await pending

    run(scenario)


def test_the_acknowledgement_comes_after_the_events_of_the_command() -> None:
    async def scenario(rig: Rig) -> None:
        await rig.command("Tiny", "turnOff")

        assert [record["kind"] for record in rig.journal.records[-4:]] == ["command", "transition", "event", "ack"]

    run(scenario, machines={"Tiny": {"lamp": "ON"}})


# --------------------------------------------------------------- one at a time


def test_instances_of_a_command_that_runs_alone_are_taken_one_after_the_other() -> None:
    async def scenario(rig: Rig) -> None:
        first = rig.later("Tiny", "turnOn", power=0.5)
        await rig.sleep(1.0)
        second = rig.later("Tiny", "turnOn", power=0.6)
        await rig.sleep(1.0)

        assert [record["ack"] for record in rig.records("ack")] == ["INPROGRESS"]
        await first
        assert (await second).result == "Done"  # ignored: the lamp is on by then
        assert rig.now == 10.0
        assert rig.output("Tiny", "set_power") == 500.0

    run(scenario)


def test_no_waiting_instance_is_forgotten() -> None:
    async def scenario(rig: Rig) -> None:
        waiting = [rig.later("Tiny", "turnOn", power=power) for power in (0.5, 0.6, 9.0, 0.7, 0.8)]
        await rig.sleep(3600.0)

        assert [task.done() for task in waiting] == [True] * 5
        assert "not in range" in str(waiting[2].exception())
        assert len({record["seq"] for record in rig.records("ack")}) == 5

    run(scenario)


def test_a_waiting_instance_is_judged_when_its_turn_comes() -> None:
    async def scenario(rig: Rig) -> None:
        first = rig.later("Tiny", "turnOn", power=0.5)
        await rig.sleep(1.0)
        second = rig.later("Tiny", "turnOn", power=0.6)
        await rig.sleep(1.0)
        rig.inject("Tiny", "stone")

        with pytest.raises(AckError, match="the bulb broke"):
            await first
        with pytest.raises(AckError, match="Not allowed in Fault state"):
            await second

    run(scenario)


def test_instances_of_other_commands_run_side_by_side() -> None:
    async def scenario(rig: Rig) -> None:
        waiting = [rig.later("Tiny", "wait"), rig.later("Tiny", "wait")]
        await rig.command("Tiny", "openCover")
        for task in waiting:
            await task

        assert rig.now == 5.0

    run(scenario, machines={"Tiny": {"lamp": "ON"}})


# ------------------------------------------------------- computing for commands


def answering(answer: Any) -> type[Behaviour]:
    class Tiny(Behaviour):
        async def do_closeCover(self, data: SimpleNamespace) -> str | None:
            await self.clock.sleep(2.0)
            if isinstance(answer, BaseException):
                raise answer
            return answer  # type: ignore[no-any-return]  # what a test gives

    return Tiny


@pytest.mark.parametrize(
    ("answer", "ack"),
    [
        (None, Ack(AckCode.COMPLETE, 0, "Done")),
        ("cover 3", Ack(AckCode.COMPLETE, 0, "cover 3")),
        (Refused("jammed"), Ack(AckCode.FAILED, 1, "Failed: jammed")),
        (RuntimeError("jammed"), Ack(AckCode.FAILED, 1, "Failed: jammed")),
        (TimeoutError(), Ack(AckCode.TIMEOUT, 1, "Timeout")),
    ],
    ids=repr,
)
def test_a_coroutine_is_awaited_and_its_outcome_acknowledged(
    monkeypatch: pytest.MonkeyPatch, answer: Any, ack: Ack
) -> None:
    give(monkeypatch, Tiny=answering(answer))

    async def scenario(rig: Rig) -> None:
        try:
            got = await rig.command("Tiny", "closeCover")
        except AckError as error:
            got = error.ack

        assert (got, rig.now) == (ack, 2.0)
        assert rig.state("Tiny", "cover") == "CLOSED"

    run(scenario, machines={"Tiny": {"cover": "OPEN"}})


def test_a_bug_in_a_coroutine_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, Tiny=answering(LookupError("lost")))

    with pytest.raises(LookupError, match="^lost$"):
        run(lambda rig: rig.command("Tiny", "closeCover"), machines={"Tiny": {"cover": "OPEN"}})


def test_a_bug_in_computing_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tiny(Behaviour):
        def do_turnOn(self, data: SimpleNamespace) -> None:
            raise LookupError("lost")

    give(monkeypatch, Tiny=Tiny)

    with pytest.raises(LookupError, match="^lost$"):
        run(lambda rig: rig.command("Tiny", "turnOn", power=0.5))


def test_a_command_under_way_is_aborted_when_its_component_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, Tiny=answering(None))

    async def scenario(rig: Rig) -> None:
        pending = rig.later("Tiny", "closeCover")
        await rig.sleep(1.0)
        rig.observatory.retire("Tiny")

        with pytest.raises(AckError, match="ABORTED Aborted"):
            await pending

    run(scenario, machines={"Tiny": {"cover": "OPEN"}})


def test_a_command_whose_work_has_not_begun_is_aborted_when_its_component_closes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    give(monkeypatch, Tiny=answering(None))

    async def scenario(rig: Rig) -> None:
        acks: list[Ack] = []
        rig.observatory.bus.send("Tiny", "closeCover", {}, identity="test", reply=acks.append)
        await rig.sleep(0.0)
        await rig.component("Tiny").close()

        assert acks == [Ack(AckCode.ABORTED, 1, "Aborted")]

    run(scenario, machines={"Tiny": {"cover": "OPEN"}})


class Slow(Behaviour):
    """Takes 3 s to be enabled."""

    async def do_enable(self, data: SimpleNamespace) -> None:
        await self.clock.sleep(3.0)


def test_a_state_command_that_another_has_overtaken_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, Tiny=Slow)

    async def scenario(rig: Rig) -> None:
        enabling = rig.later("Tiny", "enable")
        await rig.sleep(1.0)
        await rig.command("Tiny", "standby")

        with pytest.raises(AckError, match="FAILED Failed: interrupted: now STANDBY"):
            await enabling
        assert (rig.state("Tiny"), rig.now) == ("STANDBY", 3.0)

    run(scenario, states={"Tiny": "DISABLED"})


def test_state_commands_are_taken_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, Tiny=Slow)

    async def scenario(rig: Rig) -> None:
        first, second = rig.later("Tiny", "enable"), rig.later("Tiny", "enable")
        await first

        with pytest.raises(AckError, match="enable not allowed in state <State.ENABLED: 2>"):
            await second

    run(scenario, states={"Tiny": "DISABLED"})


def test_state_commands_stay_one_at_a_time_where_a_sheet_says_more_of_them() -> None:
    enable = load_catalogue()["ATHexapod"].commands["enable"]

    assert enable.in_progress is not None
    assert not enable.allow_concurrent


def test_a_coroutine_for_a_state_command_comes_before_the_change(monkeypatch: pytest.MonkeyPatch) -> None:
    states: list[str] = []

    class Tiny(Behaviour):
        async def do_enable(self, data: SimpleNamespace) -> None:
            await self.clock.sleep(3.0)
            states.append(self.summary_state)

    give(monkeypatch, Tiny=Tiny)

    async def scenario(rig: Rig) -> None:
        await rig.command("Tiny", "enable")

        assert (states, rig.state("Tiny"), rig.now) == (["DISABLED"], "ENABLED", 3.0)

    run(scenario, states={"Tiny": "DISABLED"})


def test_a_state_command_whose_coroutine_fails_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tiny(Behaviour):
        async def do_enable(self, data: SimpleNamespace) -> None:
            await self.clock.sleep(3.0)
            raise Refused("no power")

    give(monkeypatch, Tiny=Tiny)

    async def scenario(rig: Rig) -> None:
        assert await refused(rig, "enable") == "no power"
        assert rig.state("Tiny") == "DISABLED"

    run(scenario, states={"Tiny": "DISABLED"})
