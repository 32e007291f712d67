from __future__ import annotations

import itertools

import pytest

from fsm import Value
from tests.fsm.rig import Bench, chart, row

LAMP = chart(
    "lamp",
    "OFF WARMUP ON COOLDOWN",
    row(on="turn_on", source="OFF", to="WARMUP", guard="power > 800 W", raises="{power:.0f} W is too little"),
    row(after="warmup", source="WARMUP", to="ON"),
    row(on="turn_off", source="WARMUP ON", to="COOLDOWN", assign={"power": "0 W"}),
    row(after="300 s", source="COOLDOWN", to="OFF"),
    row(on="light_lost", source="WARMUP ON", to="OFF", fault="LAMP_OFF"),
)


def lamp_bench(**values: Value) -> Bench:
    bench = Bench({"power": 1000.0, "warmup": 900.0, **values})
    bench.machine(LAMP)
    return bench


def test_a_machine_begins_in_its_initial_state() -> None:
    [lamp] = lamp_bench().machines

    assert (lamp.name, lamp.state, lamp.current.name) == ("lamp", "OFF", "OFF")


@pytest.mark.parametrize(
    ("state", "trigger"), list(itertools.product(LAMP.state_names, ["turn_on", "turn_off", "light_lost", "nonsense"]))
)
def test_a_trigger_moves_the_machine_just_where_the_table_has_a_row(state: str, trigger: str) -> None:
    bench = lamp_bench()
    [lamp] = bench.machines
    lamp.place(state)
    rows = LAMP.rows.get((state, trigger), ())

    taken = lamp.fire(trigger)

    assert taken == bool(rows)
    assert lamp.state == (rows[0].target if rows else state)
    assert bench.taken == ([("lamp", state, rows[0].target)] if rows else [])


@pytest.mark.parametrize("state", LAMP.state_names)
def test_every_state_can_be_where_a_run_begins(state: str) -> None:
    bench = lamp_bench()
    [lamp] = bench.machines

    lamp.place(state)

    assert lamp.state == state
    assert len(bench.timers) == len(LAMP.timed[state])
    assert bench.taken == []


def test_place_refuses_a_state_that_is_not_there() -> None:
    [lamp] = lamp_bench().machines

    with pytest.raises(ValueError, match="lamp has no state BROKEN"):
        lamp.place("BROKEN")

    assert lamp.state == "OFF"


@pytest.mark.parametrize(("power", "state"), [(1000.0, "WARMUP"), (800.0, "OFF"), (None, "OFF")])
def test_a_row_is_taken_only_if_its_guard_is_known_to_hold(power: float | None, state: str) -> None:
    bench = lamp_bench(power=power)

    bench.fire("turn_on")

    assert bench.machines[0].state == state


@pytest.mark.parametrize(("attempt", "state"), [(1, "FIRST"), (2, "SECOND"), (5, "OTHER")])
def test_rows_are_tried_in_their_order(attempt: int, state: str) -> None:
    bench = Bench({"attempt": attempt})
    bench.machine(
        chart(
            "order",
            "IDLE FIRST SECOND OTHER",
            row(on="go", source="IDLE", to="FIRST", guard="attempt < 2"),
            row(on="go", source="IDLE", to="SECOND", guard="attempt < 3"),
            row(on="go", source="*", to="OTHER"),
        )
    )

    bench.fire("go")

    assert bench.machines[0].state == state


def test_a_timed_row_is_taken_at_exactly_its_time() -> None:
    bench = lamp_bench()
    bench.fire("turn_on")
    bench.pass_time(899.999)
    before = bench.machines[0].state

    bench.pass_time(0.001)

    assert (before, bench.machines[0].state) == ("WARMUP", "ON")


def test_the_time_of_a_row_is_read_when_its_state_is_entered() -> None:
    bench = lamp_bench(warmup=10.0)
    bench.fire("turn_on")
    bench.values["warmup"] = 1000.0

    bench.pass_time(10.0)

    assert bench.machines[0].state == "ON"


def test_leaving_a_state_calls_its_timed_rows_off() -> None:
    bench = lamp_bench()
    bench.fire("turn_on")

    bench.fire("turn_off")

    assert [due for due, _ in bench.timers] == [300.0]
    bench.pass_time(10_000.0)
    assert bench.taken == [("lamp", "OFF", "WARMUP"), ("lamp", "WARMUP", "COOLDOWN"), ("lamp", "COOLDOWN", "OFF")]


def test_a_timed_row_whose_guard_does_not_hold_is_spent() -> None:
    bench = Bench({"light": False})
    bench.machine(chart("watch", "DARK LIT", row(after="5 s", source="DARK", to="LIT", guard="light")))
    bench.pass_time(5.0)
    bench.values["light"] = True

    bench.pass_time(1000.0)

    assert bench.machines[0].state == "DARK"
    assert bench.timers == []


def test_of_two_timed_rows_the_shorter_one_wins() -> None:
    bench = Bench()
    bench.machine(
        chart(
            "race",
            "IDLE LONG SHORT",
            row(after="9 s", source="IDLE", to="LONG"),
            row(after="3 s", to="SHORT", source="IDLE"),
        )
    )

    bench.pass_time(20.0)

    assert bench.taken == [("race", "IDLE", "SHORT")]


def test_a_timed_row_whose_time_is_unknown_is_a_bug_of_the_sheet() -> None:
    bench = lamp_bench(warmup=None)

    with pytest.raises(ValueError, match="lamp: the time `warmup` in WARMUP has no value"):
        bench.fire("turn_on")


def test_a_transition_to_the_same_state_starts_its_timers_anew() -> None:
    bench = Bench()
    bench.machine(
        chart(
            "dog",
            "AWAKE BARKING",
            row(on="pat", source="AWAKE", to="AWAKE"),
            row(after="10 s", source="AWAKE", to="BARKING"),
        )
    )
    bench.pass_time(9.0)

    bench.fire("pat")

    assert bench.taken == [("dog", "AWAKE", "AWAKE")]
    bench.pass_time(9.0)
    assert bench.machines[0].state == "AWAKE"
    bench.pass_time(1.0)
    assert bench.machines[0].state == "BARKING"


def test_a_row_without_target_acts_and_leaves_timers_alone() -> None:
    bench = Bench({"attempt": 0})
    bench.machine(
        chart(
            "dog",
            "AWAKE BARKING",
            row(on="look", source="AWAKE", assign={"attempt": "attempt + 1"}),
            row(after="10 s", source="AWAKE", to="BARKING"),
        )
    )
    bench.pass_time(9.0)

    bench.fire("look")

    assert bench.values["attempt"] == 1
    assert bench.taken == [("dog", "AWAKE", "AWAKE")]
    bench.pass_time(1.0)
    assert bench.machines[0].state == "BARKING"


def test_outputs_are_assigned_in_order_before_the_state_changes() -> None:
    bench = Bench({"attempt": 1, "power": 0.0})
    bench.machine(
        chart(
            "try",
            "IDLE BUSY",
            row(on="go", source="IDLE", to="BUSY", assign={"attempt": "attempt + 1", "power": "attempt * 100 W"}),
        )
    )

    bench.fire("go")

    assert bench.values == {"attempt": 2, "power": 200.0}


def test_a_row_that_is_not_taken_assigns_nothing() -> None:
    bench = lamp_bench(power=100.0)

    bench.fire("turn_on")
    bench.fire("turn_off")

    assert bench.values["power"] == 100.0
    assert bench.taken == []


def test_what_a_row_emits_reaches_the_other_machines_afterwards() -> None:
    bench = Bench()
    bench.machine(chart("one", "A B", row(on="go", source="A", to="B", emits="gone told")))
    bench.machine(
        chart("two", "A B C", row(on="gone", source="A", to="B"), row(on="told", source="B", to="C", emits="back"))
    )
    bench.machine(chart("three", "A B", row(on="go", source="A", to="B")))

    bench.fire("go")

    assert bench.taken == [("one", "A", "B"), ("three", "A", "B"), ("two", "A", "B"), ("two", "B", "C")]


def test_the_host_learns_of_a_row_with_a_fault() -> None:
    bench = lamp_bench()
    bench.fire("turn_on")

    bench.fire("light_lost")

    assert bench.faults == ["LAMP_OFF"]


def test_refusal_is_none_where_the_trigger_would_be_taken() -> None:
    [lamp] = lamp_bench().machines

    assert lamp.refusal("turn_on") is None


def test_refusal_fills_the_sentence_of_the_row() -> None:
    [lamp] = lamp_bench(power=500.0).machines

    assert lamp.refusal("turn_on") == "500 W is too little"


def test_refusal_without_a_sentence_explains_the_guard() -> None:
    bench = Bench({"power": 500.0})
    machine = bench.machine(chart("lamp", "OFF ON", row(on="go", source="OFF", to="ON", guard="power > 800 W")))

    reason = machine.refusal("go")

    assert reason is not None
    assert "500 W" in reason
    assert "800 W" in reason


def test_refusal_in_the_wrong_state_names_the_state() -> None:
    [lamp] = lamp_bench().machines

    assert lamp.refusal("turn_off") == "lamp is OFF"


def test_refusal_in_the_wrong_state_prefers_the_sentence_of_a_row_without_guard() -> None:
    bench = Bench({"attempt": 2})
    machine = bench.machine(
        chart("lamp", "OFF ON", row(on="go", source="ON", to="OFF", raises="no light after {attempt} attempts"))
    )

    assert machine.refusal("go") == "no light after 2 attempts"


def test_refusal_gives_the_reason_of_the_first_row_tried() -> None:
    bench = Bench({"power": 500.0, "light": False})
    machine = bench.machine(
        chart(
            "lamp",
            "OFF ON",
            row(on="go", source="OFF", to="ON", guard="power > 800 W", raises="too little"),
            row(on="go", source="OFF", to="ON", guard="light", raises="dark"),
        )
    )

    assert machine.refusal("go") == "too little"


def test_listens_tells_of_triggers_from_any_state() -> None:
    [lamp] = lamp_bench().machines

    assert lamp.listens("turn_off")
    assert not lamp.listens("nonsense")


@pytest.mark.parametrize(("light", "violated"), [(True, False), (False, True), (None, False)])
def test_an_invariant_is_violated_only_when_known_to_be_false(light: bool | None, violated: bool) -> None:
    bench = Bench({"light": light})
    machine = bench.machine(chart("lamp", "ON OFF", invariants={"ON": "light"}))

    violations = machine.violations()

    assert [condition for condition, _ in violations] == (["light"] if violated else [])


def test_an_invariant_binds_only_in_its_own_state() -> None:
    bench = Bench({"light": False})
    machine = bench.machine(chart("lamp", "ON OFF", invariants={"ON": "light"}))

    machine.place("OFF")

    assert machine.violations() == []


def test_machines_of_one_chart_share_their_engine_and_nothing_else() -> None:
    one, other = lamp_bench(), lamp_bench()

    one.fire("turn_on")

    assert one.machines[0]._engine is other.machines[0]._engine
    assert (one.machines[0].state, other.machines[0].state) == ("WARMUP", "OFF")
    assert other.timers == []


def test_a_stopped_machine_has_no_timers() -> None:
    bench = lamp_bench()
    bench.fire("turn_on")

    bench.machines[0].stop()

    assert bench.timers == []
